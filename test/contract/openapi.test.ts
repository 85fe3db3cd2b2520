import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Http } from '../../connectors/http.ts';
import type { Connector, WritableResource } from '../../connectors/resource.ts';
import type { JsonObject } from '../../domain/json.ts';
import { startZohoSimulator } from '../../simulators/zoho/index.ts';
import { connectBooks } from '../support/zoho.ts';
import { loadBooksDescription, type Exchange, type Finding } from './openapi-books.ts';
import { deviationOf, deviations } from './openapi-deviations.ts';

/**
 * What connector and simulator say to each other, held against Zoho's own OpenAPI files for Books. The files are Zoho's and not part
 * of this repository; where they are not at hand there is nothing to hold against.
 */
const folder = '../shared/zoho/books';
const description = loadBooksDescription(new URL(`../../${folder}`, import.meta.url).pathname);
if (!description) process.stdout.write(`OpenAPI contract test skipped: the folder ${folder} (relative to the repository) does not have Zoho's OpenAPI files\n`);

const exchanges: Exchange[] = [];
const recording = (http: Http): Http => async (request) => {
  const answer = await http(request);
  exchanges.push({ request, answer });
  return answer;
};

describe.skipIf(description === null)('Books traffic against the OpenAPI files of Zoho', () => {
  let simulator: Awaited<ReturnType<typeof startZohoSimulator>>;
  let findings: Finding[];

  beforeAll(async () => {
    simulator = await startZohoSimulator({ limits: { minute: null }, organizations: [{ currencies: [{ currency_code: 'USD' }, { currency_code: 'EUR', exchange_rate: 1.1 }], taxes: [{ tax_name: 'VAT', tax_percentage: 20 }] }] });
    const { books } = await connectBooks(simulator.url, { through: recording });
    await useEverything(books);
    findings = exchanges.flatMap((exchange) => description?.check(exchange) ?? []);
  });
  afterAll(() => simulator.close());

  test('every operation the connector has was used', () => {
    expect([...new Set(exchanges.map(({ request }) => description?.operationOf(request)))].toSorted((one, other) => String(one).localeCompare(String(other)))).toEqual([
      'DELETE /creditnotes/{creditnote_id}', 'DELETE /invoices/{invoice_id}',
      'GET /chartofaccounts', 'GET /chartofaccounts/{account_id}', 'GET /contacts', 'GET /contacts/{contact_id}',
      'GET /creditnotes', 'GET /creditnotes/{creditnote_id}',
      'GET /invoices', 'GET /invoices/{invoice_id}', 'GET /items', 'GET /items/{item_id}', 'GET /organizations',
      'GET /organizations/{organization_id}', 'GET /settings/currencies', 'GET /settings/currencies/{currency_id}', 'GET /settings/taxes', 'GET /settings/taxes/{tax_id}', 'GET /users', 'GET /users/{user_id}',
      'POST /invoices/{invoice_id}/status/void',
      'PUT /contacts', 'PUT /contacts/{contact_id}', 'PUT /creditnotes', 'PUT /creditnotes/{creditnote_id}', 'PUT /invoices', 'PUT /invoices/{invoice_id}', 'PUT /items', 'PUT /items/{item_id}',
    ]);
  });

  test('nothing is said that the files do not have, but for what is listed with a reason', () => {
    const unknown = findings.filter((finding) => !deviationOf(finding)).map(({ operation, at, problem }) => `${operation}: ${at} ${problem}`);
    expect([...new Set(unknown)]).toEqual([]);
  });

  test('no listed deviation has become unnecessary', () => {
    const used = new Set(findings.map(deviationOf));
    expect(deviations.filter((deviation) => !used.has(deviation))).toEqual([]);
  });
});

