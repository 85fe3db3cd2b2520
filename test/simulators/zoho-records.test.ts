import { afterEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../domain/json.ts';
import { organizationId, part, rows, startCaller, type Caller } from './zoho-caller.ts';

let caller: Caller;
afterEach(() => caller.zoho.close());

const text = (value: unknown) => String(value);

describe('Books contacts', () => {
  test('created, read, changed, marked inactive and deleted, with Books\' own messages', async () => {
    caller = await startCaller();
    const created = await caller.books('POST', '/contacts', { json: { contact_name: ' Bowman and Co ', billing_address: { city: 'Pleasanton', zip: 94588 } } });
    expect(created).toMatchObject({ status: 201, body: { code: 0, message: 'The contact has been created.' } });
    const contact = part(created, 'contact');
    expect(contact).toMatchObject({ contact_name: 'Bowman and Co', contact_type: 'customer', status: 'active', billing_address: { city: 'Pleasanton', zip: '94588' } });
    expect(contact['contact_id']).toMatch(/^\d{19}$/);
    expect(contact['created_time']).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[+-]\d{4}$/);
    const path = `/contacts/${text(contact['contact_id'])}`;
    expect(part(await caller.books('GET', path), 'contact')).toEqual(contact);
    const changed = await caller.books('PUT', path, { json: { notes: 'pays late', payment_terms: 15 } });
    expect(changed).toMatchObject({ status: 200, body: { contact: { contact_name: 'Bowman and Co', notes: 'pays late', payment_terms_label: 'Net 15' } } });
    expect((await caller.books('POST', `${path}/inactive`)).status).toBe(200);
    expect(part(await caller.books('GET', path), 'contact')['status']).toBe('inactive');
    expect((await caller.books('DELETE', path)).body).toEqual({ code: 0, message: 'The contact has been deleted.' });
    expect(await caller.books('GET', path)).toMatchObject({ status: 404, body: { code: 1002, message: 'Contact does not exist.' } });
  });

  test('a name can be used once, whatever the case, by customers and vendors alike', async () => {
    caller = await startCaller();
    await caller.books('POST', '/contacts', { json: { contact_name: 'IT' } });
    const refusal = { status: 400, body: { code: 3062, message: 'The customer "it" already exists. Please specify a different name.' } };
    expect(await caller.books('POST', '/contacts', { json: { contact_name: 'it', contact_type: 'vendor' } })).toMatchObject(refusal);
    const other = part(await caller.books('POST', '/contacts', { json: { contact_name: 'Other' } }), 'contact');
    expect(await caller.books('PUT', `/contacts/${text(other['contact_id'])}`, { json: { contact_name: 'it' } })).toMatchObject(refusal);
    expect(await caller.upsert('contacts', 'key-1', { contact_name: 'it' })).toMatchObject(refusal);
    expect(caller.zoho.state().contacts).toHaveLength(2);
  });

  test('persons: the first is the primary one, unless another says so; rows show the primary one', async () => {
    caller = await startCaller();
    const persons = [{ first_name: 'Will', email: 'will@bowman.example' }, { first_name: 'Zoë', phone: '+1-925', is_primary_contact: true }];
    const contact = part(await caller.books('POST', '/contacts', { json: { contact_name: 'Bowman', contact_persons: persons } }), 'contact');
    const answered = contact['contact_persons'] as Record<string, unknown>[];
    expect(answered.map((person) => person['is_primary_contact'])).toEqual([false, true]);
    expect(contact['primary_contact_id']).toBe(answered[1]?.['contact_person_id']);
    expect(rows(await caller.books('GET', '/contacts'), 'contacts')).toMatchObject([{ first_name: 'Zoë', email: '', phone: '+1-925' }]);

    const path = '/contacts/contactpersons';
    const added = await caller.books('POST', path, { json: { contact_id: text(contact['contact_id']), first_name: 'Ann' } });
    expect(added.status).toBe(201);
    const id = text(part(added, 'contact_person')['contact_person_id']);
    await caller.books('PUT', `${path}/${id}`, { json: { last_name: 'Lee' } });
    await caller.books('POST', `${path}/${id}/primary`);
    expect(rows(await caller.books('GET', `/contacts/${text(contact['contact_id'])}/contactpersons`), 'contact_persons')).toMatchObject([
      { first_name: 'Will', is_primary_contact: false }, { first_name: 'Zoë', is_primary_contact: false }, { first_name: 'Ann', last_name: 'Lee', is_primary_contact: true },
    ]);
    await caller.books('DELETE', `${path}/${id}`);
    expect((await caller.books('GET', `${path}/${id}`)).status).toBe(404);
    const [will] = answered;
    const after = await caller.books('PUT', `/contacts/${text(contact['contact_id'])}`, { json: { contact_persons: [{ contact_person_id: text(will?.['contact_person_id']), last_name: 'Smith' }] } });
    expect(part(after, 'contact')['contact_persons']).toMatchObject([{ contact_person_id: will?.['contact_person_id'], first_name: 'Will', last_name: 'Smith', is_primary_contact: true }]);
  });

  test('refuses what it cannot use, by the name of the field', async () => {
    caller = await startCaller();
    const refused = async (json: Record<string, string>) => (await caller.books('POST', '/contacts', { json })).body;
    expect(await refused({})).toEqual({ code: 4, message: 'Invalid value passed for contact_name' });
    expect(await refused({ contact_name: 'A', payment_terms: 'Net 15' })).toEqual({ code: 2, message: 'Invalid value passed for payment_terms' });
    expect(await refused({ contact_name: 'A', contact_type: 'friend' })).toEqual({ code: 2, message: 'Invalid value passed for contact_type' });
    expect(await refused({ contact_name: 'A', currency_id: '1' })).toEqual({ code: 2, message: 'Invalid value passed for currency_id' });
    expect((await refused({ contact_name: 'A'.repeat(201) }))['message']).toContain('contact_name has less than 200 characters');
    expect(caller.zoho.state().contacts).toEqual([]);
  });
});

