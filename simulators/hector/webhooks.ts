import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { singular } from './resources.ts';
import { Refusal } from './rules.ts';
import type { HectorEvent } from './world.ts';

const eventNames = ['loaner.completed', ...Object.values(singular).flatMap((name) => [`${name}.changed`, `${name}.deleted`])];

const webhookSchema = z.strictObject({ url: z.url(), secret: z.string().min(16), events: z.array(z.enum(eventNames)).min(1) });

interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
  readonly events: readonly string[];
}

interface Delivery {
  readonly id: string;
  readonly webhookId: string;
  readonly event: string;
  readonly recordId: string;
  attempts: number;
  state: 'pending' | 'delivered' | 'given-up';
}

export interface Webhooks {
  /** @throws Refusal 422 */
  add(value: unknown): Omit<Webhook, 'secret'>;
  list(): Omit<Webhook, 'secret'>[];
  /** @throws Refusal 404 */
  remove(id: string): void;
  /** Delivers to whoever asked for this event; returns at once. */
  readonly emit: (event: HectorEvent) => void;
  deliveries(): readonly Readonly<Delivery>[];
  /** Ends deliveries that are under way. */
  close(): void;
}

/** Waiting times between attempts, milliseconds; after the last one a delivery is given up. */
export const defaultRetryMs: readonly number[] = [200, 1000, 5000];
const answerTimeoutMs = 5000;
const keptDeliveries = 1000;

export function createWebhooks(retryMs: readonly number[]): Webhooks {
  const hooks = new Map<string, Webhook>();
  const closing = new AbortController();
  let deliveries: Delivery[] = [];
  let lastId = 0;

  async function deliver(hook: Webhook, { event, recordId, occurredAt }: HectorEvent): Promise<void> {
    const delivery: Delivery = { id: randomUUID(), webhookId: hook.id, event, recordId, attempts: 0, state: 'pending' };
    deliveries.push(delivery);
    if (deliveries.length > 2 * keptDeliveries) deliveries = deliveries.slice(-keptDeliveries);
    const body = JSON.stringify({ id: delivery.id, event, recordId, occurredAt });
    for (const waitMs of [0, ...retryMs]) {
      await delay(waitMs, undefined, { signal: closing.signal });
      if (!hooks.has(hook.id)) break;
      delivery.attempts += 1;
      if (await send(hook, delivery.id, body, closing.signal)) {
        delivery.state = 'delivered';
        return;
      }
    }
    delivery.state = 'given-up';
  }

  return {
    add: (value) => {
      const parsed = webhookSchema.safeParse(value);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        throw new Refusal(422, 'invalid_value', issue?.message ?? 'The webhook cannot be used.', { field: issue?.path.join('.') ?? '' });
      }
      lastId += 1;
      const hook: Webhook = { id: `w-${lastId}`, ...parsed.data };
      hooks.set(hook.id, hook);
      return withoutSecret(hook);
    },
    list: () => [...hooks.values()].map(withoutSecret),
    remove: (id) => {
      if (!hooks.delete(id)) throw new Refusal(404, 'not_found', `There is no webhook ${id}.`);
    },
    emit: (event) => {
      for (const hook of hooks.values()) {
        if (!hook.events.includes(event.event)) continue;
        deliver(hook, event).catch((error: unknown) => {
          if (!closing.signal.aborted) throw error;
        });
      }
    },
    deliveries: () => deliveries,
    close: () => closing.abort(),
  };
}

async function send(hook: Webhook, deliveryId: string, body: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(hook.url, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'x-hector-signature': `sha256=${createHmac('sha256', hook.secret).update(body).digest('hex')}`,
        'x-hector-delivery': deliveryId,
      },
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

function withoutSecret({ id, url, events }: Webhook): Omit<Webhook, 'secret'> {
  return { id, url, events };
}
