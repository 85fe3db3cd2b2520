import { afterEach, describe, expect, it } from 'vitest';
import { openGate } from '../../connectors/gate.ts';
import { createHttp } from '../../connectors/http.ts';
import { createPrestaShop } from '../../connectors/prestashop/index.ts';
import { orderSchema } from '../../domain/order.ts';
import { generateShop } from '../../simulators/shop/generate.ts';
import { prestaShopKey, prestaShopOrdersKey, startPrestaShopSimulator, type PrestaShopOptions, type PrestaShopSimulator } from '../../simulators/shop/prestashop.ts';
import { book, bottles, orderRow, slipRow, startScriptedShop } from '../support/prestashop-rows.ts';
import { startScriptedServer, type ScriptedReply } from '../support/scripted-server.ts';

const whole = { since: null, page: null };
const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});

function connect(url: string, key = prestaShopKey) {
  return createPrestaShop({ http: createHttp({ timeoutMs: 5000 }), baseUrl: `${url}/`, key, gate: openGate });
}

async function connectToSimulator(options: Partial<PrestaShopOptions> = {}, key = prestaShopKey) {
  const simulator = await startPrestaShopSimulator({ data: generateShop({ orders: 0 }), ...options });
  running.push(simulator);
  return { simulator, shop: connect(simulator.url, key) };
}

async function connectToRows(tables: Parameters<typeof startScriptedShop>[0]) {
  const server = await startScriptedShop(tables);
  running.push(server);
  return { server, shop: connect(server.url) };
}

async function orderOf(tables: Parameters<typeof startScriptedShop>[0] = {}) {
  const { shop } = await connectToRows(tables);
  const { records, unreadable } = await shop.readable('orders').list(whole);
  expect(unreadable).toEqual([]);
  return orderSchema.parse(records[0]?.data);
}

async function failureOf(reply: ScriptedReply) {
  const server = await startScriptedServer(() => reply);
  running.push(server);
  return connect(server.url).readable('statuses').list(whole).then(() => null, (error: unknown) => error);
}

/** The path and the query of the calls that were made, by resource. */
function callsBy(simulator: PrestaShopSimulator): Record<string, number> {
  const calls: Record<string, number> = {};
  for (const { path } of simulator.log()) calls[path.slice('/api/'.length)] = (calls[path.slice('/api/'.length)] ?? 0) + 1;
  return calls;
}

