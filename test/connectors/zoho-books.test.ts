import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createHttp } from '../../connectors/http.ts';
import type { RemoteRecord, Resource } from '../../connectors/resource.ts';
import { createZohoAccounts } from '../../connectors/zoho/accounts.ts';
import { startZohoSimulator } from '../../simulators/zoho/index.ts';
import { answerAuthorizePage, authorize, connectBooks, zohoClient, zohoRedirectUri } from '../support/zoho.ts';

/** The connector against the Zoho simulator: what a day with Books is like. */

let simulator: Awaited<ReturnType<typeof startZohoSimulator>>;
beforeEach(async () => { simulator = await startZohoSimulator({ limits: { minute: null, block: null }, organizations: [{ taxes: [{ tax_name: 'VAT', tax_percentage: 20 }] }] }); });
afterEach(() => simulator.close());

const accounts = () => createZohoAccounts({ http: createHttp({ timeoutMs: 5_000 }), now: Date.now, accountsUrl: simulator.url });

async function all(resource: Resource, since: string | null = null): Promise<RemoteRecord[]> {
  const records: RemoteRecord[] = [];
  let page: string | null = null;
  do {
    const answer = await resource.list({ since, page });
    records.push(...answer.records);
    page = answer.next;
  } while (page !== null);
  return records;
}

describe('connecting', () => {
  test('Accept leads to tokens that work, until they are revoked', async () => {
    const callback = await answerAuthorizePage(simulator.url, 'accept');
    expect(callback.get('state')).toBe('state-1');
    const code = callback.get('code') ?? '';
    const grant = await accounts().exchangeCode({ ...zohoClient, redirectUri: zohoRedirectUri, code });
    await expect(accounts().exchangeCode({ ...zohoClient, redirectUri: zohoRedirectUri, code })).rejects.toMatchObject({ code: 'authorization-refused' });
    const renewed = await accounts().refresh({ ...zohoClient, refreshToken: grant.refreshToken });
    expect(renewed.accessToken).not.toBe(grant.accessToken);
    simulator.revokeAll();
    await expect(accounts().refresh({ ...zohoClient, refreshToken: grant.refreshToken })).rejects.toMatchObject({ code: 'authorization-revoked' });
  });

  test('Reject comes back without a code', async () => {
    const callback = await answerAuthorizePage(simulator.url, 'reject');
    expect(callback.get('error')).toBe('access_denied');
    expect(callback.get('code')).toBeNull();
  });

  test('a wrong secret is named as such', async () => {
    const grant = await authorize(simulator.url);
    await expect(accounts().refresh({ ...zohoClient, clientSecret: 'other', refreshToken: grant.refreshToken })).rejects.toMatchObject({ code: 'client-invalid' });
  });

  test('the eleventh token in ten minutes is refused, and that is no lost authorisation', async () => {
    const grant = await authorize(simulator.url);
    const refresh = () => accounts().refresh({ ...zohoClient, refreshToken: grant.refreshToken });
    for (let n = 1; n < 10; n++) await refresh();
    await expect((async () => { await refresh(); await refresh(); })()).rejects.toMatchObject({ code: 'limit-token' });
  });

  test('a user of another organization is told so', async () => {
    const { books } = await connectBooks(simulator.url, { organizationId: '1' });
    await expect(books.readable('contacts').list({ since: null, page: null })).rejects.toMatchObject({ code: 'organization-unknown' });
    expect(await all(books.readable('organizations'))).toHaveLength(1);
  });

  test('a scope that was not granted is a missing permission, found out with one renewal', async () => {
    const { books, vault } = await connectBooks(simulator.url, { scopes: ['ZohoBooks.contacts.READ'] });
    await expect(books.readable('items').list({ since: null, page: null })).rejects.toMatchObject({ code: 'permission-missing' });
    expect(vault.writes).toBe(1);
  });

  test('a scope that is missing costs one token an hour, however often it is asked for', async () => {
    const { books, vault } = await connectBooks(simulator.url, { scopes: ['ZohoBooks.contacts.READ', 'ZohoBooks.settings.READ'] });
    const write = (name: string) => books.writable(name).upsert('key', { contact_name: 'A' });
    for (let attempt = 0; attempt < 12; attempt++) await expect(write('contacts')).rejects.toMatchObject({ code: 'permission-missing' });
    expect(vault.writes).toBe(1);
    await expect(write('invoices')).rejects.toMatchObject({ code: 'permission-missing' });
    await expect(write('contacts')).rejects.toMatchObject({ code: 'permission-missing' });
    expect(vault.writes).toBe(2);
    // What is allowed is not drawn into it: a token that ended early is renewed there.
    simulator.expireAccessTokens();
    expect(await all(books.readable('contacts'))).toEqual([]);
    expect(vault.writes).toBe(3);
  });

  test('an authorisation with the scope is believed at once', async () => {
    const narrow = await connectBooks(simulator.url, { scopes: ['ZohoBooks.contacts.READ'] });
    await expect(narrow.books.writable('contacts').upsert('key', { contact_name: 'A' })).rejects.toMatchObject({ code: 'permission-missing' });
    const wide = await connectBooks(simulator.url);
    simulator.faults.add({ route: 'PUT /books/v3/contacts', kind: 'unauthorized', times: 1 });
    expect(await wide.books.writable('contacts').upsert('key', { contact_name: 'A' })).toMatchObject({ created: true });
  });
});

