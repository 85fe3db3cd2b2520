import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openGate } from '../../connectors/gate.ts';
import { createHttp } from '../../connectors/http.ts';
import { accessSchemaOf } from '../../connectors/registry.ts';
import { createWooCommerce } from '../../connectors/woocommerce/index.ts';
import { orderSchema, type Order } from '../../domain/order.ts';
import { seededRandom, type Random } from '../../simulators/kit/random.ts';
import { generateShop } from '../../simulators/shop/generate.ts';
import type { WantedOrder } from '../../simulators/shop/types.ts';
import { startWooCommerceSimulator, wooCommerceKeys, wooCommerceReadKeys, type WooCommerceOptions, type WooCommerceSimulator } from '../../simulators/shop/woocommerce.ts';
import { failure, listAll } from '../contract/resource-under-test.ts';
import { seedsOf } from '../support/seeds.ts';
import { startScriptedServer, type ScriptedReply, type ScriptedServer } from '../support/scripted-server.ts';

const whole = { since: null, page: null };
const aBag: WantedOrder = { customerId: '1', status: 'processing', lines: [{ productId: '1', quantity: 1 }] };
let server: WooCommerceSimulator | ScriptedServer | undefined;
afterEach(() => server?.close());

function connect(url: string, access: { consumerKey?: string; consumerSecret?: string; keysInQuery?: boolean } = {}) {
  return createWooCommerce({ http: createHttp({ timeoutMs: 5000 }), baseUrl: url, ...wooCommerceKeys, keysInQuery: false, gate: openGate, ...access });
}

async function openShop(orders = 0, options: Partial<WooCommerceOptions> = {}) {
  const shop = await startWooCommerceSimulator({ data: generateShop({ orders }), ...options });
  server = shop;
  return { shop, world: shop.world, orders: connect(shop.url).readable('orders'), refunds: connect(shop.url).readable('refunds') };
}

async function connectToAnswer(reply: ScriptedReply) {
  const scripted = await startScriptedServer(() => reply);
  server = scripted;
  return { scripted, orders: connect(scripted.url).readable('orders') };
}

/** An order as the shop shows it, to lay something over. */
const shownSchema = z.looseObject({ line_items: z.array(z.looseObject({})), fee_lines: z.array(z.looseObject({})), tax_lines: z.array(z.looseObject({})) });
async function shown(shop: WooCommerceSimulator, id: string) {
  const query = new URLSearchParams({ consumer_key: wooCommerceKeys.consumerKey, consumer_secret: wooCommerceKeys.consumerSecret, dp: '6' });
  return shownSchema.parse(await (await fetch(`${shop.url}/wp-json/wc/v3/orders/${id}?${query.toString()}`)).json());
}

describe('a listing', () => {
  it('goes by id, in UTC, from a second before: bounds exclude what they bound', async () => {
    const { scripted, orders } = await connectToAnswer({ body: [] });
    await orders.list({ since: '2026-10-25T02:30:00.700+02:00', page: null });
    expect(scripted.requests[0]).toMatchObject({
      path: '/wp-json/wc/v3/orders',
      query: { status: 'any', orderby: 'id', order: 'asc', per_page: '100', dp: '6', modified_after: '2026-10-25T00:29:59', dates_are_gmt: 'true' },
    });
  });

  it('loses no order when many others are put away between two pages', async () => {
    const { world, orders } = await openShop(350);
    const ids = world.orders().map(({ id }) => id);
    const first = await orders.list(whole);
    for (const id of ids.slice(0, 70)) world.remove(id, { forGood: true });
    const read = [...first.records, ...(await listAll(orders, null, first.next))].map(({ id }) => id);
    expect(read).toEqual(ids);
  });

  it('goes on behind a page from which WooCommerce leaves out orders it cannot load', async () => {
    const { shop, world, orders } = await openShop(250);
    const ids = world.orders().map(({ id }) => id);
    const hidden = [ids[3], ...ids.slice(85, 105)];
    for (const id of hidden) shop.hide(id ?? '');
    expect((await listAll(orders)).map(({ id }) => id)).toEqual(ids.filter((id) => !hidden.includes(id)));
  });

  it('knows no cart that is still on its way to the till', async () => {
    const { shop, world, orders } = await openShop();
    const [cart, order] = [world.place(aBag), world.place(aBag)];
    shop.spoil(cart.id, { status: 'checkout-draft' });
    expect((await orders.list(whole)).records.map(({ id }) => id)).toEqual([order.id]);
    expect(await orders.get(cart.id)).toBeNull();
  });

  it('takes an order in the bin for none, until it is taken out again', async () => {
    const { shop, world, orders } = await openShop();
    const { id } = world.place(aBag);
    shop.spoil(id, { status: 'trash' });
    expect(await orders.get(id)).toBeNull();
    shop.spoil(id, { status: 'processing' });
    expect(await orders.get(id)).toMatchObject({ id });
  });

  it('says so where the answer is no list, or has an order without id', async () => {
    const { orders } = await connectToAnswer({ body: { orders: [] } });
    expect(await failure(orders.list(whole))).toMatchObject({ code: 'answer-unreadable' });
    await server?.close();
    const nameless = await connectToAnswer({ body: [{ status: 'processing' }] });
    expect(await failure(nameless.orders.list(whole))).toMatchObject({ code: 'answer-unreadable', detail: expect.stringContaining('without id') });
  });
});

