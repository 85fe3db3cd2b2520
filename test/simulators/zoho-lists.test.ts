import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { part, rows, startCaller, type Caller } from './zoho-caller.ts';

let caller: Caller;
afterEach(() => caller.zoho.close());

const day = (number: number) => `2026-01-${String(number).padStart(2, '0')}`;

/** 25 contacts, 25 items and 25 invoices; the n-th of each was made and last changed on the n-th of January. */
async function startFilled(): Promise<void> {
  const numbers = Array.from({ length: 25 }, (_, index) => index + 1);
  const times = (number: number) => ({ created_time: `${day(number)}T12:00:00+0000`, last_modified_time: `${day(number)}T12:00:00+0000` });
  caller = await startCaller({
    organizations: [{
      time_zone: 'UTC',
      items: numbers.map((number) => ({ item_id: `1${number}`, name: `Item ${number}`, rate: number, description: number === 3 ? 'rare' : '', ...times(number) })),
      contacts: numbers.map((number) => ({
        contact_id: `2${number}`, contact_name: `Customer ${String(number).padStart(2, '0')}`, contact_type: number === 25 ? 'vendor' : 'customer',
        status: number === 24 ? 'inactive' : 'active', contact_persons: [{ first_name: `F${number}`, email: `p${number}@x.example` }], ...times(26 - number),
      })),
      invoices: numbers.map((number) => ({
        invoice_id: `3${number}`, customer_id: `2${(number % 24) + 1}`, date: day(number), due_date: '2099-01-01', reference_number: `R-${number}`,
        status: number <= 5 ? 'sent' : 'draft', line_items: [{ item_id: `1${number}`, quantity: 1 }], ...times(number),
      })),
    }],
  });
}

const ids = async (path: string, query: Record<string, string> = {}): Promise<unknown[]> => {
  const name = path.slice(1);
  const idField = `${name.slice(0, -1)}_id`;
  return rows(await caller.books('GET', path, { query: { per_page: '200', ...query } }), name).map((row) => row[idField]);
};

