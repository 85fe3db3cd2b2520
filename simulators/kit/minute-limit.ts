import { z } from 'zod';
import type { Reply } from './call.ts';
import type { Service } from './service.ts';
import { createSlidingWindow } from './window.ts';

const limitSchema = z.strictObject({ minute: z.strictObject({ calls: z.int().min(0), windowMs: z.int().min(1) }).nullable() });

/** How many calls a service allows in how long a time; null: as many as you like. */
export type MinuteLimit = z.output<typeof limitSchema>;

/**
 * The limit of a service that counts all calls alike.
 *
 * @param refuse the service's own words for too many calls, told how long to wait, milliseconds
 */
export function createMinuteLimit(first: MinuteLimit = { minute: null }, refuse: (waitMs: number) => Reply): Pick<Service, 'limits'> & { readonly admit: () => Reply | null } {
  const window = createSlidingWindow();
  let limit = first;
  return {
    limits: {
      read: () => limit,
      change: (value) => {
        limit = limitSchema.parse(value);
      },
    },
    admit: () => {
      if (limit.minute === null) return null;
      const nowMs = Date.now();
      if (window.full(limit.minute, nowMs)) return refuse(window.freeAtMs(limit.minute, nowMs) - nowMs);
      window.add(nowMs);
      return null;
    },
  };
}