/** Every kind of call the connector can make, with what Bookbridge sends: all fields of a record that is new, and of a change those that differ. */
async function useEverything(books: Connector): Promise<void> {
  for (const name of ['contacts', 'items', 'invoices', 'creditnotes']) await books.writable(name).keyState();
  const [contacts, items] = [books.writable('contacts'), books.writable('items')];
  const address = { attention: 'Mr. John', address: '4900 Hopyard Rd', street2: 'Suite 310', city: 'Pleasanton', state: 'CA', zip: '94588', country: 'U.S.A' };
  const person = { first_name: 'Will', last_name: 'Smith', email: 'will@bowman.example', phone: '+1-925', mobile: '+1-405', is_primary_contact: true };
  const customer = await contacts.upsert('customer:1', {
    contact_name: 'Bowman and Co', company_name: 'Bowman and Co', contact_type: 'customer', language_code: 'fr', billing_address: address, contact_persons: [person],
  });
  await contacts.update(customer.record.id, { company_name: 'Bowman' });
  await contacts.update(customer.record.id, { billing_address: address });
  await contacts.update(customer.record.id, { contact_persons: [{ ...person, salutation: '', designation: '', department: '' }] });
  await contacts.adopt(customer.record.id, 'customer:2', { language_code: 'de' });
  const [tax] = (await books.readable('taxes').list({ since: null, page: null })).records;
  const [account] = (await books.readable('accounts').list({ since: null, page: null })).records;
  const item = await items.upsert('part:1', { name: 'Hard Drive' }, { rate: '0', account_id: account?.id ?? '' });
  await items.update(item.record.id, { name: 'Drive' });
  const lines = (quantity: string) => ({ line_items: [{ item_id: item.record.id, name: 'Hard Drive', description: 'lent', rate: '120.50', quantity, unit: 'pcs' }] });
  const invoice = await books.writable('invoices').upsert('invoice:1', { customer_id: customer.record.id, reference_number: 'L-1', date: '2026-11-17', notes: 'Loaner 1', ...lines('3') });
  await books.writable('invoices').update(invoice.record.id, { notes: 'Back early' });
  await books.writable('invoices').update(invoice.record.id, lines('4'));
  await useDocuments(books, tax?.id ?? '');
  for (const name of ['organizations', 'contacts', 'items', 'invoices', 'creditnotes', 'taxes', 'accounts', 'users', 'currencies']) {
    const resource = books.readable(name);
    const page = await resource.list({ since: null, page: null });
    await resource.list({ since: '2026-01-01T00:00:00Z', page: null });
    await resource.get(page.records[0]?.id ?? '0');
    await resource.get('460000000000000');
  }
}

/** Documents as an order of a shop makes them: lines without items, discounts, an adjustment, another currency. */
async function useDocuments(books: Connector, taxId: string): Promise<void> {
  const euro = (await books.readable('currencies').list({ since: null, page: null })).records.find(({ data }) => data['currency_code'] === 'EUR')?.id ?? '';
  const buyer = await books.writable('contacts').upsert('buyer:1', { contact_name: 'Ana', contact_type: 'customer', currency_id: euro });
  const lines = [
    { name: 'Chai', description: 'Tea', quantity: '3', rate: '18.333333', unit: 'box', tax_id: taxId },
    { name: 'Coupon', quantity: '1', rate: '-2.50', tax_id: taxId },
  ];
  const document = {
    customer_id: buyer.record.id, currency_id: euro, date: '2026-11-17', reference_number: '1001', is_inclusive_tax: true,
    adjustment: '-0.01', adjustment_description: 'Rounding', notes: 'Thanks', line_items: lines,
  };
  const discounted = { ...document, discount_type: 'item_level', is_discount_before_tax: true, line_items: lines.map((line) => ({ ...line, discount: '1.50' })) };
  await useDocument(books.writable('invoices'), document);
  await books.writable('invoices').upsert('document:2', { ...document, status: 'void' });
  await books.writable('invoices').upsert('document:3', discounted);
  await useDocument(books.writable('creditnotes'), { ...document, is_draft: true });
}

async function useDocument(resource: WritableResource, document: JsonObject): Promise<void> {
  const { record } = await resource.upsert('document:1', document);
  await resource.update(record.id, { notes: 'Thank you' });
  await resource.remove?.(record.id);
}
