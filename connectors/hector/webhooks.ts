import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import { firstIssue } from '../../domain/issues.ts';
import type { Answer } from '../http.ts';
import type { Announcement, Registration } from '../webhooks.ts';
import { hectorError, refusal, type HectorCall } from './call.ts';

const PATH = '/webhooks';
const PAGE_SIZE = '200';

/** Of what Hector announces something, by the word that its events begin with. */
const resources: Readonly<Record<string, string>> = {
  customer: 'customers', user: 'users', part: 'parts', place: 'places', loaner: 'loaners',
};

const deliverySchema = z.object({ event: z.string(), recordId: z.union([z.string(), z.number()]).transform(String).pipe(z.string().min(1).max(100)) });
const webhooksSchema = z.object({
  data: z.array(z.object({ id: z.union([z.string(), z.number()]).transform(String), url: z.string(), events: z.array(z.string()) })),
  next: z.string().nullable().default(null),
});
type Webhook = z.output<typeof webhooksSchema>['data'][number];

/** Whether `X-Hector-Signature` belongs to this body (docs/apis/hector.md, 24). */
export function isHectorSignature(secret: string, signature: string | undefined, body: Buffer): boolean {
  const wanted = createHmac('sha256', secret).update(body).digest();
  const [, hex = ''] = /^sha256=([0-9a-f]{64})$/i.exec(signature ?? '') ?? [];
  const given = Buffer.from(hex, 'hex');
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** @throws SyntaxError where the body is no delivery; null where the event concerns no record that is synced */
export function readHectorDelivery(body: Buffer): Announcement | null {
  const parsed = deliverySchema.safeParse(JSON.parse(body.toString('utf8')));
  if (!parsed.success) throw new SyntaxError(firstIssue(parsed.error));
  const { event, recordId } = parsed.data;
  const resource = resources[event.split('.')[0] ?? ''];
  return resource === undefined ? null : { resource, recordId };
}

/** The events that announce changes of a resource: a loaner that is completed has one of its own. */
function eventsOf(resource: string): string[] {
  const word = Object.keys(resources).find((name) => resources[name] === resource);
  if (word === undefined) throw new Error(`Hector announces no changes of ${resource}`);
  return [...(word === 'loaner' ? ['loaner.completed'] : []), `${word}.changed`, `${word}.deleted`];
}

/**
 * Makes Hector deliver to this address, and to no earlier one of the same integration.
 *
 * @throws BookbridgeError where Hector has no webhooks or the token may not ask for them
 */
export async function registerHectorWebhook(call: HectorCall, { url, prefixes, secret, secretIsKnown, resources: wanted }: Registration): Promise<void> {
  const events = wanted.flatMap(eventsOf);
  const own = await webhooksOf(call, prefixes);
  const kept = secretIsKnown ? own.find((webhook) => webhook.url === url && isSame(webhook.events, events)) : undefined;
  if (!kept) expectSuccess(await call({ method: 'POST', path: PATH, json: { url, secret, events } }));
  // The new one is there before the old ones go: announced twice is better than not at all.
  await deleteWebhooks(call, own.filter((webhook) => webhook !== kept));
}

/**
 * Makes Hector deliver to no address that begins with one of these.
 *
 * @throws BookbridgeError where Hector has no webhooks or the token may not ask for them
 */
export async function unregisterHectorWebhook(call: HectorCall, prefixes: readonly string[]): Promise<void> {
  await deleteWebhooks(call, await webhooksOf(call, prefixes));
}

async function webhooksOf(call: HectorCall, prefixes: readonly string[]): Promise<Webhook[]> {
  return (await listWebhooks(call)).filter((webhook) => prefixes.some((prefix) => webhook.url.startsWith(prefix)));
}

async function deleteWebhooks(call: HectorCall, webhooks: readonly Webhook[]): Promise<void> {
  for (const { id } of webhooks) {
    const answer = await call({ method: 'DELETE', path: `${PATH}/${encodeURIComponent(id)}` });
    if (answer.status !== 404) expectSuccess(answer);
  }
}

async function listWebhooks(call: HectorCall): Promise<Webhook[]> {
  const webhooks: Webhook[] = [];
  let after: string | null = null;
  do {
    const answer = await call({ method: 'GET', path: PATH, query: { limit: PAGE_SIZE, ...(after !== null && { after }) } });
    expectSuccess(answer);
    const page = webhooksSchema.safeParse(answer.body);
    if (!page.success) throw new BookbridgeError('answer-unreadable', { detail: `The list ${PATH} of Hector is not one: ${firstIssue(page.error)}` });
    webhooks.push(...page.data.data);
    after = page.data.next;
  } while (after !== null);
  return webhooks;
}

function expectSuccess(answer: Answer): void {
  if (answer.status >= 200 && answer.status < 300) return;
  const error = hectorError(answer);
  throw error ? new BookbridgeError('refused', { detail: `${PATH}: ${error.message}` }) : refusal(answer, PATH);
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return JSON.stringify(left.toSorted()) === JSON.stringify(right.toSorted());
}
