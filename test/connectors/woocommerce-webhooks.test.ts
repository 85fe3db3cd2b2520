import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openGate } from '../../connectors/gate.ts';
import { createHttp } from '../../connectors/http.ts';
import { announcerOf } from '../../connectors/registry.ts';
import { createWooCommerceCall } from '../../connectors/woocommerce/call.ts';
import { unregisterWooCommerceWebhooks } from '../../connectors/woocommerce/webhooks.ts';
import type { Announcer, Registration } from '../../connectors/webhooks.ts';
import { generateShop } from '../../simulators/shop/generate.ts';
import { startWooCommerceSimulator, wooCommerceKeys, wooCommerceReadKeys, type WooCommerceSimulator } from '../../simulators/shop/woocommerce.ts';
import { failure } from '../contract/resource-under-test.ts';
import { startScriptedServer, type ScriptedRequest, type ScriptedServer } from '../support/scripted-server.ts';
import { until } from '../support/until.ts';

const secret = 'a-secret-of-some-length';
const topics = ['order.created', 'order.updated', 'order.deleted', 'order.restored'];
const announcer = announcerOf('woocommerce') as Announcer;
let shop: WooCommerceSimulator;
let listener: ScriptedServer;

beforeEach(async () => {
  shop = await startWooCommerceSimulator({ data: generateShop({ orders: 1 }) });
  listener = await startScriptedServer(() => ({ status: 202 }));
});
afterEach(async () => {
  await shop.close();
  await listener.close();
});

function register(changes: Partial<Registration> = {}, keys: { consumerKey: string; consumerSecret: string } = wooCommerceKeys) {
  const url = `${listener.url}/webhooks/shop/new`;
  const means = { http: createHttp({ timeoutMs: 5000 }), gate: () => openGate };
  return announcer.register({ baseUrl: shop.url, ...keys }, means, { url, prefixes: [`${listener.url}/webhooks/shop/`], secret, secretIsKnown: true, resources: ['orders'], ...changes });
}

async function webhooks(): Promise<{ id: number; topic: string; delivery_url: string; status: string }[]> {
  const response = await fetch(`${shop.url}/_simulator/state`);
  return ((await response.json()) as { webhooks: { id: number; topic: string; delivery_url: string; status: string }[] }).webhooks;
}

async function received(fits: (request: ScriptedRequest) => boolean): Promise<ScriptedRequest> {
  await until(() => listener.requests.some(fits));
  return listener.requests.find(fits) as ScriptedRequest;
}

function isGenuine({ headers, body }: Pick<ScriptedRequest, 'headers' | 'body'>): boolean {
  return announcer.isGenuine(secret, (name) => (typeof headers[name] === 'string' ? headers[name] : undefined), Buffer.from(body));
}

describe('a delivery', () => {
  it.each([
    ['order.created', () => shop.world.place({ customerId: '1', lines: [{ productId: '1', quantity: 1 }], note: 'Große Tüte – 袋' })],
    ['order.updated', () => shop.world.pay('1001')],
    ['order.deleted', () => {
      shop.world.remove('1001');
      return { id: '1001' };
    }],
  ] as const)('of %s is genuine and says which order it is about', async (topic, happen) => {
    await register();
    const { id } = happen();
    const delivery = await received(({ headers }) => headers['x-wc-webhook-topic'] === topic);
    expect(isGenuine(delivery)).toBe(true);
    expect(announcer.read(Buffer.from(delivery.body))).toEqual({ resource: 'orders', recordId: id });
  });

  it('that somebody else signed, changed, or did not sign, is not genuine', () => {
    const body = '{"id":1001}';
    const signature = (key: string) => createHmac('sha256', key).update(body).digest('base64');
    expect(isGenuine({ body, headers: { 'x-wc-webhook-signature': signature(secret) } })).toBe(true);
    expect(isGenuine({ body, headers: { 'x-wc-webhook-signature': signature('another') } })).toBe(false);
    expect(isGenuine({ body: '{"id":1002}', headers: { 'x-wc-webhook-signature': signature(secret) } })).toBe(false);
    expect(isGenuine({ body, headers: { 'x-wc-webhook-signature': 'no base64 at all' } })).toBe(false);
    expect(isGenuine({ body, headers: {} })).toBe(false);
  });

  it('is not what the ping of a new webhook is: that is let in, and announces nothing', async () => {
    await register();
    const ping = await received(({ body }) => body.startsWith('webhook_id='));
    expect(isGenuine(ping)).toBe(true);
    expect(announcer.read(Buffer.from(ping.body))).toBeNull();
  });

  it.each(['', 'null', '{}', '{"id":0}', '{"id":"../1"}', '[1]', 'webhook_id=1&id=2'])('%j is none', (body) => {
    expect(() => announcer.read(Buffer.from(body))).toThrow(SyntaxError);
  });
});

describe('a registration', () => {
  it('makes one webhook for each topic, and nothing when it is repeated', async () => {
    await register();
    const first = await webhooks();
    expect(first.map(({ topic }) => topic)).toEqual(expect.arrayContaining(topics));
    await register();
    expect(await webhooks()).toEqual(first);
  });

  it('ends earlier ones of the same integration, and no others', async () => {
    await register({ url: `${listener.url}/webhooks/other/1`, prefixes: [] });
    await register({ url: `${listener.url}/webhooks/shop/old` });
    await register();
    expect((await webhooks()).map(({ delivery_url: url }) => url.slice(listener.url.length)).toSorted()).toEqual([
      ...Array.from({ length: 4 }, () => '/webhooks/other/1'), ...Array.from({ length: 4 }, () => '/webhooks/shop/new'),
    ]);
  });

  it('makes them anew where the secret may be another', async () => {
    await register();
    const before = await webhooks();
    await register({ secretIsKnown: false });
    const after = await webhooks();
    expect(after.length).toBe(4);
    expect(after.filter(({ id }) => before.some((old) => old.id === id))).toEqual([]);
  });

  it('brings back what WooCommerce disabled after five failures', async () => {
    await register();
    await listener.close();
    for (let times = 0; times < 5; times += 1) shop.world.pay('1001');
    await until(async () => (await webhooks()).some(({ status }) => status === 'disabled'));
    await register();
    expect((await webhooks()).map(({ status }) => status)).toEqual(['active', 'active', 'active', 'active']);
  });

  it('can be ended, and leaves those of others alone', async () => {
    await register({ url: `${listener.url}/webhooks/other/1`, prefixes: [] });
    await register();
    const call = createWooCommerceCall({ http: createHttp({ timeoutMs: 5000 }), baseUrl: shop.url, ...wooCommerceKeys, keysInQuery: false, gate: openGate });
    for (let times = 0; times < 2; times += 1) await unregisterWooCommerceWebhooks(call, [`${listener.url}/webhooks/shop/`]);
    expect((await webhooks()).map(({ delivery_url: url }) => url)).toEqual(Array.from({ length: 4 }, () => `${listener.url}/webhooks/other/1`));
  });

  it('needs keys that may write', async () => {
    expect(await failure(register({}, wooCommerceReadKeys))).toMatchObject({ code: 'permission-missing' });
  });
});
