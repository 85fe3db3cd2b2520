import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../domain/json.ts';
import { customers } from '../../../integrations/shop/buyers.ts';
import { refusalOf } from '../../support/refusal-of.ts';
import { billingWith, contextWith, flowOf, mapBuyer, orderWith, within, written } from './world.ts';

const buyersOf = (order: JsonObject, settings: JsonObject = {}) => within(customers, order, contextWith(settings)).map(({ id }) => id);
const contact = (billing: JsonObject, base: JsonObject | null = null) => written(mapBuyer(orderWith({ billing: billingWith(billing) }), { base })).fields;
const before = written(mapBuyer(orderWith())).fields;

describe('the buyer of an order', () => {
  it('is whoever has the e-mail, in any order and whatever its case', () => {
    expect(buyersOf(orderWith())).toEqual(['zoe@example.com:EUR']);
    expect(buyersOf(orderWith({ billing: billingWith({ email: ' ZOE@Example.com', lastName: 'Martin' }) }))).toEqual(['zoe@example.com:EUR']);
  });

  it('is whoever has the name, or is the company, where there is no e-mail', () => {
    expect(buyersOf(orderWith({ billing: billingWith({ email: '' }) }))).toEqual(['zo%C3%A9%20lef%C3%A8vre:EUR']);
    expect(buyersOf(orderWith({ billing: billingWith({ email: '', company: 'Éclair' }) }))).toEqual(['%C3%A9clair:EUR']);
  });

  it('is another one in each currency, because a contact of Books has one', () => {
    expect(buyersOf(orderWith({ currency: 'USD' }))).toEqual(['zoe@example.com:USD']);
  });

  it('has an id that can be part of a key, however long its name and in whatever script', () => {
    const [id = ''] = buyersOf(orderWith({ billing: billingWith({ email: '', company: `${'अ'.repeat(180)} 🎸` }) }));
    expect(id).toMatch(/^[\x21-\x7E]{80,150}:EUR$/);
    expect(id).not.toEqual(buyersOf(orderWith({ billing: billingWith({ email: '', company: `${'अ'.repeat(180)} 🎺` }) }))[0]);
  });

  it('may be a guest', () => {
    expect(orderWith()['customerId']).toBeNull();
    expect(buyersOf(orderWith())).toHaveLength(1);
  });

  it('is nobody where the order says neither e-mail nor name', () => {
    expect(buyersOf(orderWith({ billing: billingWith({ email: ' ', firstName: '', lastName: '' }) }))).toEqual([]);
  });

  it.each([
    ['is not paid', { status: 'pending', isPaid: false }],
    ['was placed before the first day', { placedAt: '2025-01-01T00:00:00.000Z' }],
    ['was cancelled', { isCancelled: true }],
    ['was given back', { refunds: [{ id: '1', total: '24', reason: '' }] }],
    ['has no lines', { lines: [], total: '0' }],
  ])('is none of Books’ business where the order %s', (_, different) => {
    expect(buyersOf(orderWith(different as JsonObject))).toEqual([]);
  });

  it('is nobody where the order cannot be read', () => {
    expect(buyersOf({ deleted: true })).toEqual([]);
  });
});

describe('a buyer in Books', () => {
  it('is a customer in the currency of the order, with person and billing address', () => {
    expect(written(mapBuyer(orderWith({ currency: 'USD' })))).toMatchObject({
      kind: 'write', resource: 'contacts', key: 'shop:buyers:zoe@example.com:USD', initial: {}, notes: [], expected: null,
      fields: {
        contact_name: 'Zoé Lefèvre', contact_type: 'customer', currency_id: '46-USD',
        contact_persons: [{ first_name: 'Zoé', last_name: 'Lefèvre', email: 'zoe@example.com', phone: '+33 1', is_primary_contact: true }],
        billing_address: { address: '12, rue de la Paix', street2: '', city: 'Paris', state: '', zip: '75002', country: 'FR' },
      },
    });
  });

  it('is called by its company, and by its e-mail where there is no name at all', () => {
    expect(contact({ company: 'Éclair SA' })).toMatchObject({ contact_name: 'Éclair SA', company_name: 'Éclair SA' });
    expect(contact({ firstName: '', lastName: '' })).toMatchObject({ contact_name: 'zoe@example.com' });
  });

  it('is told apart by its e-mail where somebody else has its name, and goes on to be called so', () => {
    const own = { contact_name: 'Zoé Lefèvre (zoe@example.com)' };
    expect(written(mapBuyer(orderWith())).whenNameIsTaken).toEqual(own);
    expect(contact({}, { ...before, ...own })).toEqual({ ...before, ...own });
  });

  it('gets the billing data of its newest order', () => {
    const moved = contact({ street: '1, place Bellecour', city: 'Lyon', zip: '69002', phone: '+33 4' }, before);
    expect(moved['billing_address']).toMatchObject({ address: '1, place Bellecour', city: 'Lyon', zip: '69002' });
    expect(moved['contact_persons']).toMatchObject([{ phone: '+33 4' }]);
  });

  it('keeps what a later order leaves out', () => {
    expect(contact({ phone: '', street: '', city: '', zip: '', country: '' }, before)).toEqual(before);
  });

  it('keeps no part of an address that it moved away from', () => {
    const flat = contact({ street2: 'bât. B' });
    expect(contact({ street: '1, place Bellecour' }, flat)['billing_address']).toMatchObject({ address: '1, place Bellecour', street2: '' });
  });

  it('cannot have a name that is too long for Books', () => {
    expect(refusalOf(() => contact({ company: 'x'.repeat(201) }))).toBe('value-invalid: billing: name: has 201 characters, Books takes 200');
  });

  it('cannot have a currency that Books does not have', () => {
    expect(refusalOf(() => mapBuyer(orderWith({ currency: 'CHF' })))).toMatch(/^currency-unknown: CHF: /);
  });
});

describe('a buyer and a contact that was in Books before', () => {
  const matching = flowOf(customers).matching;
  const keysOfPartner = (contact: JsonObject) => matching?.keysOfPartner({ contact_type: 'customer', status: 'active', currency_id: '46-EUR', ...contact }, contextWith());

  it('are compared by e-mail and by name', () => {
    expect(matching?.keysOf(before)).toEqual([{ kind: 'e-mail', value: 'zoe@example.com 46-EUR' }, { kind: 'name', value: 'zoé lefèvre 46-EUR' }]);
    expect(keysOfPartner({ contact_name: 'Zoé LEFÈVRE', email: 'Zoe@example.com' })).toEqual(matching?.keysOf(before));
  });

  it('are never the same in another currency', () => {
    expect(keysOfPartner({ contact_name: 'Zoé Lefèvre', email: 'zoe@example.com', currency_id: '46-USD' })?.map(({ value }) => value)).toEqual(['zoe@example.com 46-USD', 'zoé lefèvre 46-USD']);
    expect(keysOfPartner({ contact_name: 'Zoé Lefèvre', currency_id: '' })).toEqual([]);
  });

  it('share the persons that are in Books only', () => {
    const there = { contact_persons: [{ contact_person_id: '1', first_name: 'Zoé', email: 'old@example.com', is_primary_contact: true }, { contact_person_id: '2', first_name: 'Max' }] };
    expect(flowOf(customers).complete?.({ contact_persons: [{ email: 'zoe@example.com', is_primary_contact: true }] }, { data: there, isWhole: true })?.['contact_persons']).toEqual([
      { contact_person_id: '1', first_name: 'Zoé', email: 'zoe@example.com', is_primary_contact: true }, { contact_person_id: '2', first_name: 'Max', is_primary_contact: false },
    ]);
  });
});
