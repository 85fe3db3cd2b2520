import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { z } from 'zod';
import { loadShopData } from '../../simulators/data/shop.ts';
import type { LogEntry } from '../../simulators/kit/log.ts';
import { paidStatuses } from '../../simulators/shop/world.ts';
import type { RunResult } from '../../workflows/messages.ts';
import { byRoute, callsDuring } from '../support/calls.ts';
import { booksOf, openShop, problemsOf, startShopBridge, type ShopBridge } from '../support/shop-bridge.ts';
import { paidOrder, person, smallShop } from '../support/small-shop.ts';

/** What an initial import looks at once: what there is to choose from, and what was in Books before. */
const lookedAtOnce = {
  'GET /books/v3/settings/taxes': 1, 'GET /books/v3/settings/currencies': 1, 'GET /books/v3/contacts': 1, 'GET /books/v3/invoices': 1,
};

async function imported(onTestFinished: TestContext['onTestFinished'], orders: Parameters<typeof smallShop>[0], settings: Record<string, unknown> = {}): Promise<ShopBridge> {
  const bridge = await startShopBridge({ data: smallShop(orders) });
  onTestFinished(() => bridge.stop());
  await bridge.connect(settings);
  await bridge.startImport();
  return bridge;
}

describe('a shop and Books, from the first import on', () => {
  let bridge: ShopBridge;
  beforeAll(async () => {
    bridge = await startShopBridge({ data: await loadShopData(null) });
    await bridge.connect();
  });
  afterAll(() => bridge.stop());
  const paid = () => bridge.world.orders().filter(({ status }) => paidStatuses.includes(status));

  describe('the initial import', () => {
    let result: RunResult;
    let calls: LogEntry[];
    beforeAll(async () => {
      calls = await callsDuring(bridge.zoho, async () => { result = await bridge.startImport(); });
    });

    it('makes every paid order a draft invoice and every refund a draft credit note, equal to the cent', async () => {
      expect(await bridge.differences()).toEqual([]);
      const { invoices, creditnotes } = booksOf(bridge);
      expect(invoices).toHaveLength(paid().length);
      expect(creditnotes.map(({ status, total, notes }) => [status, total, notes])).toEqual([['draft', 9.99, 'Taille trop petite'], ['draft', 10, 'Retard']]);
      expect(result.counts['orders']).toMatchObject({ added: paid().length });
    });

    it('makes every buyer one contact, however often they bought', () => {
      const buyers = new Set(paid().map(({ billing }) => billing.email.toLowerCase()));
      expect(result.counts['customers']).toEqual({ added: buyers.size });
      expect(booksOf(bridge).contacts.map(({ contact_name: name }) => name)).toEqual(expect.arrayContaining(['Société d\'Événements Éclair', 'Søren Ångström', 'Μαρία Ιωάννου', '李 小龍', 'Библиотека имени Горького']));
      expect(booksOf(bridge).contacts).toHaveLength(buyers.size);
    });

    it('costs one call for each order, each buyer and each refund, beside what is looked at once', () => {
      const { invoices, contacts, creditnotes } = booksOf(bridge);
      expect(byRoute(calls)).toEqual({
        ...lookedAtOnce, 'GET /books/v3/creditnotes': 1, 'PUT /books/v3/contacts': contacts.length, 'PUT /books/v3/invoices': invoices.length, 'PUT /books/v3/creditnotes': creditnotes.length,
      });
    });
  });

  it('an idle sync costs Books no call, and the shop one for its orders and one for its bin', async () => {
    let inShop: LogEntry[] = [];
    const calls = await callsDuring(bridge.zoho, async () => {
      inShop = await callsDuring(bridge.simulator, () => bridge.sync());
    });
    expect(byRoute(calls)).toEqual({});
    expect(byRoute(inShop)).toEqual({ 'GET /wp-json/wc/v3/orders': 2 });
  });

  it('a new order of a buyer who is known costs one call, and one of somebody new two', async () => {
    const known = await callsDuring(bridge.zoho, async () => {
      bridge.world.place({ status: 'processing', customerId: '21', lines: [{ productId: '11', quantity: 2 }] });
      await bridge.sync();
    });
    expect(byRoute(known)).toEqual({ 'PUT /books/v3/invoices': 1 });
    const unknown = await callsDuring(bridge.zoho, async () => {
      bridge.world.place({ status: 'processing', billing: person('Ada', 'Martin'), lines: [{ productId: '12', quantity: 1 }] });
      await bridge.sync();
    });
    expect(byRoute(unknown)).toEqual({ 'PUT /books/v3/contacts': 1, 'PUT /books/v3/invoices': 1 });
    expect(await bridge.differences()).toEqual([]);
  });

  it('an order that is paid long after it was placed is found by the next sync', async () => {
    const late = bridge.world.orders().filter(({ status }) => status === 'on-hold' || status === 'pending');
    expect(late.length).toBeGreaterThan(1);
    for (const { id } of late) bridge.world.pay(id);
    const calls = await callsDuring(bridge.zoho, () => bridge.sync());
    expect(byRoute(calls)).toEqual({ 'PUT /books/v3/invoices': late.length });
    expect(await bridge.differences()).toEqual([]);
    expect(booksOf(bridge).invoices.map(({ date }) => date)).toEqual(expect.arrayContaining(['2026-10-05', '2026-10-06']));
  });
});

