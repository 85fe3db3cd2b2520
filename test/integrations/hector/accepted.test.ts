import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connector } from '../../../connectors/resource.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { startZohoSimulator, type ZohoSimulator } from '../../../simulators/zoho/index.ts';
import { connectBooks } from '../../support/zoho.ts';
import { contextWith, linesOf, mapLoaner, mapParty, written } from './world.ts';

/** What is mapped is what a server of Books takes, and what it holds afterwards. */

const organizations = [
  { organization_id: '1', currency_code: 'JPY', price_precision: 0 },
  { organization_id: '2', currency_code: 'CAD', price_precision: 2 },
  { organization_id: '3', currency_code: 'KWD', price_precision: 3 },
];

let zoho: ZohoSimulator;
beforeAll(async () => {
  zoho = await startZohoSimulator({ organizations, limits: { minute: null } });
});
afterAll(() => zoho.close());

const connect = async (organizationId: string): Promise<Connector> => (await connectBooks(zoho.url, { organizationId })).books;

describe('customers in Books', () => {
  const whole: JsonObject = {
    name: '🎬 <b>شركة</b> Éclair', firstName: 'Zoé', lastName: 'Lefèvre', email: 'zoe@eclair.example', phone: '+33 1', mobile: '+33 6', language: 'pt-BR',
    billingAddress: { attention: 'Zoé', street: 'x'.repeat(500), street2: 'bât. B', city: 'Paris', state: 'IDF', zip: '75002', country: 'France' },
  };

  it('arrive field by field, and are emptied field by field', async () => {
    const contacts = (await connect('2')).writable('contacts');
    const first = written(mapParty('customers', whole));
    const { record } = await contacts.upsert(first.key, first.fields);
    expect((await contacts.get(record.id))?.data).toMatchObject({ ...first.fields, contact_persons: [{ first_name: 'Zoé', email: 'zoe@eclair.example', mobile: '+33 6' }] });

    const second = written(mapParty('customers', { ...whole, mobile: null, billingAddress: { city: 'Lyon' } }, first.fields));
    await contacts.update(record.id, second.fields);
    expect((await contacts.get(record.id))?.data).toMatchObject({
      billing_address: { address: '', street2: '', city: 'Lyon', zip: '' }, contact_persons: [{ first_name: 'Zoé', mobile: '' }],
    });
  });

  it('collide where a name differs only by case, and the message names it', async () => {
    const contacts = (await connect('2')).writable('contacts');
    const { fields } = written(mapParty('customers', { name: 'IT' }));
    await contacts.upsert('first', fields);
    await expect(contacts.upsert('second', { ...fields, contact_name: 'it' })).rejects.toMatchObject({ code: 'name-collision', detail: expect.stringContaining('"it"') });
  });
});

describe('invoices in Books', () => {
  it.each(organizations)('come to the very total that was worked out: $currency_code', async ({ organization_id: organizationId, currency_code: currencyCode, price_precision: digits }) => {
    const books = await connect(organizationId);
    const item = await books.writable('items').upsert('item', { name: 'Cable', rate: '0.3335', unit: 'm' });
    const place = await books.writable('items').upsert('place', { name: 'Local B', rate: '120.125', unit: 'hectorplace' });
    const penalty = await books.writable('items').upsert('penalty', { name: 'Penalty', rate: '0' });
    const contact = await books.writable('contacts').upsert('customer', { contact_name: 'Éclair' });
    const mapped = written(mapLoaner(
      {
        lines: [{ kind: 'part', itemId: 'cable', quantity: 7 }, { kind: 'place', itemId: 'room', quantity: 1 }], notes: 'Fragile 🎬',
        penalties: [{ type: 'amount', value: '25', reason: 'late', description: '' }],
      },
      {
        imported: [{ id: 'cable', name: 'Cable', rate: '0.3335', unit: 'm', calculationType: 'By hour' }, { resource: 'places', id: 'room', name: 'Local B', rate: '120.125', unit: 'hectorplace' }],
        context: contextWith({ penaltyItemId: penalty.record.id }, { currencyCode, digits }),
      },
    ));
    const ids = [item.record.id, place.record.id, penalty.record.id];
    const line_items = linesOf(mapped).map((line, index) => ({ ...line, item_id: ids[index] ?? '' }));
    const { record } = await books.writable('invoices').upsert(mapped.key, { ...mapped.fields, customer_id: contact.record.id, line_items });
    expect(Number(record.data['sub_total'])).toBe(Number(mapped.expected?.total));
    expect(record.data).toMatchObject({
      status: 'draft', reference_number: 'LO-1', date: '2026-10-06',
      line_items: [
        { name: 'Cable', unit: 'm', quantity: '168', rate: '0.3335', description: 'By hour, 2026-10-05 12:00 to 2026-10-06 12:00' },
        { name: 'Local B', unit: '', quantity: '1', rate: '120.125' },
        { name: 'Penalty', quantity: '1', rate: '25', description: 'Late' },
      ],
    });
  });
});