describe('what stands in front of the shop', () => {
  it.each([
    [429, 'limit-minute'], [401, 'authorization-revoked'], [404, 'answer-unreadable'],
  ])('refuses in HTML with status %i, which says enough only where it says nothing about a record (%s)', async (status, code) => {
    const { orders } = await connectToAnswer({ status, body: '<html><body>Not now</body></html>', headers: { 'content-type': 'text/html', 'retry-after': '7' } });
    expect(await failure(orders.get('1'))).toMatchObject({ code });
  });
});

describe('the keys', () => {
  it('go into a header, and into the query only for a shop that drops the header', async () => {
    const { scripted, orders } = await connectToAnswer({ body: [] });
    await orders.list(whole);
    await connect(scripted.url, { keysInQuery: true }).readable('orders').list(whole);
    const [header, query] = scripted.requests;
    expect(header?.headers['authorization']).toBe(`Basic ${Buffer.from('ck_simulated:cs_simulated').toString('base64')}`);
    expect(header?.rawQuery).not.toContain('cs_simulated');
    expect(query?.headers['authorization']).toBeUndefined();
    expect(query?.query).toMatchObject({ consumer_key: 'ck_simulated', consumer_secret: 'cs_simulated' });
  });

  it('that do not arrive look like unknown ones: the message names both reasons', async () => {
    const { shop, orders } = await openShop(1, { dropsAuthorization: true });
    const error = await failure(orders.list(whole));
    expect(error).toMatchObject({ code: 'authorization-revoked', detail: expect.stringContaining('keysInQuery') });
    expect(error.message).not.toContain('cs_simulated');
    expect((await connect(shop.url, { keysInQuery: true }).readable('orders').list(whole)).records).toHaveLength(1);
  });

  it('that are wrong are a matter of authorisation', async () => {
    const { shop } = await openShop();
    const wrong = connect(shop.url, { consumerSecret: 'cs_wrong' }).readable('orders');
    expect(await failure(wrong.list(whole))).toMatchObject({ code: 'authorization-revoked', detail: 'Consumer secret is invalid. (woocommerce_rest_authentication_error)' });
  });

  it('are sent over the network only where it is encrypted', () => {
    const schema = accessSchemaOf('woocommerce');
    const access = (baseUrl: string) => schema.safeParse({ baseUrl, ...wooCommerceReadKeys }).success;
    expect([access('https://shop.example'), access('http://127.0.0.1:8080'), access('http://localhost/shop')]).toEqual([true, true, true]);
    expect([access('http://shop.example'), access('http://localhost.example'), access('http://127.0.0.1@shop.example'), access('shop.example')]).toEqual([false, false, false, false]);
  });
});

describe('a refusal', () => {
  it.each([
    [{ status: 403, body: { code: 'woocommerce_rest_cannot_view', message: 'Sorry, you cannot list resources.', data: { status: 403 } } }, 'permission-missing'],
    [{ status: 401, body: { code: 'woocommerce_rest_authentication_error', message: 'The API key provided does not have read permissions.', data: { status: 401 } } }, 'permission-missing'],
    [{ status: 404, body: { code: 'rest_no_route', message: 'No route was found matching the URL and request method.', data: { status: 404 } } }, 'settings-invalid'],
    [{ status: 301, body: '' }, 'settings-invalid'],
    [{ status: 400, body: { code: 'rest_invalid_param', message: 'Invalid parameter(s): orderby', data: { status: 400 } } }, 'refused'],
    [{ status: 503, body: '<html>Briefly unavailable for scheduled maintenance.</html>' }, 'system-fault'],
  ] as const)('%j is called %s', async (reply, code) => {
    const { orders } = await connectToAnswer(reply);
    expect(await failure(orders.list(whole))).toMatchObject({ code });
  });
});