describe.concurrent('an order that changes', () => {
  it('is written again in one call, after one that looks whether it is still a draft', async ({ expect, onTestFinished }) => {
    const bridge = await imported(onTestFinished, [{}]);
    bridge.world.change('1001', { quantities: { 1: 5 }, addFees: [{ name: 'Wrapping', price: '2.50', taxRateIds: ['1'] }] });
    const calls = await callsDuring(bridge.zoho, () => bridge.sync());
    expect(byRoute(calls)).toEqual({ 'GET /books/v3/invoices/:id': 1, 'PUT /books/v3/invoices/:id': 1 });
    expect(booksOf(bridge).invoices).toMatchObject([{ total: 243, status: 'draft', line_items: [{ name: 'Lamp', quantity: 5, rate: 40 }, { name: 'Wrapping', rate: 2.5 }] }]);
    expect(await bridge.differences()).toEqual([]);
  });

  it('in something that is not on the invoice costs Books no call', async ({ expect, onTestFinished }) => {
    const bridge = await imported(onTestFinished, [{}]);
    bridge.world.change('1001', { note: 'Ring twice', status: 'completed' });
    expect(byRoute(await callsDuring(bridge.zoho, () => bridge.sync()))).toEqual({});
  });

  it('after its invoice was sent leaves the invoice as it is, and is reported', async ({ expect, onTestFinished }) => {
    const bridge = await imported(onTestFinished, [{}]);
    const [before] = booksOf(bridge).invoices;
    await bridge.zoho.act({ method: 'POST', path: `/invoices/${before?.invoice_id}/status/sent` });
    bridge.world.change('1001', { quantities: { 1: 1 } });
    const calls = await callsDuring(bridge.zoho, () => bridge.sync());
    expect(byRoute(calls)).toEqual({ 'GET /books/v3/invoices/:id': 1 });
    expect(booksOf(bridge).invoices).toMatchObject([{ total: 96, line_items: [{ quantity: 2 }] }]);
    expect(await problemsOf(bridge)).toMatchObject([{
      module: 'orders', id: '1001', code: 'document-locked', detail: expect.stringMatching(/; it differs in line_items; total 96 instead of 48(\.00)?$/),
    }]);
  });

  it('loses a line, and gets another shipping and a fee below zero, and its invoice still comes to the same total', async ({ expect, onTestFinished }) => {
    const bridge = await imported(onTestFinished, [{ lines: [{ productId: '1', quantity: 1 }, { productId: '2', quantity: 3 }], coupons: ['ten'], shipping: [{ name: 'Post', price: '4.99', taxRateIds: ['1'] }] }]);
    bridge.world.change('1001', { quantities: { 2: 0 }, addShipping: [{ name: 'By hand', price: '9.05', taxRateIds: ['1'] }], addFees: [{ name: 'Sorry', price: '-3.33', taxRateIds: [] }] });
    await bridge.sync();
    expect(await bridge.differences()).toEqual([]);
    expect(await problemsOf(bridge)).toEqual([]);
  });
});

