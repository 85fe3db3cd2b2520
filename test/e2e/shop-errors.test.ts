import { describe, it, type TestContext } from 'vitest';
import { startReconcile } from '../../client/commands/reconcile.ts';
import { byRoute, callsDuring } from '../support/calls.ts';
import { booksOf, problemsOf, startShopBridge, type ShopBridge } from '../support/shop-bridge.ts';
import { person, smallShop } from '../support/small-shop.ts';

interface World {
  readonly orders: Parameters<typeof smallShop>[0];
  readonly shop?: Parameters<typeof smallShop>[1];
  readonly settings?: Record<string, unknown>;
  readonly organization?: Parameters<typeof startShopBridge>[0]['organization'];
  readonly kind?: 'woocommerce' | 'prestashop';
}

/** A shop that is connected, and not imported yet. */
async function connected(onTestFinished: TestContext['onTestFinished'], { orders, shop, settings, organization, kind = 'woocommerce' }: World): Promise<ShopBridge> {
  const bridge = await startShopBridge({ data: smallShop(orders, shop), kind, ...(organization && { organization }) });
  onTestFinished(() => bridge.stop());
  await bridge.connect(settings);
  return bridge;
}

const retryAll = ({ bookbridge, integrationId }: ShopBridge) => bookbridge.store.operations.retry(integrationId, { by: 'all' });
const codes = async (bridge: ShopBridge) => (await problemsOf(bridge)).map(({ id, code }) => [id, code]);
const invoiced = (bridge: ShopBridge) => booksOf(bridge).invoices.map(({ reference_number: number, total }) => [number, total]);
const taxId = (bridge: ShopBridge, name: string) => bridge.zoho.state().taxes.find((tax) => tax['tax_name'] === name)?.['tax_id'];

const oneTax = { tax_name: 'TVA 20 %', tax_percentage: 20 };
/** An order that is taxed with 10 %. */
const tea = { lines: [{ productId: '2', quantity: 1 }] };

describe.concurrent('a tax of the shop', () => {
  it('that Books does not have names what to create, and arrives when a person has created it and tries again', async ({ expect, onTestFinished }) => {
    const bridge = await connected(onTestFinished, { orders: [{}, tea], organization: { taxes: [oneTax] } });
    await bridge.startImport();
    expect(invoiced(bridge)).toEqual([['1001', 96]]);
    expect(await problemsOf(bridge)).toMatchObject([{ module: 'orders', id: '1002', code: 'tax-unmatched', detail: expect.stringContaining('10') }]);
    await bridge.zoho.act({ method: 'POST', path: '/settings/taxes', json: { tax_name: 'TVA réduite', tax_percentage: 10 } });
    // Nobody has looked yet: taxes are believed for a while.
    expect(byRoute(await callsDuring(bridge.zoho, () => bridge.sync()))).toEqual({});
    expect(await retryAll(bridge)).toHaveLength(1);
    const calls = await callsDuring(bridge.zoho, () => bridge.sync());
    expect(byRoute(calls)).toEqual({ 'GET /books/v3/settings/taxes': 1, 'GET /books/v3/settings/currencies': 1, 'PUT /books/v3/invoices': 1 });
    expect(booksOf(bridge).invoices[1]).toMatchObject({ total: 6.11, line_items: [{ name: 'Tea', tax_name: 'TVA réduite' }] });
    expect(await bridge.differences()).toEqual([]);
  });

  it('that fits two of Books waits for the setting taxes, and goes through when it is connected again with it', async ({ expect, onTestFinished }) => {
    const taxes = [oneTax, { tax_name: 'Restauration', tax_percentage: 10 }, { tax_name: 'Transport', tax_percentage: 10 }];
    const bridge = await connected(onTestFinished, { orders: [{}, tea, tea], organization: { taxes } });
    await bridge.startImport();
    expect(await codes(bridge)).toEqual([['1002', 'tax-ambiguous'], ['1003', 'tax-ambiguous']]);
    await bridge.connect({ taxes: { '10%': taxId(bridge, 'Transport') } });
    await bridge.sync();
    expect(booksOf(bridge).invoices.map(({ line_items: [line] }) => line?.tax_name)).toEqual(['TVA 20 %', 'Transport', 'Transport']);
    expect(await codes(bridge)).toEqual([]);
    expect(await bridge.differences()).toEqual([]);
  });

  it('may differ from line to line in one order', async ({ expect, onTestFinished }) => {
    const lines = [{ productId: '1', quantity: 1 }, { productId: '2', quantity: 3 }, { productId: '3', quantity: 1 }];
    const bridge = await connected(onTestFinished, { orders: [{ lines, coupons: ['ten'], shipping: [{ name: 'Post', price: '4.99', taxRateIds: ['1'] }] }], shop: { pricesIncludeTax: true } });
    await bridge.startImport();
    const [invoice] = booksOf(bridge).invoices;
    expect(invoice?.line_items.map(({ name, tax_name: tax }) => [name, tax])).toEqual([
      ['Lamp', 'TVA 20 %'], ['Tea', 'TVA 10 %'], ['Voucher', ''], ['Post', 'TVA 20 %'], ['Discount: ten', 'TVA 20 %'], ['Discount: ten', 'TVA 10 %'], ['Discount: ten', ''],
    ]);
    expect(await bridge.differences()).toEqual([]);
  });
});

