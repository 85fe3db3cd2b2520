import { createSlidingWindow } from '../../kit/window.ts';
import type { BooksLimits } from '../options.ts';
import { refusals, type BooksRefusal } from './refusal.ts';

/** Counts the calls of one organization against its limits. */
export interface Limiter {
  limits: BooksLimits;
  /** Counts a call: the refusal, or null where it may proceed; then `leave` must follow. */
  enter(nowMs: number): BooksRefusal | null;
  readonly leave: () => void;
  /** Forgets the calls counted so far, and ends a block. */
  reset(): void;
  /** X-Rate-Limit headers: the limit that is nearest to its end. */
  headers(nowMs: number): Record<string, string>;
}

/**
 * Refused calls count only towards the burst that leads to a block; whether the real service counts them towards the others is
 * not documented.
 */
export function createLimiter(limits: BooksLimits): Limiter {
  const [minute, day, burst] = [createSlidingWindow(), createSlidingWindow(), createSlidingWindow()];
  let inProcess = 0;
  let blockedUntilMs = 0;
  const limiter: Limiter = {
    limits,
    enter: (nowMs) => {
      const { block, day: dayLimit, minute: minuteLimit, concurrent } = limiter.limits;
      if (nowMs < blockedUntilMs) return refusals.blocked(Math.ceil((blockedUntilMs - nowMs) / 1000));
      if (block) {
        if (burst.full(block, nowMs)) {
          blockedUntilMs = nowMs + block.blockMs;
          burst.clear();
          return refusals.blocked(Math.ceil(block.blockMs / 1000));
        }
        burst.add(nowMs);
      }
      if (dayLimit && day.full(dayLimit, nowMs)) return refusals.day(dayLimit.calls);
      if (minuteLimit && minute.full(minuteLimit, nowMs)) return refusals.minute();
      if (concurrent !== null && inProcess >= concurrent) return refusals.concurrent();
      minute.add(nowMs);
      day.add(nowMs);
      inProcess += 1;
      return null;
    },
    leave: () => {
      inProcess -= 1;
    },
    reset: () => {
      blockedUntilMs = 0;
      for (const window of [minute, day, burst]) window.clear();
    },
    headers: (nowMs) => {
      const [nearest] = [[limiter.limits.minute, minute] as const, [limiter.limits.day, day] as const]
        .flatMap(([limit, window]) => (limit ? [{ limit, left: limit.calls - window.size(limit, nowMs), freeAtMs: window.freeAtMs(limit, nowMs) }] : []))
        .sort((one, other) => one.left - other.left);
      if (!nearest) return {};
      return {
        'x-rate-limit-limit': String(nearest.limit.calls),
        'x-rate-limit-remaining': String(Math.max(0, nearest.left)),
        'x-rate-limit-reset': String(Math.ceil((nearest.freeAtMs - nowMs) / 1000)),
      };
    },
  };
  return limiter;
}