describe('lists of Books', () => {
  test('pages: 10 unless asked for, 200 at most, one after the other without gaps', async () => {
    await startFilled();
    const first = await caller.books('GET', '/contacts');
    expect(part(first, 'page_context')).toEqual({
      page: 1, per_page: 10, has_more_page: true, report_name: 'Contacts', applied_filter: 'Status.All', sort_column: 'contact_name', sort_order: 'A',
    });
    const pages = await Promise.all(['1', '2', '3', '4'].map((page) => caller.books('GET', '/contacts', { query: { page } })));
    expect(pages.map((page) => [rows(page, 'contacts').length, part(page, 'page_context')['has_more_page']])).toEqual([[10, true], [10, true], [5, false], [0, false]]);
    expect(new Set(pages.flatMap((page) => rows(page, 'contacts').map((row) => row['contact_id']))).size).toBe(25);
    expect(part(await caller.books('GET', '/contacts', { query: { per_page: '1000' } }), 'page_context')['per_page']).toBe(200);
  });

  test('rows hold less than a record: no lines, no addresses, no custom fields of contacts', async () => {
    await startFilled();
    const [invoice] = rows(await caller.books('GET', '/invoices'), 'invoices');
    const [contact] = rows(await caller.books('GET', '/contacts'), 'contacts');
    expect(invoice).toHaveProperty('total');
    for (const name of ['line_items', 'billing_address', 'taxes', 'sub_total']) expect(invoice).not.toHaveProperty(name);
    for (const name of ['billing_address', 'contact_persons', 'custom_fields', 'notes']) expect(contact).not.toHaveProperty(name);
  });

  test('the documented filters of contacts', async () => {
    await startFilled();
    expect(await ids('/contacts', { contact_name: 'customer 07' })).toEqual(['27']);
    expect(await ids('/contacts', { contact_name_startswith: 'customer 0' })).toHaveLength(9);
    expect(await ids('/contacts', { contact_name_contains: 'omer 1' })).toHaveLength(10);
    expect(await ids('/contacts', { email: 'p3@x.example' })).toEqual(['23']);
    expect(await ids('/contacts', { contact_type: 'vendor' })).toEqual(['225']);
    expect(await ids('/contacts', { filter_by: 'Status.Inactive' })).toEqual(['224']);
    expect(await ids('/contacts', { filter_by: 'Status.Active', contact_name_startswith: 'Customer 2' })).toEqual(['220', '221', '222', '223', '225']);
    expect(await ids('/contacts', { search_text: 'CUSTOMER 11' })).toEqual(['211']);
  });

  test('the documented filters of items and invoices', async () => {
    await startFilled();
    expect(await ids('/items', { name: 'Item 4' })).toEqual(['14']);
    expect(await ids('/items', { rate_greater_equals: '24' })).toEqual(['124', '125']);
    expect(await ids('/items', { search_text: 'rare' })).toEqual(['13']);
    expect(await ids('/invoices', { reference_number: 'R-7' })).toEqual(['37']);
    expect(await ids('/invoices', { customer_id: '22' })).toEqual(['325', '31']);
    expect(await ids('/invoices', { customer_name_contains: 'customer 03' })).toEqual(['32']);
    expect(await ids('/invoices', { date_start: '2026-01-24' })).toEqual(['325', '324']);
    expect(await ids('/invoices', { date_after: '2026-01-24' })).toEqual(['325']);
    expect(await ids('/invoices', { status: 'sent' })).toEqual(['35', '34', '33', '32', '31']);
    expect(await ids('/invoices', { status: 'unpaid', total_less_than: '2' })).toEqual(['31']);
    expect(await ids('/invoices', { filter_by: 'Status.Draft', item_id: '16' })).toEqual(['36']);
    expect(await ids('/invoices', { invoice_number_startswith: 'inv-00002' })).toHaveLength(6);
  });

  test('last_modified_time filters invoices: after it, to the second; contacts and items ignore it in silence', async () => {
    await startFilled();
    const since = { last_modified_time: '2026-01-23T12:00:00+0000' };
    expect(await ids('/invoices', since)).toEqual(['325', '324']);
    expect(await ids('/invoices', { last_modified_time: '2026-01-23T06:59:59-0500' })).toEqual(['325', '324', '323']);
    expect(await ids('/contacts', since)).toHaveLength(25);
    expect(await ids('/items', since)).toHaveLength(25);
  });

  test('other unknown names are ignored in silence, but an unknown filter_by or a broken time is not', async () => {
    await startFilled();
    expect(await ids('/items', { colour: 'red', sort_column: 'colour' })).toHaveLength(25);
    expect((await caller.books('GET', '/items', { query: { filter_by: 'Status.Blue' } })).body).toEqual({ code: 2, message: 'Invalid value passed for filter_by' });
    expect((await caller.books('GET', '/invoices', { query: { last_modified_time: 'yesterday' } })).body).toEqual({ code: 2, message: 'Invalid value passed for last_modified_time' });
  });

  test('sorts: contacts by last_modified_time, which items cannot; A and D', async () => {
    await startFilled();
    expect((await ids('/contacts', { sort_column: 'last_modified_time', sort_order: 'D' })).slice(0, 2)).toEqual(['21', '22']);
    expect((await ids('/contacts', { sort_column: 'last_modified_time' })).slice(0, 2)).toEqual(['225', '224']);
    expect((await ids('/items', { sort_column: 'last_modified_time', sort_order: 'D' }))[0]).toBe('11');
    expect((await ids('/items', { sort_column: 'rate', sort_order: 'D' }))[0]).toBe('125');
    expect((await ids('/invoices', { sort_column: 'total' }))[0]).toBe('31');
    expect((await ids('/invoices'))[0]).toBe('325');
  });

  test('lists follow changes', async () => {
    await startFilled();
    await ids('/contacts', { sort_column: 'last_modified_time', sort_order: 'D' });
    await caller.books('PUT', '/contacts/225', { json: { contact_name: 'A new name' } });
    expect((await ids('/contacts', { sort_column: 'last_modified_time', sort_order: 'D' }))[0]).toBe('225');
    expect((await ids('/contacts'))[0]).toBe('225');
    await caller.books('DELETE', '/invoices/325');
    expect((await ids('/invoices'))[0]).toBe('324');
  });

  test('response_option 2 answers how many invoices there are and none of them', async () => {
    await startFilled();
    const { body } = await caller.books('GET', '/invoices', { query: { response_option: '2', status: 'draft' } });
    expect(body).toMatchObject({ page_context: { total: 20 } });
    expect(body).not.toHaveProperty('invoices');
  });

  test('the filter chartofaccounts documents works there', async () => {
    caller = await startCaller({ organizations: [{ accounts: [
      { account_name: 'Old', last_modified_time: '2020-01-01T00:00:00+0000' }, { account_name: 'New', last_modified_time: '2026-01-01T00:00:00+0000' },
    ] }] });
    const answer = await caller.books('GET', '/chartofaccounts', { query: { last_modified_time: '2025-01-01T00:00:00+0000' } });
    expect(rows(answer, 'chartofaccounts').map((row) => row['account_name'])).toEqual(['New']);
  });

  test('30,000 invoices are paged', async () => {
    await startFilled();
    const lines = [{ item_id: '11', quantity: 2 }];
    for (let made = 0; made < 30_000; made += 1) {
      await caller.zoho.act({ method: 'POST', path: '/invoices', json: { customer_id: '21', line_items: lines } });
      if (made % 5000 === 0) await delay(0);
    }
    const seen = new Set<unknown>();
    for (let page = 1; ; page += 1) {
      const answer = await caller.books('GET', '/invoices', { query: { page: String(page), per_page: '200' } });
      for (const row of rows(answer, 'invoices')) seen.add(row['invoice_id']);
      if (part(answer, 'page_context')['has_more_page'] !== true) break;
    }
    expect(seen.size).toBe(30_025);
  }, 300_000);
});
