import { describe, expect, test } from 'vitest';
import { booksThatAnswers, nowMs } from '../support/scripted-books.ts';

/** What Books answers where it refuses, and how it pages. */

const contact = { contact_id: '90300000079426', contact_name: 'Bowman', email: null, last_modified_time: '2013-10-07T18:24:51+0530' };
const invoice = { invoice_id: '1', invoice_number: 'INV-1', status: 'draft', customer_id: '2', total: 5 };

describe('errors', () => {
  test.each([
    [400, 2, 'Invalid value passed for Payment Terms', 'value-invalid'],
    [400, 4, 'Invalid value passed for bill_number', 'value-missing'],
    [400, 13009, 'The account field cannot be empty', 'value-missing'],
    [400, 3062, 'The customer "Bowman" already exists. Please specify a different name.', 'name-collision'],
    [400, 1001, 'Duplicate name', 'name-collision'],
    [400, 120999, 'An item with this name Already Exists.', 'name-collision'],
    [400, 15, 'Please ensure that the name has less than 100 characters.', 'value-invalid'],
    [400, 4097, 'Number entered does not match the auto-generated number', 'number-not-automatic'],
    [400, 6041, 'This user is not associated with the CompanyID/CompanyName:1.', 'organization-unknown'],
    [404, 1002, 'Contact does not exist.', 'record-missing'],
    [404, 2, 'Not found', 'record-missing'],
    [404, 5, 'Invalid URL Passed', 'refused'],
    [400, 110942, 'Journals take no line tax', 'refused'],
    // A code that is not 0 is a failure whatever the status says.
    [200, 3062, 'The customer "Bowman" already exists.', 'name-collision'],
  ])('status %i, code %i "%s" is %s', async (status, code, message, expected) => {
    const { books } = await booksThatAnswers({ status, body: { code, message } });
    const failure = books.writable('contacts').update('1', { contact_name: 'Bowman' });
    await expect(failure).rejects.toMatchObject({ code: expected, detail: expect.stringContaining(message) });
  });

  test('an internal error of Books is a matter of repeating', async () => {
    const { books } = await booksThatAnswers({ status: 500, body: { code: 1000, message: 'Internal error' } });
    await expect(books.readable('contacts').get('1')).rejects.toMatchObject({ code: 'system-fault', action: 'retry' });
  });

  test('a name collision quotes the name, also where Books does not', async () => {
    const { books } = await booksThatAnswers({ status: 400, body: { code: 1001, message: 'Item already exists' } });
    await expect(books.writable('items').upsert('item:1', { name: 'Hard Drive', rate: '1' })).rejects.toMatchObject({
      code: 'name-collision', detail: 'Item already exists (Books code 1001, sent as "Hard Drive"); its key is item:1',
    });
  });

  test('a record that an upsert refers to and that is gone is a refusal, not a record to be made again', async () => {
    const { books } = await booksThatAnswers({ status: 404, body: { code: 1002, message: 'Contact does not exist.' } });
    await expect(books.writable('invoices').upsert('invoice:1', { customer_id: '5' })).rejects.toMatchObject({ code: 'contact-unknown', detail: expect.stringContaining('Contact does not exist.') });
    const item = await booksThatAnswers({ status: 404, body: { code: 1002, message: 'Item does not exist.' } });
    await expect(item.books.writable('invoices').upsert('invoice:1', { customer_id: '5' })).rejects.toMatchObject({ code: 'refused', detail: expect.stringContaining('Item does not exist.') });
  });

  test.each([
    [404, 1002, 'Tax does not exist.', 'tax-unknown'], [400, 2, 'Invalid value passed for tax_id', 'tax-unknown'],
    [400, 2, 'Invalid value passed for customer_id', 'contact-unknown'], [400, 2, 'Invalid value passed for contact_persons', 'value-invalid'],
    [400, 2, 'Invalid value passed for currency_id', 'currency-unknown'], [400, 2, 'Invalid value passed for exchange_rate', 'value-invalid'],
    [400, 36023, 'The rate of a line cannot be negative', 'negative-line-refused'], [404, 1002, 'Invoice does not exist.', 'record-missing'],
  ])('of a document, status %i, code %i "%s" is %s', async (status, code, message, expected) => {
    const { books } = await booksThatAnswers({ status, body: { code, message } });
    const fields = { customer_id: '5', currency_id: '9', line_items: [{ name: 'Chai', rate: '5', tax_id: '7' }, { name: 'Coupon', rate: '-1', tax_id: '7' }] };
    await expect(books.writable('invoices').update('1', fields)).rejects.toMatchObject({ code: expected, detail: expect.stringContaining(message) });
  });

  test.each([
    [200, { contacts: [] }], [200, null], [200, []], [404, { error: 'elsewhere' }],
  ])('status %i with %j has no envelope and is not believed', async (status, body) => {
    const { books } = await booksThatAnswers({ status, body });
    await expect(books.readable('contacts').list({ since: null, page: null })).rejects.toMatchObject({ code: 'answer-unreadable' });
  });
});

