import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Connector, RemoteRecord } from '../../connectors/resource.ts';
import type { JsonObject } from '../../domain/json.ts';
import { startZohoSimulator } from '../../simulators/zoho/index.ts';
import type { ZohoOptions } from '../../simulators/zoho/options.ts';
import { connectBooks } from '../support/zoho.ts';

/** Invoices and credit notes as the connector writes them, against the Zoho simulator. */

let simulator: Awaited<ReturnType<typeof startZohoSimulator>>;
let books: Connector;
let customerId: string;

async function start(organization: NonNullable<ZohoOptions['organizations']>[number] = {}): Promise<void> {
  simulator = await startZohoSimulator({
    limits: { minute: null, block: null },
    organizations: [{
      currencies: [{ currency_code: 'USD' }, { currency_code: 'EUR', exchange_rate: 1.1 }],
      taxes: [{ tax_id: '77', tax_name: 'VAT', tax_percentage: 20 }, { tax_id: '78', tax_name: 'Old', tax_percentage: 19, is_inactive: true }], ...organization,
    }],
  });
  ({ books } = await connectBooks(simulator.url));
  customerId = (await books.writable('contacts').upsert('customer:1', { contact_name: 'Bowman' })).record.id;
}

beforeEach(() => start());
afterEach(() => simulator.close());

const line = (rate: string, more: JsonObject = {}) => ({ name: 'Chai', quantity: '1', rate, ...more });
const documentOf = (fields: JsonObject = {}) => ({ customer_id: customerId, line_items: [line('10')], ...fields });
const make = async (name: 'invoices' | 'creditnotes', fields: JsonObject = {}): Promise<RemoteRecord> => (await books.writable(name).upsert(`${name}:1`, documentOf(fields))).record;
/** Calls to Books since the last look, `METHOD /path`. */
const callsOf = async (work: () => Promise<unknown>): Promise<string[]> => {
  const before = simulator.log().length;
  await work();
  return simulator.log().slice(before).map(({ method, path }) => `${method} ${path.replace('/books/v3', '').replaceAll(/\d{5,}/g, 'ID')}`);
};

describe('a document', () => {
  test('of lines without items, in the currency of its customer, is read as it was written', async () => {
    const [euro] = (await books.readable('currencies').list({ since: null, page: null })).records.filter(({ data }) => data['currency_code'] === 'EUR');
    const buyer = await books.writable('contacts').upsert('buyer:1', { contact_name: 'Ana', currency_id: euro?.id ?? '' });
    const { record } = await books.writable('invoices').upsert('invoices:1', documentOf({
      customer_id: buyer.record.id, is_inclusive_tax: true, adjustment: '-0.01', adjustment_description: 'Rounding', reference_number: '1001',
      line_items: [line('12', { tax_id: '77', description: 'Tea' }), line('-2.40', { name: 'Coupon', tax_id: '77' })],
    }));
    expect(record.data).toMatchObject({
      invoice_number: 'INV-000001', status: 'draft', currency_code: 'EUR', exchange_rate: '1.1', is_inclusive_tax: true, tax_rounding: 'item_level', reference_number: '1001',
      sub_total: '8', tax_total: '1.6', adjustment: '-0.01', total: '9.59', cf_bookbridge_id: 'invoices:1', line_items: [{ rate: '12', tax_id: '77' }, { rate: '-2.4' }],
    });
  });

  test('may have its discounts on the lines', async () => {
    const { record } = await books.writable('invoices').upsert('invoices:1', documentOf({
      discount_type: 'item_level', is_discount_before_tax: true, line_items: [line('10', { discount: '2.50' }), line('10', { discount: '10%' })],
    }));
    expect(record.data).toMatchObject({ total: '16.5', line_items: [{ discount: '2.5', item_total: '7.5' }, { discount: '10%', item_total: '9' }] });
  });

  test('that gives money back is a credit note, open at once or a draft', async () => {
    const record = await make('creditnotes', { reference_number: 'R-1' });
    expect(record.data).toMatchObject({ creditnote_number: 'CN-000001', status: 'open', total: '10', sub_total: '10', balance: '10', reference_number: 'R-1' });
    expect(record.modifiedAt).toMatch(/Z$/);
    const draft = await books.writable('creditnotes').upsert('creditnotes:2', documentOf({ is_draft: true }));
    expect(draft.record.data['status']).toBe('draft');
  });
});

