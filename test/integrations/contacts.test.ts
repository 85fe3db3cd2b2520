import { describe, expect, it } from 'vitest';
import { completeContact, completePersons, contactMatching } from '../../integrations/contacts.ts';

const keysOf = (fields: Parameters<typeof contactMatching.keysOf>[0]) => contactMatching.keysOf(fields).map(({ kind, value }) => `${kind} ${value}`);
const keysOfPartner = (fields: Parameters<typeof contactMatching.keysOfPartner>[0]) => contactMatching.keysOfPartner(fields, { organization: { currencyCode: 'EUR', digits: 2 } }).map(({ kind, value }) => `${kind} ${value}`);

describe('a customer and a contact are compared', () => {
  it('by the e-mail of the primary person and by the name', () => {
    expect(keysOf({ contact_name: 'Éclair', contact_persons: [{ email: 'zoe@eclair.example' }] })).toEqual(['e-mail zoe@eclair.example', 'name éclair']);
    expect(keysOfPartner({ contact_name: 'Éclair', contact_type: 'customer', status: 'active', email: 'zoe@eclair.example' })).toEqual(['e-mail zoe@eclair.example', 'name éclair']);
  });

  it('without regard to case, to blanks around, and to how an accent is written', () => {
    expect(keysOf({ contact_name: ' E\u0301CLAIR ', contact_persons: [{ email: 'ZOE@eclair.EXAMPLE' }] })).toEqual(keysOfPartner({ contact_name: '\u00C9clair', email: ' zoe@eclair.example' }));
  });

  it('by the primary person of a contact that was read alone', () => {
    const persons = [{ email: 'max@eclair.example', is_primary_contact: false }, { email: 'zoe@eclair.example', is_primary_contact: true }];
    expect(keysOfPartner({ contact_name: 'Éclair', contact_persons: persons })).toContain('e-mail zoe@eclair.example');
  });

  it('by nothing that is no address, and by no empty name', () => {
    expect(keysOf({ contact_name: ' ', contact_persons: [{ email: '-' }] })).toEqual([]);
    expect(keysOf({ contact_name: 'Éclair' })).toEqual(['name éclair']);
  });

  it('never with a vendor, and with an inactive contact by its name only', () => {
    expect(keysOfPartner({ contact_name: 'Power', contact_type: 'vendor', email: 'bill@power.example' })).toEqual([]);
    expect(keysOfPartner({ contact_name: 'Power', status: 'inactive', email: 'bill@power.example' })).toEqual(['name power']);
  });

  it('never with a contact of another currency than the organization has', () => {
    expect(keysOfPartner({ contact_name: 'Power', currency_code: 'JPY' })).toEqual([]);
    for (const said of [{ currency_code: 'EUR' }, { currency_code: '' }, {}]) expect(keysOfPartner({ contact_name: 'Power', ...said })).toEqual(['name power']);
  });
});

describe('the persons of a contact', () => {
  const zoe = { first_name: 'Zoé', email: 'zoe@eclair.example', is_primary_contact: true };
  const changed = { contact_name: 'Éclair', contact_persons: [zoe] };
  const listed = { first_name: '', last_name: '', email: '', phone: '', mobile: '' };

  it('do not matter where the primary one does not change', () => {
    expect(completePersons({ contact_name: 'Éclair' }, null)).toEqual({ contact_name: 'Éclair' });
  });

  it('have to be read where it does', () => {
    expect(completePersons(changed, null)).toBeNull();
    expect(completePersons(changed, { data: { ...listed, email: 'other@eclair.example' }, isWhole: false })).toBeNull();
  });

  it('need not be read where a listing shows that there is none, or that ours is there', () => {
    expect(completePersons(changed, { data: listed, isWhole: false })).toEqual(changed);
    expect(completePersons(changed, { data: { ...listed, first_name: 'Zoé', email: 'zoe@eclair.example' }, isWhole: false })).toEqual({ contact_name: 'Éclair' });
  });

  it('stay, with ours in the place of the primary one', () => {
    const persons = [
      { contact_person_id: '1', first_name: 'Max', department: 'IT', is_primary_contact: false },
      { contact_person_id: '2', first_name: 'Zoe', phone: '1', designation: 'CEO', is_primary_contact: true },
    ];
    expect(completePersons(changed, { data: { contact_persons: persons }, isWhole: true })).toEqual({
      contact_name: 'Éclair',
      contact_persons: [persons[0], { contact_person_id: '2', first_name: 'Zoé', email: 'zoe@eclair.example', phone: '1', designation: 'CEO', is_primary_contact: true }],
    });
  });

  it('are not written where they are as they should be', () => {
    expect(completePersons(changed, { data: { contact_persons: [{ contact_person_id: '2', phone: '1', ...zoe }] }, isWhole: true })).toEqual({ contact_name: 'Éclair' });
  });

  it('are ours alone where there was nobody', () => {
    expect(completePersons(changed, { data: {}, isWhole: true })).toEqual(changed);
  });
});

describe('the address of a contact', () => {
  const changed = { billing_address: { city: 'Lyon', zip: '69001' } };

  it('has to be read where it changes, because a listing does not show it', () => {
    expect(completeContact(changed, null)).toBeNull();
    expect(completeContact(changed, { data: { contact_name: 'Éclair' }, isWhole: false })).toBeNull();
    expect(completeContact({ contact_name: 'Éclair' }, null)).toEqual({ contact_name: 'Éclair' });
  });

  it('keeps what a person filled in and we have nothing of', () => {
    const there = { address: '1 rue du Port', city: 'Nantes', zip: '44000', state: 'Loire-Atlantique', phone: '+33 1', fax: '99' };
    expect(completeContact(changed, { data: { billing_address: there }, isWhole: true })).toEqual({ billing_address: { ...there, city: 'Lyon', zip: '69001' } });
  });

  it('loses the codes of a state and a country that are ours', () => {
    const there = { city: 'Nantes', state: 'Loire-Atlantique', state_code: 'FR-44', country: 'France', country_code: 'FR', phone: '+33 1' };
    expect(completeContact({ billing_address: { state: 'Rhône', country: '' } }, { data: { billing_address: there }, isWhole: true })).toEqual({ billing_address: { city: 'Nantes', phone: '+33 1', state: 'Rhône', country: '' } });
  });

  it('is not written where it is as it should be', () => {
    expect(completeContact(changed, { data: { billing_address: { ...changed.billing_address, phone: '1' } }, isWhole: true })).toEqual({});
  });
});