describe('an order', () => {
  it('has amounts that add up to the price although the shop rounds, and a discount once', async () => {
    const { world, orders } = await openShop(0, { settings: { pricesIncludeTax: true } });
    const { id } = world.place({ ...aBag, lines: [{ productId: '1', quantity: 3, price: '9.99' }], coupons: ['zehn'] });
    const order = (await orders.get(id))?.data as Order | undefined;
    const [line] = order?.lines ?? [];
    expect(order?.discountNames).toEqual(['zehn']);
    expect([Number(line?.amount) + Number(line?.tax), Number(line?.discount) + Number(line?.discountTax)]).toEqual([expect.closeTo(29.97, 5), expect.closeTo(3, 5)]);
    expect(order?.total).toBe('26.97');
  });

  it('is paid in a status of the shop\'s own when it has a date of payment', async () => {
    const { shop, world, orders } = await openShop();
    const [paid, unpaid] = [world.place(aBag), world.place({ ...aBag, status: 'pending' })];
    for (const { id } of [paid, unpaid]) shop.spoil(id, { status: 'shipped' });
    expect((await orders.list(whole)).records.map(({ data }) => [data['status'], data['isPaid']])).toEqual([['shipped', true], ['shipped', false]]);
  });

  it('has names and options as a person reads them', async () => {
    const { shop, world, orders } = await openShop();
    const { id } = world.place(aBag);
    const { line_items: [line] } = await shown(shop, id);
    const option = (key: string, value: unknown) => ({ id: 1, key, value, display_key: key, display_value: value });
    shop.spoil(id, { line_items: [{ ...line, name: 'Tea &amp; Caf&eacute; &#8211; &quot;1 &lt; 2&quot;', meta_data: [option('Colour', '<p>Red &amp; green</p>\n'), option('_hidden', 'x'), option('Set', ['a']), { id: 2, key: 'Size', value: 'XL' }] }] });
    expect((await orders.get(id))?.data).toMatchObject({ lines: [{ name: 'Tea & Caf&eacute; – "1 < 2"', description: 'Colour: Red & green\nSize: XL' }] });
  });

  it('has no discount where a person has raised the price of a line', async () => {
    const { shop, world, orders } = await openShop(0, { settings: { pricesIncludeTax: false } });
    const { id } = world.place(aBag);
    const { line_items: [line] } = await shown(shop, id);
    const rate = { id: 1, total: '20', subtotal: '10' };
    shop.spoil(id, { line_items: [{ ...line, subtotal: '50', total: '100', subtotal_tax: '10', total_tax: '20', taxes: [rate] }], tax_lines: [{ rate_id: 1, label: 'TVA', rate_percent: 20 }] });
    expect((await orders.get(id))?.data).toMatchObject({ lines: [{ amount: '100', tax: '20', discount: '0', discountTax: '0' }] });
  });

  it('has a line for each rate where a fee takes something off several', async () => {
    const { world, orders } = await openShop(0, { settings: { pricesIncludeTax: false } });
    const rates = new Map(world.products().map(({ id, taxRateIds }) => [taxRateIds.join(), id]));
    const line = (taxRateIds: string, price: string) => ({ productId: rates.get(taxRateIds) ?? '', quantity: 1, price });
    const fee = [{ name: 'Voucher', price: '-10', taxRateIds: [] }];
    const mixed = world.place({ ...aBag, lines: [line('1', '60'), line('2', '30'), line('', '10')], fees: fee });
    const feeOf = async (id: string) => ((await orders.get(id))?.data as Order | undefined)?.lines.filter(({ kind }) => kind === 'fee').map(({ amount, tax, taxes }) => [amount, tax, taxes.map(({ percentage }) => percentage)]);
    expect(await feeOf(mixed.id)).toEqual([['-6', '-1.2', ['20']], ['-3', '-0.165', ['5.5']], ['-1', '0', []]]);
    const twice = world.place({ ...aBag, lines: [line('3,4', '50')], fees: fee });
    expect(await feeOf(twice.id)).toEqual([['-10', '-1.4975', ['5', '9.975']]]);
  });

  it('cannot be read where a tax comes from no rate, or from one that nobody knows any more', async () => {
    const { shop, world, orders } = await openShop();
    const [none, gone] = [world.place(aBag), world.place(aBag)];
    const { line_items: [line] } = await shown(shop, none.id);
    shop.spoil(none.id, { line_items: [{ ...line, total_tax: '3.20', taxes: [] }] });
    shop.spoil(gone.id, { line_items: [{ ...line, taxes: [{ id: 77, total: '3.20', subtotal: '3.20' }] }], tax_lines: [{ rate_id: 77, label: 'VAT', rate_percent: null }] });
    expect((await orders.list(whole)).unreadable).toEqual([
      { id: none.id, detail: 'line_items.0.taxes: there is a tax of 3.2, and no rate it comes from' },
      { id: gone.id, detail: 'line_items.0.taxes: the shop no longer knows the tax rate 77' },
    ]);
  });

  it('takes percentages an old shop does not say from its tax rates, which are read once', async () => {
    const { shop, orders } = await openShop(220, { isOld: true });
    expect((await listAll(orders)).length).toBe(220);
    expect(shop.summary().byRoute).toEqual({ 'GET /wp-json/wc/v3/orders': 3, 'GET /wp-json/wc/v3/taxes': 1 });
  });
});

