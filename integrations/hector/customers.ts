import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import { readRecord, type FlowRecord, type Module, type Write } from '../integration.ts';
import { contextOf, type HectorContext } from './settings.ts';

/** Books' limit for a contact's name (API page "Contacts", company_name). */
const NAME_LENGTH_MAX = 200;

const text = z.string().nullable().default(null);
const personSchema = z.object({ firstName: text, lastName: text, email: text, phone: text, mobile: text });
const addressSchema = z.object({
  attention: text, street: text, street2: text, city: text, state: text, zip: text, country: text,
});
const customerSchema = personSchema.extend({ name: z.string(), billingAddress: addressSchema.nullable().default(null) });

/** Hector's customers, or its users, become customers in Books (guide 1 and 2.4). One way: Hector leads. */
export const customers: Module = {
  name: 'customers',
  observes: [],
  document: null,
  flows: [
    {
      side: 'other',
      resources: (context) => [customerResource(contextOf(context))],
      accept: () => null,
      references: () => [],
      map: (record, _known, context) => mapCustomer(record, contextOf(context)),
    },
  ],
};

/** The resource of Hector that plays the customer. */
export function customerResource({ settings }: HectorContext): 'customers' | 'users' {
  return settings.useHectorCustomers ? 'customers' : 'users';
}

function mapCustomer(record: FlowRecord, context: HectorContext): Write {
  const { name, person, address } = record.resource === 'users' ? readUser(record.data) : readCustomer(record.data);
  if (name === '') throw new BookbridgeError('value-missing', { detail: 'name: a customer needs a name in Books' });
  if (name.length > NAME_LENGTH_MAX) {
    throw new BookbridgeError('value-invalid', { detail: `name: has ${name.length} characters, Books takes ${NAME_LENGTH_MAX}` });
  }
  const fields: JsonObject = { contact_name: name, contact_type: 'customer' };
  if (record.resource === 'customers') fields['company_name'] = name;
  if (address) fields['billing_address'] = address;
  if (person) fields['contact_persons'] = [{ ...person, is_primary_contact: true }];
  return {
    kind: 'write', resource: 'contacts', key: `${context.integrationId}:${record.resource}:${record.id}`,
    fields, initial: {}, notes: [], expected: null,
  };
}

function readCustomer(data: JsonObject) {
  const customer = readRecord(customerSchema, data);
  return { name: customer.name.trim(), person: toPerson(customer), address: customer.billingAddress && filled(customer.billingAddress) };
}

function readUser(data: JsonObject) {
  const user = readRecord(personSchema, data);
  return { name: [user.firstName, user.lastName].map((part) => part?.trim()).filter(Boolean).join(' '), person: toPerson(user), address: null };
}

function toPerson({ firstName, lastName, email, phone, mobile }: z.output<typeof personSchema>): JsonObject | null {
  return filled({ first_name: firstName, last_name: lastName, email, phone, mobile });
}

/** Without the empty fields; null where all are. */
function filled(fields: Record<string, string | null>): JsonObject | null {
  const kept = Object.entries(fields).filter(([, value]) => value !== null && value !== '');
  return kept.length === 0 ? null : Object.fromEntries(kept);
}
