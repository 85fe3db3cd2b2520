import type { JsonObject } from '../../../domain/json.ts';
import { defined, objectsOf, textOf } from './fields.ts';
import { personInput, type PersonInput } from './contact-fields.ts';
import { read } from './input.ts';
import type { Organization } from './organization.ts';
import { invalidValue, missingValue, notFound } from './refusal.ts';
import type { BooksRecord } from './table.ts';

/** The persons of a contact, in their order. */
export function personsOf(contact: BooksRecord): JsonObject[] {
  return objectsOf(contact.fields, 'contact_persons');
}

export function primaryOf(contact: BooksRecord): JsonObject | undefined {
  return personsOf(contact).find((person) => person['is_primary_contact'] === true);
}

/** The persons after a write of the whole list: those with an id are kept and changed, those left out are gone. */
export function personsAfter(organization: Organization, before: BooksRecord | undefined, given: readonly PersonInput[]): JsonObject[] {
  const known = new Map((before ? personsOf(before) : []).map((person) => [textOf(person, 'contact_person_id'), person]));
  const persons = given.map((input) => {
    const person = known.get(input.contact_person_id ?? '');
    if (input.contact_person_id && !person) throw invalidValue('contact_person_id');
    return personAfter(organization, person, input);
  });
  const kept = new Set(persons.map((person) => textOf(person, 'contact_person_id')));
  for (const id of known.keys()) if (!kept.has(id)) organization.personOf.delete(id);
  return withOnePrimary(persons);
}

function personAfter(organization: Organization, before: JsonObject | undefined, input: PersonInput): JsonObject {
  const { contact_id: _, ...plain } = input;
  return {
    ...(before ?? {
      contact_person_id: organization.nextId(), salutation: '', first_name: '', last_name: '', email: '', phone: '', mobile: '', designation: '',
      department: '', skype: '', is_primary_contact: false, enable_portal: false,
    }),
    ...defined(plain),
  };
}

/** Exactly one person is the primary one: the last that says so, else the first. */
function withOnePrimary(persons: readonly JsonObject[]): JsonObject[] {
  const chosen = Math.max(0, persons.findLastIndex((person) => person['is_primary_contact'] === true));
  return persons.map((person, index) => ({ ...person, is_primary_contact: index === chosen }));
}

interface Found {
  readonly contact: BooksRecord;
  readonly person: JsonObject;
}

/** @throws BooksRefusal where there is no such person */
export function findPerson(organization: Organization, personId: string): Found {
  const contact = organization.contacts.get(organization.personOf.get(personId) ?? '');
  const person = contact && personsOf(contact).find((one) => one['contact_person_id'] === personId);
  if (!contact || !person) throw notFound('Contact person');
  return { contact, person };
}

/** Adds a person to the contact that the body names. */
export function addPerson(organization: Organization, body: unknown, nowMs: number): JsonObject {
  const input = read(personInput, body);
  if (!input.contact_id) throw missingValue('contact_id');
  const contact = organization.contacts.get(input.contact_id);
  if (!contact) throw notFound('Contact');
  const person = personAfter(organization, undefined, input);
  const id = textOf(person, 'contact_person_id');
  organization.personOf.set(id, contact.id);
  storePersons(organization, contact, withOnePrimary([...personsOf(contact), person]), nowMs);
  return findPerson(organization, id).person;
}

export function changePerson(organization: Organization, personId: string, body: unknown, nowMs: number): JsonObject {
  const { contact, person } = findPerson(organization, personId);
  const changed = personAfter(organization, person, { ...read(personInput, body), contact_person_id: personId });
  const others = personsOf(contact).map((one) => {
    if (one['contact_person_id'] === personId) return changed;
    return changed['is_primary_contact'] === true ? { ...one, is_primary_contact: false } : one;
  });
  storePersons(organization, contact, withOnePrimary(others), nowMs);
  return findPerson(organization, personId).person;
}

export function removePerson(organization: Organization, personId: string, nowMs: number): void {
  const { contact } = findPerson(organization, personId);
  organization.personOf.delete(personId);
  const others = personsOf(contact).filter((one) => one['contact_person_id'] !== personId);
  storePersons(organization, contact, others.length > 0 ? withOnePrimary(others) : [], nowMs);
}

function storePersons(organization: Organization, contact: BooksRecord, persons: JsonObject[], nowMs: number): void {
  organization.contacts.put({ ...contact, modifiedMs: nowMs, fields: { ...contact.fields, contact_persons: persons } });
}