describe('whatever a plug-in does to an order', () => {
  it.each(seedsOf(1, 2, 3))('concerns that order only (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const { shop, world, orders } = await openShop(90);
    const spoiled = new Set<string>();
    for (const { id } of world.orders().filter(() => random() < 0.8)) {
      shop.spoil(id, z.looseObject({}).catch({}).parse(spoil(spoil(await shown(shop, id), random), random)));
      // Without its id an order cannot be told from others.
      shop.spoil(id, { id: Number(id) });
      spoiled.add(id);
    }
    const { records, unreadable } = await orders.list(whole);
    const ids = [...records, ...unreadable].map(({ id }) => id);
    expect(ids.toSorted()).toEqual(world.orders().map(({ id }) => id).filter((id) => ids.includes(id)).toSorted());
    expect(unreadable.filter(({ id, detail }) => !spoiled.has(id) || !/^\S+: ./.test(detail)), `TEST_SEED=${seed}`).toEqual([]);
    expect(records.filter(({ deleted, data }) => deleted !== true && !orderSchema.safeParse(data).success), `TEST_SEED=${seed}`).toEqual([]);
    expect(unreadable.length).toBeGreaterThan(5);
  });
});

const junk = [null, '', 'x', 0, -1, 1.5, true, [], {}, [null], '1e3', '0x10', '9'.repeat(30), '\u0000', { total: null }];

/** Puts something else into one place of a value, however deep. */
function spoil(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random() < 0.15) return junk[Math.floor(random() * junk.length)];
  const names = Object.keys(value);
  const chosen = names[Math.floor(random() * names.length)];
  const entries = Object.entries(value).map(([name, inner]): [string, unknown] => [name, name === chosen ? spoil(inner, random) : inner]);
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

describe('a refund', () => {
  it('of a line none of which comes back is money for one piece', async () => {
    const scripted = await startScriptedServer(() => ({
      body: {
        id: 9, date_created_gmt: '2026-10-01T10:00:00', amount: '6.00', reason: 'Scratched', tax_lines: [{ rate_id: 1, label: 'TVA', rate_percent: 20 }],
        line_items: [{ id: 91, name: 'Bag', product_id: 3, quantity: 0, subtotal: '-5.00', subtotal_tax: '-1.00', total: '-5.00', total_tax: '-1.00', taxes: [{ id: 1, total: '-1.00', subtotal: '-1.00' }], sku: 'BAG', meta_data: [{ id: 1, key: '_refunded_item_id', value: '31' }] }],
      },
    }));
    server = scripted;
    expect(await connect(scripted.url).readable('refunds').get('7:9')).toEqual({
      id: '7:9', modifiedAt: '2026-10-01T10:00:00.000Z',
      data: {
        orderId: '7', reason: 'Scratched', refundedAt: '2026-10-01T10:00:00.000Z', total: '6',
        lines: [{ id: '31', kind: 'product', name: 'Bag', description: '', sku: 'BAG', productId: '3', quantity: '1', amount: '5', tax: '1', discount: '0', discountTax: '0', taxes: [{ id: '1', name: 'TVA', percentage: '20' }] }],
      },
    });
  });

  it('of the whole order has no lines, as WooCommerce books it when the status is set', async () => {
    const { world, orders, refunds } = await openShop();
    const { id, total } = world.place(aBag);
    const { id: refundId } = world.refund(id);
    expect((await orders.get(id))?.data).toMatchObject({ status: 'refunded', refunds: [{ id: refundId, total: total.toFixed() }] });
    expect((await refunds.get(`${id}:${refundId}`))?.data).toMatchObject({ total: total.toFixed(), lines: [] });
  });
});
