import { describe, it, type TestContext } from 'vitest';
import { z } from 'zod';
import { startReconcile } from '../../client/commands/reconcile.ts';
import { readBooks } from '../../scripts/simulated.ts';
import type { DataSet } from '../../simulators/data/index.ts';
import { startBridge, type Bridge } from '../support/bridge.ts';
import { byRoute, callsDuring } from '../support/calls.ts';
import { generatedData } from '../support/generated-data.ts';
import { unlimited } from '../support/limits.ts';
import { until } from '../support/until.ts';

async function imported(onTestFinished: TestContext['onTestFinished'], options: Parameters<typeof startBridge>[0] = {}): Promise<Bridge> {
  const bridge = await startBridge(options);
  onTestFinished(() => bridge.stop());
  await bridge.connect({}, unlimited);
  await bridge.startImport();
  return bridge;
}

/** The loaners are still out. */
function notCompleted(data: DataSet): DataSet {
  return { ...data, hector: { ...data.hector, loaners: data.hector.loaners.map((loaner) => ({ ...loaner, completed: false, returnedAt: null })) } };
}

const booksOf = ({ zoho, dataSet }: Bridge) => readBooks(zoho.url, dataSet.books.organization.id);

async function invoiceOf(bridge: Bridge, loanerNumber: string) {
  const { invoices } = await booksOf(bridge);
  const found = invoices.filter(({ reference_number: reference }) => reference === loanerNumber);
  if (found[0] === undefined || found.length > 1) throw new Error(`${loanerNumber} has ${found.length} invoices`);
  return found[0];
}

const contactsSchema = z.array(z.object({ contact_id: z.string(), contact_name: z.string(), website: z.string().optional(), billing_address: z.object({ city: z.string() }) }));

function contactNamed({ zoho }: Bridge, name: string) {
  const found = contactsSchema.parse(zoho.state().contacts).find(({ contact_name: contactName }) => contactName === name);
  if (!found) throw new Error(`no contact ${name}`);
  return found;
}

async function itemId(bridge: Bridge, name: string): Promise<string> {
  const found = (await booksOf(bridge)).items.find((item) => item.name === name);
  if (!found) throw new Error(`no item ${name}`);
  return found.item_id;
}

/** The descriptions of the parts that came from Books. */
async function partNames(bridge: Bridge): Promise<unknown[]> {
  const { data } = await bridge.inHector('GET', '/parts?limit=200');
  return z.array(z.looseObject({ description: z.string() })).parse(data).map(({ description }) => description);
}

const problems = ({ bookbridge, integrationId }: Bridge) => bookbridge.store.operations.problems(integrationId, { limit: 100 });

