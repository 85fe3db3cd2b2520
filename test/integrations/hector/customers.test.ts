import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../domain/json.ts';
import { refusalOf } from '../../support/refusal-of.ts';
import { mapParty, written } from './world.ts';

const eclair: JsonObject = {
  name: 'Société d’Événements Éclair', firstName: 'Zoé', lastName: 'Lefèvre', email: 'zoe@eclair.example', phone: '+33 1', mobile: '+33 6', language: 'fr',
  currency: 'EUR', active: true,
  billingAddress: { attention: 'Zoé', street: '12, rue de la Paix', street2: 'bât. B', city: 'Paris', state: 'Île-de-France', zip: '75002', country: 'France' },
};
const contact = (customer: JsonObject) => written(mapParty('customers', customer)).fields;

describe('a customer of Hector in Books', () => {
  it('is a customer with its primary person and its billing address, by the names Books has for them', () => {
    expect(written(mapParty('customers', eclair))).toEqual({
      kind: 'write', resource: 'contacts', key: 'hector:customers:c-1', initial: {}, notes: [], expected: null,
      fields: {
        contact_name: 'Société d’Événements Éclair', company_name: 'Société d’Événements Éclair', contact_type: 'customer', language_code: 'fr',
        contact_persons: [{ first_name: 'Zoé', last_name: 'Lefèvre', email: 'zoe@eclair.example', phone: '+33 1', mobile: '+33 6', is_primary_contact: true }],
        billing_address: { attention: 'Zoé', address: '12, rue de la Paix', street2: 'bât. B', city: 'Paris', state: 'Île-de-France', zip: '75002', country: 'France' },
      },
    });
  });

  it('needs nothing but a name', () => {
    expect(contact({ name: 'IT' })).toEqual({ contact_name: 'IT', company_name: 'IT', contact_type: 'customer' });
  });

  it('leaves out what Hector has not, down to a whole address', () => {
    const fields = contact({ name: 'IT', firstName: '', lastName: null, email: ' it@it.example ', billingAddress: { street: null, city: '', country: '  ' } });
    expect(fields['contact_persons']).toEqual([{ email: 'it@it.example', is_primary_contact: true }]);
    expect(fields).not.toHaveProperty('billing_address');
  });

  it('never says which currency, because Books takes only the id of one and gives its own otherwise', () => {
    expect(Object.keys(contact({ ...eclair, currency: 'JPY' })).filter((field) => field.startsWith('currency'))).toEqual([]);
  });
});

describe('a customer that changes', () => {
  it('gets emptied in Books what was emptied in Hector', () => {
    const before = written(mapParty('customers', eclair)).fields;
    const after = written(mapParty('customers', { ...eclair, mobile: null, billingAddress: { city: 'Lyon' } }, before)).fields;
    expect(after['contact_persons']).toMatchObject([{ first_name: 'Zoé', mobile: '', is_primary_contact: true }]);
    expect(after['billing_address']).toEqual({ attention: '', address: '', street2: '', city: 'Lyon', state: '', zip: '', country: '' });
  });

  it('gets its address emptied when it has none any more', () => {
    const before = written(mapParty('customers', eclair)).fields;
    const after = written(mapParty('customers', { ...eclair, billingAddress: null }, before)).fields;
    expect(Object.values(after['billing_address'] as JsonObject)).toEqual(Array.from({ length: 7 }, () => ''));
  });

  it('is written the same again and again where nothing changed', () => {
    const before = written(mapParty('customers', eclair)).fields;
    const emptied = { ...eclair, phone: null, billingAddress: null };
    const once = written(mapParty('customers', emptied, before)).fields;
    expect(written(mapParty('customers', emptied, once)).fields).toEqual(once);
  });

  it('never empties what a person filled in Books and Hector never had', () => {
    expect(written(mapParty('customers', { name: 'IT' }, { contact_name: 'IT' })).fields).not.toHaveProperty('billing_address');
  });
});

describe('the name of a customer', () => {
  it.each([
    ['emoji', '🎬 Ciné-Club 👩‍👩‍👧'],
    ['right-to-left text', 'شركة النخيل للفعاليات'],
    ['right-to-left marks', 'שלום\u200F (Shalom)'],
    ['HTML, which is plain text', '<b>Bold</b> & Sons <script>alert(1)</script>'],
    ['Chinese', '北京光影文化有限公司'],
    ['two blanks within', 'A  B'],
    ['200 characters', 'x'.repeat(200)],
  ])('stays as it is: %s', (_what, name) => {
    expect(contact({ name })['contact_name']).toBe(name);
  });

  it.each([
    ['blanks around it', '  Éclair\u00A0 ', 'Éclair'],
    ['a NUL', 'Ecl\u0000air', 'Eclair'],
    ['a control character of a second kind', 'Ecl\u0090air', 'Eclair'],
    ['line ends of other systems', 'Ecl\u0085air\u2028Nord', 'Ecl air Nord'],
    ['a bell and a delete', '\u0007Eclair\u007F', 'Eclair'],
    ['a line break and a tab', 'Éclair\r\nParis\tNord', 'Éclair Paris Nord'],
    ['half a character', 'Éclair \uD83C', 'Éclair \uFFFD'],
  ])('goes without %s', (_what, name, cleaned) => {
    expect(contact({ name })['contact_name']).toBe(cleaned);
  });

  it.each(['', '   ', '\u0000\u0001', null])('is asked for where it is %j', (name) => {
    expect(refusalOf(() => mapParty('customers', { ...eclair, name }))).toBe('value-missing: name: a customer needs a name in Books');
  });
});