describe('an order of PrestaShop', () => {
  it('comes with its lines, taxes, shipping, and names in the language of the shop', async () => {
    expect(await orderOf({ messages: [{ id: 1, id_order: '7', message: 'Sonnez deux fois', private: '0', id_employee: '0' }, { id: 2, id_order: '7', message: 'Un client pénible', private: '1', id_employee: '3' }] })).toEqual({
      number: 'XKBKNABJK', status: '2', isPaid: true, isCancelled: false, placedAt: '2026-07-01T10:00:00.000Z', paidAt: '2026-07-01T10:05:00.000Z', currency: 'EUR', pricesIncludeTax: true, customerId: '4',
      billing: { firstName: 'Zoé', lastName: 'Lefèvre', company: '', email: 'zoe@eclair.example', phone: '+33 1', street: '12, rue de l’Échiquier', street2: '', city: 'Paris', state: '', zip: '75010', country: 'FR' },
      lines: [
        { id: '71', kind: 'product', name: 'Gourde - Couleur : Bleu', description: '', sku: 'GRD-B', productId: '3', quantity: '2', amount: '20', tax: '4', discount: '0', discountTax: '0', taxes: [{ id: '1', name: 'TVA FR 20%', percentage: '20' }] },
        { id: '72', kind: 'product', name: 'Livre', description: '', sku: '', productId: '5', quantity: '1', amount: '20', tax: '1.1', discount: '0', discountTax: '0', taxes: [{ id: '2', name: 'TVA FR 5.5%', percentage: '5.5' }] },
        { id: 'shipping', kind: 'shipping', name: 'Colissimo', description: '', sku: '', productId: null, quantity: '1', amount: '5', tax: '1', discount: '0', discountTax: '0', taxes: [{ id: '1', name: 'TVA FR 20%', percentage: '20' }] },
      ],
      discountNames: [], total: '51.1', totalTax: '6.1', refunds: [], note: 'Sonnez deux fois',
    });
  });

  it.each([
    ['nothing where nothing belongs to it', ''],
    ['a list with nothing in it', []],
    ['an object in place of a list', { taxes: { '0': { id: 1 } } }],
    ['numbers in place of text', { taxes: [{ id: 1 }] }],
  ])('can be read with %s', async (_what, associations) => {
    const { lines } = await orderOf({ order_details: [{ ...bottles, associations, id_order: 7, product_id: 3, product_quantity: 2, product_reference: null, ecotax: null }] });
    expect(lines[0]).toMatchObject({ id: '71', productId: '3', quantity: '2', sku: '', tax: '4' });
    expect(lines[0]?.taxes).toHaveLength(associations === '' || Array.isArray(associations) ? 0 : 1);
  });

  it('tells orders apart that were placed together and share a reference', async () => {
    const { shop } = await connectToRows({ orders: [orderRow, { ...orderRow, id: 8 }], order_details: [] });
    const { records } = await shop.readable('orders').list(whole);
    expect(records.map(({ data }) => data['number'])).toEqual(['XKBKNABJK#1', 'XKBKNABJK#2']);
  });

  it('was paid when the last payment came in, whatever went out since', async () => {
    const payment = (date: string, amount: string) => ({ id: 1, order_reference: 'XKBKNABJK', date_add: date, amount });
    const order = await orderOf({ order_payments: [payment('2026-07-05 09:00:00', '-12.000000'), payment('2026-07-04 09:00:00', '50.000000'), payment('2026-07-01 12:00:00', '1.100000')] });
    expect(order.paidAt).toBe('2026-07-04T07:00:00.000Z');
  });

  it('is read without the rows that somebody deleted: address, customer, tax, product', async () => {
    const order = await orderOf({ addresses: [], customers: [], taxes: [], carriers: [], order_details: [{ ...bottles, product_id: '0' }] });
    expect(order.billing).toMatchObject({ firstName: '', email: '', country: '' });
    expect(order.lines[0]).toMatchObject({ productId: null, taxes: [{ id: '1', name: '', percentage: '20' }] });
    expect(order.lines[1]).toMatchObject({ name: 'Shipping', taxes: [{ id: '1', percentage: '20' }] });
  });

  it('is a guest without an id of a customer', async () => {
    expect((await orderOf({ customers: [{ id: 4, email: 'guest@example.org', is_guest: '1', id_default_group: '3' }] })).customerId).toBeNull();
  });

  it('is priced without tax where the group of its customer sees prices so, and cancelled where its status is the one for that', async () => {
    const order = await orderOf({ groups: [{ id: 3, price_display_method: '1' }], orders: [{ ...orderRow, current_state: '6' }] });
    expect(order).toMatchObject({ pricesIncludeTax: false, isCancelled: true, isPaid: false, paidAt: null });
  });
});

