import { describe, expect, test } from 'vitest';
import { booksThatAnswers } from '../support/scripted-books.ts';

/** How the records of Books are read, and what is sent to write them. */

const key = 'customer:hector:7';
const contact = { contact_id: '90300000079426', contact_name: 'Bowman', email: null, last_modified_time: '2013-10-07T18:24:51+0530' };
const invoice = { invoice_id: '1', invoice_number: 'INV-1', status: 'draft', customer_id: '2', total: 5 };

describe('records', () => {
  test('ids keep all their digits and decimals become text', async () => {
    const body = '{"code":0,"message":"success","invoice":{"invoice_id":9820000005671149999,"invoice_number":"INV-1","status":"sent",'
      + '"customer_id":982000000567001,"total":"10000","sub_total":10000.10,"tax_total":0.3,"balance":40.6,"date":"2013-11-17",'
      + '"line_items":[{"line_item_id":"1","item_id":"","rate":120.5,"quantity":1,"item_total":120.5,"tax_percentage":""}],"last_modified_time":"2013-11-18T02:02:51-0800"}}';
    const { books } = await booksThatAnswers({ body });
    expect(await books.readable('invoices').get('1')).toEqual({
      id: '9820000005671149999',
      modifiedAt: '2013-11-18T10:02:51.000Z',
      data: {
        invoice_id: '9820000005671149999', invoice_number: 'INV-1', status: 'sent', customer_id: '982000000567001',
        total: '10000', sub_total: '10000.1', tax_total: '0.3', balance: '40.6', date: '2013-11-17',
        line_items: [{ line_item_id: '1', item_id: '', rate: '120.5', quantity: '1', item_total: '120.5', tax_percentage: '' }],
        last_modified_time: '2013-11-18T10:02:51.000Z',
      },
    });
  });

  test.each([[''], [null], [undefined]])('what a record can do without may be %j, and is left out', async (nothing) => {
    const person = { contact_person_id: '7', is_primary_contact: nothing };
    const header = { line_item_category: 'header', name: 'Rooms', line_item_id: nothing, rate: nothing, quantity: nothing, item_total: nothing };
    const { books } = await booksThatAnswers((request) => ({
      body: {
        code: 0, message: '',
        ...(request.path.includes('contacts') && { contact: { contact_id: '1', contact_name: 'Bowman', contact_persons: [person], billing_address: nothing, last_modified_time: nothing } }),
        ...(request.path.includes('items') && { item: { item_id: '2', name: 'Drive', rate: nothing, last_modified_time: nothing } }),
        ...(request.path.includes('invoices') && { invoice: { ...invoice, line_items: [header], is_inclusive_tax: nothing, adjustment: nothing, exchange_rate: nothing, balance: nothing, last_modified_time: nothing } }),
      },
    }));
    // Not as members without a value: they would be null once they are stored.
    expect(await books.readable('contacts').get('1')).toStrictEqual({ id: '1', modifiedAt: null, data: { contact_id: '1', contact_name: 'Bowman', contact_persons: [{ contact_person_id: '7' }] } });
    expect(await books.readable('items').get('2')).toStrictEqual({ id: '2', modifiedAt: null, data: { item_id: '2', name: 'Drive' } });
    expect(await books.readable('invoices').get('1')).toStrictEqual({ id: '1', modifiedAt: null, data: { ...invoice, total: '5', line_items: [{ name: 'Rooms' }] } });
  });

  test('what is there and is of the wrong kind is not taken for nothing', async () => {
    const { books } = await booksThatAnswers({ body: { code: 0, message: '', item: { item_id: '2', name: 'Drive', rate: 'a lot' } } });
    await expect(books.readable('items').get('2')).rejects.toMatchObject({ code: 'record-unreadable', detail: expect.stringContaining('rate: ') });
  });

  test.each([
    { custom_fields: [{ index: 1, value: 'x', label: 'VAT' }, { api_name: 'cf_bookbridge_id', value: key }] },
    { custom_field_hash: { cf_bookbridge_id: key } },
    { cf_bookbridge_id: key },
  ])('our key is found in %j', async (fields) => {
    const { books } = await booksThatAnswers({ body: { code: 0, message: 'success', contact: { ...contact, ...fields } } });
    const record = await books.readable('contacts').get('1');
    expect(record?.data).toMatchObject({ contact_name: 'Bowman', email: '', cf_bookbridge_id: key });
  });

  test.each([['"70%"', '70'], ['12.5', '12.5'], ['""', '']])('a tax percentage of %s is read as "%s"', async (written, read) => {
    const { books } = await booksThatAnswers({ body: `{"code":0,"message":"","item":{"item_id":"1","name":"Drive","rate":1,"tax_percentage":${written}}}` });
    expect((await books.readable('items').get('1'))?.data['tax_percentage']).toBe(read);
  });

  test('a tax in an array and an account spread over the body are read too, as Zoho documents them', async () => {
    const { books } = await booksThatAnswers((request) => ({
      body: request.path.includes('taxes')
        ? { code: 0, message: 'success', tax: [{ tax_id: '3', tax_name: 'VAT', tax_percentage: 10.5 }] }
        : { code: 0, message: 'success', account_id: '4', account_name: 'Sales' },
    }));
    expect((await books.readable('taxes').get('3'))?.data).toEqual({ tax_id: '3', tax_name: 'VAT', tax_percentage: '10.5' });
    expect((await books.readable('accounts').get('4'))?.data).toEqual({ account_id: '4', account_name: 'Sales' });
  });

  test('a record that is gone is null; one that cannot be read is an error of that record', async () => {
    const { books } = await booksThatAnswers((request) => (
      request.path.endsWith('/1') ? { status: 404, body: { code: 1002, message: 'Item does not exist.' } } : { body: { code: 0, message: '', item: { item_id: '2' } } }
    ));
    expect(await books.readable('items').get('1')).toBeNull();
    await expect(books.readable('items').get('2')).rejects.toMatchObject({ code: 'record-unreadable', detail: expect.stringContaining('name: ') });
  });
});

