import type { JsonObject } from '../../../domain/json.ts';
import type { OrganizationData } from '../options.ts';
import { parseStamp } from './clock.ts';
import { contacts } from './contacts.ts';
import { creditnotes } from './creditnotes.ts';
import { objectsOf, textOf } from './fields.ts';
import { invoices } from './invoices.ts';
import { items } from './items.ts';
import type { Module } from './module.ts';
import type { Organization } from './organization.ts';

/**
 * Fills an organization with the records it starts with, through the same checks as the API's. Beyond the API's fields a record
 * may give its own id and times, `status`, and name its tax, account, item, customer or currency instead of giving an id.
 *
 * @throws BooksRefusal where the API would refuse the record
 */
export function seed(organization: Organization, data: OrganizationData): void {
  for (const item of data.items) add(organization, items, { ...item, ...references(organization, item) });
  for (const contact of data.contacts) add(organization, contacts, { ...contact, ...references(organization, contact) });
  for (const invoice of data.invoices) add(organization, invoices, named(organization, invoice));
  for (const creditnote of data.creditnotes) add(organization, creditnotes, named(organization, creditnote));
}

function named(organization: Organization, document: JsonObject): JsonObject {
  const lines = objectsOf(document, 'line_items').map((line) => ({ ...line, ...references(organization, line), ...itemReference(organization, line) }));
  return { ...document, ...customerReference(organization, document), line_items: lines };
}

function add(organization: Organization, module: Module, given: JsonObject): void {
  const query = new URLSearchParams(`${textOf(given, 'invoice_number')}${textOf(given, 'creditnote_number')}` === '' ? '' : { ignore_auto_number_generation: 'true' });
  const id = textOf(given, `${module.singular}_id`);
  const record = module.save(organization, given, undefined, { nowMs: Date.now(), query, ...(id && { id }) });
  const createdMs = parseStamp(textOf(given, 'created_time')) ?? record.createdMs;
  const modifiedMs = parseStamp(textOf(given, 'last_modified_time')) ?? createdMs;
  organization[module.name].put({ ...record, createdMs, modifiedMs, status: textOf(given, 'status') || record.status });
}

function references(organization: Organization, given: JsonObject): JsonObject {
  const tax = organization.taxes.find((entry) => entry['tax_name'] === given['tax_name']);
  const account = organization.accounts.find((entry) => entry['account_name'] === given['account_name']);
  const currency = organization.currencies.find((entry) => entry['currency_code'] === given['currency_code']);
  return {
    ...(tax && { tax_id: tax['tax_id'] ?? '' }),
    ...(account && { account_id: account['account_id'] ?? '' }),
    ...(currency && { currency_id: currency['currency_id'] ?? '' }),
  };
}

function itemReference(organization: Organization, line: JsonObject): JsonObject {
  const item = organization.items.find('name', textOf(line, 'item_name').trim().toLowerCase());
  return item ? { item_id: item.id } : {};
}

function customerReference(organization: Organization, invoice: JsonObject): JsonObject {
  const customer = organization.contacts.find('name', textOf(invoice, 'customer_name').trim().toLowerCase());
  return customer ? { customer_id: customer.id } : {};
}