describe.concurrent('what changes in Hector', () => {
  it('is written field by field, and leaves alone what people changed in Books, also inside of an address', async ({ expect, onTestFinished }) => {
    const bridge = await imported(onTestFinished);
    const [customer] = bridge.dataSet.hector.customers;
    const name = customer?.name ?? '';
    const { contact_id: id } = contactNamed(bridge, name);
    const shown = () => z.looseObject({ billing_address: z.looseObject({}) }).parse(bridge.zoho.state().contacts.find((contact) => contact['contact_id'] === id));
    const address = { ...shown().billing_address, phone: '+33 1 23' };
    await bridge.zoho.act({ method: 'PUT', path: `/contacts/${id}`, json: { company_name: 'Their own words', billing_address: address } });
    await bridge.inHector('PATCH', `/customers/${customer?.id}`, { billingAddress: { ...customer?.billingAddress, city: 'Lyon' } });
    const calls = await callsDuring(bridge.zoho, () => bridge.sync());
    // Books replaces an address as a whole, so it is read before it is changed.
    expect(byRoute(calls)).toEqual({ 'GET /books/v3/contacts/:id': 1, 'PUT /books/v3/contacts/:id': 1, 'GET /books/v3/items': 1 });
    expect(shown()).toMatchObject({ company_name: 'Their own words', billing_address: { ...address, city: 'Lyon' } });
  });

  it('while its pages are being read is not lost', async ({ expect, onTestFinished }) => {
    const bridge = await imported(onTestFinished, { data: await generatedData({ customers: 450 }) });
    for (let index = 0; index < 450; index += 1) await bridge.inHector('PATCH', `/customers/g-${index}`, { phone: `+33 ${index}` });
    bridge.hector.faults.add({ route: 'GET /api/v1/customers', kind: 'slow', delayMs: 300 });
    const listings = () => bridge.hector.summary().byRoute['GET /api/v1/customers'] ?? 0;
    const before = listings();
    const syncing = bridge.sync();
    await until(() => listings() > before);
    // The first page has been read, with these two on it.
    await bridge.inHector('PATCH', '/customers/g-0', { name: 'Renamed while page 2 was read' });
    await bridge.inHector('DELETE', '/customers/g-1');
    await syncing;
    await bridge.sync();
    const names = (await booksOf(bridge)).contacts.map(({ contact_name: name }) => name);
    expect(names).toContain('Renamed while page 2 was read');
    expect(names).toHaveLength(450);
    const history = await bridge.bookbridge.store.operations.history(bridge.integrationId, { recordId: 'g-1', limit: 10 });
    expect(history.map(({ outcome }) => outcome)).toContain('deleted');
  });

  it('for many records at one moment is read whole', async ({ expect, onTestFinished }) => {
    const bridge = await imported(onTestFinished, { data: notCompleted(await generatedData({ customers: 3, loaners: 450 })) });
    await bridge.makeLoaners();
    const { data } = await bridge.inHector('GET', '/loaners?limit=200');
    const moments = z.array(z.looseObject({ updatedAt: z.string() })).parse(data).map(({ updatedAt }) => updatedAt);
    expect(new Set(moments).size).toBeLessThan(100);
    const { counts } = await bridge.sync();
    expect(counts['loaners']).toEqual({ skipped: 450 });
  });

  it('is reported where its invoice is in another currency, and again until it is not', async ({ expect, onTestFinished }) => {
    const currencies = [{ currency_code: 'JPY', price_precision: 2, exchange_rate: 0.006 }];
    const bridge = await imported(onTestFinished, { data: await generatedData({ customers: 1, loaners: 1 }), organization: { currencies } });
    const { contact_id: id } = contactNamed(bridge, 'Customer 00000');
    const idOf = (code: string) => bridge.zoho.state().currencies.find((currency) => currency['currency_code'] === code)?.['currency_id'] ?? '';
    await bridge.zoho.act({ method: 'PUT', path: `/contacts/${id}`, json: { currency_id: idOf('JPY') } });
    await bridge.makeLoaners();
    const retry = () => bridge.bookbridge.store.operations.retry(bridge.integrationId, { by: 'all' });
    for (const isAgain of [false, true]) {
      if (isAgain) await retry();
      await bridge.sync();
      expect(await problems(bridge)).toMatchObject([{ id: 'gl-0', code: 'currency-unknown', detail: expect.stringMatching(/^invoices \d+ is in JPY, and its amounts are in EUR$/) as unknown }]);
    }
    const invoice = await invoiceOf(bridge, 'GL-0');
    await bridge.zoho.act({ method: 'DELETE', path: `/invoices/${invoice.invoice_id}` });
    await bridge.zoho.act({ method: 'PUT', path: `/contacts/${id}`, json: { currency_id: idOf('EUR') } });
    await retry();
    await bridge.sync();
    await retry();
    await bridge.sync();
    expect(await problems(bridge)).toEqual([]);
    expect(await invoiceOf(bridge, 'GL-0')).toMatchObject({ status: 'draft', sub_total: '1.25' });
  });

  it('makes an invoice once a loaner is completed', async ({ expect, onTestFinished }) => {
    const bridge = await imported(onTestFinished, { data: notCompleted(await generatedData({ customers: 2, loaners: 1 })) });
    await bridge.makeLoaners();
    await bridge.sync();
    expect((await booksOf(bridge)).invoices).toEqual([]);
    const completed = bridge.dataSet.hector.statuses.find(({ state }) => state === 'completed');
    await bridge.inHector('PATCH', '/loaners/gl-0', { statusId: completed?.id, returnedAt: '2026-10-06T10:00:00+02:00' });
    await bridge.sync();
    expect(await invoiceOf(bridge, 'GL-0')).toMatchObject({ status: 'draft', line_items: [{ name: 'Item 00000', quantity: '1', rate: '1.25' }] });
  });

  it('bills a part that was deleted after it was lent as it was lent', async ({ expect, onTestFinished }) => {
    const bridge = await imported(onTestFinished, { data: await generatedData({ customers: 1, items: 1 }) });
    const [part] = z.array(z.looseObject({ id: z.string() })).parse((await bridge.inHector('GET', '/parts?limit=200'))['data']);
    await bridge.inHector('PATCH', `/parts/${part?.id}`, { attributes: { calculation_type: 'By hour' } });
    await bridge.sync();
    await bridge.inHector('POST', '/loaners', {
      number: 'L-9', customerId: 'g-0', stockroomId: bridge.dataSet.settings.stockroomId, statusId: bridge.dataSet.hector.statuses.find(({ state }) => state === 'completed')?.id,
      lines: [{ id: 'l', kind: 'part', itemId: part?.id, description: 'Item 00000', quantity: 1 }],
      plannedStartAt: '2026-10-05T09:00:00Z', plannedEndAt: '2026-10-05T18:00:00Z', startedAt: '2026-10-05T09:00:00Z', returnedAt: '2026-10-05T18:00:00Z',
    });
    await bridge.inHector('DELETE', `/parts/${part?.id}`);
    await bridge.sync();
    expect(await invoiceOf(bridge, 'L-9')).toMatchObject({ line_items: [{ name: 'Item 00000', quantity: '9' }] });
  });

  it('bills what was lent with a part that was made anew since, with the item that both are', async ({ expect, onTestFinished }) => {
    const bridge = await imported(onTestFinished, { data: await generatedData({ customers: 1, items: 2 }) });
    const { bookbridge: { store }, integrationId } = bridge;
    const parts = async () => z.array(z.looseObject({ id: z.string(), description: z.string() })).parse((await bridge.inHector('GET', '/parts?limit=200'))['data']);
    const [old, other] = await parts();
    const statusOf = (isCompleted: boolean) => bridge.dataSet.hector.statuses.find(({ state }) => (state === 'completed') === isCompleted)?.id;
    const lend = async (number: string, isCompleted: boolean, ...partIds: (string | undefined)[]) => z.object({ id: z.string() }).parse(await bridge.inHector('POST', '/loaners', {
      number, customerId: 'g-0', stockroomId: bridge.dataSet.settings.stockroomId, statusId: statusOf(isCompleted), plannedStartAt: '2026-10-05T09:00:00Z', returnedAt: '2026-10-05T18:00:00Z',
      lines: partIds.map((itemId, index) => ({ id: `l-${index}`, kind: 'part', itemId, description: 'as lent', quantity: index + 1 })),
    })).id;
    const out = await lend('L-OUT', false, old?.id, other?.id);
    const invoiced = await lend('L-INVOICED', true, old?.id);
    await bridge.inHector('PATCH', `/parts/${old?.id}`, { attributes: { calculation_type: 'By hour' } });
    await bridge.sync();

    const item = await itemId(bridge, old?.description ?? '');
    await bridge.inHector('DELETE', `/parts/${old?.id}`);
    await bridge.zoho.act({ method: 'PUT', path: `/items/${item}`, json: { name: 'Lamp' } });
    await bridge.sync();
    expect(await problems(bridge)).toMatchObject([{ id: item, code: 'record-missing' }]);
    await store.operations.retry(integrationId, { by: 'all' });
    // Completed before the part is there again, and after it.
    await lend('L-BETWEEN', true, old?.id);
    await bridge.sync();
    const anew = (await parts()).find(({ description }) => description === 'Lamp');
    await bridge.inHector('PATCH', `/loaners/${out}`, { statusId: statusOf(true) });
    await bridge.inHector('PATCH', `/loaners/${invoiced}`, { notes: 'Thank you' });
    await lend('L-ANEW', true, anew?.id, old?.id);
    expect((await bridge.sync()).counts['loaners']).toMatchObject({ added: 2, updated: 1 });

    const lines = async (number: string) => (await invoiceOf(bridge, number)).line_items.map(({ name, quantity }) => `${quantity} ${name}`);
    expect(await problems(bridge)).toEqual([]);
    expect(await lines('L-OUT')).toEqual(['9 Lamp', `2 ${other?.description}`]);
    expect(await lines('L-INVOICED')).toEqual([`9 ${old?.description}`]);
    expect(await lines('L-BETWEEN')).toEqual(['9 Lamp']);
    expect(await lines('L-ANEW')).toEqual(['1 Lamp', '18 Lamp']);
    const report = await (await startReconcile(bridge.bookbridge, { integrationId })).result();
    expect(await store.reports.findings(report.id)).toEqual([]);
  });

  it('changes the draft of an edited loaner and leaves a sent invoice alone, showing the difference', async ({ expect, onTestFinished }) => {
    const bridge = await imported(onTestFinished, { data: await generatedData({ customers: 2, loaners: 2 }) });
    await bridge.makeLoaners();
    await bridge.sync();
    const sent = await invoiceOf(bridge, 'GL-1');
    await bridge.zoho.act({ method: 'POST', path: `/invoices/${sent.invoice_id}/status/sent` });
    for (const id of ['gl-0', 'gl-1']) {
      const { lines } = await bridge.inHector('GET', `/loaners/${id}`);
      await bridge.inHector('PATCH', `/loaners/${id}`, { lines: z.array(z.looseObject({})).parse(lines).map((line) => ({ ...line, quantity: 7 })) });
    }
    const { counts } = await bridge.sync();
    expect(counts['loaners']).toMatchObject({ updated: 1, failed: 1 });
    expect(await invoiceOf(bridge, 'GL-0')).toMatchObject({ status: 'draft', sub_total: '8.75', line_items: [{ quantity: '7' }] });
    expect(await invoiceOf(bridge, 'GL-1')).toEqual({ ...sent, status: expect.stringMatching(/^(sent|overdue)$/) as unknown });
    const status = (await invoiceOf(bridge, 'GL-1')).status;
    expect(await problems(bridge)).toMatchObject([{
      id: 'gl-1', code: 'document-locked', detail: `the invoice ${sent.invoice_number} is ${status}; it differs in line_items; sub_total 4.5 instead of 15.75`,
    }]);
  });

  it('mends what waited: the second of two customers of one name, and with it its loaners', async ({ expect, onTestFinished }) => {
    const data = await generatedData({ customers: 3, loaners: 6 });
    const twins = { ...data, hector: { ...data.hector, customers: data.hector.customers.map((customer, index) => (index < 2 ? { ...customer, name: 'IT' } : customer)) } };
    // One at a time, so that the first has the name.
    const bridge = await imported(onTestFinished, { data: twins, config: { lanes: 1 } });
    await bridge.makeLoaners();
    await bridge.sync();
    expect(await problems(bridge)).toMatchObject([
      { id: 'g-1', code: 'name-collision', state: 'failed' },
      { id: 'gl-1', code: 'reference-missing', state: 'waiting' },
      { id: 'gl-4', code: 'reference-missing', state: 'waiting' },
    ]);
    expect(await bridge.differences()).toEqual([]);
    await bridge.inHector('PATCH', '/customers/g-1', { name: 'IT Milano' });
    const { counts } = await bridge.sync();
    expect(counts).toMatchObject({ customers: { added: 1 }, loaners: { added: 2 } });
    expect(await invoiceOf(bridge, 'GL-1')).toMatchObject({ customer_name: 'IT Milano' });
    expect(await invoiceOf(bridge, 'GL-4')).toMatchObject({ customer_name: 'IT Milano' });
    expect(await problems(bridge)).toEqual([]);
  });
});