describe('writing', () => {
  test('an upsert names the unique field in header and body, and sends decimals as numbers', async () => {
    const { books, server } = await booksThatAnswers({ status: 201, body: { code: 0, message: 'done', invoice } });
    const upserted = await books.writable('invoices').upsert('invoice:1', {
      customer_id: '2', custom_fields: [{ api_name: 'cf_other', value: 'kept' }],
      line_items: [{ item_id: '9', rate: '12.50', quantity: '3', name: '42' }, { rate: '0.12345678901234567891', quantity: 1 }],
    });
    expect(upserted).toMatchObject({ created: true, record: { id: '1' } });
    const [request] = server.requests;
    expect(request).toMatchObject({
      method: 'PUT', path: '/books/v3/invoices', query: { organization_id: '10234695' },
      headers: { 'x-unique-identifier-key': 'cf_bookbridge_id', 'x-unique-identifier-value': 'invoice:1', 'x-upsert': 'true', authorization: 'Zoho-oauthtoken first' },
    });
    expect(JSON.parse(request?.body ?? '')).toEqual({
      customer_id: '2',
      // More digits than a number keeps stay text.
      line_items: [{ item_id: '9', rate: 12.5, quantity: 3, name: '42' }, { rate: '0.12345678901234567891', quantity: 1 }],
      custom_fields: [{ api_name: 'cf_other', value: 'kept' }, { api_name: 'cf_bookbridge_id', value: 'invoice:1' }],
    });
  });

  test('created is told by the status 201', async () => {
    const { books } = await booksThatAnswers({ status: 200, body: { code: 0, message: 'done', contact } });
    expect(await books.writable('contacts').upsert(key, { contact_name: 'Bowman' })).toMatchObject({ created: false });
  });

  test('fields for the creation only are sent when no record has the key, and then in a second call', async () => {
    const { books, server } = await booksThatAnswers((request) => (
      request.headers['x-upsert'] === undefined
        ? { status: 404, body: { code: 1002, message: 'Contact does not exist.' } }
        : { status: 201, body: { code: 0, message: 'done', contact } }
    ));
    expect(await books.writable('contacts').upsert(key, { contact_name: 'Bowman' }, { notes: 'from Hector' })).toMatchObject({ created: true });
    expect(server.requests.map((request) => 'notes' in JSON.parse(request.body))).toEqual([false, true]);
  });

  test.each([
    ['Invalid value passed for JSONString', [false, true], 'created'], ['The account field cannot be empty', [false, true], 'created'], ['Invalid value passed for tax_id', [false], 'value-missing'],
  ])('fields for the creation only may be what Books misses in the first call: "%s"', async (message, calls, outcome) => {
    const { books, server } = await booksThatAnswers((_request, earlier) => (earlier === 0 ? { status: 400, body: { code: 4, message } } : { status: 201, body: { code: 0, message: '', item: { item_id: '2', name: 'Drive' } } }));
    const upserted = books.writable('items').upsert(key, { name: 'Drive' }, { account_id: '3' });
    expect(await upserted.then(() => 'created', (error: unknown) => (error as { code: string }).code)).toBe(outcome);
    expect(server.requests.map((request) => 'account_id' in JSON.parse(request.body))).toEqual(calls);
  });

  test('fields for the creation only are left alone where the record exists, in one call', async () => {
    const { books, server } = await booksThatAnswers({ body: { code: 0, message: 'done', contact } });
    expect(await books.writable('contacts').upsert(key, { contact_name: 'Bowman' }, { notes: 'from Hector' })).toMatchObject({ created: false });
    expect(server.requests.map((request) => 'notes' in JSON.parse(request.body))).toEqual([false]);
  });
});