describe('what PrestaShop takes off and puts on', () => {
  it('takes free shipping off the shipping, and the rest of the discount off the products by its tax', async () => {
    const { lines, discountNames } = await orderOf({
      orders: [{ ...orderRow, total_discounts_tax_excl: '9.000000', total_discounts_tax_incl: '10.220000' }],
      order_cart_rules: [
        { id: 1, id_order: '7', name: 'Livraison offerte', value: '6.00', value_tax_excl: '5.00', free_shipping: '1', deleted: '0' },
        { id: 2, id_order: '7', name: 'LIVRES', value: '4.22', value_tax_excl: '4.00', free_shipping: '0', deleted: '0' },
        { id: 3, id_order: '7', name: 'withdrawn', value: '1.00', value_tax_excl: '1.00', free_shipping: '0', deleted: '1' },
      ],
    });
    expect(discountNames).toEqual(['Livraison offerte', 'LIVRES']);
    expect(lines.map(({ id, discount, discountTax }) => [id, discount, discountTax])).toEqual([['71', '0', '0'], ['72', '4', '0.22'], ['shipping', '5', '1']]);
  });

  it('shows gift wrapping as a fee, with the tax that its price tells', async () => {
    const { lines } = await orderOf({ orders: [{ ...orderRow, total_wrapping_tax_excl: '2.000000', total_wrapping_tax_incl: '2.110000' }] });
    expect(lines.at(-1)).toMatchObject({ id: 'wrapping', kind: 'fee', amount: '2', tax: '0.11', taxes: [{ id: '2', percentage: '5.5' }] });
  });

  it('names the rate of shipping without an id where two taxes have it', async () => {
    const twice = [1, 2].map((id) => ({ id, rate: '21.000', active: '1', deleted: '0', name: 'TVA' }));
    const { lines } = await orderOf({ taxes: twice, orders: [{ ...orderRow, carrier_tax_rate: '21.000', total_shipping_tax_incl: '6.050000' }], order_details: [{ ...bottles, associations: '' }] });
    expect(lines.at(-1)).toMatchObject({ kind: 'shipping', taxes: [{ id: null, name: '', percentage: '21' }] });
  });

  it('leaves the ecotax in the price where both have one rate, and makes it a line of its own where they do not', async () => {
    const same = { ...bottles, ecotax: '1.000000', ecotax_tax_rate: '20.000' };
    expect((await orderOf({ order_details: [same] })).lines).toHaveLength(2);
    const other = { ...bottles, ecotax: '1.000000', ecotax_tax_rate: '5.500', total_price_tax_incl: '23.710000' };
    expect((await orderOf({ order_details: [other, book] })).lines.map(({ id, amount, tax, taxes }) => [id, amount, tax, taxes[0]?.id])).toEqual([
      ['71', '18', '3.6', '1'], ['71-ecotax', '2', '0.11', '2'], ['72', '20', '1.1', '2'], ['shipping', '5', '1', '1'],
    ]);
  });

  it('does not split off an ecotax that was never charged', async () => {
    const { lines } = await orderOf({ order_details: [{ ...bottles, ecotax: '5.000000', ecotax_tax_rate: '0.000' }] });
    expect(lines.map(({ id }) => id)).toEqual(['71', 'shipping']);
  });
});

describe('a credit slip', () => {
  const read = async (slip: object, id = '7:31') => (await (await connectToRows({ order_slip: [{ ...slipRow, ...slip }] })).shop.readable('refunds').get(id))?.data ?? null;

  it('is a refund with the lines that were given back', async () => {
    expect(await read({})).toEqual({
      orderId: '7', reason: '', refundedAt: '2026-07-03T08:00:00.000Z', total: '12',
      lines: [{ id: '71', kind: 'product', name: 'Gourde - Couleur : Bleu', description: '', sku: 'GRD-B', productId: '3', quantity: '1', amount: '10', tax: '2', discount: '0', discountTax: '0', taxes: [{ id: '1', name: 'TVA FR 20%', percentage: '20' }] }],
    });
  });

  it('may give back another amount, or keep a voucher back, which is a discount on its lines', async () => {
    expect(await read({ amount: '6.000000', order_slip_type: '2' })).toMatchObject({ total: '6', lines: [{ amount: '10', tax: '2', discount: '5', discountTax: '1' }] });
    expect(await read({ order_slip_type: '1', total_products_tax_incl: '9.000000' })).toMatchObject({ total: '9', lines: [{ discount: '2.5', discountTax: '0.5' }] });
  });

  it('may give back shipping, and money for nothing in particular', async () => {
    expect(await read({ total_shipping_tax_excl: '5.000000', total_shipping_tax_incl: '6.000000', order_slip_type: '2' })).toMatchObject({ total: '18', lines: [{ id: '71' }, { id: 'shipping', amount: '5', tax: '1' }] });
    const typed = { amount: '3.500000', order_slip_type: '2', total_products_tax_excl: '0.000000', total_products_tax_incl: '0.000000', associations: '' };
    expect(await read(typed)).toMatchObject({ total: '3.5', lines: [] });
  });

  it('belongs to its own order only', async () => {
    expect(await read({}, '8:31')).toBeNull();
    expect(await read({}, '31')).toBeNull();
  });

  it('stands in the record of its order, and makes that look changed', async () => {
    const { shop } = await connectToRows({ order_slip: [slipRow] });
    const record = await shop.readable('orders').get('7');
    expect(record?.modifiedAt).toBe('2026-07-03T08:00:00.000Z');
    expect(record?.data['refunds']).toEqual([{ id: '31', total: '12', reason: '' }]);
  });
});

