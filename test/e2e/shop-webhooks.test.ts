import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, it, type TestContext } from 'vitest';
import { z } from 'zod';
import { stopAnnouncing } from '../../client/connect.ts';
import { registerWebhook } from '../../client/webhooks.ts';
import { webhookCredentialName, webhookSchema } from '../../domain/credentials.ts';
import { startWebhookListener } from '../../worker/webhooks.ts';
import { recordWorkflowId } from '../../workflows/messages.ts';
import { byRoute, callsDuring } from '../support/calls.ts';
import { textOfHistory } from '../support/histories.ts';
import { booksOf, problemsOf, startShopBridge, type ShopBridge } from '../support/shop-bridge.ts';
import { paidOrder, person, smallShop } from '../support/small-shop.ts';
import { until } from '../support/until.ts';

interface Line {
  readonly bridge: ShopBridge;
  /** A delivery as WooCommerce makes it, signed with what the shop was told unless told otherwise; gives the status of the answer. */
  readonly deliver: (order: object, more?: { readonly secret?: string; readonly url?: string; readonly headers?: Record<string, string> }) => Promise<number>;
  readonly invoices: () => number;
}

/** Imported and listening, with no schedule: what becomes an invoice, a webhook made it. */
async function started({ onTestFinished }: Pick<TestContext, 'onTestFinished'>, { orders = [{}], settings = {} }: { orders?: Parameters<typeof smallShop>[0]; settings?: Record<string, unknown> } = {}): Promise<Line> {
  const bridge = await startShopBridge({ data: smallShop(orders) });
  onTestFinished(() => bridge.stop());
  const { bookbridge, integrationId } = bridge;
  const { config: { taskQueue }, temporal, store } = bookbridge;
  const listener = await startWebhookListener({ port: 0, host: '127.0.0.1', store, temporal, taskQueue });
  onTestFinished(() => listener.close());
  await bridge.connect(settings);
  await bridge.startImport();
  await registerWebhook(bookbridge, integrationId, listener.url);
  return {
    bridge,
    async deliver(order, { secret, url, headers = {} } = {}) {
      const known = webhookSchema.parse(await store.connections.read(integrationId, webhookCredentialName('woocommerce')));
      const body = JSON.stringify(order);
      const signature = createHmac('sha256', secret ?? known.secret).update(body).digest('base64');
      const response = await fetch(url ?? known.url, { method: 'POST', body, headers: { 'content-type': 'application/json', 'x-wc-webhook-topic': 'order.updated', 'x-wc-webhook-signature': signature, ...headers } });
      return response.status;
    },
    invoices: () => booksOf(bridge).invoices.length,
  };
}

/** Until nothing is under way for this order any more. */
async function settled({ bookbridge, integrationId }: ShopBridge, recordId: string): Promise<void> {
  await bookbridge.temporal.workflow.getHandle(recordWorkflowId({ integrationId, resource: 'orders', recordId })).result();
}

const shopState = z.object({
  webhooks: z.array(z.object({ topic: z.string(), status: z.string(), delivery_url: z.string() })),
  deliveries: z.array(z.object({ topic: z.string(), orderId: z.string(), status: z.number() })),
});
async function shopStateOf({ simulator }: ShopBridge): Promise<z.output<typeof shopState>> {
  return shopState.parse(await (await fetch(`${simulator.url}/_simulator/state`)).json());
}