describe('writing', () => {
  test('an answer that was lost is found again by the key: one customer, whatever happened', async () => {
    const { books } = await connectBooks(simulator.url);
    const contacts = books.writable('contacts');
    simulator.faults.add({ route: 'PUT /books/v3/contacts', kind: 'lost-answer', times: 1 });
    await expect(contacts.upsert('customer:1', { contact_name: 'Bowman' })).rejects.toMatchObject({ code: 'system-unreachable', action: 'retry' });
    const again = await contacts.upsert('customer:1', { contact_name: 'Bowman' });
    expect(again.created).toBe(false);
    expect((await all(contacts)).map((record) => record.id)).toEqual([again.record.id]);
    expect(again.record.data['cf_bookbridge_id']).toBe('customer:1');
  });

  test('a record is created with what is for its creation only, also where Books looks at the body before it looks for the record', async () => {
    const strict = await startZohoSimulator({ limits: { minute: null }, organizations: [{ checksBodyFirst: true }] });
    onTestFinished(() => strict.close());
    const { books } = await connectBooks(strict.url);
    expect(await books.writable('items').upsert('part:1', { name: 'Tripod' }, { rate: '0' })).toMatchObject({ created: true, record: { data: { name: 'Tripod', rate: '0' } } });
    await expect(books.writable('items').upsert('part:2', {}, { rate: '0' })).rejects.toMatchObject({ code: 'value-missing', detail: expect.stringContaining('name') });
  });

  test('a name that is taken is a collision that quotes the name, for customers and items', async () => {
    const { books } = await connectBooks(simulator.url);
    await books.writable('contacts').upsert('customer:1', { contact_name: 'IT' });
    await books.writable('items').upsert('item:1', { name: 'Laptop', rate: '5' });
    await expect(books.writable('contacts').upsert('customer:2', { contact_name: 'IT' })).rejects.toMatchObject({ code: 'name-collision', detail: expect.stringContaining('"IT"') });
    await expect(books.writable('items').upsert('item:2', { name: 'Laptop', rate: '5' })).rejects.toMatchObject({ code: 'name-collision', detail: expect.stringContaining('"Laptop"') });
  });

  test('a record changes only in the fields given, and one that is gone is missing', async () => {
    const { books } = await connectBooks(simulator.url);
    const { record } = await books.writable('items').upsert('item:1', { name: 'Room', rate: '10', unit: 'hectorplace', description: 'second floor' });
    expect((await books.writable('items').update(record.id, { unit: '' })).data).toMatchObject({ name: 'Room', rate: '10', unit: '', description: 'second floor', cf_bookbridge_id: 'item:1' });
    await expect(books.writable('items').update('404', { unit: '' })).rejects.toMatchObject({ code: 'record-missing' });
    expect(await books.readable('items').get('404')).toBeNull();
  });

  test('an invoice has the total of its lines to the cent', async () => {
    const { books } = await connectBooks(simulator.url);
    const customer = await books.writable('contacts').upsert('customer:1', { contact_name: 'Bowman' });
    const item = await books.writable('items').upsert('item:1', { name: 'Laptop', rate: '14.99' });
    const { record } = await books.writable('invoices').upsert('invoice:1', {
      customer_id: customer.record.id, reference_number: 'L-1',
      line_items: [{ item_id: item.record.id, rate: '14.99', quantity: '25' }, { item_id: item.record.id, rate: '0.1', quantity: '3' }],
    });
    expect(record.data).toMatchObject({ total: '375.05', status: 'draft', reference_number: 'L-1', customer_name: 'Bowman' });
    expect(record.data['line_items']).toMatchObject([{ quantity: '25', rate: '14.99', item_total: '374.75' }, { quantity: '3', rate: '0.1', item_total: '0.3' }]);
    await expect(books.writable('invoices').upsert('invoice:2', { customer_id: '404', line_items: [] })).rejects.toMatchObject({ action: 'person' });
  });

  test('taxes are computed by Books and read to the cent', async () => {
    const { books } = await connectBooks(simulator.url);
    const [tax] = await all(books.readable('taxes'));
    const customer = await books.writable('contacts').upsert('customer:1', { contact_name: 'Bowman' });
    const item = await books.writable('items').upsert('item:1', { name: 'Laptop', rate: '14.99', tax_id: tax?.id ?? '' });
    const lines = [{ item_id: item.record.id, rate: '14.99', quantity: '3', tax_id: tax?.id ?? '' }];
    const { record } = await books.writable('invoices').upsert('invoice:1', { customer_id: customer.record.id, line_items: lines });
    expect(record.data).toMatchObject({ sub_total: '44.97', tax_total: '8.99', total: '53.96' });
  });

  test('a number of our own is refused while Books numbers invoices itself', async () => {
    const { books } = await connectBooks(simulator.url);
    const customer = await books.writable('contacts').upsert('customer:1', { contact_name: 'Bowman' });
    const item = await books.writable('items').upsert('item:1', { name: 'Laptop', rate: '14.99' });
    const invoice = { customer_id: customer.record.id, invoice_number: 'OURS-1', line_items: [{ item_id: item.record.id, rate: '1', quantity: '1' }] };
    await expect(books.writable('invoices').upsert('invoice:1', invoice)).rejects.toMatchObject({ code: 'number-not-automatic' });
  });
});

