import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../domain/json.ts';
import type { ZohoOptions } from '../../simulators/zoho/options.ts';
import { part, rows, startCaller, type Caller } from './zoho-caller.ts';

const organization = {
  time_zone: 'UTC',
  currencies: [{ currency_code: 'USD' }, { currency_id: '900', currency_code: 'JPY', price_precision: 0 }],
  taxes: [{ tax_id: '77', tax_name: 'VAT', tax_percentage: 20 }, { tax_id: '78', tax_name: 'Low', tax_percentage: 5.5 }],
  items: [
    { item_id: '1', name: 'HP EliteBook', rate: '4.50', unit: 'hour', description: 'Laptop' },
    { item_id: '2', name: 'Taxed', rate: '10.00', tax_id: '77' },
  ],
  contacts: [
    { contact_id: '21', contact_name: 'Bowman', payment_terms: 15, billing_address: { city: 'Paris' }, contact_persons: [{ email: 'will@bowman.example' }] },
    { contact_id: '22', contact_name: 'Tokyo', currency_id: '900' },
    { contact_id: '23', contact_name: 'Supplier', contact_type: 'vendor' },
  ],
};

let caller: Caller;
const start = async (changes: NonNullable<ZohoOptions['organizations']>[number] = {}) => {
  caller = await startCaller({ organizations: [{ ...organization, ...changes }] });
};
const create = (fields: JsonObject, query: Record<string, string> = {}) =>
  caller.books('POST', '/invoices', { query, json: { customer_id: '21', line_items: [{ item_id: '1', quantity: 25 }], ...fields } });
const invoiceOf = async (fields: JsonObject) => part(await create(fields), 'invoice');
const idOf = async (fields: JsonObject = {}) => String((await invoiceOf(fields))['invoice_id']);
const refusal = async (fields: JsonObject, query: Record<string, string> = {}) => (await create(fields, query)).body;

beforeEach(() => start());
afterEach(() => caller.zoho.close());

