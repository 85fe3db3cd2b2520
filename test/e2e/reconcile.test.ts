import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startReconcile } from '../../client/commands/reconcile.ts';
import type { Report, ReportFinding } from '../../store/reports.ts';
import { startBridge, type Bridge } from '../support/bridge.ts';
import { byRoute, callsDuring } from '../support/calls.ts';

type Found = { readonly report: Report; readonly findings: readonly ReportFinding[] };

async function reconcile({ bookbridge, integrationId }: Bridge, more: { module?: string; everyField?: boolean } = {}): Promise<Found> {
  const report = await (await startReconcile(bookbridge, { integrationId, ...more })).result();
  return { report, findings: await bookbridge.store.reports.findings(report.id) };
}

/** What a person does in Books. */
async function inBooks({ zoho, dataSet }: Bridge, method: 'PUT' | 'POST' | 'DELETE', path: string, json?: object): Promise<Record<string, unknown>> {
  const reply = await zoho.act({ method, path, organizationId: dataSet.books.organization.id, ...(json && { json: json as never }) });
  if (reply.status >= 400) throw new Error(`Books answered ${method} ${path} with ${reply.status}: ${JSON.stringify(reply.json)}`);
  return reply.json as Record<string, unknown>;
}

async function linkedInvoice({ bookbridge, integrationId }: Bridge, loanerId: string): Promise<string> {
  const links = await bookbridge.store.links(integrationId, [{ side: 'other', resource: 'loaners', id: loanerId }]);
  const [link] = links.values();
  if (!link) throw new Error(`loaner ${loanerId} has no invoice`);
  return link.books.id;
}