describe.concurrent('money that is given back', () => {
  /** Of two orders that were invoiced one was given back in part, and one whole. */
  const refunded = async (onTestFinished: TestContext['onTestFinished'], refunds: 'credit-note' | 'void' | 'report') => {
    const bridge = await imported(onTestFinished, [{}, {}], { refunds });
    bridge.world.refund('1001', { lines: [{ lineId: '1', quantity: 1 }], reason: 'Broken' });
    bridge.world.refund('1002', { reason: 'Not wanted' });
    const calls = await callsDuring(bridge.zoho, () => bridge.sync());
    return { bridge, calls };
  };

  it('is a draft credit note each, and the invoices stay', async ({ expect, onTestFinished }) => {
    const { bridge, calls } = await refunded(onTestFinished, 'credit-note');
    expect(byRoute(calls)).toEqual({ 'PUT /books/v3/creditnotes': 2 });
    expect(booksOf(bridge).creditnotes).toMatchObject([
      { total: 48, status: 'draft', reference_number: '1001', notes: 'Broken', customer_name: 'Ada Martin', line_items: [{ name: 'Lamp', quantity: 1, rate: 40 }] },
      { total: 96, status: 'draft', reference_number: '1002', notes: 'Not wanted' },
    ]);
    expect(booksOf(bridge).invoices.map(({ status, total }) => [status, total])).toEqual([['draft', 96], ['draft', 96]]);
    expect(byRoute(await callsDuring(bridge.zoho, () => bridge.sync()))).toEqual({});
  });

  it('voids the invoice of what was given back whole, and reports what was given back in part', async ({ expect, onTestFinished }) => {
    const { bridge } = await refunded(onTestFinished, 'void');
    expect(booksOf(bridge).creditnotes).toEqual([]);
    expect(booksOf(bridge).invoices.map(({ reference_number: number, status }) => [number, status])).toEqual([['1001', 'draft'], ['1002', 'void']]);
    const { store } = bridge.bookbridge;
    const history = await store.operations.history(bridge.integrationId, { module: 'refunds', limit: 10 });
    expect(new Set(history.map(({ code }) => code))).toEqual(new Set(['refund-partial', 'refund-voided']));
    expect(byRoute(await callsDuring(bridge.zoho, () => bridge.sync()))).toEqual({});
  });

  it('is only told in the history where the settings say so', async ({ expect, onTestFinished }) => {
    const { bridge, calls } = await refunded(onTestFinished, 'report');
    expect(byRoute(calls)).toEqual({});
    expect(booksOf(bridge).invoices.map(({ status }) => status)).toEqual(['draft', 'draft']);
    const history = await bridge.bookbridge.store.operations.history(bridge.integrationId, { module: 'refunds', limit: 10 });
    expect(new Set(history.map(({ code, detail }) => `${code}: ${detail}`))).toEqual(new Set(['refund-reported: 48 of the order 1001: Broken', 'refund-reported: 96 of the order 1002: Not wanted']));
  });
});

