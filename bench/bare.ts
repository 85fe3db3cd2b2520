/**
 * The least that the same writes can cost: a loop that only makes them, with the HTTP client of the product, as many at once. A process of its
 * own, like a worker: `node bench/bare.ts URL ORGANIZATION TOKEN COUNT CONCURRENCY` prints `{"seconds":…}`.
 */
import got from 'got';

const [url = '', organization = '', token = '', countText = '', concurrencyText = ''] = process.argv.slice(2);
const [count, concurrency] = [Number(countText), Number(concurrencyText)];
const client = got.extend({ retry: { limit: 0 }, throwHttpErrors: true, timeout: { request: 30_000 } });

async function write(index: number): Promise<void> {
  const number = String(index).padStart(6, '0');
  const key = `bare:customers:${number}`;
  await client.put(`${url}/books/v3/contacts`, {
    searchParams: { organization_id: organization },
    headers: { authorization: `Zoho-oauthtoken ${token}`, 'x-unique-identifier-key': 'cf_bookbridge_id', 'x-unique-identifier-value': key, 'x-upsert': 'true' },
    json: {
      contact_name: `Société ${number} & Søn`, contact_type: 'customer', company_name: `Société ${number} & Søn`, language_code: 'fr',
      billing_address: { attention: 'Comptabilité', address: `${index + 1}, rue de l’Échiquier`, city: 'Paris', zip: '75010', country: 'France' },
      contact_persons: [{ first_name: 'Zoé', last_name: `Lefèvre ${number}`, email: `person-${number}@example.com`, phone: '+33 1 99 00 01 02', is_primary_contact: true }],
      custom_fields: [{ api_name: 'cf_bookbridge_id', value: key }],
    },
  }).json();
}

let next = 0;
const startMs = performance.now();
await Promise.all(Array.from({ length: concurrency }, async () => {
  for (let index = next++; index < count; index = next++) await write(index);
}));
process.stdout.write(`${JSON.stringify({ seconds: (performance.now() - startMs) / 1000 })}\n`);