describe.concurrent('an order that is not like the others', () => {
  it('in a currency that Books does not have fails by itself, and arrives when the currency is there', async ({ expect, onTestFinished }) => {
    const bridge = await connected(onTestFinished, { orders: [{}, { currency: 'CHF', billing: person('Bob', 'Roux') }] });
    await bridge.startImport();
    expect(invoiced(bridge)).toEqual([['1001', 96]]);
    expect((await problemsOf(bridge)).filter(({ code }) => code === 'currency-unknown')).toMatchObject([{ module: 'customers', detail: expect.stringContaining('CHF') }]);
    await bridge.zoho.act({ method: 'POST', path: '/settings/currencies', json: { currency_code: 'CHF', currency_symbol: 'CHF' } });
    await retryAll(bridge);
    await bridge.sync();
    expect(await bridge.differences()).toEqual([]);
    expect(await codes(bridge)).toEqual([]);
  });

  it('without lines is left out, and the others go on', async ({ expect, onTestFinished }) => {
    const bridge = await connected(onTestFinished, { orders: [{ lines: [] }, {}] });
    const { counts } = await bridge.startImport();
    expect(counts['orders']).toEqual({ added: 1, skipped: 1 });
    expect(invoiced(bridge)).toEqual([['1002', 96]]);
    expect(await bridge.bookbridge.store.operations.find(bridge.integrationId, '1001')).toMatchObject([{ state: 'skipped', code: 'order-empty' }]);
    expect(await codes(bridge)).toEqual([]);
  });

  it('that came to nothing is an invoice of nothing', async ({ expect, onTestFinished }) => {
    const bridge = await connected(onTestFinished, { orders: [{ coupons: ['all'] }] });
    await bridge.startImport();
    expect(booksOf(bridge).invoices).toMatchObject([{ total: 0, line_items: [{ name: 'Lamp', rate: 40 }, { name: 'Discount: all', rate: -80 }] }]);
    expect(await bridge.differences()).toEqual([]);
  });

  it('of 300 lines goes through whole', async ({ expect, onTestFinished }) => {
    const lines = Array.from({ length: 300 }, (_, index) => ({ productId: String(1 + (index % 3)), quantity: 1 + (index % 7), price: (0.33 + index / 7).toFixed(2) }));
    const bridge = await connected(onTestFinished, { orders: [{ lines, coupons: ['ten'] }, {}], shop: { pricesIncludeTax: true } });
    const calls = await callsDuring(bridge.zoho, () => bridge.startImport());
    expect(byRoute(calls)).toMatchObject({ 'PUT /books/v3/contacts': 1, 'PUT /books/v3/invoices': 2 });
    expect(booksOf(bridge).invoices.map(({ line_items: { length } }) => length)).toEqual([303, 1]);
    expect(await bridge.differences()).toEqual([]);
    expect(byRoute(await callsDuring(bridge.zoho, () => bridge.sync()))).toEqual({});
  });

  it.for(['woocommerce', 'prestashop'] as const)('with money taken off, by a fee or a voucher, comes to its total (%s)', async (kind, { expect, onTestFinished }) => {
    const bridge = await connected(onTestFinished, { kind, orders: [{ lines: [{ productId: '1', quantity: 1 }, { productId: '2', quantity: 2 }], fees: kind === 'woocommerce' ? [{ name: 'Loyalty', price: '-7.77', taxRateIds: [] }] : [], coupons: ['ten'] }] });
    await bridge.startImport();
    expect(await codes(bridge)).toEqual([]);
    expect(booksOf(bridge).invoices[0]?.line_items.some(({ rate }) => rate < 0)).toBe(true);
    expect(await bridge.differences()).toEqual([]);
  });

  it('that cannot be read fails alone, and goes through once it can be', async ({ expect, onTestFinished }) => {
    const bridge = await connected(onTestFinished, { orders: [{}, {}, {}] });
    bridge.simulator.spoil('1002', { total: 'a lot' });
    await bridge.startImport();
    expect(invoiced(bridge).map(([number]) => number)).toEqual(['1001', '1003']);
    expect(await problemsOf(bridge)).toMatchObject([{ id: '1002', code: 'record-unreadable', detail: expect.stringContaining('total') }]);
    bridge.simulator.spoil('1002', { total: '96.00' });
    bridge.world.change('1002', { note: 'mended' });
    await bridge.sync();
    expect(await codes(bridge)).toEqual([]);
    expect(await bridge.differences()).toEqual([]);
  });
});

