import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadShopData } from '../../simulators/data/index.ts';
import { startWooCommerceSimulator, wooCommerceKeys, wooCommerceReadKeys, type WooCommerceOptions, type WooCommerceSimulator } from '../../simulators/shop/woocommerce.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { until } from '../support/until.ts';

let shop: WooCommerceSimulator;
afterEach(() => shop.close());

async function open(options: Partial<WooCommerceOptions> = {}) {
  shop = await startWooCommerceSimulator({ data: await loadShopData(null), ...options });
}

async function call(path: string, { method = 'GET', body, keys = wooCommerceKeys }: { method?: string; body?: unknown; keys?: { consumerKey: string; consumerSecret: string } } = {}) {
  const authorization = `Basic ${Buffer.from(`${keys.consumerKey}:${keys.consumerSecret}`).toString('base64')}`;
  const response = await fetch(`${shop.url}/wp-json/wc/v3${path}`, { method, headers: { authorization }, ...(body !== undefined && { body: JSON.stringify(body) }) });
  return { status: response.status, headers: response.headers, json: await response.json() };
}

const rows = z.array(z.looseObject({ id: z.number() }));
async function ids(query: string) {
  return rows.parse((await call(`/orders${query}`)).json).map(({ id }) => id);
}

describe('a listing', () => {
  it('has ten orders a page, the newest first, and tells how many there are', async () => {
    await open();
    const { headers, json } = await call('/orders');
    expect(rows.parse(json).map(({ id }) => id).slice(0, 2)).toEqual([1015, 1014]);
    expect(rows.parse(json)).toHaveLength(10);
    expect([headers.get('x-wp-total'), headers.get('x-wp-totalpages')]).toEqual(['12', '2']);
    expect(headers.get('link')).toBe(`<${shop.url}/wp-json/wc/v3/orders?page=2>; rel="next"`);
    expect((await call('/orders?page=2')).headers.get('link')).toBe(`<${shop.url}/wp-json/wc/v3/orders?page=1>; rel="prev"`);
    expect(await ids('?page=3')).toEqual([]);
  });

  it('is ordered, filtered and counted from where it is told', async () => {
    await open();
    expect(await ids('?orderby=id&order=asc&per_page=3&offset=1')).toEqual([1002, 1003, 1004]);
    expect(await ids('?status=pending,cancelled')).toEqual([1014, 1004]);
    expect(await ids('?status[]=on-hold&status[]=pending')).toEqual([1005, 1004]);
    expect(await ids('?include=1003,1001&orderby=include&order=asc')).toEqual([1003, 1001]);
    expect(await ids('?exclude=1015&per_page=1')).toEqual([1014]);
    expect(await ids('?customer=21&order=asc')).toEqual([1001, 1004, 1006, 1010]);
  });

  it('takes times for those of the shop, unless it is told that they are in UTC', async () => {
    await open();
    // Placed at 2026-10-02 22:30 UTC: half past midnight in Paris.
    expect(await ids('?after=2026-10-03T00:00:00&before=2026-10-03T01:00:00')).toEqual([1002]);
    expect(await ids('?after=2026-10-02T22:00:00&before=2026-10-02T23:00:00&dates_are_gmt=true')).toEqual([1002]);
    // A zone is not what it seems: the time is turned into one of the shop, and then taken for UTC.
    expect(await ids('?after=2026-10-02T22:00:00Z&before=2026-10-02T23:00:00Z&dates_are_gmt=true')).toEqual([]);
    expect(await ids('?after=2026-10-02T22:30:00&before=2026-10-02T22:31:00&dates_are_gmt=true')).toEqual([]);
  });

  it('by time of change shows an order paid late, and the bin only by its name', async () => {
    await open();
    expect(await ids('?modified_after=2026-10-19T00:00:00&dates_are_gmt=true')).toEqual([1006]);
    shop.world.remove('1004');
    expect(await ids('?include=1004')).toEqual([]);
    expect(await ids('?status=trash')).toEqual([1004]);
  });

  it.each([
    ['?orderby=modified', { orderby: 'orderby is not one of date, id, include, title, and slug.' }],
    ['?per_page=101', { per_page: 'per_page must be between 1 (inclusive) and 100 (inclusive)' }],
    ['?per_page=ten', { per_page: 'per_page must be between 1 (inclusive) and 100 (inclusive)' }],
    ['?order=up', { order: 'order is not one of asc, and desc.' }],
    ['?after=yesterday', { after: 'Invalid date.' }],
    ['?page=0', { page: 'page must be greater than or equal to 1' }],
  ])('refuses %s', async (query, params) => {
    await open();
    expect(await call(`/orders${query}`)).toMatchObject({ status: 400, json: { code: 'rest_invalid_param', data: { status: 400, params } } });
  });
});