describe('a listing of orders', () => {
  it('makes a handful of calls for a page of a hundred, and one for each list that all pages share', async () => {
    const { simulator, shop } = await connectToSimulator({ data: generateShop({ orders: 150 }) });
    const orders = shop.readable('orders');
    const first = await orders.list(whole);
    expect(first.records).toHaveLength(100);
    const once = { configurations: 1, taxes: 1, order_states: 1, currencies: 1, groups: 1, countries: 1, carriers: 1 };
    const perPage = { order_details: 1, order_cart_rules: 1, order_slip: 1, messages: 1, order_payments: 1, addresses: 1, customers: 1 };
    expect(callsBy(simulator)).toMatchObject({ orders: 2, ...perPage, ...once });
    const second = await orders.list({ since: null, page: first.next });
    expect(second.records).toHaveLength(50);
    expect(second.next).toBeNull();
    expect(callsBy(simulator)).toMatchObject({ orders: 4, configurations: 1, taxes: 1, order_details: 2, customers: 2 });
  });

  it('costs three calls where nothing has changed', async () => {
    const { simulator, shop } = await connectToSimulator({ data: generateShop({ orders: 5 }) });
    const since = new Date().toISOString();
    const first = await shop.readable('orders').list({ since, page: null });
    expect(await shop.readable('orders').list({ since, page: first.next })).toEqual({ records: [], unreadable: [], next: null });
    expect(callsBy(simulator)).toEqual({ configurations: 1, orders: 1, order_slip: 1 });
  });

  it('finds an order again that was partly refunded, though PrestaShop leaves the order as it was', async () => {
    const { simulator, shop } = await connectToSimulator({ data: generateShop({ orders: 12 }) });
    const { id = '' } = simulator.world.orders().find(({ status, refunds }) => status === 'processing' && refunds.length === 0) ?? {};
    const since = new Date().toISOString();
    simulator.world.refund(id, { amount: '1.00' });
    const orders = shop.readable('orders');
    const first = await orders.list({ since, page: null });
    expect(first.records).toEqual([]);
    const second = await orders.list({ since, page: first.next });
    expect(second.records.map((record) => record.id)).toEqual([id]);
    expect(second.records[0]?.data['refunds']).toMatchObject([{ total: '1' }]);
  });

  it('brings an order once that has changed itself, whatever was refunded of it, and reads nothing else of it a second time', async () => {
    const { simulator, shop } = await connectToSimulator();
    const { id } = simulator.world.place({ lines: [{ productId: '1', quantity: 1 }], status: 'processing', billing: { lastName: 'Ōe' }, placedAt: '2026-01-01T00:00:00Z' });
    simulator.world.refund(id, { amount: '1.00' });
    const orders = shop.readable('orders');
    const since = '1990-01-01T00:00:00.000Z';
    const first = await orders.list({ since, page: null });
    expect(first.records.find((record) => record.id === id)?.data['refunds']).toMatchObject([{ total: '1' }]);
    expect(await orders.list({ since, page: first.next })).toEqual({ records: [], unreadable: [], next: null });
    expect(callsBy(simulator)).toMatchObject({ order_details: 1, customers: 1 });
  });

  it('goes on behind an order one of whose rows cannot be read, and names the field', async () => {
    const { shop } = await connectToRows({ order_details: [{ ...bottles, product_quantity: 'two' }] });
    expect(await shop.readable('orders').list(whole)).toEqual({ records: [], unreadable: [{ id: '7', detail: expect.stringMatching(/^order_details\.0\.product_quantity: ./) }], next: null });
  });

  it('reads the same of a shop with one language and on a newer PHP', async () => {
    const data = generateShop({ orders: 20 });
    const plain = await (await connectToSimulator({ data })).shop.readable('orders').list(whole);
    const other = await (await connectToSimulator({ data, nativeIntegers: true, oneLanguage: true })).shop.readable('orders').list(whole);
    expect(other).toEqual(plain);
    expect(plain.records).toHaveLength(20);
  });
});