describe('a field that is longer than Books takes', () => {
  it.each([
    ['name', { name: 'x'.repeat(201) }, 'name: has 201 characters, Books takes 200'],
    ['first name', { firstName: 'x'.repeat(101) }, 'firstName: has 101 characters, Books takes 100'],
    ['e-mail', { email: `${'x'.repeat(100)}@x` }, 'email: has 102 characters, Books takes 100'],
    ['phone', { phone: '1'.repeat(51) }, 'phone: has 51 characters, Books takes 50'],
    ['street', { billingAddress: { street: 'x'.repeat(501) } }, 'billingAddress.street: has 501 characters, Books takes 500'],
    ['postal code', { billingAddress: { zip: '1'.repeat(51) } }, 'billingAddress.zip: has 51 characters, Books takes 50'],
  ])('is named: %s', (_what, different, detail) => {
    expect(refusalOf(() => mapParty('customers', { ...eclair, ...different }))).toBe(`value-invalid: ${detail}`);
  });

  it('is named, too, where it is of the wrong kind', () => {
    expect(refusalOf(() => mapParty('customers', { ...eclair, email: 7 }))).toMatch(/^record-unreadable: email: /);
    expect(refusalOf(() => mapParty('customers', { ...eclair, billingAddress: { city: [] } }))).toMatch(/^record-unreadable: billingAddress.city: /);
  });
});

describe('the language of a customer', () => {
  it.each([
    ['fr', 'fr'], ['fr-CA', 'fr'], ['FR', 'fr'], ['pt-BR', 'pt_br'], ['pt_PT', 'pt'], ['en-GB', 'en_gb'], ['en-US', 'en'], ['zh-Hant-TW', 'zh'],
  ])('%s is %s in Books', (language, code) => {
    expect(contact({ name: 'IT', language })['language_code']).toBe(code);
  });

  it.each(['da', 'klingon', '', null])('%j is none of those that Books has, so Books decides', (language) => {
    expect(contact({ name: 'IT', language })).not.toHaveProperty('language_code');
  });
});

describe('an inactive customer', () => {
  it('that Books never had is left out, and said so', () => {
    expect(mapParty('customers', { ...eclair, active: false })).toEqual({
      kind: 'skip', finding: { code: 'customer-inactive', detail: 'customers c-1' }, notes: [],
    });
    expect(mapParty('users', { firstName: 'Renée', active: false })).toMatchObject({ kind: 'skip', finding: { code: 'customer-inactive' } });
  });

  it('is left out without a word about what else is wrong with it', () => {
    expect(mapParty('customers', { name: '', active: false })).toMatchObject({ finding: { code: 'customer-inactive' } });
  });

  it('that is in Books stays there and is kept in step, because invoices may name it', () => {
    expect(written(mapParty('customers', { ...eclair, name: 'Éclair SA', active: false }, { contact_name: 'Éclair' })).fields['contact_name']).toBe('Éclair SA');
  });
});

describe('a user of Hector in Books, where users are chosen instead of customers', () => {
  it('is a customer by first and last name, and no company', () => {
    expect(written(mapParty('users', { firstName: ' Renée ', lastName: 'Côté', email: 'renee@lender.example', phone: '+33 1' }))).toMatchObject({
      resource: 'contacts', key: 'hector:users:c-1',
      fields: {
        contact_name: 'Renée Côté', contact_type: 'customer',
        contact_persons: [{ first_name: 'Renée', last_name: 'Côté', email: 'renee@lender.example', phone: '+33 1', is_primary_contact: true }],
      },
    });
  });

  it.each([['first', { firstName: 'Renée', lastName: null }, 'Renée'], ['last', { firstName: '', lastName: '太郎' }, '太郎']])(
    'may have nothing but a %s name', (_what, user, name) => {
      expect(written(mapParty('users', user)).fields).toMatchObject({ contact_name: name });
      expect(written(mapParty('users', user)).fields).not.toHaveProperty('company_name');
    },
  );

  it('needs one of the two', () => {
    expect(refusalOf(() => mapParty('users', { firstName: ' ', lastName: null, email: 'nobody@lender.example' }))).toMatch(/^value-missing: name/);
  });
});