describe('limits', () => {
  test.each([
    [44, {}, 'limit-minute', null],
    [43, { 'retry-after': '3600' }, 'limit-minute', nowMs + 3_600_000],
    [44, { 'x-rate-limit-reset': '37' }, 'limit-minute', nowMs + 37_000],
    [44, { 'retry-after': 'Tue, 14 Nov 2023 22:14:20 GMT' }, 'limit-minute', nowMs + 60_000],
    [44, { 'x-rate-limit-reset': '1700000090' }, 'limit-minute', nowMs + 90_000],
    [45, {}, 'limit-day', null],
    [1070, {}, 'limit-concurrent', null],
  ])('code %i with headers %j is %s, and the gate says when to resume', async (code, headers, expected, resumeAtMs) => {
    const { books, gate } = await booksThatAnswers({ status: 429, headers, body: { code, message: 'too many' } });
    const failure = books.readable('items').get('1');
    await expect(failure).rejects.toMatchObject({ code: expected, resumeAtMs: (resumeAtMs ?? nowMs) + 1 });
    expect(gate).toEqual({ calls: 1, refused: [{ code: expected, resumeAtMs }] });
  });

  test('429 without an envelope is the limit per minute', async () => {
    const { books } = await booksThatAnswers({ status: 429, body: {} });
    await expect(books.readable('items').get('1')).rejects.toMatchObject({ code: 'limit-minute' });
  });
});

describe('rejected tokens', () => {
  test.each([14, 57])('code %i: renewed once, called once more, and both calls counted', async (code) => {
    const { books, gate, rejected } = await booksThatAnswers((request) => (
      request.headers['authorization'] === 'Zoho-oauthtoken first'
        ? { status: 401, body: { code, message: 'no' } }
        : { body: { code: 0, message: 'success', contact } }
    ));
    expect((await books.readable('contacts').get('1'))?.id).toBe('90300000079426');
    expect(rejected).toEqual(['first']);
    expect(gate.calls).toBe(2);
  });

  test.each([[57, 'permission-missing'], [14, 'authorization-revoked']])('code %i with a fresh token too is %s', async (code, expected) => {
    const { books, gate } = await booksThatAnswers({ status: 401, body: { code, message: 'You are not authorized to perform this operation' } });
    await expect(books.readable('contacts').get('1')).rejects.toMatchObject({ code: expected });
    expect(gate.calls).toBe(2);
  });
});

describe('lists', () => {
  const rows = (count: number) => Array.from({ length: count }, (_, n) => ({ currency_id: String(n + 1), currency_code: 'EUR' }));

  test('page_context says whether there is more; the token carries the page number', async () => {
    const { books, server } = await booksThatAnswers((request) => (
      { body: { code: 0, message: 'success', currencies: rows(3), page_context: { page: 1, per_page: 200, has_more_page: request.query['page'] === '1' } } }
    ));
    const currencies = books.readable('currencies');
    const first = await currencies.list({ since: null, page: null });
    expect(first.records).toHaveLength(3);
    expect(first.next).not.toBeNull();
    expect((await currencies.list({ since: null, page: first.next })).next).toBeNull();
    expect(server.requests.map((request) => request.query)).toEqual([
      { organization_id: '10234695', page: '1', per_page: '200' }, { organization_id: '10234695', page: '2', per_page: '200' },
    ]);
  });

  test.each([[200, true], [199, false], [0, false]])('without page_context %i rows mean more to come: %s', async (count, more) => {
    const { books } = await booksThatAnswers({ body: { code: 0, message: 'success', currencies: rows(count) } });
    expect((await books.readable('currencies').list({ since: null, page: null })).next !== null).toBe(more);
  });

  test('organizations are listed without naming one, and without pages', async () => {
    const { books, server } = await booksThatAnswers({ body: { code: 0, message: 'success', organizations: [{ organization_id: '1', name: 'Zillium', fiscal_year_start_month: 'april' }] } });
    const page = await books.readable('organizations').list({ since: null, page: null });
    expect(page.records.map((record) => record.id)).toEqual(['1']);
    expect(server.requests[0]?.rawQuery).toBe('');
  });

  test('only what Zoho documents is asked for by time of change, in the format of its filter', async () => {
    const { books, server } = await booksThatAnswers({ body: { code: 0, message: 'success', invoices: [], contacts: [], items: [] } });
    const since = '2023-11-18T02:02:51.900+01:00';
    await books.readable('invoices').list({ since, page: null });
    await books.readable('contacts').list({ since, page: null });
    await books.readable('items').list({ since, page: null });
    expect(server.requests.map((request) => request.query['last_modified_time'])).toEqual(['2023-11-18T01:02:50+0000', undefined, undefined]);
    // A plus sign that is not encoded would arrive as a blank.
    expect(server.requests[0]?.rawQuery).toContain('%2B0000');
    expect(['invoices', 'contacts', 'items'].map((name) => books.readable(name).listing)).toEqual(['changed', 'full', 'full']);
  });

  test('a row that cannot be read fails alone, and says why', async () => {
    const { books } = await booksThatAnswers({ body: { code: 0, message: 'success', invoices: [{ ...invoice, total: 'many' }, invoice, { total: 1 }] } });
    const page = await books.readable('invoices').list({ since: null, page: null });
    expect(page.records.map((record) => record.id)).toEqual(['1']);
    expect(page.unreadable.map((record) => record.id)).toEqual(['1', '']);
    expect(page.unreadable[0]?.detail).toMatch(/^total: /);
  });
});

test('a resource that Books does not have, or that is not written, is a mistake in the program', async () => {
  const { books } = await booksThatAnswers({});
  expect(() => books.readable('unicorns')).toThrow('unicorns');
  expect(() => books.writable('taxes')).toThrow('taxes');
});
