import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../domain/json.ts';
import type { ZohoOptions } from '../../simulators/zoho/options.ts';
import { part, rows, startCaller, type Caller } from './zoho-caller.ts';

const organization = {
  time_zone: 'UTC',
  currencies: [{ currency_code: 'USD' }, { currency_id: '900', currency_code: 'EUR', exchange_rate: 1.25 }],
  taxes: [
    { tax_id: '77', tax_name: 'VAT', tax_percentage: 20 }, { tax_id: '78', tax_name: 'VAT again', tax_percentage: 20 },
    { tax_id: '79', tax_name: 'Old', tax_percentage: 19, is_inactive: true },
    { tax_id: '80', tax_name: 'GST', tax_percentage: 5 }, { tax_id: '81', tax_name: 'QST', tax_percentage: 9.975 },
  ],
  tax_groups: [{ tax_group_id: '90', tax_group_name: 'GST + QST', taxes: ['GST', 'QST'] }],
  contacts: [{ contact_id: '21', contact_name: 'Bowman' }, { contact_id: '22', contact_name: 'Paris', currency_code: 'EUR' }, { contact_id: '23', contact_name: 'Other' }],
};

let caller: Caller;
const start = async (changes: NonNullable<ZohoOptions['organizations']>[number] = {}) => {
  caller = await startCaller({ organizations: [{ ...organization, ...changes }] });
};
const line = (rate: string, more: JsonObject = {}) => ({ name: 'Refund', rate, quantity: 1, ...more });
const credit = (fields: JsonObject = {}) => caller.books('POST', '/creditnotes', { json: { customer_id: '21', line_items: [line('30')], ...fields } });
const creditId = async (fields: JsonObject = {}) => String(part(await credit(fields), 'creditnote')['creditnote_id']);
const invoice = (fields: JsonObject = {}) => caller.books('POST', '/invoices', { json: { customer_id: '21', line_items: [line('100')], ...fields } });
const sentInvoice = async () => {
  const id = String(part(await invoice(), 'invoice')['invoice_id']);
  await caller.books('POST', `/invoices/${id}/status/sent`);
  return id;
};
const read = async (module: 'invoices' | 'creditnotes', id: string) => part(await caller.books('GET', `/${module}/${id}`), module.slice(0, -1));
const act = async (id: string, status: string) => (await caller.books('POST', `/creditnotes/${id}/status/${status}`)).body;
const apply = (id: string, invoiceId: string, amount: number) => caller.books('POST', `/creditnotes/${id}/invoices`, { json: { invoices: [{ invoice_id: invoiceId, amount_applied: amount }] } });

beforeEach(() => start());
afterEach(() => caller.zoho.close());