describe.concurrent('a webhook of WooCommerce', () => {
  it('makes a paid order an invoice without any sync, with the calls that a sync would have cost', async ({ expect, onTestFinished }) => {
    const { bridge, invoices } = await started({ onTestFinished });
    const calls = await callsDuring(bridge.zoho, async () => {
      const { id: known } = bridge.world.place(paidOrder());
      const { id: unknown } = bridge.world.place(paidOrder({ billing: person('Bob', 'Roux') }));
      await until(() => invoices() === 3);
      for (const id of [known, unknown]) await settled(bridge, id);
    });
    expect(byRoute(calls)).toEqual({ 'PUT /books/v3/contacts': 1, 'PUT /books/v3/invoices': 2 });
    expect((await shopStateOf(bridge)).deliveries.map(({ topic, status }) => [topic, status])).toEqual([['order.created', 202], ['order.created', 202]]);
    expect(await bridge.differences()).toEqual([]);
    expect(byRoute(await callsDuring(bridge.zoho, () => bridge.sync()))).toEqual({});
  });

  it('leaves neither e-mail nor name of the buyer in Temporal’s history', async ({ expect, onTestFinished }) => {
    const { bridge, invoices } = await started({ onTestFinished });
    const { id } = bridge.world.place(paidOrder({ billing: person('Bob', 'Roux') }));
    await until(() => invoices() === 2);
    await settled(bridge, id);
    const text = await textOfHistory(bridge.bookbridge.temporal, recordWorkflowId({ integrationId: bridge.integrationId, resource: 'orders', recordId: id }));
    expect(text).toContain(`Carry orders ${id} over`);
    expect(text).not.toMatch(/bob|roux|example\.com/i);
  });

  it('carries over at once what waited for the order: its refund', async ({ expect, onTestFinished }) => {
    const { bridge, invoices } = await started({ onTestFinished }, { orders: [{ billing: person('Bob', 'Roux', { phone: '0'.repeat(60) }) }] });
    bridge.world.refund('1001', { lines: [{ lineId: '1', quantity: 1 }], reason: 'Broken' });
    await until(async () => (await problemsOf(bridge)).length === 3);
    await settled(bridge, '1001');
    bridge.world.change('1001', { billing: { phone: '' } });
    await until(() => invoices() === 1);
    await settled(bridge, '1001');
    expect(booksOf(bridge).creditnotes).toMatchObject([{ total: 48, notes: 'Broken' }]);
    expect(await problemsOf(bridge)).toEqual([]);
  });

  it('makes one when the order is paid, and carries over what becomes of it: a change, and a refund', async ({ expect, onTestFinished }) => {
    const { bridge, invoices } = await started({ onTestFinished }, { orders: [{ status: 'pending' }] });
    expect(invoices()).toBe(0);
    bridge.world.pay('1001');
    await until(() => invoices() === 1);
    await settled(bridge, '1001');
    bridge.world.change('1001', { quantities: { 1: 3 } });
    await until(() => booksOf(bridge).invoices[0]?.total === 144);
    await settled(bridge, '1001');
    bridge.world.refund('1001', { lines: [{ lineId: '1', quantity: 1 }], reason: 'Broken' });
    await until(() => booksOf(bridge).creditnotes.length === 1);
    await settled(bridge, '1001');
    expect(booksOf(bridge).creditnotes).toMatchObject([{ total: 48, notes: 'Broken' }]);
    expect(await bridge.differences()).toEqual([]);
  });

  it('that comes again and again, and while a sync finds the same orders, makes one invoice each', async ({ expect, onTestFinished }) => {
    const { bridge, deliver } = await started({ onTestFinished });
    const ids = Array.from({ length: 5 }, (_, index) => bridge.world.place(paidOrder({ billing: person('Bob', `Roux ${index}`, { email: `bob-${index}@example.com` }) })).id);
    const again = ids.flatMap((id) => [0, 1, 2].map(() => deliver({ id: Number(id), status: 'processing' })));
    const [statuses] = await Promise.all([Promise.all(again), bridge.sync()]);
    expect(new Set(statuses)).toEqual(new Set([202]));
    for (const id of ids) await settled(bridge, id);
    await bridge.sync();
    expect(booksOf(bridge).contacts).toHaveLength(6);
    expect(await bridge.differences()).toEqual([]);
    expect(await problemsOf(bridge)).toEqual([]);
  });

  it('of an order with 200 lines is accepted, and all of them arrive', async ({ expect, onTestFinished }) => {
    const { bridge, invoices } = await started({ onTestFinished });
    const lines = Array.from({ length: 200 }, (_, index) => ({ productId: String(1 + (index % 3)), quantity: 1 + (index % 5), description: `Engraved: ${'Für Zoë '.repeat(20)}${index}` }));
    const { id } = bridge.world.place(paidOrder({ lines }));
    await until(() => invoices() === 2);
    await settled(bridge, id);
    expect((await shopStateOf(bridge)).deliveries).toMatchObject([{ orderId: id, status: 202 }]);
    expect(booksOf(bridge).invoices[1]?.line_items).toHaveLength(200);
    expect(await bridge.differences()).toEqual([]);
  });

  it('is accepted and forgotten where orders are sent by command only', async ({ expect, onTestFinished }) => {
    const { bridge, deliver, invoices } = await started({ onTestFinished }, { settings: { automaticSending: false } });
    expect(await deliver({ id: 1001 })).toBe(204);
    bridge.world.place(paidOrder());
    await until(async () => (await shopStateOf(bridge)).deliveries[0]?.status === 204);
    expect(invoices()).toBe(0);
  });

  it('about an order that is not there ends without a trace', async ({ expect, onTestFinished }) => {
    const { bridge, deliver } = await started({ onTestFinished });
    expect(await deliver({ id: 4711 })).toBe(202);
    await settled(bridge, '4711');
    expect(await bridge.bookbridge.store.operations.find(bridge.integrationId, '4711')).toEqual([]);
  });
});

