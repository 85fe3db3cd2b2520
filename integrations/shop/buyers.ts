import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import { billingSchema, type Order } from '../../domain/order.ts';
import { completePersons, currencyMatching } from '../contacts.ts';
import { readRecord, recordKey, type FlowRecord, type Known, type Mapped, type Module } from '../integration.ts';
import { lineOf, shortLineOf } from '../text.ts';
import { isDue, readOrderOrNull } from './course.ts';
import { currencyOf } from './currencies.ts';
import { CURRENCIES, keptBooks, onCommand } from './sources.ts';
import { contextOf, type ShopContext } from './settings.ts';

/** Greatest lengths in Books (API page "Contacts"). */
const NAME_LENGTH_MAX = 200;
const ID_LENGTH_MAX = 150;

const buyerSchema = z.object({ billing: billingSchema, currency: z.string() });
type Billing = Order['billing'];

/**
 * Whoever an invoice goes to, guests too. Shops keep buyers in their orders, so they come from there, in the version of the newest order; and as a
 * contact of Books has one currency, who pays in two is two.
 */
export const customers: Module = {
  name: 'customers',
  observes: [keptBooks('currencies')],
  document: null,
  flows: [
    {
      side: 'other',
      targets: ['contacts'],
      resources: () => ['buyers'],
      within: {
        module: 'orders', resource: 'orders',
        records: ({ data, modifiedAt }, context) => {
          const order = readOrderOrNull(data);
          const id = order && buyerId(order);
          if (!order || id === null || !isDue(order, contextOf(context))) return [];
          return [{ id, modifiedAt, data: { billing: order.billing, currency: order.currency } }];
        },
      },
      onRequest: onCommand,
      chooses: [CURRENCIES],
      accept: () => null,
      references: () => [],
      map: (record, known, context) => mapBuyer(record, known, contextOf(context)),
      // Who is in Books under another name is called so by the bookkeeper.
      matching: { ...currencyMatching, keeps: ['contact_name'] },
      complete: completePersons,
    },
  ],
};

/**
 * By what a buyer is the same in every order: the e-mail, or the name where there is none, and the currency.
 *
 * @returns null where there is neither
 */
export function buyerId({ billing, currency }: Pick<Order, 'billing' | 'currency'>): string | null {
  const who = (lineOf(billing.email) || nameOf(billing)).normalize('NFC').toLowerCase();
  if (who === '') return null;
  // It becomes part of a key, which travels in a header and stands in a field of 255 characters.
  const plain = who.replaceAll(/[^\x21-\x7E]|%/gu, encodeURIComponent);
  const short = plain.length <= ID_LENGTH_MAX ? plain : `${plain.slice(0, ID_LENGTH_MAX / 2)}~${fingerprint(plain)}`;
  return `${short}:${currency}`;
}

/** FNV-1a of 64 bits, enough to tell apart the few names that are too long and begin alike. */
function fingerprint(plain: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let index = 0; index < plain.length; index += 1) hash = BigInt.asUintN(64, (hash ^ BigInt(plain.charCodeAt(index))) * 0x100000001b3n);
  return hash.toString(16).padStart(16, '0');
}

/** The company, else the person, else the e-mail: a contact needs a name. */
function nameOf({ company, firstName, lastName, email }: Billing): string {
  return lineOf(company) || lineOf(`${firstName} ${lastName}`) || lineOf(email);
}

/** @throws BookbridgeError `value-invalid`, `currency-unknown` */
function mapBuyer(record: FlowRecord, known: Known, context: ShopContext): Mapped {
  const { billing, currency } = readRecord(buyerSchema, record.data);
  const name = shortLineOf('billing: name', nameOf(billing), NAME_LENGTH_MAX);
  if (name === '') throw new BookbridgeError('value-missing', { detail: 'billing: neither e-mail nor name' });
  const base = record.link?.base.books ?? {};
  const own = ownName(name, billing, currency === context.organization.currencyCode ? '' : `, ${currency}`);
  const company = shortLineOf('billing.company', billing.company, NAME_LENGTH_MAX);
  const isTaken = own !== null && base['contact_name'] === own;
  const fields: JsonObject = { contact_name: isTaken ? own : name, contact_type: 'customer', currency_id: currencyOf(currency, known, context).id };
  const companyName = company || textOf(base['company_name']);
  const address = addressOf(billing) ?? base['billing_address'];
  const persons = base['contact_persons'];
  const person = { ...objectOf(Array.isArray(persons) ? persons[0] : undefined), ...personOf(billing) };
  if (companyName !== '') fields['company_name'] = companyName;
  if (address !== undefined) fields['billing_address'] = address;
  if (Object.keys(person).length > 0) fields['contact_persons'] = [{ ...person, is_primary_contact: true }];
  return {
    kind: 'write', resource: 'contacts', key: recordKey(context.integrationId, record), fields, initial: {}, notes: [], expected: null,
    ...(own !== null && { whenNameIsTaken: { contact_name: own } }),
  };
}

/**
 * Names of contacts are unique in Books, those of people are not: the second of a name is told apart by the e-mail, and who pays in several
 * currencies by these. Null where there is no e-mail.
 */
function ownName(name: string, { email }: Billing, suffix: string): string | null {
  const address = lineOf(email);
  const own = `${name} (${address}${suffix})`;
  return address === '' || own.length > NAME_LENGTH_MAX ? null : own;
}

/** What an order leaves out, an earlier one may have said, and stays. */
function personOf(billing: Billing): JsonObject {
  const part = (field: keyof Billing, lengthMax: number) => shortLineOf(`billing.${field}`, billing[field], lengthMax);
  const person = { first_name: part('firstName', 100), last_name: part('lastName', 100), email: part('email', 100), phone: part('phone', 50) };
  return Object.fromEntries(Object.entries(person).filter(([, value]) => value !== ''));
}

/** An address is one whole: a part of it that is empty is emptied. Null where there is none. */
function addressOf(billing: Billing): JsonObject | null {
  const part = (field: keyof Billing, lengthMax: number) => shortLineOf(`billing.${field}`, billing[field], lengthMax);
  const address = {
    address: part('street', 500), street2: part('street2', 255), city: part('city', 100), state: part('state', 100), zip: part('zip', 50), country: part('country', 100),
  };
  return Object.values(address).every((value) => value === '') ? null : address;
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function objectOf(value: Json | undefined): JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
}