describe('Books items', () => {
  test('created, changed and deleted; the unit is kept', async () => {
    caller = await startCaller({ organizations: [{ taxes: [{ tax_id: '77', tax_name: 'VAT', tax_percentage: 20 }] }] });
    const created = await caller.books('POST', '/items', { json: { name: 'Hard Drive', rate: '120.50', unit: 'hour', tax_id: '77' } });
    expect(created).toMatchObject({ status: 201, body: { message: 'The item has been added.', item: { rate: 120.5, unit: 'hour', tax_name: 'VAT', tax_percentage: 20, account_name: 'Sales' } } });
    const path = `/items/${text(part(created, 'item')['item_id'])}`;
    expect(await caller.books('PUT', path, { json: { rate: 99 } })).toMatchObject({ status: 200, body: { message: 'Item details have been saved.', item: { name: 'Hard Drive', rate: 99 } } });
    expect(rows(await caller.books('GET', '/itemdetails', { query: { item_ids: text(part(created, 'item')['item_id']) } }), 'items')).toHaveLength(1);
    await caller.books('DELETE', path);
    expect(await caller.books('GET', path)).toMatchObject({ status: 404, body: { code: 1002, message: 'Item does not exist.' } });
  });

  test('name and SKU can be used once', async () => {
    caller = await startCaller();
    await caller.books('POST', '/items', { json: { name: 'Chai', rate: 18, sku: 'C-1' } });
    const byName = await caller.books('POST', '/items', { json: { name: 'CHAI', rate: 1 } });
    expect([byName.status, byName.body['code']]).toEqual([400, 1001]);
    expect(byName.body['message']).toMatch(/already exists/);
    expect((await caller.books('POST', '/items', { json: { name: 'Tea', rate: 1, sku: 'c-1' } })).body['message']).toMatch(/already exists/);
  });

  test('an item or a customer in an invoice cannot be deleted', async () => {
    caller = await startCaller({ organizations: [{ items: [{ item_id: '1', name: 'Chai', rate: 18 }], contacts: [{ contact_id: '2', contact_name: 'IT' }] }] });
    await caller.books('POST', '/invoices', { json: { customer_id: '2', line_items: [{ item_id: '1', quantity: 1 }] } });
    expect((await caller.books('DELETE', '/items/1')).status).toBe(400);
    expect((await caller.books('DELETE', '/contacts/2')).status).toBe(400);
  });
});

