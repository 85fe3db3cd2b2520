import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import { completeContact, contactMatching } from '../contacts.ts';
import { readRecord, recordKey, type FlowRecord, type Mapped, type Module } from '../integration.ts';
import { shortLineOf } from '../text.ts';
import { booksLanguage } from './language.ts';
import { contextOf, type HectorContext } from './settings.ts';

/** Books' limit for a contact's name (API page "Contacts", company_name); the other lengths below are from the same page. */
const NAME_LENGTH_MAX = 200;

const text = z.string().nullable().default(null);
const personSchema = z.object({ firstName: text, lastName: text, email: text, phone: text, mobile: text });
const addressSchema = z.object({ attention: text, street: text, street2: text, city: text, state: text, zip: text, country: text });
const customerSchema = personSchema.extend({ name: text, language: text, billingAddress: addressSchema.nullable().default(null) });

/** Hector's customers, or its users, become customers in Books (guide 1 and 2.4). One way: Hector leads. */
export const customers: Module = {
  name: 'customers',
  observes: [],
  document: null,
  flows: [
    {
      side: 'other',
      targets: ['contacts'],
      resources: (context) => [customerResource(contextOf(context))],
      accept: () => null,
      references: () => [],
      map: (record, _known, context) => mapCustomer(record, contextOf(context)),
      matching: contactMatching,
      complete: completeContact,
    },
  ],
};

/** The resource of Hector that plays the customer. */
export function customerResource({ settings }: HectorContext): 'customers' | 'users' {
  return settings.useHectorCustomers ? 'customers' : 'users';
}

/** A customer of Books as Hector has it, whichever resource it comes from. */
interface Party {
  readonly name: string;
  /** By the names of Books; empty text where Hector has nothing. */
  readonly person: Readonly<Record<string, string>>;
  readonly address: Readonly<Record<string, string>>;
  readonly others: JsonObject;
}

function mapCustomer(record: FlowRecord, context: HectorContext): Mapped {
  // Who left before the first sync has no business in the books; who leaves later may be on an invoice, and stays.
  if (record.data['active'] === false && !record.link) {
    return { kind: 'skip', finding: { code: 'customer-inactive', detail: `${record.resource} ${record.id}` }, notes: [] };
  }
  const party = record.resource === 'users' ? readUser(record.data) : readCustomer(record.data);
  if (party.name === '') throw new BookbridgeError('value-missing', { detail: 'name: a customer needs a name in Books' });
  const base = record.link?.base.books ?? {};
  const address = filled(party.address, base['billing_address']);
  const person = filled(party.person, Array.isArray(base['contact_persons']) ? base['contact_persons'][0] : undefined);
  const fields: JsonObject = { contact_name: party.name, contact_type: 'customer', ...party.others };
  if (address) fields['billing_address'] = address;
  if (person) fields['contact_persons'] = [{ ...person, is_primary_contact: true }];
  return {
    kind: 'write', resource: 'contacts', key: recordKey(context.integrationId, record),
    fields, initial: {}, notes: [], expected: null,
  };
}

function readCustomer(data: JsonObject): Party {
  const customer = readRecord(customerSchema, data);
  const { name, language, billingAddress } = customer;
  const part = (field: keyof z.output<typeof addressSchema>, lengthMax: number) => shortLineOf(`billingAddress.${field}`, billingAddress?.[field] ?? null, lengthMax);
  const contactName = shortLineOf('name', name, NAME_LENGTH_MAX);
  const languageCode = booksLanguage(language);
  return {
    name: contactName,
    person: readPerson(customer),
    address: {
      attention: part('attention', 100), address: part('street', 500), street2: part('street2', 255), city: part('city', 100),
      state: part('state', 100), zip: part('zip', 50), country: part('country', 100),
    },
    others: { company_name: contactName, ...(languageCode !== null && { language_code: languageCode }) },
  };
}

function readUser(data: JsonObject): Party {
  const person = readPerson(readRecord(personSchema, data));
  const name = [person['first_name'], person['last_name']].filter(Boolean).join(' ');
  return { name: shortLineOf('name', name, NAME_LENGTH_MAX), person, address: {}, others: {} };
}

function readPerson({ firstName, lastName, email, phone, mobile }: z.output<typeof personSchema>): Record<string, string> {
  return {
    first_name: shortLineOf('firstName', firstName, 100), last_name: shortLineOf('lastName', lastName, 100),
    email: shortLineOf('email', email, 100), phone: shortLineOf('phone', phone, 50), mobile: shortLineOf('mobile', mobile, 50),
  };
}

/**
 * Without the fields that are empty, unless they were filled in the last sync: those are emptied in Books too.
 *
 * @param before the same fields as they were written last
 * @returns null where nothing is left
 */
function filled(fields: Readonly<Record<string, string>>, before: Json | undefined): JsonObject | null {
  const written = before !== null && typeof before === 'object' && !Array.isArray(before) ? before : {};
  const kept = Object.entries(fields).filter(([field, value]) => value !== '' || Object.hasOwn(written, field));
  return kept.length === 0 ? null : Object.fromEntries(kept);
}
