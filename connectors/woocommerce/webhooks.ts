import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import { firstIssue } from '../../domain/issues.ts';
import type { Announcement, Registration } from '../webhooks.ts';
import { API, isMissing, isSuccess, refusal, type WooCommerceCall } from './call.ts';

const PATH = `${API}/webhooks`;
const PAGE_SIZE = 100;

/** Each webhook has one topic. An order that is put into the bin is deleted; one that is taken out again is restored. */
const topics: Readonly<Record<string, readonly string[]>> = {
  orders: ['order.created', 'order.updated', 'order.deleted', 'order.restored'],
};

/** All that is read of a delivery: the record itself is read anew. */
const deliverySchema = z.object({ id: z.union([z.int().positive(), z.string().regex(/^[1-9]\d{0,18}$/)]).transform(String) });
const webhooksSchema = z.array(z.object({ id: z.int().transform(String), status: z.string(), topic: z.string(), delivery_url: z.string() }));
type Webhook = z.output<typeof webhooksSchema>[number];

/** What WooCommerce sends once to a new address, unsigned: it announces nothing. */
const ping = /^webhook_id=\d+$/;

/** Whether `X-WC-Webhook-Signature` belongs to this body (class-wc-webhook.php, generate_signature), or the body is the ping that has none. */
export function isWooCommerceSignature(secret: string, signature: string | undefined, body: Buffer): boolean {
  if (signature === undefined) return ping.test(body.toString('latin1'));
  const wanted = createHmac('sha256', secret).update(body).digest();
  const given = Buffer.from(signature, 'base64');
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** @throws SyntaxError where the body is no delivery; null for the ping */
export function readWooCommerceDelivery(body: Buffer): Announcement | null {
  const text = body.toString('utf8');
  if (ping.test(text)) return null;
  const parsed = deliverySchema.safeParse(JSON.parse(text));
  if (!parsed.success) throw new SyntaxError(firstIssue(parsed.error));
  return { resource: 'orders', recordId: parsed.data.id };
}

/**
 * Makes the shop deliver to this address, and to no earlier one of the same integration. A webhook that WooCommerce has disabled, because too many
 * deliveries failed on end, is made anew.
 *
 * @throws BookbridgeError `permission-missing` where the keys may not write
 */
export async function registerWooCommerceWebhooks(call: WooCommerceCall, { url, prefixes, secret, secretIsKnown, resources }: Registration): Promise<void> {
  const wanted = resources.flatMap((resource) => {
    const own = topics[resource];
    if (own === undefined) throw new Error(`WooCommerce announces no changes of ${resource}`);
    return own;
  });
  const own = await ownWebhooks(call, prefixes);
  const kept = new Set<string>();
  for (const topic of wanted) {
    const same = own.find((webhook) => secretIsKnown && webhook.delivery_url === url && webhook.topic === topic && webhook.status === 'active');
    if (same) kept.add(same.id);
    else expectSuccess(await call({ method: 'POST', path: PATH, json: { name: `Bookbridge: ${topic}`, topic, delivery_url: url, secret, status: 'active' } }));
  }
  // The new ones are there before the old ones go: announced twice is better than not at all.
  await end(call, own.filter(({ id }) => !kept.has(id)));
}

/**
 * Ends all registrations of an integration.
 *
 * @param prefixes what their addresses begin with
 * @throws BookbridgeError `permission-missing` where the keys may not write
 */
export async function unregisterWooCommerceWebhooks(call: WooCommerceCall, prefixes: Registration['prefixes']): Promise<void> {
  await end(call, await ownWebhooks(call, prefixes));
}

async function ownWebhooks(call: WooCommerceCall, prefixes: Registration['prefixes']): Promise<Webhook[]> {
  return (await listWebhooks(call)).filter(({ delivery_url: address }) => prefixes.some((prefix) => address.startsWith(prefix)));
}

async function end(call: WooCommerceCall, webhooks: readonly Webhook[]): Promise<void> {
  for (const { id } of webhooks) {
    const answer = await call({ method: 'DELETE', path: `${PATH}/${id}`, query: { force: 'true' } });
    if (!isMissing(answer)) expectSuccess(answer);
  }
}

async function listWebhooks(call: WooCommerceCall): Promise<Webhook[]> {
  const webhooks: Webhook[] = [];
  for (let page = 1; ; page += 1) {
    const answer = await call({ method: 'GET', path: PATH, query: { per_page: String(PAGE_SIZE), page: String(page), orderby: 'id', order: 'asc' } });
    expectSuccess(answer);
    const rows = webhooksSchema.safeParse(answer.body);
    if (!rows.success) throw new BookbridgeError('answer-unreadable', { detail: `The list ${PATH} of the shop is not one: ${firstIssue(rows.error)}` });
    webhooks.push(...rows.data);
    if (rows.data.length < PAGE_SIZE) return webhooks;
  }
}

function expectSuccess(answer: Parameters<typeof refusal>[0]): void {
  if (!isSuccess(answer)) throw refusal(answer, PATH);
}