describe('upsert by a unique custom field', () => {
  test('creates with 201, then changes with 200', async () => {
    caller = await startCaller();
    const created = await caller.upsert('contacts', 'c-1', { contact_name: 'A' });
    const changed = await caller.upsert('contacts', 'c-1', { contact_name: 'B' });
    expect([created.status, changed.status]).toEqual([201, 200]);
    expect(part(changed, 'contact')).toMatchObject({
      contact_id: part(created, 'contact')['contact_id'], contact_name: 'B', custom_field_hash: { cf_bookbridge_id: 'c-1' },
      custom_fields: [{ api_name: 'cf_bookbridge_id', label: 'Bookbridge ID', index: 1, value: 'c-1' }],
    });
    expect(caller.zoho.log().map(({ key }) => key)).toEqual(['c-1', 'c-1']);
  });

  test('works on items and invoices too', async () => {
    caller = await startCaller({ organizations: [{ contacts: [{ contact_id: '2', contact_name: 'IT' }] }] });
    const item = await caller.upsert('items', 'i-1', { name: 'Chai', rate: 18 });
    const lines = (quantity: number) => ({ customer_id: '2', line_items: [{ item_id: text(part(item, 'item')['item_id']), quantity }] });
    const first = await caller.upsert('invoices', 'l-1', lines(1));
    const second = await caller.upsert('invoices', 'l-1', lines(2));
    expect([item.status, first.status, second.status]).toEqual([201, 201, 200]);
    expect(part(second, 'invoice')).toMatchObject({ invoice_number: 'INV-000001', total: 36 });
    expect(caller.zoho.state().invoices).toHaveLength(1);
  });

  test('without X-Upsert only an existing record is changed', async () => {
    caller = await startCaller();
    expect((await caller.upsert('contacts', 'c-1', { contact_name: 'A' }, { 'X-Upsert': 'false' })).status).toBe(404);
    expect((await caller.upsert('contacts', 'c-1', { contact_name: 'A' })).status).toBe(201);
    expect((await caller.upsert('contacts', 'c-1', { contact_name: 'A' }, { 'X-Upsert': 'false' })).status).toBe(200);
  });

  test('needs both headers and a field that is unique', async () => {
    caller = await startCaller({ organizations: [{ custom_fields: { contacts: [{ api_name: 'cf_color', label: 'Color' }], items: [], invoices: [] } }] });
    expect((await caller.books('PUT', '/contacts', { json: { contact_name: 'A' } })).body).toMatchObject({ code: 4 });
    expect((await caller.upsert('contacts', 'c-1', { contact_name: 'A' })).body).toMatchObject({ code: 2 });
    expect((await caller.upsert('contacts', 'red', { contact_name: 'A' }, { 'X-Unique-Identifier-Key': 'cf_color' })).body).toMatchObject({ code: 2 });
  });

  test('what is created without the field in its body cannot be found by it again', async () => {
    caller = await startCaller();
    const headers = { 'X-Unique-Identifier-Key': 'cf_bookbridge_id', 'X-Unique-Identifier-Value': 'i-1', 'X-Upsert': 'true' };
    expect((await caller.books('PUT', '/items', { headers, json: { name: 'Chai', rate: 1 } })).status).toBe(201);
    expect((await caller.books('PUT', '/items', { headers, json: { name: 'Chai', rate: 1 } })).status).toBe(400);
  });
});