describe.concurrent('what changes in Books', () => {
  it('renames the part, with one call, and leaves alone what people set in Hector', async ({ expect, onTestFinished }) => {
    const bridge = await imported(onTestFinished, { data: await generatedData({ customers: 1, items: 3 }) });
    const parts = z.array(z.looseObject({ id: z.string() })).parse((await bridge.inHector('GET', '/parts?limit=200'))['data']);
    for (const { id } of parts) await bridge.inHector('PATCH', `/parts/${id}`, { attributes: { calculation_type: 'By day' } });
    await bridge.zoho.act({ method: 'PUT', path: `/items/${await itemId(bridge, 'Item 00001')}`, json: { name: 'Dome tent' } });
    const calls = await callsDuring(bridge.hector, () => bridge.sync());
    expect(byRoute(calls)).toMatchObject({ 'PATCH /api/v1/parts/:id': 1 });
    expect(await partNames(bridge)).toEqual(expect.arrayContaining(['Item 00000', 'Dome tent', 'Item 00002']));
    const after = z.array(z.looseObject({ attributes: z.looseObject({}) })).parse((await bridge.inHector('GET', '/parts?limit=200'))['data']);
    expect(after.map(({ attributes }) => attributes)).toEqual(Array.from({ length: 3 }, () => ({ calculation_type: 'By day' })));
  });

  it('shows on the next invoice where it is a price, and changes none that is there', async ({ expect, onTestFinished }) => {
    const bridge = await imported(onTestFinished, { data: await generatedData({ customers: 1, items: 1, loaners: 2 }) });
    await bridge.makeLoaners(1);
    await bridge.sync();
    await bridge.zoho.act({ method: 'PUT', path: `/items/${await itemId(bridge, 'Item 00000')}`, json: { rate: 9.99 } });
    await bridge.makeLoaners(1);
    await bridge.sync();
    expect(await invoiceOf(bridge, 'GL-0')).toMatchObject({ line_items: [{ rate: '1.25' }] });
    expect(await invoiceOf(bridge, 'GL-1')).toMatchObject({ line_items: [{ rate: '9.99' }] });
    await bridge.inHector('PATCH', '/loaners/gl-0', { notes: 'Back early' });
    expect((await bridge.sync()).counts['loaners']).toMatchObject({ updated: 1 });
    expect(await invoiceOf(bridge, 'GL-0')).toMatchObject({ line_items: [{ rate: '1.25' }] });
  });

  it('is noticed where an item is deleted, and the part stays for the loaners that name it', async ({ expect, onTestFinished }) => {
    const bridge = await imported(onTestFinished, { data: await generatedData({ customers: 1, items: 3 }) });
    await bridge.zoho.act({ method: 'DELETE', path: `/items/${await itemId(bridge, 'Item 00001')}` });
    const calls = await callsDuring(bridge.zoho, async () => expect((await bridge.sync()).counts['items']).toMatchObject({ deleted: 1 }));
    expect(byRoute(calls)).toEqual({ 'GET /books/v3/items': 1, 'GET /books/v3/items/:id': 1 });
    expect(await partNames(bridge)).toContain('Item 00001');
    const again = await callsDuring(bridge.zoho, () => bridge.sync());
    expect(byRoute(again)).toEqual({ 'GET /books/v3/items': 1 });
  });

  it('is not taken for a deletion where pages shift while they are read', async ({ expect, onTestFinished }) => {
    const bridge = await imported(onTestFinished, { data: await generatedData({ customers: 1, items: 450 }) });
    const first = await itemId(bridge, 'Item 00000');
    bridge.zoho.faults.add({ route: 'GET /books/v3/items', kind: 'slow', delayMs: 300 });
    const listings = () => bridge.zoho.summary().byRoute['GET /books/v3/items'] ?? 0;
    const before = listings();
    const syncing = bridge.sync();
    await until(() => listings() > before);
    // What was the first item of page 2 is now the last of page 1, which has been read.
    await bridge.zoho.act({ method: 'DELETE', path: `/items/${first}` });
    expect((await syncing).counts['items']).not.toHaveProperty('deleted');
    const { counts } = await bridge.sync();
    expect(counts['items']).toMatchObject({ deleted: 1 });
    const history = await bridge.bookbridge.store.operations.history(bridge.integrationId, { module: 'items', limit: 1_000 });
    expect(history.filter(({ outcome }) => outcome === 'deleted').map(({ recordId }) => recordId)).toEqual([first]);
  });
});