describe('an order', () => {
  it('has text for money, in as many places as asked for, but all places for the taxes of lines', async () => {
    await open();
    const two = await call('/orders/1001');
    const six = await call('/orders/1001?dp=6');
    expect(two.json).toMatchObject({ total: '171.65', shipping_total: '5.75', line_items: [{ total: '74.92', total_tax: '14.98', taxes: [{ id: 1, total: '14.983333' }] }, {}] });
    expect(six.json).toMatchObject({ total: '171.650000', line_items: [{ total: '74.916667', total_tax: '14.980000', taxes: [{ id: 1, total: '14.983333' }] }, {}] });
  });

  it('has times twice, without zone', async () => {
    await open();
    expect((await call('/orders/1002')).json).toMatchObject({ date_created: '2026-10-03T00:30:00', date_created_gmt: '2026-10-02T22:30:00', date_paid_gmt: '2026-10-02T22:30:00', date_completed: null });
  });

  it('shows refunds below zero, the newest first, and each by itself above', async () => {
    await open();
    shop.world.refund('1008', { amount: '1.00' });
    expect((await call('/orders/1008')).json).toMatchObject({ refunds: [{ id: 1016, total: '-1.00' }, { id: 1009, total: '-9.99', reason: 'Taille trop petite' }] });
    expect((await call('/orders/1008/refunds/1009')).json).toMatchObject({ amount: '9.99', line_items: [{ quantity: -1, total: '-8.33', meta_data: [{ key: '_refunded_item_id', value: '20' }] }] });
    expect(rows.parse((await call('/orders/1008/refunds')).json).map(({ id }) => id)).toEqual([1016, 1009]);
    expect(await call('/orders/1001/refunds/1009')).toMatchObject({ status: 500, json: { code: 'woocommerce_rest_invalid_order_refund_id' } });
    expect(await call('/orders/1008/refunds/1')).toMatchObject({ status: 404, json: { code: 'woocommerce_rest_shop_order_refund_invalid_id' } });
  });

  it('that is not there is an invalid id', async () => {
    await open();
    expect(await call('/orders/1')).toMatchObject({ status: 404, json: { code: 'woocommerce_rest_shop_order_invalid_id', message: 'Invalid ID.', data: { status: 404 } } });
    expect(await call('/baskets')).toMatchObject({ status: 404, json: { code: 'rest_no_route' } });
  });
});

describe('keys and limits', () => {
  it('are checked: unknown, wrong, and for reading only', async () => {
    await open();
    expect(await call('/orders', { keys: { consumerKey: 'ck_unknown', consumerSecret: 'x' } })).toMatchObject({ status: 401, json: { code: 'woocommerce_rest_cannot_view' } });
    expect(await call('/orders', { keys: { ...wooCommerceKeys, consumerSecret: 'x' } })).toMatchObject({ status: 401, json: { code: 'woocommerce_rest_authentication_error' } });
    expect(await call('/webhooks', { method: 'POST', body: {}, keys: wooCommerceReadKeys })).toMatchObject({ status: 401, json: { message: 'The API key provided does not have write permissions.' } });
    expect(await call('/orders', { keys: wooCommerceReadKeys })).toMatchObject({ status: 200 });
  });

  it('of the host are answered with 429 and when to come back', async () => {
    await open({ limits: { minute: { calls: 1, windowMs: 60_000 } } });
    expect((await call('/orders')).status).toBe(200);
    const refused = await call('/orders');
    expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([429, expect.closeTo(60, -1)]);
  });
});