describe.concurrent('an order that the settings left out', () => {
  it.for<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['by its status', {}, { paidStatuses: ['processing', 'on-hold'] }],
    ['by its day', { ordersFrom: '2026-06-01' }, { ordersFrom: '2026-05-01', paidStatuses: ['on-hold'] }],
    ['to a person', { automaticSending: false, paidStatuses: ['on-hold'] }, { paidStatuses: ['on-hold'] }],
  ])('%s is carried over by the next sync when it is connected again with others, though nothing about it is new', async ([, before, after], { expect, onTestFinished }) => {
    const bridge = await connected(onTestFinished, { orders: [{ status: 'on-hold' }], settings: before });
    await bridge.startImport();
    expect(invoiced(bridge)).toEqual([]);
    await bridge.connect(after);
    await bridge.sync();
    expect(invoiced(bridge)).toEqual([['1001', 96]]);
  });
});

describe.concurrent('books that refuse lines below zero', () => {
  it('have the order wait, and take it when it is connected again with discounts as fields', async ({ expect, onTestFinished }) => {
    const order = { lines: [{ productId: '1', quantity: 1 }, { productId: '2', quantity: 3 }], coupons: ['ten'] };
    const bridge = await connected(onTestFinished, { orders: [{}, order], organization: { refusesNegativeLines: true, taxes: [oneTax, { tax_name: 'TVA 10 %', tax_percentage: 10 }] } });
    await bridge.startImport();
    expect(invoiced(bridge)).toEqual([['1001', 96]]);
    expect(await codes(bridge)).toEqual([['1002', 'negative-line-refused']]);
    await bridge.connect({ discountsAs: 'fields' });
    await bridge.sync();
    expect(await codes(bridge)).toEqual([]);
    expect(await bridge.differences()).toEqual([]);
  });
});