describe('Books invoices', () => {
  test('what a line leaves out comes from the item; dates from the terms of the customer', async () => {
    const created = await create({ date: '2026-11-17' });
    expect(created).toMatchObject({ status: 201, body: { code: 0, message: 'The invoice has been created.' } });
    expect(part(created, 'invoice')).toMatchObject({
      invoice_number: 'INV-000001', status: 'draft', customer_id: '21', customer_name: 'Bowman', date: '2026-11-17', due_date: '2026-12-02',
      payment_terms: 15, sub_total: 112.5, tax_total: 0, total: 112.5, balance: 112.5, currency_code: 'USD', price_precision: 2, billing_address: { city: 'Paris' },
      line_items: [{ item_id: '1', name: 'HP EliteBook', description: 'Laptop', unit: 'hour', rate: 4.5, quantity: 25, item_total: 112.5 }],
    });
  });

  test('a line may say everything itself, also without an item', async () => {
    const invoice = await invoiceOf({ line_items: [
      { item_id: '1', name: 'Laptop 7', description: '', unit: 'day', rate: 5, quantity: '1.5' },
      { name: 'Penalty', rate: '25.00', quantity: 1 },
    ] });
    expect(invoice).toMatchObject({ total: 32.5, line_items: [{ name: 'Laptop 7', description: '', unit: 'day', item_total: 7.5 }, { item_id: '', name: 'Penalty', item_total: 25 }] });
  });

  test('numbers come from Books: an own one is refused unless numbering is to be ignored', async () => {
    expect(await refusal({ invoice_number: 'L-1' })).toEqual({ code: 4097, message: 'Number entered does not match the auto-generated number' });
    expect(await refusal({}, { ignore_auto_number_generation: 'true' })).toEqual({ code: 4, message: 'Invalid value passed for invoice_number' });
    const ignore = { ignore_auto_number_generation: 'true' };
    expect(part(await create({ invoice_number: 'L-1' }, ignore), 'invoice')['invoice_number']).toBe('L-1');
    expect((await refusal({ invoice_number: 'l-1' }, ignore))['message']).toMatch(/already exists/);
    await create({ invoice_number: 'INV-000001' }, ignore);
    expect((await invoiceOf({}))['invoice_number']).toBe('INV-000002');
    expect((await invoiceOf({}))['invoice_number']).toBe('INV-000003');
    expect(part(await caller.books('PUT', `/invoices/${await idOf()}`, { json: { invoice_number: 'INV-000004', notes: 'same' } }), 'invoice')['notes']).toBe('same');
  });

  test('without auto-numbering the number is needed', async () => {
    await caller.zoho.close();
    await start({ auto_number_generation: false });
    expect((await refusal({}))['code']).toBe(4);
    expect((await invoiceOf({ invoice_number: 'A-1' }))['invoice_number']).toBe('A-1');
  });

  test('refuses what it cannot use, and stores nothing then', async () => {
    expect(await refusal({ customer_id: '99' })).toEqual({ code: 2, message: 'Invalid value passed for customer_id' });
    expect(await refusal({ customer_id: '23' })).toEqual({ code: 2, message: 'Invalid value passed for customer_id' });
    expect(await refusal({ line_items: [] })).toEqual({ code: 4, message: 'Invalid value passed for line_items' });
    expect(await refusal({ line_items: [{ item_id: '99' }] })).toEqual({ code: 2, message: 'Invalid value passed for item_id' });
    expect(await refusal({ line_items: [{ item_id: '1', quantity: 0 }] })).toEqual({ code: 2, message: 'Invalid value passed for quantity' });
    expect(await refusal({ line_items: [{ item_id: '1', tax_id: '1' }] })).toEqual({ code: 2, message: 'Invalid value passed for tax_id' });
    expect(await refusal({ line_items: [{ name: 'Nothing' }] })).toEqual({ code: 4, message: 'Invalid value passed for rate' });
    expect(await refusal({ date: '17.11.2026' })).toEqual({ code: 2, message: 'Invalid value passed for date' });
    expect(caller.zoho.state().invoices).toEqual([]);
    expect((await invoiceOf({}))['invoice_number']).toBe('INV-000001');
  });

  test('taxes: of the line, else of the item; exclusive, and included where rates contain them', async () => {
    const line = { item_id: '2', quantity: 3 };
    expect(await invoiceOf({ line_items: [line, { ...line, tax_id: '78' }, { ...line, tax_id: '' }] })).toMatchObject({
      sub_total: 90, tax_total: 7.65, total: 97.65, taxes: [{ tax_name: 'VAT (20%)', tax_amount: 6 }, { tax_name: 'Low (5.5%)', tax_amount: 1.65 }],
    });
    expect(await invoiceOf({ line_items: [line], is_inclusive_tax: true })).toMatchObject({
      sub_total: 25, tax_total: 5, total: 30, line_items: [{ item_total: 25, item_total_inclusive_of_tax: 30, line_item_taxes: [{ tax_amount: 5 }] }],
    });
  });

  test('discounts on lines or on the whole, before or after tax; shipping and adjustment', async () => {
    const line = { item_id: '2', quantity: 10 };
    expect(await invoiceOf({ line_items: [{ ...line, discount: '10%' }, { ...line, discount: 5 }], discount_type: 'item_level' })).toMatchObject({
      sub_total: 185, tax_total: 37, total: 222, discount_total: 15, line_items: [{ discount_amount: 10 }, { discount_amount: 5 }],
    });
    expect(await invoiceOf({ line_items: [line], discount: '10%' })).toMatchObject({ sub_total: 100, discount_total: 10, tax_total: 18, total: 108 });
    expect(await invoiceOf({ line_items: [line], discount: 10, is_discount_before_tax: false })).toMatchObject({ tax_total: 20, total: 110 });
    expect(await invoiceOf({ line_items: [line], shipping_charge: '7.25', adjustment: '-0.25' })).toMatchObject({ total: 127 });
  });

  test('a customer with another currency is invoiced with its decimal places', async () => {
    const line = { name: 'Rent', rate: '99.5', quantity: 1 };
    expect(await invoiceOf({ customer_id: '22', line_items: [line, line] })).toMatchObject({ currency_code: 'JPY', price_precision: 0, total: 200 });
  });

  test('changed: totals are computed anew, what is not named stays', async () => {
    const id = await idOf({ reference_number: 'R-1' });
    const changed = part(await caller.books('PUT', `/invoices/${id}`, { json: { adjustment: 1, notes: 'later' } }), 'invoice');
    expect(changed).toMatchObject({ total: 113.5, notes: 'later', reference_number: 'R-1', line_items: [{ quantity: 25 }] });
    const replaced = part(await caller.books('PUT', `/invoices/${id}`, { json: { line_items: [{ item_id: '2', quantity: 1 }] } }), 'invoice');
    expect(replaced).toMatchObject({ sub_total: 10, total: 13 });
  });

  test('draft, sent, void and back; only a void one becomes a draft again', async () => {
    const id = await idOf();
    const act = async (to: string) => (await caller.books('POST', `/invoices/${id}/status/${to}`)).body;
    const statusNow = async () => part(await caller.books('GET', `/invoices/${id}`), 'invoice')['status'];
    expect(await act('draft')).toMatchObject({ code: expect.any(Number) as number, message: expect.stringContaining('cannot be changed') as string });
    expect(await act('sent')).toEqual({ code: 0, message: 'Invoice status has been changed to Sent.' });
    expect(await statusNow()).toBe('sent');
    expect(rows(await caller.books('GET', '/contacts', { query: { contact_name: 'Bowman' } }), 'contacts')).toMatchObject([{ outstanding_receivable_amount: 112.5 }]);
    expect(await act('void')).toEqual({ code: 0, message: 'Invoice status has been changed to Void.' });
    expect(part(await caller.books('GET', `/invoices/${id}`), 'invoice')).toMatchObject({ status: 'void', balance: 0, total: 112.5 });
    expect((await caller.books('PUT', `/invoices/${id}`, { json: { notes: 'x' } })).status).toBe(400);
    expect(await act('draft')).toMatchObject({ code: 0 });
    expect(await statusNow()).toBe('draft');
  });

  test('a sent invoice is overdue after its due date', async () => {
    const id = await idOf({ date: '1996-07-04' });
    await caller.books('POST', `/invoices/${id}/status/sent`);
    expect(part(await caller.books('GET', `/invoices/${id}`), 'invoice')['status']).toBe('overdue');
  });

  test('deleted, alone or several; unknown ids answer 1002', async () => {
    const [one, two, three] = [await idOf(), await idOf(), await idOf()];
    expect((await caller.books('DELETE', `/invoices/${one}`)).body).toEqual({ code: 0, message: 'The invoice has been deleted.' });
    expect((await caller.books('DELETE', '/invoices', { query: { invoice_ids: `${two},${three}` } })).body['message']).toBe('The invoices have been deleted.');
    expect(await caller.books('DELETE', `/invoices/${one}`)).toMatchObject({ status: 404, body: { code: 1002, message: 'Invoice does not exist.' } });
    expect(caller.zoho.state().invoices).toEqual([]);
  });
});
