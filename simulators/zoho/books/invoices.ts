import type { JsonObject } from '../../../domain/json.ts';
import { stampsOf } from './clock.ts';
import { defined, numberOf, textOf } from './fields.ts';
import { customFieldsAnswer, customValues } from './custom-fields.ts';
import { invoiceInput, type InvoiceInput } from './document-fields.ts';
import { compute } from './document-lines.ts';
import { numberFor } from './document-number.ts';
import { attach, currencyFields, customerAnswer, customerFor, detach, leftOf, plainFields } from './documents.ts';
import { read } from './input.ts';
import { invoiceListing } from './invoice-listing.ts';
import type { Module, WriteContext } from './module.ts';
import type { Organization } from './organization.ts';
import { inUse, invalidValue, missingValue, wrongStatus } from './refusal.ts';
import type { BooksRecord } from './table.ts';

function save(organization: Organization, body: unknown, before: BooksRecord | undefined, { nowMs, query, id }: WriteContext): BooksRecord {
  const given = read(invoiceInput, body);
  const customer = customerFor(organization, given, before);
  if (!before && (given.line_items?.length ?? 0) === 0) throw missingValue('line_items');
  if (before?.status === 'void') throw wrongStatus('Void invoices cannot be edited.');
  const custom = customValues(organization.customFields.invoices, given.custom_fields, organization.invoices, before);
  const currency = currencyFields(organization, given, before?.fields, customer);
  const computed = compute(organization, given, before?.fields, customer, numberOf(currency, 'exchange_rate'));
  const number = numberFor(organization, 'invoices', given.invoice_number, before, query.get('ignore_auto_number_generation') === 'true');
  const record: BooksRecord = {
    id: before?.id ?? id ?? organization.nextId(),
    createdMs: before?.createdMs ?? nowMs,
    modifiedMs: nowMs,
    status: before?.status ?? (query.get('send') === 'true' ? 'sent' : 'draft'),
    fields: {
      ...(before?.fields ?? { reference_number: '', notes: '', terms: '', salesperson_name: '', adjustment_description: '' }),
      ...plainFields(given),
      ...defined({ salesperson_name: given.salesperson_name, zcrm_potential_id: given.zcrm_potential_id }),
      ...dates(organization, given, before?.fields, customer, nowMs),
      ...computed,
      ...currency,
      customer_id: customer.id,
      invoice_number: number,
    },
    custom,
  };
  if (before && leftOf(record, organization.settlements.to(record.id)) < 0) throw invalidValue('total');
  attach(organization, record, before);
  organization.invoices.put(record);
  organization.contacts.touch();
  return record;
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
  if (organization.settlements.to(record.id).length > 0) throw inUse('Invoices which have payment or credits note applied cannot be deleted.');
  detach(organization, record);
  organization.invoices.remove(record.id);
  organization.contacts.touch();
}

/** The status as it is answered: a sent invoice is paid by what was applied to it, and overdue from the day after its due date. */
function statusOf(organization: Organization, record: BooksRecord): string {
  if (record.status !== 'sent') return record.status;
  if (balanceOf(organization, record) === 0) return 'paid';
  if (textOf(record.fields, 'due_date') < organization.clock.date(Date.now())) return 'overdue';
  return organization.settlements.to(record.id).length > 0 ? 'partially_paid' : 'sent';
}

/** What is still owed; a void invoice owes nothing. */
export function balanceOf(organization: Organization, record: BooksRecord): number {
  return record.status === 'void' ? 0 : leftOf(record, organization.settlements.to(record.id));
}

function settledBy(organization: Organization, { id }: BooksRecord, kind: 'creditnote' | 'payment'): number {
  return organization.settlements.to(id).filter((one) => one.kind === kind).reduce((sum, { amount }) => sum + amount, 0);
}

function detail(organization: Organization, record: BooksRecord): JsonObject {
  return {
    invoice_id: record.id, ...record.fields, ...customerAnswer(organization, record), status: statusOf(organization, record),
    payment_made: settledBy(organization, record, 'payment'), credits_applied: settledBy(organization, record, 'creditnote'), tax_amount_withheld: 0,
    write_off_amount: 0, balance: balanceOf(organization, record),
    is_viewed_by_client: false, has_attachment: false, is_emailed: false, reminders_sent: 0, allow_partial_payments: true,
    ...customFieldsAnswer(organization.customFields.invoices, record), template_id: '', salesperson_id: '',
    invoice_url: `https://books.zoho.com/SecurePayment?CInvoiceID=${record.id}`,
    ...stampsOf(organization.clock, record),
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
  required: ['customer_id', 'line_items'],
  save,
  remove,
  detail,
};

const actions = {
  sent: { from: ['draft', 'sent'], message: 'Invoice status has been changed to Sent.' },
  void: { from: ['draft', 'sent'], message: 'Invoice status has been changed to Void.' },
  draft: { from: ['void'], message: 'Status of invoice changed from void to draft' },
} as const;
export const invoiceStatuses = ['sent', 'void', 'draft'] as const;

/**
 * Marks an invoice as sent, void or draft. Only a void one becomes a draft again; what was applied to one that becomes void is the
 * customer's again (Zoho Books API v3, Invoices).
 *
 * @throws BooksRefusal where the invoice's status does not allow it
 */
export function changeInvoiceStatus(organization: Organization, record: BooksRecord, to: keyof typeof actions, nowMs: number): string {
  const { from, message } = actions[to];
  if (!from.some((status) => status === record.status)) throw wrongStatus(`The status of the invoice cannot be changed from ${record.status} to ${to}.`);
  if (to === 'void') for (const settlement of organization.settlements.to(record.id)) organization.settlements.remove(settlement);
  organization.invoices.put({ ...record, status: to, modifiedMs: nowMs });
  organization.creditnotes.touch();
  organization.contacts.touch();
  return message;
}