describe.concurrent('an invoice that is deleted in Books', () => {
  /** Two orders with an invoice each, of which somebody deletes the first. */
  const deleted = async (onTestFinished: TestContext['onTestFinished']) => {
    const bridge = await connected(onTestFinished, { orders: [{}, {}] });
    await bridge.startImport();
    await bridge.zoho.act({ method: 'DELETE', path: `/invoices/${booksOf(bridge).invoices.find(({ reference_number: number }) => number === '1001')?.invoice_id}` });
    return bridge;
  };

  it('is found by a reconciliation', async ({ expect, onTestFinished }) => {
    const bridge = await deleted(onTestFinished);
    const { bookbridge, integrationId } = bridge;
    const report = await (await startReconcile(bookbridge, { integrationId, module: 'orders' })).result();
    const findings = await bookbridge.store.reports.findings(report.id);
    expect(findings).toMatchObject([{ kind: 'missing', missingIn: 'books', record: { id: '1001' } }]);
  });

  it('is noticed when the order changes, and made anew when a person tries again', async ({ expect, onTestFinished }) => {
    const bridge = await deleted(onTestFinished);
    bridge.world.change('1001', { quantities: { 1: 3 } });
    await bridge.sync();
    expect(await codes(bridge)).toEqual([['1001', 'record-missing']]);
    expect(invoiced(bridge)).toEqual([['1002', 96]]);
    await retryAll(bridge);
    await bridge.sync();
    expect(invoiced(bridge)).toEqual([['1001', 144], ['1002', 96]]);
    expect(await bridge.differences()).toEqual([]);
  });

  it('is not made anew by itself, whatever else happens: whoever deleted it may have meant it', async ({ expect, onTestFinished }) => {
    const bridge = await deleted(onTestFinished);
    bridge.world.place({ status: 'processing', billing: person('Bob', 'Roux'), lines: [{ productId: '3', quantity: 1 }] });
    bridge.world.change('1001', { quantities: { 1: 3 } });
    await bridge.sync();
    await bridge.connect({ refunds: 'report' });
    await bridge.sync();
    expect(invoiced(bridge)).toEqual([['1002', 96], ['1003', 25]]);
    expect(await codes(bridge)).toEqual([['1001', 'record-missing']]);
  });
});

describe.concurrent('a contact that is deleted in Books', () => {
  it('is named by the order that needs it, and made anew with all that was for it after a reconciliation', async ({ expect, onTestFinished }) => {
    const bridge = await connected(onTestFinished, { orders: [{}, { status: 'pending' }] });
    const { bookbridge, integrationId } = bridge;
    await bridge.startImport();
    const [invoice] = booksOf(bridge).invoices;
    for (const path of [`/invoices/${invoice?.invoice_id}`, `/contacts/${invoice?.customer_id}`]) await bridge.zoho.act({ method: 'DELETE', path });
    bridge.world.pay('1002');
    await bridge.sync();
    expect(await codes(bridge)).toEqual([['1002', 'contact-unknown']]);
    await (await startReconcile(bookbridge, { integrationId })).result();
    expect(new Set(await codes(bridge))).toEqual(new Set([['1002', 'contact-unknown'], ['ada.martin@example.com:EUR', 'record-missing'], ['1001', 'record-missing']]));
    await retryAll(bridge);
    await bridge.sync();
    expect(await codes(bridge)).toEqual([]);
    expect(booksOf(bridge).contacts).toHaveLength(1);
    expect(await bridge.differences()).toEqual([]);
  });
});

describe.concurrent('an order that is deleted in the shop', () => {
  it.for([false, true])('leaves its invoice to the bookkeeper (for good: %s)', async (forGood, { expect, onTestFinished }) => {
    const bridge = await connected(onTestFinished, { orders: [{}, {}] });
    await bridge.startImport();
    bridge.world.remove('1001', { forGood });
    expect(byRoute(await callsDuring(bridge.zoho, () => bridge.sync()))).toEqual({});
    expect(invoiced(bridge)).toEqual([['1001', 96], ['1002', 96]]);
    expect(await codes(bridge)).toEqual([]);
  });
});