describe.concurrent('an order that is cancelled after it was invoiced', () => {
  it.for(['credit-note', 'report'] as const)('is reported to a person by the setting "%s" for as long as its invoice stands', async (refunds, { expect, onTestFinished }) => {
    const bridge = await imported(onTestFinished, [{}], { refunds });
    bridge.world.cancel('1001');
    expect(byRoute(await callsDuring(bridge.zoho, () => bridge.sync()))).toEqual({ 'GET /books/v3/invoices/:id': 1 });
    expect(await problemsOf(bridge)).toMatchObject([{ id: '1001', code: 'order-cancelled' }]);
    const [invoice] = booksOf(bridge).invoices;
    expect(invoice).toMatchObject({ status: 'draft', total: 96 });
    await bridge.zoho.act({ method: 'POST', path: `/invoices/${invoice?.invoice_id}/status/void` });
    await bridge.bookbridge.store.operations.retry(bridge.integrationId, { by: 'all' });
    await bridge.sync();
    expect(await problemsOf(bridge)).toEqual([]);
  });

  it('and one that is not paid any more is reported too, for as long as its invoice stands', async ({ expect, onTestFinished }) => {
    const bridge = await imported(onTestFinished, [{}]);
    bridge.world.change('1001', { status: 'on-hold' });
    await bridge.sync();
    expect(await problemsOf(bridge)).toMatchObject([{ id: '1001', code: 'document-stale', detail: 'the invoice INV-000001 stands (draft), but the order has the status on-hold' }]);
    bridge.world.pay('1001');
    await bridge.sync();
    expect(await problemsOf(bridge)).toEqual([]);
  });

  it('and was sent and put right by hand is in step again', async ({ expect, onTestFinished }) => {
    const bridge = await imported(onTestFinished, [{}]);
    const [invoice] = booksOf(bridge).invoices;
    const path = `/invoices/${invoice?.invoice_id}`;
    await bridge.zoho.act({ method: 'POST', path: `${path}/status/sent` });
    bridge.world.change('1001', { quantities: { [bridge.world.order('1001')?.lines[0]?.id ?? '']: 3 } });
    await bridge.sync();
    expect(await problemsOf(bridge)).toMatchObject([{ id: '1001', code: 'document-locked' }]);
    const [line] = z.array(z.looseObject({})).parse(bridge.zoho.state().invoices[0]?.['line_items']);
    await bridge.zoho.act({ method: 'PUT', path, json: { customer_id: invoice?.customer_id ?? '', line_items: [{ ...line, quantity: 3 }] } });
    await bridge.bookbridge.store.operations.retry(bridge.integrationId, { by: 'all' });
    await bridge.sync();
    expect(await problemsOf(bridge)).toEqual([]);
    expect(booksOf(bridge).invoices).toMatchObject([{ total: 144 }]);
  });

  it('has its invoice voided by the setting "void", draft or sent', async ({ expect, onTestFinished }) => {
    const bridge = await imported(onTestFinished, [{}, {}], { refunds: 'void' });
    const [, second] = booksOf(bridge).invoices;
    await bridge.zoho.act({ method: 'POST', path: `/invoices/${second?.invoice_id}/status/sent` });
    for (const id of ['1001', '1002']) bridge.world.cancel(id);
    await bridge.sync();
    expect(booksOf(bridge).invoices.map(({ status }) => status)).toEqual(['void', 'void']);
    expect(await problemsOf(bridge)).toEqual([]);
    expect(byRoute(await callsDuring(bridge.zoho, () => bridge.sync()))).toEqual({});
  });

  it('without having been invoiced never gets an invoice', async ({ expect, onTestFinished }) => {
    const bridge = await imported(onTestFinished, [{ status: 'pending' }]);
    bridge.world.cancel('1001');
    await bridge.sync();
    expect(booksOf(bridge)).toMatchObject({ invoices: [], contacts: [] });
  });
});

describe('two shops of one organization', () => {
  it('with the same numbers for other orders share the calls of Books, and mix nothing up', async ({ onTestFinished }) => {
    const windowMs = 1_000;
    const bridge = await startShopBridge({
      data: smallShop(Array.from({ length: 12 }, (_, index) => ({ billing: person('Ada', `Martin ${index}`, { email: `ada-${index}@example.com` }) }))),
      zoho: { limits: { minute: { calls: 20, windowMs }, block: null, concurrent: null } },
    });
    onTestFinished(() => bridge.stop());
    const second = await openShop(bridge.installation, smallShop(Array.from({ length: 12 }, (_, index) => ({
      lines: [{ productId: '2', quantity: index + 1 }], billing: person('Bob', `Roux ${index}`, { email: `bob-${index}@example.com` }),
    }))), 'prestashop');
    onTestFinished(() => second.close());
    const limits = { limits: { minute: { calls: 20, windowMs } } };
    await bridge.connect({}, limits);
    await second.connect({}, limits);
    await Promise.all([bridge.startImport(), second.startImport()]);
    expect(bridge.zoho.summary().limited).toBe(0);
    expect(bridge.world.orders().map(({ number }) => number)).toEqual(second.world.orders().map(({ number }) => number));
    expect(booksOf(bridge).invoices).toHaveLength(24);
    expect(await bridge.differences()).toEqual([]);
    expect(await second.differences()).toEqual([]);
    bridge.world.change('1003', { quantities: { 3: 9 } });
    second.world.place(paidOrder({ lines: [{ productId: '3', quantity: 1 }] }));
    await Promise.all([bridge.sync(), second.sync()]);
    expect(await bridge.differences()).toEqual([]);
    expect(await second.differences()).toEqual([]);
    expect(bridge.zoho.summary().limited).toBe(0);
  });
});