describe('custom fields', () => {
  const custom = { contacts: [{ api_name: 'cf_key', label: 'Key', is_unique: true }, { api_name: 'cf_color', label: 'Color' }], items: [], invoices: [] };

  test('are named by API name, label, id or index', async () => {
    caller = await startCaller({ organizations: [{ custom_fields: custom }] });
    const contact = part(await caller.books('POST', '/contacts', { json: { contact_name: 'A', custom_fields: [{ api_name: 'cf_color', value: 'red' }] } }), 'contact');
    const [field] = contact['custom_fields'] as Record<string, unknown>[];
    const path = `/contacts/${text(contact['contact_id'])}`;
    for (const [name, value] of [['label', 'Color'], ['customfield_id', text(field?.['customfield_id'])], ['index', 2]] as const) {
      const changed = await caller.books('PUT', path, { json: { custom_fields: [{ [name]: value, value: `by ${name}` }] } });
      expect(part(changed, 'contact')['custom_field_hash']).toMatchObject({ cf_color: `by ${name}` });
    }
    expect((await caller.books('PUT', path, { json: { custom_fields: [{ api_name: 'cf_none', value: 'x' }] } })).body).toMatchObject({ code: 2 });
    expect(part(await caller.books('PUT', path, { json: { custom_fields: [{ index: 2, value: '' }] } }), 'contact')['custom_fields']).toEqual([]);
  });

  test('a unique one refuses a value that another record has', async () => {
    caller = await startCaller({ organizations: [{ custom_fields: custom }] });
    const create = (name: string) => caller.books('POST', '/contacts', { json: { contact_name: name, custom_fields: [{ api_name: 'cf_key', value: '1' }] } });
    expect((await create('A')).status).toBe(201);
    const refused = await create('B');
    expect(refused.status).toBe(400);
    expect(refused.body['message']).toMatch(/already exists/);
    const [first] = caller.zoho.state().contacts;
    await caller.books('DELETE', `/contacts/${text(first?.['contact_id'])}`);
    expect((await create('B')).status).toBe(201);
  });

  test('can be written alone, on the singular path', async () => {
    caller = await startCaller({ organizations: [{ items: [{ item_id: '1', name: 'Chai', rate: 18 }] }] });
    const answer = await caller.books('PUT', '/item/1/customfields', { json: [{ api_name: 'cf_bookbridge_id', value: 'i-9' }] as never });
    expect(answer.status).toBe(200);
    expect(caller.zoho.state().items).toMatchObject([{ name: 'Chai', rate: 18, custom_field_hash: { cf_bookbridge_id: 'i-9' } }]);
  });
});

describe('settings', () => {
  test('taxes and currencies that a bookkeeper adds are listed, and none twice', async () => {
    caller = await startCaller();
    const tax = { tax_name: 'TVA 5,5 %', tax_percentage: 5.5 };
    const currency = { currency_code: 'CHF', currency_symbol: 'CHF' };
    for (const [path, json] of [['/settings/taxes', tax], ['/settings/currencies', currency]] as const) {
      expect((await caller.books('POST', path, { json })).status).toBe(200);
      expect((await caller.books('POST', path, { json })).status).toBe(400);
    }
    expect(rows(await caller.books('GET', '/settings/taxes'), 'taxes')).toMatchObject([tax]);
    expect(rows(await caller.books('GET', '/settings/currencies'), 'currencies')).toMatchObject([{ currency_code: 'USD' }, { ...currency, price_precision: 2 }]);
  });

  test('organizations, taxes, accounts, users, currencies; some lists have no page_context', async () => {
    caller = await startCaller({
      organizations: [{
        currency_code: 'EUR', time_zone: 'Asia/Kolkata', currencies: [{ currency_code: 'EUR' }, { currency_code: 'JPY', price_precision: 0 }],
        taxes: [{ tax_name: 'VAT', tax_percentage: 20 }], users: [{ name: 'Renée', email: 'r@x.example', user_role: 'admin' }],
      }],
    });
    const organizations = await caller.books('GET', '/organizations', { query: { organization_id: 'whatever' } });
    expect(rows(organizations, 'organizations')).toMatchObject([{ organization_id: organizationId, currency_code: 'EUR', time_zone: 'Asia/Kolkata', fiscal_year_start_month: 'january' }]);
    expect(part(await caller.books('GET', `/organizations/${organizationId}`), 'organization')['name']).toBe('Zillium Inc');
    expect(rows(await caller.books('GET', '/settings/currencies'), 'currencies')).toMatchObject([{ currency_code: 'EUR', is_base_currency: true }, { price_precision: 0 }]);
    expect(rows(await caller.books('GET', '/settings/currencies', { query: { filter_by: 'Currencies.ExcludeBaseCurrency' } }), 'currencies')).toHaveLength(1);
    expect(rows(await caller.books('GET', '/settings/taxes'), 'taxes')).toMatchObject([{ tax_name: 'VAT', tax_percentage: 20 }]);
    expect(rows(await caller.books('GET', '/users'), 'users')).toMatchObject([{ name: 'Renée', is_current_user: true }]);
    expect(part(await caller.books('GET', '/users/me'), 'user')).toMatchObject({ name: 'Renée', email_ids: [{ email: 'r@x.example' }] });
    const context = async (path: string) => 'page_context' in (await caller.books('GET', path)).body;
    expect([await context('/settings/taxes'), await context('/users')]).toEqual([true, true]);
    expect([await context('/organizations'), await context('/settings/currencies'), await context('/chartofaccounts')]).toEqual([false, false, false]);
  });

  test('each kind of list shows its records one by one', async () => {
    caller = await startCaller({ organizations: [{ taxes: [{ tax_name: 'VAT', tax_percentage: 20 }] }] });
    const { taxes, accounts, users, currencies } = caller.zoho.state();
    // Zoho describes a single currency without its exchange rate.
    const { exchange_rate: _, effective_date: __, ...currency } = currencies[0] ?? {};
    // And a single user with all addresses, and without what only the list says.
    const { email, is_current_user: ___, is_customer_segmented: ____, is_vendor_segmented: _____, ...listed } = users[0] ?? {};
    const user: JsonObject = { ...listed, email_ids: [{ email: email ?? '', is_selected: true }] };
    for (const [path, root, record, idField] of [
      ['/settings/taxes', 'tax', taxes[0], 'tax_id'], ['/chartofaccounts', 'chart_of_account', accounts[0], 'account_id'],
      ['/users', 'user', user, 'user_id'], ['/settings/currencies', 'currency', currency, 'currency_id'],
    ] as const) {
      expect(part(await caller.books('GET', `${path}/${text(record?.[idField])}`), root)).toEqual(record);
      expect((await caller.books('GET', `${path}/1`)).status).toBe(404);
    }
  });
});

