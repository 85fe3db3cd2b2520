/**
 * The least that the writes of a shop's orders can cost: what is in one organization is written into another one by a loop that only writes, with the
 * HTTP client of the product, as many at once. A process of its own, like a worker: `node bench/bare-shop.ts URL FROM INTO TOKEN CONCURRENCY` prints
 * `{"seconds":…,"writes":…}`; what is to be written is read and put together before.
 */
import got from 'got';
import { z } from 'zod';

const [url = '', from = '', into = '', token = '', concurrencyText = ''] = process.argv.slice(2);
const client = got.extend({ retry: { limit: 0 }, throwHttpErrors: true, timeout: { request: 30_000 } });

const record = z.record(z.string(), z.json());
const keyed = { custom_field_hash: z.object({ cf_bookbridge_id: z.string() }) };
const documentSchema = z.looseObject({ customer_id: z.string(), line_items: z.array(record), ...keyed });
const stateSchema = z.object({
  contacts: z.array(z.looseObject({ contact_id: z.string(), ...keyed })),
  invoices: z.array(documentSchema),
  creditnotes: z.array(documentSchema),
  taxes: z.array(z.looseObject({ tax_id: z.string(), tax_name: z.string() })),
  currencies: z.array(z.looseObject({ currency_id: z.string(), currency_code: z.string() })),
});
type Body = Record<string, unknown>;

const stateOf = async (organization: string) => stateSchema.parse(await client(`${url}/_simulator/state?organization=${organization}`).json());
const [source, target] = await Promise.all([stateOf(from), stateOf(into)]);

/** Ids of taxes and currencies in the one organization, and what they are in the other. */
const ids = new Map<unknown, string>([
  ...source.taxes.map(({ tax_id: id, tax_name: name }) => [id, target.taxes.find((tax) => tax.tax_name === name)?.tax_id ?? ''] as const),
  ...source.currencies.map(({ currency_id: id, currency_code: code }) => [id, target.currencies.find((currency) => currency.currency_code === code)?.currency_id ?? ''] as const),
]);

function pick(given: Body, names: readonly string[]): Body {
  return Object.fromEntries(names.flatMap((name) => (given[name] === undefined || given[name] === '' ? [] : [[name, name.endsWith('_id') ? ids.get(given[name]) ?? given[name] : given[name]]])));
}

/** The fields that the product sends. */
const contactFields = ['contact_name', 'contact_type', 'company_name', 'currency_id', 'billing_address'];
const personFields = ['first_name', 'last_name', 'email', 'phone', 'is_primary_contact'];
const documentFields = ['reference_number', 'date', 'notes', 'currency_id', 'is_inclusive_tax', 'adjustment', 'adjustment_description'];
const lineFields = ['name', 'description', 'quantity', 'rate', 'tax_id'];

interface Write {
  readonly resource: 'contacts' | 'invoices' | 'creditnotes';
  readonly key: string;
  readonly body: Body;
  /** Contacts: their id there. Documents: that of whom they go to. */
  readonly contact: string;
}

const contacts = source.contacts.map((contact): Write => ({
  resource: 'contacts', key: contact.custom_field_hash.cf_bookbridge_id, contact: contact.contact_id,
  body: { ...pick(contact, contactFields), contact_persons: z.array(record).parse(contact['contact_persons'] ?? []).map((person) => pick(person, personFields)) },
}));
const documentsOf = (resource: 'invoices' | 'creditnotes') => source[resource].map((document): Write => ({
  resource, key: document.custom_field_hash.cf_bookbridge_id, contact: document.customer_id,
  body: { ...pick(document, documentFields), line_items: document.line_items.map((line) => pick(line, lineFields)), ...(resource === 'creditnotes' && { is_draft: true }) },
}));
const steps = [contacts, documentsOf('invoices'), documentsOf('creditnotes')];
const answerSchema = z.looseObject({ contact: z.object({ contact_id: z.string() }).optional() });
const written = new Map<string, string>();

async function write({ resource, key, body, contact }: Write): Promise<void> {
  const answer = answerSchema.parse(await client.put(`${url}/books/v3/${resource}`, {
    searchParams: { organization_id: into },
    headers: { authorization: `Zoho-oauthtoken ${token}`, 'x-unique-identifier-key': 'cf_bookbridge_id', 'x-unique-identifier-value': key, 'x-upsert': 'true' },
    json: { ...body, ...(resource !== 'contacts' && { customer_id: written.get(contact) }), custom_fields: [{ api_name: 'cf_bookbridge_id', value: key }] },
  }).json());
  if (answer.contact) written.set(contact, answer.contact.contact_id);
}

const startMs = performance.now();
for (const step of steps) {
  let next = 0;
  await Promise.all(Array.from({ length: Number(concurrencyText) }, async () => {
    for (let one = step[next++]; one !== undefined; one = step[next++]) await write(one);
  }));
}
const seconds = (performance.now() - startMs) / 1000;
process.stdout.write(`${JSON.stringify({ seconds, writes: steps.flat().length })}\n`);