describe('Books credit notes', () => {
  test('made with a number of their own, open unless a draft was asked for', async () => {
    const created = await credit({ reference_number: 'R-1', date: '2026-11-17' });
    expect(created).toMatchObject({ status: 201, body: { message: 'The credit note has been created.' } });
    expect(part(created, 'creditnote')).toMatchObject({
      creditnote_number: 'CN-000001', status: 'open', reference_number: 'R-1', date: '2026-11-17', total: 30, balance: 30, customer_name: 'Bowman', invoices: [],
    });
    expect(part(await credit({ is_draft: true }), 'creditnote')).toMatchObject({ creditnote_number: 'CN-000002', status: 'draft' });
    expect(rows(await caller.books('GET', '/creditnotes', { query: { status: 'draft' } }), 'creditnotes')).toMatchObject([{ creditnote_number: 'CN-000002', total: 30, balance: 30 }]);
    expect(rows(await caller.books('GET', '/contacts', { query: { contact_name: 'Bowman' } }), 'contacts')).toMatchObject([{ unused_credits_receivable_amount: 30 }]);
  });

  test('the upsert by the unique field makes one; a change names what changes', async () => {
    const fields = { customer_id: '21', line_items: [line('30')] };
    expect((await caller.upsert('creditnotes', 'refund:1', fields)).status).toBe(201);
    const again = await caller.upsert('creditnotes', 'refund:1', { reference_number: 'R-2' });
    expect(again).toMatchObject({ status: 200, body: { message: 'The credit note has been updated.' } });
    expect(part(again, 'creditnote')).toMatchObject({ reference_number: 'R-2', total: 30, custom_field_hash: { cf_bookbridge_id: 'refund:1' } });
    expect(caller.zoho.state().creditnotes).toHaveLength(1);
  });

  test('listed by time of change, which a single one calls updated_time', async () => {
    const id = await creditId();
    const { updated_time: time } = await read('creditnotes', id);
    expect(await read('creditnotes', id)).not.toHaveProperty('last_modified_time');
    const since = (ms: number) => caller.books('GET', '/creditnotes', { query: { last_modified_time: new Date(ms).toISOString() } });
    const changedMs = Date.parse(String(time));
    expect(rows(await since(changedMs - 1000), 'creditnotes')).toMatchObject([{ creditnote_id: id, last_modified_time: time }]);
    expect(rows(await since(changedMs + 1000), 'creditnotes')).toEqual([]);
  });

  test('draft, open, void and back; only a void one becomes a draft again', async () => {
    const id = await creditId({ is_draft: true });
    expect(await act(id, 'draft')).toMatchObject({ message: expect.stringContaining('cannot be changed') as string });
    expect(await act(id, 'open')).toEqual({ code: 0, message: 'Status of the credit note has been changed to open.' });
    expect(await act(id, 'void')).toEqual({ code: 0, message: 'The credit note has been marked as void.' });
    expect(await read('creditnotes', id)).toMatchObject({ status: 'void', balance: 0, total: 30 });
    expect((await caller.books('PUT', `/creditnotes/${id}`, { json: { notes: 'x' } })).status).toBe(400);
    expect(await act(id, 'draft')).toEqual({ code: 0, message: 'The credit note has been marked as Draft.' });
  });

  test('applied to an invoice: both tell, neither can be deleted, and the credit can be taken back', async () => {
    const [id, invoiceId] = [await creditId(), await sentInvoice()];
    expect((await apply(id, invoiceId, 30)).body).toEqual({ code: 0, message: 'Credits have been applied to the invoice(s).' });
    expect(await read('creditnotes', id)).toMatchObject({ status: 'closed', balance: 0, invoices: [{ invoice_id: invoiceId, invoice_number: 'INV-000001', amount: 30 }] });
    expect(await read('invoices', invoiceId)).toMatchObject({ status: 'partially_paid', balance: 70, credits_applied: 30, payment_made: 0 });
    expect((await caller.books('DELETE', `/invoices/${invoiceId}`)).body['message']).toBe('Invoices which have payment or credits note applied cannot be deleted.');
    expect((await caller.books('DELETE', `/creditnotes/${id}`)).status).toBe(400);
    expect((await act(id, 'void'))['message']).toMatch(/applied/);
    const [applied] = rows(await caller.books('GET', `/creditnotes/${id}/invoices`), 'invoices_credited');
    expect(applied).toMatchObject({ credited_amount: 30, creditnote_number: 'CN-000001' });
    expect(rows(await caller.books('GET', `/invoices/${invoiceId}/creditsapplied`), 'credits')).toMatchObject([{ creditnotes_number: 'CN-000001', amount_applied: 30 }]);
    await caller.books('DELETE', `/creditnotes/${id}/invoices/${String(applied?.['creditnote_invoice_id'])}`);
    expect(await read('invoices', invoiceId)).toMatchObject({ status: 'sent', balance: 100 });
    expect((await caller.books('DELETE', `/creditnotes/${id}`)).body).toEqual({ code: 0, message: 'The credit note has been deleted.' });
    expect(await caller.books('GET', `/creditnotes/${id}`)).toMatchObject({ status: 404, body: { code: 1002, message: 'Credit note does not exist.' } });
  });

  test('not applied: more than is left or owed, a draft, a void one, somebody else\'s', async () => {
    const [id, draft, invoiceId] = [await creditId(), await creditId({ is_draft: true }), await sentInvoice()];
    const foreign = await creditId({ customer_id: '23' });
    const unsent = String(part(await invoice(), 'invoice')['invoice_id']);
    expect((await apply(id, invoiceId, 31)).body).toMatchObject({ code: 2, message: 'Invalid value passed for amount_applied' });
    expect((await apply(id, invoiceId, 0)).body).toMatchObject({ code: 2 });
    expect((await apply(foreign, invoiceId, 1)).body).toMatchObject({ code: 2, message: 'Invalid value passed for invoice_id' });
    expect((await apply(draft, invoiceId, 1)).status).toBe(400);
    expect((await apply(id, unsent, 1)).status).toBe(400);
    expect((await apply(id, '404', 1)).body).toMatchObject({ code: 1002 });
    expect(await read('invoices', invoiceId)).toMatchObject({ balance: 100 });
  });
});

