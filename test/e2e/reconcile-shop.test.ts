import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startReconcile } from '../../client/commands/reconcile.ts';
import type { ReportFinding } from '../../store/reports.ts';
import { byRoute, callsDuring } from '../support/calls.ts';
import { booksOf, openShop, startShopBridge, type ShopBridge } from '../support/shop-bridge.ts';
import { person, smallShop } from '../support/small-shop.ts';

async function reconcile({ bookbridge, integrationId }: ShopBridge, more: { module?: string; everyField?: boolean } = {}): Promise<ReportFinding[]> {
  const report = await (await startReconcile(bookbridge, { integrationId, ...more })).result();
  return [...await bookbridge.store.reports.findings(report.id)];
}

/** What a person does in Books. */
async function inBooks({ zoho }: ShopBridge, method: 'PUT' | 'POST' | 'DELETE', path: string, json?: object): Promise<void> {
  const reply = await zoho.act({ method, path, ...(json && { json: json as never }) });
  if (reply.status >= 400) throw new Error(`Books answered ${method} ${path} with ${reply.status}: ${JSON.stringify(reply.json)}`);
}

const invoiceSchema = z.object({ invoice_id: z.string(), customer_id: z.string(), reference_number: z.string(), total: z.number(), line_items: z.array(z.json()) });
const noteSchema = z.object({ creditnote_id: z.string(), line_items: z.array(z.looseObject({ rate: z.number() })) });

/** In the order of the shop. */
const orders = [
  {}, { lines: [{ productId: '2', quantity: 3 }], coupons: ['ten'], shipping: [{ name: 'Post', price: '4.90', taxRateIds: ['1'] }] }, { billing: person('Bob', 'Ng') },
  { billing: person('Eve', 'Low'), currency: 'USD' }, { lines: [{ productId: '1', quantity: 3 }] }, { status: 'pending' as const },
];

