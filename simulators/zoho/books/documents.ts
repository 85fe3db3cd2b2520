import type { JsonObject } from '../../../domain/json.ts';
import { decimal } from '../../../domain/money.ts';
import { defined, numberOf, textOf } from './fields.ts';
import type { DocumentInput } from './document-fields.ts';
import type { Organization } from './organization.ts';
import { invalidValue, missingValue } from './refusal.ts';
import type { BooksRecord } from './table.ts';

/**
 * The customer of an invoice or credit note after a write.
 *
 * @throws BooksRefusal where none is named, or it is no customer
 */
export function customerFor(organization: Organization, given: DocumentInput, before: BooksRecord | undefined): BooksRecord {
  const customerId = given.customer_id ?? textOf(before?.fields, 'customer_id');
  if (customerId === '') throw missingValue('customer_id');
  const customer = organization.contacts.get(customerId);
  if (customer?.fields['contact_type'] !== 'customer') throw invalidValue('customer_id');
  return customer;
}

export function currencyOf(organization: Organization, fields: JsonObject): JsonObject | undefined {
  return organization.currencies.find((one) => one['currency_id'] === fields['currency_id']);
}

/**
 * Currency and exchange rate of a document: its customer's, at the rate that is given, else at the one Books has.
 *
 * @throws BooksRefusal for another currency than the customer's, known or not
 */
export function currencyFields(organization: Organization, given: DocumentInput, before: JsonObject | undefined, customer: BooksRecord): JsonObject {
  const currencyId = textOf(customer.fields, 'currency_id') || organization.currencyId;
  if (given.currency_id && given.currency_id !== currencyId) throw invalidValue('currency_id');
  if (given.exchange_rate?.isPositive() === false || given.exchange_rate?.isZero() === true) throw invalidValue('exchange_rate');
  const known = before && before['currency_id'] === currencyId ? numberOf(before, 'exchange_rate') : numberOf(currencyOf(organization, { currency_id: currencyId }), 'exchange_rate');
  const rate = currencyId === organization.currencyId ? 1 : (given.exchange_rate?.toNumber() ?? known);
  return { currency_id: currencyId, exchange_rate: rate || 1 };
}

/** Decimal places of a customer's currency. */
export function digitsOf(organization: Organization, customer: BooksRecord): number {
  const currencyId = customer.fields['currency_id'];
  if (currencyId === organization.currencyId) return organization.digits;
  return Number(currencyOf(organization, { currency_id: currencyId ?? '' })?.['price_precision'] ?? organization.digits);
}

/** The plain texts of a document, as given. */
export function plainFields(given: DocumentInput): JsonObject {
  const { reference_number, notes, terms, adjustment_description, place_of_supply } = given;
  return defined({ reference_number, notes, terms, adjustment_description, place_of_supply });
}

/** Keeps the documents of each customer together. */
export function attach(organization: Organization, record: BooksRecord, before: BooksRecord | undefined): void {
  if (before) detach(organization, before);
  const customerId = textOf(record.fields, 'customer_id');
  const ids = organization.documentsOf.get(customerId) ?? new Set();
  organization.documentsOf.set(customerId, ids.add(record.id));
}

export function detach(organization: Organization, record: BooksRecord): void {
  organization.documentsOf.get(textOf(record.fields, 'customer_id'))?.delete(record.id);
}

/** What every answer says of the customer and the currency of a document. */
export function customerAnswer(organization: Organization, { fields }: BooksRecord): JsonObject {
  const customer = organization.contacts.get(textOf(fields, 'customer_id'));
  const currency = currencyOf(organization, fields);
  return {
    customer_name: customer?.fields['contact_name'] ?? '', currency_code: currency?.['currency_code'] ?? '', currency_symbol: currency?.['currency_symbol'] ?? '',
    billing_address: customer?.fields['billing_address'] ?? {}, shipping_address: customer?.fields['shipping_address'] ?? {},
  };
}

/** What is left of a document's total. */
export function leftOf({ fields }: BooksRecord, taken: readonly { readonly amount: number }[]): number {
  if (taken.length === 0) return numberOf(fields, 'total');
  return taken.reduce((left, { amount }) => left.minus(amount), decimal(numberOf(fields, 'total'))).toNumber();
}