describe('payments', () => {
  const pay = (invoiceId: string, amount: number) => caller.books('POST', '/customerpayments', {
    json: { customer_id: '21', payment_mode: 'cash', amount, invoices: [{ invoice_id: invoiceId, amount_applied: amount }] },
  });

  test('make a draft a sent invoice, and a sent one a paid one that cannot be deleted', async () => {
    const id = String(part(await invoice(), 'invoice')['invoice_id']);
    expect((await pay(id, 40)).status).toBe(201);
    expect(await read('invoices', id)).toMatchObject({ status: 'partially_paid', payment_made: 40, balance: 60 });
    await pay(id, 60);
    expect(await read('invoices', id)).toMatchObject({ status: 'paid', payment_made: 100, balance: 0 });
    expect((await caller.books('DELETE', `/invoices/${id}`)).status).toBe(400);
    const [first, second] = rows(await caller.books('GET', `/invoices/${id}/payments`), 'payments');
    await caller.books('DELETE', `/invoices/${id}/payments/${String(first?.['invoice_payment_id'])}`);
    await caller.books('DELETE', `/invoices/${id}/payments/${String(second?.['invoice_payment_id'])}`);
    expect((await caller.books('DELETE', `/invoices/${id}`)).status).toBe(200);
  });

  test('go back to the customer when the invoice becomes void', async () => {
    const id = await sentInvoice();
    await pay(id, 40);
    await caller.books('POST', `/invoices/${id}/status/void`);
    expect(await read('invoices', id)).toMatchObject({ status: 'void', balance: 0, payment_made: 0 });
    await caller.books('POST', `/invoices/${id}/status/draft`);
    expect(await read('invoices', id)).toMatchObject({ status: 'draft', balance: 100 });
  });
});