describe('statuses, taxes and settings', () => {
  it('are those a person may choose, by their flags, without deleted ones', async () => {
    const { shop } = await connectToSimulator();
    const { records } = await shop.readable('statuses').list(whole);
    expect(records.filter(({ data }) => data['isPaid'] === true).map(({ data }) => data['name'])).toEqual(['Payment accepted', 'Delivered']);
    expect(records.map(({ id }) => id)).not.toContain('11');
    expect(await shop.readable('statuses').get('2')).toEqual({ id: '2', modifiedAt: null, data: { name: 'Payment accepted', isPaid: true } });
    expect(await shop.readable('statuses').get('99')).toBeNull();
  });

  it('come with the taxes in use', async () => {
    const { shop } = await connectToRows({});
    expect(await shop.readable('taxes').get('2')).toEqual({ id: '2', modifiedAt: null, data: { name: 'TVA FR 5.5%', percentage: '5.5', country: '' } });
    expect((await shop.readable('taxes').list(whole)).records).toHaveLength(2);
  });

  it('say in which time the shop lives and in which currency, of all shops together rather than of one', async () => {
    const { shop } = await connectToRows({});
    expect((await shop.readable('settings').get('shop'))?.data).toEqual({ name: 'Chez Zoé', timeZone: 'Europe/Paris', currency: 'EUR' });
  });
});

describe('what goes wrong', () => {
  const errors = (code: number, message: string) => ({ errors: [{ code, message }] });

  it.each([
    ['a key that is not active', { status: 401, body: errors(20, 'Authentification key is not active') }, 'authorization-revoked', /not active/],
    ['a header that got lost', { status: 401, body: errors(16, 'Please enter the authentication key') }, 'authorization-revoked', /drops the header/],
    ['a key that is not for this resource', { status: 401, body: errors(26, 'Resource of type "order_states" is not allowed') }, 'permission-missing', /GET on order_states/],
    ['a key that may not read', { status: 405, body: errors(25, 'Method GET is not allowed') }, 'permission-missing', /GET on order_states/],
    ['another address', { status: 301, body: '', headers: { location: 'https://www.shop.example/api/?ws_key=secret' } }, 'settings-invalid', /https:\/\/www\.shop\.example\/api\/\)/],
    ['no webservice', { status: 404, body: '' }, 'settings-invalid', /no webservice/],
    ['a question it does not understand', { status: 400, body: errors(32, 'This filter does not exist') }, 'refused', /This filter does not exist \(32\)/],
    ['an answer without a list', { status: 200, body: { order: {} } }, 'answer-unreadable', /is not one/],
    ['an empty answer, as for text that is not UTF-8', { status: 200, body: '' }, 'answer-unreadable', /is not one/],
  ] satisfies [string, ScriptedReply, string, RegExp][])('calls %s by its name', async (_what, reply, code, detail) => {
    expect(await failureOf(reply)).toMatchObject({ code, detail: expect.stringMatching(detail) });
  });

  it('names what the key may not read, when it may read orders only', async () => {
    const { simulator, shop } = await connectToSimulator({}, prestaShopOrdersKey);
    simulator.world.place({ lines: [{ productId: '1', quantity: 1 }], billing: {} });
    await expect(shop.readable('orders').list(whole)).rejects.toMatchObject({ code: 'permission-missing', detail: expect.stringContaining('order_details') });
  });

  it('never has the key in an address', async () => {
    const { server, shop } = await connectToRows({});
    await shop.readable('orders').list(whole);
    expect(server.requests.every(({ headers }) => headers['authorization'] === `Basic ${Buffer.from(`${prestaShopKey}:`).toString('base64')}`)).toBe(true);
    expect(server.requests.map(({ rawQuery }) => rawQuery).join(' ')).not.toContain(prestaShopKey);
  });
});
