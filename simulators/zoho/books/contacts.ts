import { Decimal } from 'decimal.js';
import type { JsonObject } from '../../../domain/json.ts';
import { defined, numberOf, textOf } from './fields.ts';
import { contactInput, filledAddress, type ContactInput } from './contact-fields.ts';
import { personsAfter, personsOf, primaryOf } from './contact-persons.ts';
import { contactListing } from './contact-listing.ts';
import { customFieldsAnswer, customValues } from './custom-fields.ts';
import { read } from './input.ts';
import { taxOf } from './items.ts';
import type { Module, WriteContext } from './module.ts';
import type { Organization } from './organization.ts';
import { inUse, invalidValue, missingValue, refusals } from './refusal.ts';
import { folded, type BooksRecord } from './table.ts';

function save(organization: Organization, body: unknown, before: BooksRecord | undefined, { nowMs, id }: WriteContext): BooksRecord {
  const given = read(contactInput, body);
  const name = (given.contact_name ?? textOf(before?.fields, 'contact_name')).trim();
  if (name === '') throw missingValue('contact_name');
  // One name space for customers and vendors, whatever the case.
  const namesake = organization.contacts.find('name', folded(name));
  if (namesake && namesake.id !== before?.id) throw refusals.contactExists(name);
  if (given.tax_id && !taxOf(organization, given.tax_id)) throw invalidValue('tax_id');
  const currencyId = given.currency_id ?? (textOf(before?.fields, 'currency_id') || organization.currencyId);
  if (!organization.currencies.some((currency) => currency['currency_id'] === currencyId)) throw invalidValue('currency_id');
  const custom = customValues(organization.customFields.contacts, given.custom_fields, organization.contacts, before);
  const contactId = before?.id ?? id ?? organization.nextId();
  const record: BooksRecord = {
    id: contactId,
    createdMs: before?.createdMs ?? nowMs,
    modifiedMs: nowMs,
    status: before?.status ?? 'active',
    fields: {
      ...(before?.fields ?? emptyContact()),
      ...plainFields(given),
      contact_name: name,
      currency_id: currencyId,
      ...(given.contact_persons && { contact_persons: personsAfter(organization, before, given.contact_persons) }),
    },
    custom,
  };
  for (const person of personsOf(record)) organization.personOf.set(textOf(person, 'contact_person_id'), contactId);
  organization.contacts.put(record);
  organization.invoices.touch();
  return record;
}

function plainFields(given: ContactInput): JsonObject {
  const { contact_persons: _, custom_fields: __, credit_limit: creditLimit, billing_address: billing, shipping_address: shipping, ...plain } = given;
  const label = plain.payment_terms === undefined || plain.payment_terms_label !== undefined ? {} : { payment_terms_label: termsLabel(plain.payment_terms) };
  return {
    ...defined(plain),
    ...label,
    ...(creditLimit && { credit_limit: creditLimit.toNumber() }),
    ...(billing && { billing_address: filledAddress(billing) }),
    ...(shipping && { shipping_address: filledAddress(shipping) }),
  };
}

function termsLabel(days: number): string {
  return days === 0 ? 'Due on Receipt' : `Net ${days}`;
}

function emptyContact(): JsonObject {
  return {
    company_name: '', contact_type: 'customer', customer_sub_type: 'business', credit_limit: 0, contact_number: '', is_taxable: true, tax_id: '',
    website: '', language_code: 'en', owner_id: '', payment_terms: 0, payment_terms_label: 'Due on Receipt', notes: '',
    billing_address: filledAddress(undefined), shipping_address: filledAddress(undefined), contact_persons: [],
  };
}

/** What the contact's sent invoices still owe. */
function outstandingOf(organization: Organization, contactId: string): number {
  const ids = organization.invoicesOf.get(contactId);
  if (!ids) return 0;
  let owed = new Decimal(0);
  for (const id of ids) {
    const invoice = organization.invoices.get(id);
    if (invoice?.status === 'sent') owed = owed.plus(numberOf(invoice.fields, 'total'));
  }
  return owed.toNumber();
}

function remove(organization: Organization, record: BooksRecord): void {
  if ((organization.invoicesOf.get(record.id)?.size ?? 0) > 0) {
    throw inUse('Customers involved in transactions cannot be deleted. Instead, mark them as inactive.');
  }
  for (const person of personsOf(record)) organization.personOf.delete(textOf(person, 'contact_person_id'));
  organization.contacts.remove(record.id);
}

function detail(organization: Organization, record: BooksRecord): JsonObject {
  const currency = organization.currencies.find((one) => one['currency_id'] === record.fields['currency_id']);
  const tax = taxOf(organization, textOf(record.fields, 'tax_id'));
  const outstanding = outstandingOf(organization, record.id);
  return {
    contact_id: record.id, ...record.fields, status: record.status, has_transaction: (organization.invoicesOf.get(record.id)?.size ?? 0) > 0,
    primary_contact_id: primaryOf(record)?.['contact_person_id'] ?? '', currency_code: currency?.['currency_code'] ?? '',
    currency_symbol: currency?.['currency_symbol'] ?? '', tax_name: tax?.['tax_name'] ?? '', tax_percentage: tax?.['tax_percentage'] ?? 0,
    is_linked_with_zohocrm: false, payment_reminder_enabled: true, outstanding_receivable_amount: outstanding,
    outstanding_receivable_amount_bcy: outstanding, unused_credits_receivable_amount: 0, unused_credits_receivable_amount_bcy: 0,
    ...customFieldsAnswer(organization.customFields.contacts, record),
    created_time: organization.clock.stamp(record.createdMs), last_modified_time: organization.clock.stamp(record.modifiedMs),
  };
}

export const contacts: Module = {
  name: 'contacts',
  singular: 'contact',
  kind: 'Contact',
  messages: {
    created: 'The contact has been created.', updated: 'Contact information has been saved.', deleted: 'The contact has been deleted.',
    deletedMany: 'The contacts have been deleted.',
  },
  listing: contactListing(outstandingOf),
  save,
  remove,
  detail,
};