describe('what an organization decides', () => {
  const refusal = async (fields: JsonObject) => (await invoice(fields)).body;

  test('a document has the currency of its customer, at a rate of its own or the one Books has', async () => {
    expect(part(await invoice({ customer_id: '22' }), 'invoice')).toMatchObject({ currency_code: 'EUR', exchange_rate: 1.25, line_items: [{ rate: 100, bcy_rate: 125 }] });
    expect(part(await invoice({ customer_id: '22', currency_id: '900', exchange_rate: '1.1' }), 'invoice')).toMatchObject({ exchange_rate: 1.1 });
    expect(part(await invoice({ exchange_rate: 7 }), 'invoice')).toMatchObject({ currency_code: 'USD', exchange_rate: 1 });
    expect(await refusal({ currency_id: '900' })).toEqual({ code: 2, message: 'Invalid value passed for currency_id' });
    expect(await refusal({ currency_id: '404' })).toEqual({ code: 2, message: 'Invalid value passed for currency_id' });
    expect((await caller.books('POST', '/contacts', { json: { contact_name: 'A', currency_id: '404' } })).body).toEqual({ code: 2, message: 'Invalid value passed for currency_id' });
    expect((await caller.books('PUT', '/contacts/22', { json: { currency_id: '' } })).status).toBe(400);
  });

  test('taxes are listed with groups and inactive ones; a group is rounded tax by tax, an inactive one is refused', async () => {
    const taxes = rows(await caller.books('GET', '/settings/taxes', { query: { per_page: '200' } }), 'taxes');
    expect(taxes.map(({ tax_name: name, tax_percentage: share, tax_type: type }) => [name, share, type])).toEqual([
      ['VAT', 20, 'tax'], ['VAT again', 20, 'tax'], ['Old', 19, 'tax'], ['GST', 5, 'tax'], ['QST', 9.975, 'tax'], ['GST + QST', 14.975, 'tax_group'],
    ]);
    expect(taxes[2]).toMatchObject({ is_inactive: true });
    expect(part(await caller.books('GET', '/settings/taxgroups/90'), 'tax_group')).toMatchObject({ tax_group_percentage: 14.975, taxes: [{ tax_id: '80' }, { tax_id: '81' }] });
    expect(part(await invoice({ line_items: [line('10.10', { tax_id: '90' })] }), 'invoice')).toMatchObject({
      total: 11.62, taxes: [{ tax_name: 'GST (5%)', tax_amount: 0.51 }, { tax_name: 'QST (9.975%)', tax_amount: 1.01 }], line_items: [{ tax_id: '90', tax_type: 'tax_group' }],
    });
    expect(await refusal({ line_items: [line('1', { tax_id: '79' })] })).toEqual({ code: 2, message: 'Invalid value passed for tax_id' });
  });

  test('lines below zero: taken, unless the organization refuses them; a total below zero never', async () => {
    const lines = [line('100', { tax_id: '77' }), line('-10', { tax_id: '77', name: 'Coupon' })];
    expect(part(await invoice({ line_items: lines }), 'invoice')).toMatchObject({ sub_total: 90, tax_total: 18, total: 108 });
    expect(await refusal({ line_items: [line('-1')] })).toEqual({ code: 2, message: 'Invalid value passed for total' });
    await caller.zoho.close();
    await start({ refusesNegativeLines: true });
    expect(await refusal({ line_items: lines })).toEqual({ code: 2, message: 'Invalid value passed for rate' });
    expect(part(await invoice({ line_items: [line('100', { tax_id: '77', discount: 10 })], discount_type: 'item_level' }), 'invoice')).toMatchObject({ total: 108 });
  });

  test('a discount is taken from what the line says, with its tax where rates contain it, and never more than that', async () => {
    const inclusive = { is_inclusive_tax: true, discount_type: 'item_level', line_items: [line('120', { tax_id: '77', discount: '12.00' })] };
    expect(part(await invoice(inclusive), 'invoice')).toMatchObject({ sub_total: 90, tax_total: 18, total: 108, discount_total: 12 });
    expect(await refusal({ line_items: [line('10', { discount: 11 })] })).toEqual({ code: 2, message: 'Invalid value passed for discount' });
    expect(await refusal({ line_items: [line('10', { discount: -1 })] })).toEqual({ code: 2, message: 'Invalid value passed for discount' });
  });

  test('decimals of rates, rounding of taxes, number of lines', async () => {
    expect(part(await invoice({ line_items: [line('54.5454545454', { tax_id: '77', quantity: 2 })] }), 'invoice')).toMatchObject({
      tax_rounding: 'item_level', sub_total: 109.09, line_items: [{ rate: 54.545455 }],
    });
    await caller.zoho.close();
    await start({ taxRounding: 'entity_level', rateDigits: 2, maxLines: 3 });
    const many = (count: number) => Array.from({ length: count }, () => line('1.014', { tax_id: '77' }));
    expect(part(await invoice({ line_items: many(3) }), 'invoice')).toMatchObject({ tax_rounding: 'entity_level', total: 3.64, line_items: [{ rate: 1.01 }, {}, {}] });
    expect(part(await invoice({ line_items: [line('3.03', { tax_id: '77' })], is_inclusive_tax: true, adjustment: '-0.01', adjustment_description: 'Rounding' }), 'invoice')).toMatchObject({
      total: 3.02, adjustment: -0.01, adjustment_description: 'Rounding',
    });
    expect((await refusal({ line_items: many(4) }))['message']).toMatch(/line_items/);
  });
});
