import { createHash, createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { WordPressError } from './woocommerce-query.ts';

const topics = ['order.created', 'order.updated', 'order.deleted', 'order.restored', 'product.created', 'product.updated', 'product.deleted', 'customer.created', 'customer.updated', 'customer.deleted'];
const webhookSchema = z.looseObject({ name: z.string().optional(), topic: z.string().optional(), delivery_url: z.string().optional(), secret: z.string().optional(), status: z.enum(['active', 'paused', 'disabled']).optional() });

interface Webhook {
  readonly id: number;
  readonly name: string;
  readonly topic: string;
  readonly deliveryUrl: string;
  readonly secret: string;
  status: 'active' | 'paused' | 'disabled';
  failures: number;
}

export interface Delivery {
  readonly id: string;
  readonly webhookId: number;
  readonly topic: string;
  readonly orderId: string;
  /** Of the answer; 0 where there was none. */
  status: number;
}

export interface Webhooks {
  /** @throws WordPressError 400 */
  add(value: unknown): unknown;
  list(): unknown[];
  /** @throws WordPressError 404 */
  remove(id: string): unknown;
  /** Delivers to whoever asked for this topic; returns at once. There are no second attempts. */
  emit(topic: string, orderId: string, body: string): void;
  deliveries(): readonly Readonly<Delivery>[];
  close(): void;
}

/** After so many failures on end WooCommerce delivers no more. */
const mostFailures = 5;
const answerTimeoutMs = 5000;
const keptDeliveries = 1000;

/** @param delayMs what passes before a delivery: a real shop waits for its next visitor */
export function createWooWebhooks(source: string, delayMs: number): Webhooks {
  const hooks = new Map<number, Webhook>();
  const closing = new AbortController();
  const deliveries: Delivery[] = [];
  let lastId = 0;

  async function deliver(hook: Webhook, orderId: string, body: string): Promise<void> {
    const id = createHash('md5').update(`${hook.id} ${deliveries.length} ${Date.now()}`).digest('hex');
    const delivery: Delivery = { id, webhookId: hook.id, topic: hook.topic, orderId, status: 0 };
    deliveries.push(delivery);
    if (deliveries.length > keptDeliveries) deliveries.shift();
    await delay(delayMs, undefined, { signal: closing.signal });
    const [resource = '', event = ''] = hook.topic.split('.');
    delivery.status = await post(hook.deliveryUrl, body, {
      'content-type': 'application/json', 'user-agent': 'WooCommerce/10.3.3 Hookshot (WordPress/6.8)', 'x-wc-webhook-source': `${source}/`, 'x-wc-webhook-topic': hook.topic,
      'x-wc-webhook-resource': resource, 'x-wc-webhook-event': event, 'x-wc-webhook-signature': createHmac('sha256', hook.secret).update(body).digest('base64'),
      'x-wc-webhook-id': String(hook.id), 'x-wc-webhook-delivery-id': id,
    }, closing.signal);
    const isDelivered = delivery.status >= 200 && delivery.status < 303;
    hook.failures = isDelivered ? 0 : hook.failures + 1;
    if (hook.failures > mostFailures - 1) hook.status = 'disabled';
  }

  function quietly(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!closing.signal.aborted) throw error;
    });
  }

  return {
    add: (value) => {
      const { name, topic, delivery_url: deliveryUrl, secret, status } = webhookSchema.safeParse(value).data ?? {};
      if (topic === undefined || !topics.includes(topic.toLowerCase())) throw new WordPressError(400, 'woocommerce_rest_shop_webhook_invalid_topic', 'Webhook topic is required and must be valid.');
      if (deliveryUrl === undefined || !/^https?:\/\//.test(deliveryUrl)) throw new WordPressError(400, 'woocommerce_rest_shop_webhook_invalid_delivery_url', 'Webhook delivery URL must be a valid URL starting with http:// or https://.');
      lastId += 1;
      const hook: Webhook = { id: lastId, name: name ?? `Webhook created on ${new Date().toISOString()}`, topic, deliveryUrl, secret: secret ?? 'generated', status: status ?? 'active', failures: 0 };
      hooks.set(hook.id, hook);
      // A form with the id, unsigned: whether the address is there.
      quietly(post(deliveryUrl, `webhook_id=${hook.id}`, { 'content-type': 'application/x-www-form-urlencoded' }, closing.signal));
      return show(hook);
    },
    list: () => [...hooks.values()].toReversed().map(show),
    remove: (id) => {
      const hook = hooks.get(Number(id));
      if (!hook) throw new WordPressError(404, 'woocommerce_rest_shop_webhook_invalid_id', 'Invalid ID.');
      hooks.delete(hook.id);
      return show(hook);
    },
    emit: (topic, orderId, body) => {
      for (const hook of hooks.values()) {
        if (hook.topic === topic && hook.status === 'active') quietly(deliver(hook, orderId, body));
      }
    },
    deliveries: () => deliveries,
    close: () => closing.abort(),
  };
}

async function post(url: string, body: string, headers: Record<string, string>, signal: AbortSignal): Promise<number> {
  try {
    const response = await fetch(url, { method: 'POST', body, headers, redirect: 'manual', signal: AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]) });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}

/** Without the secret, which nobody gets to see again. */
function show({ id, name, topic, deliveryUrl, status }: Webhook): unknown {
  const [resource, event] = topic.split('.');
  return { id, name, status, topic, resource, event, hooks: [], delivery_url: deliveryUrl };
}