describe('a reconciliation', () => {
  let bridge: Bridge;
  /** Loaners that have an invoice. */
  let invoiced: string[];
  beforeAll(async () => {
    bridge = await startBridge();
    await bridge.connect();
    await bridge.startImport();
    await bridge.makeLoaners();
    await bridge.sync();
    const history = await bridge.bookbridge.store.operations.history(bridge.integrationId, { module: 'loaners', limit: 200 });
    invoiced = history.filter(({ outcome }) => outcome === 'added').map(({ recordId }) => recordId).sort();
  });
  afterAll(() => bridge.stop());

  it('of equal systems finds nothing, and costs one call per page and invoice', async () => {
    let found: Found | undefined;
    const calls = await callsDuring(bridge.zoho, async () => { found = await reconcile(bridge); });
    expect(found?.findings).toEqual([]);
    expect(found?.report).toMatchObject({
      state: 'completed',
      counts: {
        customers: { equal: bridge.dataSet.hector.customers.length, found: {} }, items: { equal: bridge.dataSet.books.items.length, found: {} },
        loaners: { equal: invoiced.length, found: {} },
      },
    });
    const routes = Object.entries(byRoute(calls)).filter(([route]) => !route.startsWith('GET /books/v3/invoices/'));
    expect(Object.fromEntries(routes)).toEqual({ 'GET /books/v3/contacts': 1, 'GET /books/v3/items': 1, 'GET /books/v3/invoices': 1 });
    expect(calls.length).toBe(3 + invoiced.length);
  });

  it('reads every field of every record where that is wanted', async () => {
    const { report, findings } = await reconcile(bridge, { module: 'customers', everyField: true });
    expect(findings).toEqual([]);
    expect(Object.keys(report.counts)).toEqual(['customers']);
  });

  it('waits out a limit, and comes to the same', async () => {
    const quota = `zoho-books:${bridge.dataSet.books.organization.id}`;
    await bridge.bookbridge.store.quotas.configure(quota, { minute: { calls: 5, windowMs: 1_000 } });
    const { findings } = await reconcile(bridge);
    await bridge.bookbridge.store.quotas.configure(quota, {});
    expect(findings).toEqual([]);
  });

  it('asks again only for the invoice that cannot be had, and waits for it', async () => {
    const invoiceId = await linkedInvoice(bridge, invoiced.at(-1) ?? '');
    bridge.zoho.faults.add({ route: `GET /books/v3/invoices/${invoiceId}`, kind: 'error-before', times: 3 });
    let found: Found | undefined;
    const calls = await callsDuring(bridge.zoho, async () => { found = await reconcile(bridge, { module: 'loaners' }); });
    expect(found?.findings).toEqual([]);
    expect(calls.filter(({ path }) => path.endsWith(`/invoices/${invoiceId}`)).map(({ status }) => status)).toEqual([500, 500, 500, 200]);
    expect(calls.length).toBe(1 + invoiced.length + 3);
  });

  it('finds an invoice that was changed in Books, and by how much', async () => {
    const [loanerId = ''] = invoiced;
    const invoiceId = await linkedInvoice(bridge, loanerId);
    const invoice = bridge.zoho.state().invoices.find(({ invoice_id: id }) => id === invoiceId);
    const [line, ...others] = (invoice?.['line_items'] ?? []) as { rate: number; quantity: number }[];
    await inBooks(bridge, 'PUT', `/invoices/${invoiceId}`, { line_items: [{ ...line, rate: Number(line?.rate) + 1 }, ...others] });
    const { findings } = await reconcile(bridge, { module: 'loaners' });
    expect(findings).toMatchObject([{
      module: 'loaners', kind: 'different', record: { side: 'other', resource: 'loaners', id: loanerId }, partner: { resource: 'invoices', id: invoiceId },
      differences: [{ field: 'sub_total', by: String(line?.quantity) }, { field: 'line_items.0.rate', by: null }],
    }]);
    await inBooks(bridge, 'PUT', `/invoices/${invoiceId}`, { line_items: [line, ...others] });
    expect((await reconcile(bridge, { module: 'loaners' })).findings).toEqual([]);
  });

  it('finds nothing where the price of an item changed after the invoice', async () => {
    const item = bridge.zoho.state().items.find(({ name }) => name === 'HP EliteBook') as { item_id: string; rate: number } | undefined;
    await inBooks(bridge, 'PUT', `/items/${item?.item_id}`, { rate: 5 });
    await bridge.sync();
    expect((await reconcile(bridge)).findings).toEqual([]);
    await inBooks(bridge, 'PUT', `/items/${item?.item_id}`, { rate: item?.rate });
    await bridge.sync();
  });

  it('finds an invoice that was sent before its loaner was edited, and what it should add up to', async () => {
    const loanerId = invoiced.at(-1) ?? '';
    const invoiceId = await linkedInvoice(bridge, loanerId);
    await inBooks(bridge, 'POST', `/invoices/${invoiceId}/status/sent`);
    const loaner = await bridge.inHector('GET', `/loaners/${loanerId}`);
    const penalty = { id: 'late', type: 'amount', value: '10.00', reason: 'late', description: '' };
    await bridge.inHector('PATCH', `/loaners/${loanerId}`, { penalties: [...(loaner['penalties'] as object[]), penalty] });
    await bridge.sync();
    const { findings } = await reconcile(bridge, { module: 'loaners' });
    expect(findings).toMatchObject([{
      kind: 'different', code: 'document-locked', record: { id: loanerId }, differences: [{ field: 'sub_total', by: '-10' }, { field: 'line_items', found: expect.any(String) }],
    }]);
    await bridge.inHector('PATCH', `/loaners/${loanerId}`, { penalties: loaner['penalties'] });
    await bridge.sync();
    expect((await reconcile(bridge, { module: 'loaners' })).findings).toEqual([]);
  });

  it('finds an invoice that is there twice', async () => {
    const [loanerId = ''] = invoiced;
    const invoiceId = await linkedInvoice(bridge, loanerId);
    const invoice = bridge.zoho.state().invoices.find(({ invoice_id: id }) => id === invoiceId) ?? {};
    const { customer_id: customer, reference_number: reference, line_items: lines } = invoice as Record<string, unknown>;
    const made = await inBooks(bridge, 'POST', '/invoices', { customer_id: customer, reference_number: reference, line_items: lines });
    const { invoice_id: copyId } = made['invoice'] as { invoice_id: string };
    const { findings } = await reconcile(bridge, { module: 'loaners' });
    expect(findings).toMatchObject([{
      kind: 'doubled', record: { side: 'books', resource: 'invoices', id: copyId }, partner: { side: 'other', resource: 'loaners', id: loanerId },
      detail: `has the same reference_number as invoices ${invoiceId}: ${String(reference)}`,
    }]);
    await inBooks(bridge, 'DELETE', `/invoices/${copyId}`);
  });

  it('finds an invoice that was deleted in Books, and "retry" has it made anew', async () => {
    const { bookbridge, integrationId } = bridge;
    const [, loanerId = ''] = invoiced;
    const invoiceId = await linkedInvoice(bridge, loanerId);
    await inBooks(bridge, 'DELETE', `/invoices/${invoiceId}`);
    await bridge.sync();
    expect(await bridge.differences()).not.toEqual([]);
    const { findings } = await reconcile(bridge);
    expect(findings).toMatchObject([{
      module: 'loaners', kind: 'missing', missingIn: 'books', code: 'record-missing', record: { id: loanerId }, partner: { id: invoiceId }, detail: `invoices ${invoiceId} is gone`,
    }]);
    expect(await bookbridge.store.operations.problems(integrationId, { code: 'record-missing', limit: 10 })).toMatchObject([{ id: loanerId }]);
    // It stays found for as long as it is not there.
    expect((await reconcile(bridge, { module: 'loaners' })).findings).toHaveLength(1);
    expect(await bookbridge.store.operations.retry(integrationId, { by: 'record', id: loanerId })).toHaveLength(1);
    await bridge.sync();
    expect((await reconcile(bridge)).findings).toEqual([]);
  });

  it('finds what is in Hector and was never carried over, with the reason', async () => {
    const customer = await bridge.inHector('POST', '/customers', { name: 'x'.repeat(201) });
    expect((await reconcile(bridge, { module: 'customers' })).findings).toMatchObject([{ kind: 'missing', missingIn: 'books', code: null, record: { id: customer['id'] } }]);
    await bridge.sync();
    expect((await reconcile(bridge, { module: 'customers' })).findings).toMatchObject([{ kind: 'missing', missingIn: 'books', code: 'value-invalid', record: { id: customer['id'] } }]);
    await bridge.inHector('DELETE', `/customers/${String(customer['id'])}`);
    expect((await reconcile(bridge, { module: 'customers' })).findings).toEqual([]);
  });

  it('finds a contact that was renamed in Books, and a customer that is gone in Hector', async () => {
    const first = await bridge.inHector('POST', '/customers', { name: 'Ash & Co' });
    const second = await bridge.inHector('POST', '/customers', { name: 'Birch Ltd' });
    await bridge.sync();
    const addresses = [first, second].map((customer) => ({ side: 'other', resource: 'customers', id: String(customer['id']) }) as const);
    const [ash, birch] = [...(await bridge.bookbridge.store.links(bridge.integrationId, addresses)).values()].sort((one, other) => one.other.id.localeCompare(other.other.id));
    await inBooks(bridge, 'PUT', `/contacts/${ash?.books.id}`, { contact_name: 'Ash and Company' });
    await bridge.inHector('DELETE', `/customers/${birch?.other.id}`);
    const { findings } = await reconcile(bridge, { module: 'customers' });
    expect(findings).toMatchObject([
      { kind: 'different', differences: [{ field: 'contact_name', expected: 'Ash & Co', found: 'Ash and Company' }], partner: { id: ash?.books.id } },
      { kind: 'missing', missingIn: 'other', record: { side: 'books', id: birch?.books.id }, partner: { id: birch?.other.id } },
    ]);
    await inBooks(bridge, 'PUT', `/contacts/${ash?.books.id}`, { contact_name: 'Ash & Co' });
    await inBooks(bridge, 'DELETE', `/contacts/${birch?.books.id}`);
    expect((await reconcile(bridge, { module: 'customers' })).findings).toEqual([]);
  });

  it('finds every record unlinked where the store was lost, until the next import', async () => {
    await bridge.loseStore();
    await bridge.connect();
    const { report } = await reconcile(bridge);
    expect(report.counts).toMatchObject({ customers: { equal: 0 }, items: { equal: 0, found: { unlinked: bridge.dataSet.books.items.length } }, loaners: { found: { unlinked: invoiced.length } } });
    await bridge.startImport();
    expect((await reconcile(bridge)).findings).toEqual([]);
  });
});

it('before the initial import names the import, because no sync reads anything before it', async ({ onTestFinished }) => {
  const bridge = await startBridge();
  onTestFinished(() => bridge.stop());
  await bridge.connect();
  const { findings } = await reconcile(bridge, { module: 'customers' });
  expect(findings).toHaveLength(bridge.dataSet.hector.customers.length);
  expect(new Set(findings.map(({ detail }) => detail))).toEqual(new Set(['was not read yet: the initial import does']));
});