describe('several organizations', () => {
  test('keep their records apart; another id is refused', async () => {
    caller = await startCaller({ organizations: [{}, { organization_id: '222', name: 'Second' }] });
    await caller.upsert('contacts', 'c-1', { contact_name: 'A' });
    const second = await caller.books('POST', '/contacts', { query: { organization_id: '222' }, json: { contact_name: 'A' } });
    expect(second.status).toBe(201);
    expect([caller.zoho.state().contacts.length, caller.zoho.state('222').contacts.length]).toEqual([1, 1]);
    expect(await caller.books('GET', '/contacts', { query: { organization_id: '999' } })).toMatchObject({
      status: 400, body: { code: 6041, message: 'This user is not associated with the CompanyID/CompanyName:999.' },
    });
  });

  test('the control route for the state gives one whole, or counts all', async () => {
    caller = await startCaller();
    await caller.upsert('contacts', 'c-1', { contact_name: 'A' });
    const read = async (query: string) => (await fetch(`${caller.zoho.url}/_simulator/state${query}`)).json() as Promise<Record<string, unknown>>;
    expect(await read(`?organization=${organizationId}`)).toMatchObject({ contacts: [{ contact_name: 'A' }], items: [], invoices: [] });
    expect(await read('')).toMatchObject({ organizations: { [organizationId]: { contacts: 1, items: 0, invoices: 0 } } });
  });
});

test('a person in the pages of Books meets no limit and leaves no call', async () => {
  caller = await startCaller({ limits: { minute: { calls: 1, windowMs: 60_000 } } });
  const action = { method: 'POST', path: '/items', json: { name: 'Made by hand', rate: 2 } };
  for (const name of ['One', 'Two', 'Three']) {
    const answer = await fetch(`${caller.zoho.url}/_simulator/person`, { method: 'POST', body: JSON.stringify({ ...action, json: { name, rate: 2 } }) });
    expect(answer.status).toBe(201);
  }
  expect(caller.zoho.state().items).toHaveLength(3);
  expect(caller.zoho.summary().calls).toBe(0);
});