describe('a webhook', () => {
  it('delivers the whole order, signed, and is disabled after five failures on end', async () => {
    await open();
    let status = 200;
    const listener = await startScriptedServer(() => ({ status }));
    const made = await call('/webhooks', { method: 'POST', body: { topic: 'order.updated', delivery_url: `${listener.url}/here`, secret: 'sesame' } });
    expect(made).toMatchObject({ status: 201, json: { status: 'active', topic: 'order.updated' } });
    expect(made.json).not.toHaveProperty('secret');
    shop.world.pay('1004');
    const delivered = () => listener.requests.filter(({ headers }) => headers['x-wc-webhook-topic'] === 'order.updated');
    await until(() => delivered().length > 0);
    const [delivery] = delivered();
    expect(delivery?.headers['x-wc-webhook-signature']).toBe(createHmac('sha256', 'sesame').update(delivery?.body ?? '').digest('base64'));
    expect(delivery?.headers).toMatchObject({ 'x-wc-webhook-resource': 'order', 'x-wc-webhook-event': 'updated', 'x-wc-webhook-id': '1', 'x-wc-webhook-delivery-id': expect.stringMatching(/^[\da-f]{32}$/) });
    expect(JSON.parse(delivery?.body ?? '')).toMatchObject({ id: 1004, status: 'processing', total: '33.30' });
    status = 500;
    for (let times = 0; times < 5; times += 1) shop.world.pay('1004');
    await until(async () => ((await call('/webhooks')).json as { status: string }[])[0]?.status === 'disabled');
    await listener.close();
    expect(await call('/webhooks/1', { method: 'DELETE' })).toMatchObject({ status: 501 });
    expect(await call('/webhooks/1?force=true', { method: 'DELETE' })).toMatchObject({ status: 200 });
    expect((await call('/webhooks')).json).toEqual([]);
  });
});

describe('control routes', () => {
  it('do to orders what happens in a shop', async () => {
    await open();
    const control = async (path: string, body: unknown) => {
      const response = await fetch(`${shop.url}/_simulator/${path}`, { method: 'POST', body: JSON.stringify(body) });
      expect(response.status).toBe(200);
      return z.looseObject({ id: z.string().optional() }).parse(await response.json());
    };
    const { id } = await control('orders', { customerId: '21', lines: [{ productId: '11', quantity: 2 }] });
    await control('orders/pay', { id, at: '2026-11-01T10:00:00Z' });
    await control('orders/change', { id, note: 'Merci', quantities: {} });
    await control('orders/refund', { id, amount: '1.00' });
    expect((await call(`/orders/${id}`)).json).toMatchObject({ status: 'processing', customer_note: 'Merci', date_paid_gmt: '2026-11-01T10:00:00', refunds: [{ total: '-1.00' }] });
    await control('orders/cancel', { id });
    await control('products/remove', { id: '11' });
    expect((await call(`/orders/${id}`)).json).toMatchObject({ status: 'cancelled', line_items: [{ product_id: 0, sku: null, name: 'Sac de voyage « Échiquier »' }] });
    await control('orders/remove', { id, forGood: true });
    expect((await call(`/orders/${id}`)).status).toBe(404);
    await control('orders/spoil', { id: '1001', fields: { total: null } });
    expect((await call('/orders/1001')).json).toMatchObject({ total: null });
  });
});
