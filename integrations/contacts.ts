import { z } from 'zod';
import type { Json, JsonObject } from '../domain/json.ts';
import type { Matching, MatchKey } from './integration.ts';

/**
 * Contacts that were in Books before, for those who are billed in the currency of the organization: an invoice has the currency of its contact,
 * and would have the same numbers in another one.
 */
export const contactMatching: Matching = {
  resource: 'contacts',
  keysOf,
  keysOfPartner: (contact, { organization }) => ((contact['currency_code'] || organization.currencyCode) === organization.currencyCode ? keysOfContact(contact) : []),
  nameOf: ({ contact_name: name }) => (typeof name === 'string' ? name : ''),
};

/** The same among contacts of whichever currency a record has: what is sold in another one cannot be on their invoices. */
export const currencyMatching: Matching = {
  ...contactMatching,
  keysOf: (fields) => inCurrency(keysOf(fields), fields),
  keysOfPartner: (contact) => inCurrency(keysOfContact(contact), contact),
};

function keysOf(fields: JsonObject): MatchKey[] {
  return [...emailKey(firstPerson(fields)['email']), ...nameKey(fields)];
}

/**
 * A vendor is nobody's customer, so it is never a partner. An inactive contact is one by its name only: a name can be there once, while the same
 * address may also belong to the contact that took its place.
 */
function keysOfContact(contact: JsonObject): MatchKey[] {
  if (contact['contact_type'] === 'vendor') return [];
  return [...(contact['status'] === 'inactive' ? [] : emailKey(contact['email'] ?? primaryAmong(personsOf(contact))?.['email'])), ...nameKey(contact)];
}

function inCurrency(keys: readonly MatchKey[], { currency_id: currencyId }: JsonObject): MatchKey[] {
  return typeof currencyId === 'string' && currencyId !== '' ? keys.map(({ kind, value }) => ({ kind, value: `${value} ${currencyId}` })) : [];
}

/** Without regard to case and blanks around it, and the same whether an accent is a character of its own or part of one. */
function folded(text: string): string {
  return text.normalize('NFC').trim().toLowerCase();
}

function nameKey({ contact_name: name }: JsonObject): MatchKey[] {
  const value = typeof name === 'string' ? folded(name) : '';
  return value === '' ? [] : [{ kind: 'name', value }];
}

function emailKey(email: Json | undefined): MatchKey[] {
  const value = typeof email === 'string' ? folded(email) : '';
  return value.includes('@') ? [{ kind: 'e-mail', value }] : [];
}

const objectSchema = z.record(z.string(), z.json());
const personsSchema = z.array(objectSchema);
/** The fields of a person by which a listing shows the primary one. */
const shownFields = ['first_name', 'last_name', 'email', 'phone', 'mobile'];
/** The fields of a person that are written back as they are. */
const keptFields = ['contact_person_id', 'salutation', ...shownFields, 'designation', 'department'];

function personsOf({ contact_persons: persons }: JsonObject): JsonObject[] {
  const parsed = personsSchema.safeParse(persons);
  return parsed.success ? parsed.data : [];
}

function firstPerson(fields: JsonObject): JsonObject {
  return personsOf(fields)[0] ?? {};
}

function primaryAmong(persons: readonly JsonObject[]): JsonObject | undefined {
  return persons.find((person) => person['is_primary_contact'] === true) ?? persons[0];
}

/**
 * Books removes the persons of a contact that a change does not name (API page "Contacts", Update a Contact), and ours is only the primary
 * one. So the others are named as they are, and ours keeps its id.
 */
export function completePersons(changed: JsonObject, contact: { readonly data: JsonObject; readonly isWhole: boolean } | null): JsonObject | null {
  const { contact_persons: persons, ...others } = changed;
  if (persons === undefined) return changed;
  if (!contact) return null;
  const ours = firstPerson(changed);
  if (!contact.isWhole) {
    const shown = contact.data;
    if (isIn(ours, shown)) return others;
    const hasNobody = shownFields.every((field) => shown[field] === '');
    return hasNobody ? changed : null;
  }
  const there = personsOf(contact.data);
  const primary = primaryAmong(there);
  if (!primary) return changed;
  if (isIn(ours, primary)) return others;
  const all = there.map((person) => ({ ...kept(person), ...(person === primary ? ours : { is_primary_contact: false }) }));
  return { ...others, contact_persons: all };
}

/**
 * As {@link completePersons}; and as Books is taken to replace an address as a whole, what we have nothing of stays in it as it is there. A code
 * belongs to its name, so it goes where the name is ours.
 */
export function completeContact(changed: JsonObject, contact: { readonly data: JsonObject; readonly isWhole: boolean } | null): JsonObject | null {
  const address = objectSchema.safeParse(changed['billing_address']).data;
  const completed = completePersons(changed, contact);
  if (!completed || !address) return completed;
  if (!contact?.isWhole) return null;
  const there = objectSchema.safeParse(contact.data['billing_address']).data ?? {};
  if (isIn(address, there)) return without(completed, ['billing_address']);
  const stale = ['state', 'country'].filter((name) => name in address).map((name) => `${name}_code`);
  return { ...completed, billing_address: { ...without(there, stale), ...address } };
}

function without(fields: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([field]) => !names.includes(field)));
}

function kept(person: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(person).filter(([field]) => keptFields.includes(field)));
}

/** Whether what we have of a person is there already. */
function isIn(ours: JsonObject, there: JsonObject): boolean {
  return Object.entries(ours).every(([field, value]) => field === 'is_primary_contact' || value === (there[field] ?? ''));
}
