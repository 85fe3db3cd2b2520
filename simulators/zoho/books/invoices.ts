import type { JsonObject } from '../../../domain/json.ts';
import { defined, numberOf, textOf } from './fields.ts';
import { customFieldsAnswer, customValues } from './custom-fields.ts';
import { read } from './input.ts';
import { invoiceInput, type InvoiceInput } from './invoice-fields.ts';
import { invoiceListing } from './invoice-listing.ts';
import { compute } from './invoice-lines.ts';
import { numberFor } from './invoice-number.ts';
import type { Module, WriteContext } from './module.ts';
import type { Organization } from './organization.ts';
import { invalidValue, missingValue, wrongStatus } from './refusal.ts';
import type { BooksRecord } from './table.ts';

function save(organization: Organization, body: unknown, before: BooksRecord | undefined, { nowMs, query, id }: WriteContext): BooksRecord {
  const given = read(invoiceInput, body);
  const customerId = given.customer_id ?? textOf(before?.fields, 'customer_id');
  if (customerId === '') throw missingValue('customer_id');
  const customer = organization.contacts.get(customerId);
  if (customer?.fields['contact_type'] !== 'customer') throw invalidValue('customer_id');
  if (!before && (given.line_items?.length ?? 0) === 0) throw missingValue('line_items');
  if (before?.status === 'void') throw wrongStatus('Void invoices cannot be edited.');
  const custom = customValues(organization.customFields.invoices, given.custom_fields, organization.invoices, before);
  const ignoresNumbering = query.get('ignore_auto_number_generation') === 'true';
  const computed = compute(organization, given, before?.fields, customer);
  const number = numberFor(organization, given.invoice_number, before, ignoresNumbering);
  const record: BooksRecord = {
    id: before?.id ?? id ?? organization.nextId(),
    createdMs: before?.createdMs ?? nowMs,
    modifiedMs: nowMs,
    status: before?.status ?? (query.get('send') === 'true' ? 'sent' : 'draft'),
    fields: {
      ...(before?.fields ?? { reference_number: '', notes: '', terms: '', salesperson_name: '', adjustment_description: '' }),
      ...plainFields(given),
      ...dates(organization, given, before?.fields, customer, nowMs),
      ...computed,
      customer_id: customerId,
      invoice_number: number,
      currency_id: customer.fields['currency_id'] ?? organization.currencyId,
    },
    custom,
  };
  attach(organization, record, before);
  organization.invoices.put(record);
  organization.contacts.touch();
  return record;
}

function attach(organization: Organization, record: BooksRecord, before: BooksRecord | undefined): void {
  if (before) organization.invoicesOf.get(textOf(before.fields, 'customer_id'))?.delete(record.id);
  const customerId = textOf(record.fields, 'customer_id');
  const ids = organization.invoicesOf.get(customerId) ?? new Set();
  organization.invoicesOf.set(customerId, ids.add(record.id));
}

function plainFields(given: InvoiceInput): JsonObject {
  const { reference_number, notes, terms, salesperson_name, adjustment_description, place_of_supply, zcrm_potential_id } = given;
  return defined({ reference_number, notes, terms, salesperson_name, adjustment_description, place_of_supply, zcrm_potential_id });
}

/** Without a due date it follows from the terms, and the terms from the customer. */
function dates(organization: Organization, given: InvoiceInput, before: JsonObject | undefined, customer: BooksRecord, nowMs: number): JsonObject {
  const date = given.date ?? (textOf(before, 'date') || organization.clock.date(nowMs));
  const terms = given.payment_terms ?? Number(before?.['payment_terms'] ?? customer.fields['payment_terms'] ?? 0);
  const isMoved = given.date !== undefined || given.payment_terms !== undefined;
  const kept = before && !isMoved ? textOf(before, 'due_date') : new Date(Date.parse(date) + terms * 86_400_000).toISOString().slice(0, 10);
  const dueDate = given.due_date ?? kept;
  if (dueDate < date) throw invalidValue('due_date');
  return { date, due_date: dueDate, payment_terms: terms, payment_terms_label: given.payment_terms_label ?? (terms === 0 ? 'Due on Receipt' : `Net ${terms}`) };
}

function remove(organization: Organization, record: BooksRecord): void {
  organization.invoicesOf.get(textOf(record.fields, 'customer_id'))?.delete(record.id);
  organization.invoices.remove(record.id);
  organization.contacts.touch();
}

/** The status as it is answered: a sent invoice is overdue from the day after its due date. */
function statusOf(organization: Organization, { status, fields }: BooksRecord): string {
  if (status !== 'sent') return status;
  if (numberOf(fields, 'total') === 0) return 'paid';
  return textOf(fields, 'due_date') < organization.clock.date(Date.now()) ? 'overdue' : 'sent';
}

/** What is still owed; a void invoice owes nothing. */
function balanceOf({ status, fields }: BooksRecord): number {
  return status === 'void' ? 0 : numberOf(fields, 'total');
}

function detail(organization: Organization, record: BooksRecord): JsonObject {
  const { fields } = record;
  const customer = organization.contacts.get(textOf(fields, 'customer_id'));
  const currency = organization.currencies.find((one) => one['currency_id'] === fields['currency_id']);
  return {
    invoice_id: record.id, ...fields, status: statusOf(organization, record), customer_name: customer?.fields['contact_name'] ?? '',
    currency_code: currency?.['currency_code'] ?? '', currency_symbol: currency?.['currency_symbol'] ?? '', exchange_rate: currency?.['exchange_rate'] ?? 1,
    payment_made: 0, credits_applied: 0, tax_amount_withheld: 0, write_off_amount: 0, balance: balanceOf(record),
    is_viewed_by_client: false, has_attachment: false, is_emailed: false, reminders_sent: 0, allow_partial_payments: true,
    billing_address: customer?.fields['billing_address'] ?? {}, shipping_address: customer?.fields['shipping_address'] ?? {},
    ...customFieldsAnswer(organization.customFields.invoices, record), template_id: '', salesperson_id: '',
    invoice_url: `https://books.zoho.com/SecurePayment?CInvoiceID=${record.id}`,
    created_time: organization.clock.stamp(record.createdMs), last_modified_time: organization.clock.stamp(record.modifiedMs),
  };
}

export const invoices: Module = {
  name: 'invoices',
  singular: 'invoice',
  kind: 'Invoice',
  messages: {
    created: 'The invoice has been created.', updated: 'Invoice information has been updated.', deleted: 'The invoice has been deleted.',
    deletedMany: 'The invoices have been deleted.',
  },
  listing: invoiceListing({ statusOf, balanceOf }),
  save,
  remove,
  detail,
};

const actions = {
  sent: { from: ['draft', 'sent'], message: 'Invoice status has been changed to Sent.' },
  void: { from: ['draft', 'sent'], message: 'Invoice status has been changed to Void.' },
  draft: { from: ['void'], message: 'Status of invoice changed from void to draft' },
} as const;

/**
 * Marks an invoice as sent, void or draft (only a void one becomes a draft again: Zoho Books API v3, Invoices).
 *
 * @throws BooksRefusal where the invoice's status does not allow it
 */
export function changeStatus(organization: Organization, record: BooksRecord, to: keyof typeof actions, nowMs: number): string {
  const { from, message } = actions[to];
  if (!from.some((status) => status === record.status)) throw wrongStatus(`The status of the invoice cannot be changed from ${record.status} to ${to}.`);
  organization.invoices.put({ ...record, status: to, modifiedMs: nowMs });
  organization.contacts.touch();
  return message;
}