describe.concurrent('a delivery that WooCommerce did not make', () => {
  it('is refused, whatever is wrong with it, and starts nothing', async ({ expect, onTestFinished }) => {
    const { bridge, deliver, invoices } = await started({ onTestFinished }, { orders: [{ status: 'pending' }] });
    const { webhooks } = await shopStateOf(bridge);
    const url = webhooks[0]?.delivery_url ?? '';
    expect(await deliver({ id: 1001 }, { secret: 'somebody else’s secret' })).toBe(401);
    expect(await deliver({ id: 1001 }, { headers: { 'x-wc-webhook-signature': '' } })).toBe(401);
    expect(await deliver({ id: 1001 }, { url: `${url.slice(0, -1)}_` })).toBe(404);
    expect(await deliver({ id: 1001 }, { url: url.replace(bridge.integrationId, 'unknown') })).toBe(404);
    expect(await deliver({ order: 'no id' })).toBe(400);
    expect(await deliver({ id: 1001, note: 'x'.repeat(2_000_000) })).toBe(413);
    await delay(500);
    expect(invoices()).toBe(0);
    const workflow = bridge.bookbridge.temporal.workflow.getHandle(recordWorkflowId({ integrationId: bridge.integrationId, resource: 'orders', recordId: '1001' }));
    await expect(workflow.describe()).rejects.toThrow(/not found/i);
  });
});

describe.concurrent('the registration in WooCommerce', () => {
  it('is one for each topic, made once, and ended while the integration is disabled', async ({ expect, onTestFinished }) => {
    const { bridge } = await started({ onTestFinished });
    const { bookbridge, integrationId } = bridge;
    const before = (await shopStateOf(bridge)).webhooks;
    expect(new Set(before.map(({ topic, status }) => `${topic} ${status}`))).toEqual(new Set(['order.created active', 'order.updated active', 'order.deleted active', 'order.restored active']));
    await registerWebhook(bookbridge, integrationId, new URL(before[0]?.delivery_url ?? '').origin);
    expect((await shopStateOf(bridge)).webhooks).toEqual(before);
    await bookbridge.store.operations.setState(integrationId, 'disabled');
    const remarks: string[] = [];
    await stopAnnouncing(bookbridge, integrationId, (text) => { remarks.push(text); });
    expect((await shopStateOf(bridge)).webhooks).toEqual([]);
    expect(remarks).toEqual([]);
  });
});