describe('its status', () => {
  test('void is one call where it is written alone, and gives id and status back', async () => {
    const { id } = await make('invoices');
    let changed: RemoteRecord | undefined;
    expect(await callsOf(async () => { changed = await books.writable('invoices').update(id, { status: 'void' }); })).toEqual(['POST /invoices/ID/status/void']);
    expect(changed).toMatchObject({ id, data: { status: 'void' } });
    expect((await books.readable('invoices').get(id))?.data['status']).toBe('void');
  });

  test('void comes after the other fields', async () => {
    const { id } = await make('invoices');
    let changed: RemoteRecord | undefined;
    expect(await callsOf(async () => { changed = await books.writable('invoices').update(id, { status: 'void', notes: 'refunded', reference_number: 'R-1' }); }))
      .toEqual(['PUT /invoices/ID', 'POST /invoices/ID/status/void']);
    expect(changed?.data).toMatchObject({ status: 'void', reference_number: 'R-1', total: '10' });
    expect(await callsOf(() => books.writable('invoices').upsert('invoices:2', documentOf({ status: 'void' })))).toEqual(['PUT /invoices', 'POST /invoices/ID/status/void']);
  });

  test('void may be written again when the answer was lost', async () => {
    const { id } = await make('invoices');
    simulator.faults.add({ route: 'POST /books/v3/invoices', kind: 'lost-answer', times: 1 });
    await expect(books.writable('invoices').update(id, { status: 'void' })).rejects.toMatchObject({ code: 'system-unreachable' });
    const again = await books.writable('invoices').update(id, { status: 'void' });
    expect(again.data).toMatchObject({ status: 'void', total: '10' });
  });

  test('is nothing else that is written; of an invoice that is gone, it is missing', async () => {
    const { id } = await make('invoices');
    await expect(books.writable('invoices').update(id, { status: 'sent' })).rejects.toMatchObject({ code: 'value-invalid', detail: 'status: "sent" is not written, only "void" is' });
    await expect(books.writable('invoices').update('404', { status: 'void' })).rejects.toMatchObject({ code: 'record-missing' });
  });
});

describe('deleting', () => {
  test('an invoice that something was applied to is refused, and says why', async () => {
    const { id } = await make('invoices');
    await simulator.act({ method: 'POST', path: '/customerpayments', json: { customer_id: customerId, amount: 4, invoices: [{ invoice_id: id, amount_applied: 4 }] } });
    await expect(books.writable('invoices').remove?.(id)).rejects.toMatchObject({ code: 'refused', detail: expect.stringContaining('cannot be deleted') });
    expect((await books.readable('invoices').get(id))?.data).toMatchObject({ status: 'partially_paid', balance: '6' });
  });

  test('is for documents only', () => {
    expect(['contacts', 'items', 'invoices', 'creditnotes'].map((name) => books.writable(name).remove !== undefined)).toEqual([false, false, true, true]);
  });
});

describe('refusals', () => {
  const refused = (fields: JsonObject) => books.writable('invoices').upsert('invoices:1', documentOf(fields));

  test('an unknown or inactive tax, and a currency that is not the customer\'s, have codes of their own', async () => {
    await expect(refused({ line_items: [line('1', { tax_id: '404' })] })).rejects.toMatchObject({ code: 'tax-unknown', detail: expect.stringContaining('tax_id') });
    await expect(refused({ line_items: [line('1', { tax_id: '78' })] })).rejects.toMatchObject({ code: 'tax-unknown' });
    await expect(refused({ currency_id: '404' })).rejects.toMatchObject({ code: 'currency-unknown' });
    await expect(books.writable('contacts').upsert('customer:2', { contact_name: 'Ana', currency_id: '404' })).rejects.toMatchObject({ code: 'currency-unknown' });
    const { id } = await make('invoices');
    await expect(books.writable('invoices').update(id, documentOf({ line_items: [line('1', { tax_id: '404' })] }))).rejects.toMatchObject({ code: 'tax-unknown' });
  });

  test('lines below zero, where the organization does not take them', async () => {
    await simulator.close();
    await start({ refusesNegativeLines: true });
    const lines = [line('10'), line('-1', { name: 'Coupon' })];
    await expect(refused({ line_items: lines })).rejects.toMatchObject({ code: 'negative-line-refused', action: 'person', scope: 'record' });
    await expect(books.writable('creditnotes').upsert('creditnotes:1', documentOf({ line_items: lines }))).rejects.toMatchObject({ code: 'negative-line-refused' });
    await expect(refused({ line_items: [line('many')] })).rejects.toMatchObject({ code: 'value-invalid' });
  });
});
