import { Decimal } from 'decimal.js';
import type { JsonObject } from '../../../domain/json.ts';
import { stampsOf } from './clock.ts';
import { balanceOf as creditsOf } from './creditnotes.ts';
import { defined, textOf } from './fields.ts';
import { balanceOf } from './invoices.ts';
import { contactInput, filledAddress, type ContactInput } from './contact-fields.ts';
import { personsAfter, personsOf, primaryOf } from './contact-persons.ts';
import { contactListing } from './contact-listing.ts';
import { customFieldsAnswer, customValues } from './custom-fields.ts';
import { read } from './input.ts';
import type { Module, WriteContext } from './module.ts';
import type { Organization } from './organization.ts';
import { inUse, invalidValue, missingValue, refusals } from './refusal.ts';
import { folded, type BooksRecord } from './table.ts';
import { expectTax, taxOf } from './taxes.ts';

function save(organization: Organization, body: unknown, before: BooksRecord | undefined, { nowMs, id }: WriteContext): BooksRecord {
  const given = read(contactInput, body);
  const name = (given.contact_name ?? textOf(before?.fields, 'contact_name')).trim();
  if (name === '') throw missingValue('contact_name');
  // One name space for customers and vendors, whatever the case.
  const namesake = organization.contacts.find('name', folded(name));
  if (namesake && namesake.id !== before?.id) throw refusals.contactExists(name);
  if (given.tax_id) expectTax(organization, given.tax_id);
  const currencyId = given.currency_id ?? (textOf(before?.fields, 'currency_id') || organization.currencyId);
  if (!organization.currencies.some((currency) => currency['currency_id'] === currencyId)) throw invalidValue('currency_id');
  if (before && currencyId !== before.fields['currency_id'] && hasDocuments(organization, before.id)) {
    throw inUse('The currency of a customer involved in transactions cannot be changed.');
  }
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
  return sumOver(organization, contactId, (id) => {
    const invoice = organization.invoices.get(id);
    return invoice?.status === 'sent' ? balanceOf(organization, invoice) : 0;
  });
}

/** What is left of the contact's open credit notes. */
function unusedCreditsOf(organization: Organization, contactId: string): number {
  return sumOver(organization, contactId, (id) => {
    const creditnote = organization.creditnotes.get(id);
    return creditnote?.status === 'open' ? creditsOf(organization, creditnote) : 0;
  });
}

function sumOver({ documentsOf }: Organization, contactId: string, amountOf: (documentId: string) => number): number {
  let sum = new Decimal(0);
  for (const id of documentsOf.get(contactId) ?? []) sum = sum.plus(amountOf(id));
  return sum.toNumber();
}

function hasDocuments({ documentsOf }: Organization, contactId: string): boolean {
  return (documentsOf.get(contactId)?.size ?? 0) > 0;
}

function remove(organization: Organization, record: BooksRecord): void {
  if (hasDocuments(organization, record.id)) {
    throw inUse('Customers involved in transactions cannot be deleted. Instead, mark them as inactive.');
  }
  for (const person of personsOf(record)) organization.personOf.delete(textOf(person, 'contact_person_id'));
  organization.contacts.remove(record.id);
}

function detail(organization: Organization, record: BooksRecord): JsonObject {
  const currency = organization.currencies.find((one) => one['currency_id'] === record.fields['currency_id']);
  const tax = taxOf(organization, textOf(record.fields, 'tax_id'));
  const outstanding = outstandingOf(organization, record.id);
  const credits = unusedCreditsOf(organization, record.id);
  return {
    contact_id: record.id, ...record.fields, status: record.status, has_transaction: hasDocuments(organization, record.id),
    primary_contact_id: primaryOf(record)?.['contact_person_id'] ?? '', currency_code: currency?.['currency_code'] ?? '',
    currency_symbol: currency?.['currency_symbol'] ?? '', tax_name: tax?.['tax_name'] ?? '', tax_percentage: tax?.['tax_percentage'] ?? 0,
    is_linked_with_zohocrm: false, payment_reminder_enabled: true, outstanding_receivable_amount: outstanding,
    outstanding_receivable_amount_bcy: outstanding, unused_credits_receivable_amount: credits, unused_credits_receivable_amount_bcy: credits,
    ...customFieldsAnswer(organization.customFields.contacts, record),
    ...stampsOf(organization.clock, record),
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
  listing: contactListing({ outstandingOf, unusedCreditsOf }),
  required: ['contact_name'],
  save,
  remove,
  detail,
};