describe('a reconciliation of a shop', () => {
  let bridge: ShopBridge;
  beforeAll(async () => {
    bridge = await startShopBridge({ data: smallShop(orders), organization: { currencies: [{ currency_code: 'EUR' }, { currency_code: 'USD' }] } });
    bridge.world.refund(orderIds()[4] ?? '', { amount: '10.00', reason: 'Late' });
    await bridge.connect();
    await bridge.startImport();
  });
  afterAll(() => bridge.stop());

  const orderIds = () => bridge.world.orders().map(({ id }) => id);
  async function invoiceOf(orderId: string) {
    const [link] = (await bridge.bookbridge.store.links(bridge.integrationId, [{ side: 'other', resource: 'orders', id: orderId }])).values();
    return invoiceSchema.parse(bridge.zoho.state().invoices.find(({ invoice_id: id }) => id === link?.books.id));
  }

  it('that is equal finds nothing, and costs one call for each listing, because these show the totals', async () => {
    expect(booksOf(bridge).invoices).toHaveLength(5);
    let found: ReportFinding[] | undefined;
    const calls = await callsDuring(bridge.zoho, async () => { found = await reconcile(bridge); });
    expect(found).toEqual([]);
    expect(byRoute(calls)).toEqual({ 'GET /books/v3/contacts': 1, 'GET /books/v3/invoices': 1, 'GET /books/v3/creditnotes': 1 });
    expect(await reconcile(bridge, { everyField: true })).toEqual([]);
  });

  it.each([0, 1, 3, 4])('finds the invoice of order %i whose total was changed in Books, and by how much', async (index) => {
    const orderId = orderIds()[index] ?? '';
    const { invoice_id: id, line_items: lines, total } = await invoiceOf(orderId);
    await inBooks(bridge, 'PUT', `/invoices/${id}`, { line_items: lines, adjustment: 1.5 });
    expect(await reconcile(bridge, { module: 'orders' })).toMatchObject([{
      kind: 'different', record: { resource: 'orders', id: orderId }, partner: { resource: 'invoices', id },
      differences: [{ field: 'total', found: String(total + 1.5), by: '1.5' }, { field: 'adjustment', expected: '0' }],
    }]);
    await inBooks(bridge, 'PUT', `/invoices/${id}`, { line_items: lines, adjustment: 0 });
    expect(await reconcile(bridge, { module: 'orders' })).toEqual([]);
  });

  it('finds a credit note whose total was changed', async () => {
    const { creditnote_id: id, line_items: [line] } = noteSchema.parse(bridge.zoho.state().creditnotes[0]);
    await inBooks(bridge, 'PUT', `/creditnotes/${id}`, { line_items: [{ ...line, rate: 12 }] });
    const [found, ...others] = await reconcile(bridge, { module: 'refunds' });
    expect(others).toEqual([]);
    expect(found).toMatchObject({ kind: 'different', record: { resource: 'refunds' }, partner: { id } });
    expect(found?.differences).toContainEqual(expect.objectContaining({ field: 'total', expected: '10' }));
    await inBooks(bridge, 'PUT', `/creditnotes/${id}`, { line_items: [line] });
    expect(await reconcile(bridge)).toEqual([]);
  });

  it('finds an invoice that somebody made by hand as well', async () => {
    const [orderId = ''] = orderIds();
    const { invoice_id: id, customer_id: customer, reference_number: reference, line_items: lines } = await invoiceOf(orderId);
    await inBooks(bridge, 'POST', '/invoices', { customer_id: customer, reference_number: reference, line_items: lines });
    const { invoice_id: copyId } = invoiceSchema.parse(bridge.zoho.state().invoices.at(-1));
    expect(await reconcile(bridge, { module: 'orders' })).toMatchObject([{
      kind: 'doubled', record: { side: 'books', resource: 'invoices', id: copyId }, partner: { side: 'other', resource: 'orders', id: orderId },
      detail: `has the same reference_number as invoices ${id}: ${reference}`,
    }]);
    await inBooks(bridge, 'DELETE', `/invoices/${copyId}`);
  });

  it('finds an invoice that was deleted in Books, and "retry" has it made anew', async () => {
    const { bookbridge, integrationId } = bridge;
    const [, , orderId = ''] = orderIds();
    const { invoice_id: id } = await invoiceOf(orderId);
    await inBooks(bridge, 'DELETE', `/invoices/${id}`);
    expect(await reconcile(bridge)).toMatchObject([{ module: 'orders', kind: 'missing', missingIn: 'books', code: 'record-missing', record: { id: orderId }, partner: { id } }]);
    await bookbridge.store.operations.retry(integrationId, { by: 'record', id: orderId });
    await bridge.sync();
    expect(await reconcile(bridge)).toEqual([]);
    expect(await bridge.differences()).toEqual([]);
  });

  it('finds an order that was paid since, until the next sync', async () => {
    const orderId = orderIds().at(-1) ?? '';
    bridge.world.pay(orderId);
    expect(await reconcile(bridge, { module: 'orders' })).toMatchObject([{ kind: 'missing', missingIn: 'books', record: { id: orderId } }]);
    await bridge.sync();
    expect(await reconcile(bridge)).toEqual([]);
  });

  it('of two shops of one organization takes no invoice of the one for a copy of the other, whose orders have the same numbers', async ({ onTestFinished }) => {
    const second = await openShop(bridge.installation, smallShop(orders), 'prestashop');
    onTestFinished(() => second.close());
    await second.connect();
    await second.startImport();
    const numbers = booksOf(bridge).invoices.map(({ reference_number: number }) => number);
    expect(new Set(numbers).size).toBeLessThan(numbers.length);
    expect(await reconcile(bridge)).toEqual([]);
    expect(await reconcile({ ...bridge, integrationId: second.integrationId })).toEqual([]);
  });

  it('without automatic sending finds what the shop has changed since an invoice was sent', async () => {
    const [orderId = ''] = orderIds();
    await bridge.connect({ automaticSending: false });
    bridge.world.change(orderId, { addLines: [{ productId: '1', quantity: 1 }] });
    await bridge.sync();
    const [found, ...others] = await reconcile(bridge, { module: 'orders' });
    expect(others).toEqual([]);
    expect(found).toMatchObject({ kind: 'different', record: { id: orderId }, differences: [{ field: 'total', by: '-48' }, {}] });
  });
});