describe('reading', () => {
  test('450 customers are three calls, each seen once', async () => {
    const { books } = await connectBooks(simulator.url);
    const contacts = books.writable('contacts');
    for (let n = 0; n < 450; n++) await contacts.upsert(`customer:${n}`, { contact_name: `Customer ${n}` });
    const before = simulator.summary().byRoute['GET /books/v3/contacts'] ?? 0;
    const records = await all(contacts);
    expect(new Set(records.map((record) => record.id)).size).toBe(450);
    expect(records).toHaveLength(450);
    expect((simulator.summary().byRoute['GET /books/v3/contacts'] ?? 0) - before).toBe(3);
  });

  test('invoices are listed by time of change, at the second', async () => {
    const { books } = await connectBooks(simulator.url);
    const customer = await books.writable('contacts').upsert('customer:1', { contact_name: 'Bowman' });
    const item = await books.writable('items').upsert('item:1', { name: 'Laptop', rate: '1' });
    const { record } = await books.writable('invoices').upsert('invoice:1', { customer_id: customer.record.id, line_items: [{ item_id: item.record.id, rate: '1', quantity: '1' }] });
    const changedAtMs = Date.parse(record.modifiedAt ?? '');
    expect(await all(books.readable('invoices'), new Date(changedAtMs - 1000).toISOString())).toHaveLength(1);
    expect(await all(books.readable('invoices'), new Date(changedAtMs + 60_000).toISOString())).toHaveLength(0);
  });

  test.each(['organizations', 'taxes', 'accounts', 'users', 'currencies'])('the %s are listed whole, and all of them are readable', async (name) => {
    const { books } = await connectBooks(simulator.url);
    const page = await books.readable(name).list({ since: null, page: null });
    expect(page).toMatchObject({ unreadable: [], next: null });
    expect(page.records.length).toBeGreaterThan(0);
  });

  test.each(['organizations', 'taxes', 'accounts'])('each of the %s can be read by itself', async (name) => {
    const { books } = await connectBooks(simulator.url);
    const [first] = await all(books.readable(name));
    expect((await books.readable(name).get(first?.id ?? ''))?.data).toMatchObject({ ...first?.data });
  });
});

describe('bad days', () => {
  test.each([
    ['limit-minute', 'limit-minute'], ['limit-blocked', 'limit-minute'], ['limit-day', 'limit-day'], ['limit-concurrent', 'limit-concurrent'],
    ['error-before', 'system-fault'], ['reset', 'system-unreachable'], ['html', 'answer-unreadable'], ['malformed', 'answer-unreadable'],
  ] as const)('%s is %s, once; the next call goes through', async (kind, code) => {
    const { books } = await connectBooks(simulator.url);
    simulator.faults.add({ route: 'GET /books/v3/items', kind, times: 1 });
    await expect(books.readable('items').list({ since: null, page: null })).rejects.toMatchObject({ code });
    expect((await books.readable('items').list({ since: null, page: null })).records).toEqual([]);
  });

  test('a token that ended early is renewed without anybody noticing', async () => {
    const { books, vault } = await connectBooks(simulator.url);
    simulator.faults.add({ route: 'GET /books/v3/items', kind: 'unauthorized', times: 1 });
    expect((await books.readable('items').list({ since: null, page: null })).records).toEqual([]);
    expect(vault.writes).toBe(1);
  });

  test('tokens that Zoho has ended are renewed once for all callers', async () => {
    const { books, vault } = await connectBooks(simulator.url);
    simulator.expireAccessTokens();
    const pages = await Promise.all(Array.from({ length: 8 }, () => books.readable('items').list({ since: null, page: null })));
    expect(pages).toHaveLength(8);
    expect(vault.writes).toBe(1);
  });

  test('an authorisation that was taken back is reported as such', async () => {
    const { books } = await connectBooks(simulator.url);
    simulator.revokeAll();
    await expect(books.readable('items').list({ since: null, page: null })).rejects.toMatchObject({ code: 'authorization-revoked' });
  });
});
