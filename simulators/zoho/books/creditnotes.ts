import type { JsonObject } from '../../../domain/json.ts';
import { stampsOf } from './clock.ts';
import { creditnoteListing } from './creditnote-listing.ts';
import { customFieldsAnswer, customValues } from './custom-fields.ts';
import { creditnoteInput } from './document-fields.ts';
import { compute } from './document-lines.ts';
import { numberFor } from './document-number.ts';
import { attach, currencyFields, customerAnswer, customerFor, detach, leftOf, plainFields } from './documents.ts';
import { numberOf, textOf } from './fields.ts';
import { read } from './input.ts';
import type { Module, WriteContext } from './module.ts';
import type { Organization } from './organization.ts';
import { primaryOf } from './contact-persons.ts';
import { inUse, invalidValue, missingValue, wrongStatus } from './refusal.ts';
import type { BooksRecord } from './table.ts';

/** Zoho Books API v3, Credit Notes: `is_draft` makes a draft, so without it a credit note is open at once. */
function save(organization: Organization, body: unknown, before: BooksRecord | undefined, { nowMs, query, id }: WriteContext): BooksRecord {
  const given = read(creditnoteInput, body);
  const customer = customerFor(organization, given, before);
  if (!before && (given.line_items?.length ?? 0) === 0) throw missingValue('line_items');
  if (before?.status === 'void') throw wrongStatus('Void credit notes cannot be edited.');
  const custom = customValues(organization.customFields.creditnotes, given.custom_fields, organization.creditnotes, before);
  const currency = currencyFields(organization, given, before?.fields, customer);
  const computed = compute(organization, given, before?.fields, customer, numberOf(currency, 'exchange_rate'));
  const ignoresNumbering = query.get('ignore_auto_number_generation') === 'true' || given.ignore_auto_number_generation === true;
  const number = numberFor(organization, 'creditnotes', given.creditnote_number, before, ignoresNumbering);
  const record: BooksRecord = {
    id: before?.id ?? id ?? organization.nextId(),
    createdMs: before?.createdMs ?? nowMs,
    modifiedMs: nowMs,
    status: before?.status ?? (given.is_draft === true ? 'draft' : 'open'),
    fields: {
      ...(before?.fields ?? { reference_number: '', notes: '', terms: '', adjustment_description: '' }),
      ...plainFields(given),
      date: given.date ?? (textOf(before?.fields, 'date') || organization.clock.date(nowMs)),
      ...computed,
      ...currency,
      customer_id: customer.id,
      creditnote_number: number,
    },
    custom,
  };
  if (before && leftOf(record, organization.settlements.from(record.id)) < 0) throw invalidValue('total');
  attach(organization, record, before);
  organization.creditnotes.put(record);
  organization.contacts.touch();
  return record;
}

function remove(organization: Organization, record: BooksRecord): void {
  if (organization.settlements.from(record.id).length > 0) throw inUse('Credit notes that are applied to invoices cannot be deleted.');
  detach(organization, record);
  organization.creditnotes.remove(record.id);
  organization.contacts.touch();
}

/** An open credit note is closed when nothing of it is left. */
function statusOf(organization: Organization, record: BooksRecord): string {
  return record.status === 'open' && balanceOf(organization, record) === 0 ? 'closed' : record.status;
}

/** The credits that are not applied yet; a void credit note has none. */
export function balanceOf(organization: Organization, record: BooksRecord): number {
  return record.status === 'void' ? 0 : leftOf(record, organization.settlements.from(record.id));
}

/** Alone, a credit note says `updated_time` for what its row calls `last_modified_time`. */
function detail(organization: Organization, record: BooksRecord): JsonObject {
  const { created_time, last_modified_time: updated_time } = stampsOf(organization.clock, record);
  const customer = organization.contacts.get(textOf(record.fields, 'customer_id'));
  return {
    creditnote_id: record.id, ...record.fields, ...customerAnswer(organization, record), status: statusOf(organization, record), balance: balanceOf(organization, record),
    email: (customer && primaryOf(customer)?.['email']) ?? '',
    invoices: organization.settlements.from(record.id).map(({ invoiceId, amount }) => ({
      invoice_id: invoiceId, invoice_number: textOf(organization.invoices.get(invoiceId)?.fields, 'invoice_number'), amount,
    })),
    ...customFieldsAnswer(organization.customFields.creditnotes, record), template_id: '', created_time, updated_time,
  };
}

export const creditnotes: Module = {
  name: 'creditnotes',
  singular: 'creditnote',
  kind: 'Credit note',
  messages: {
    created: 'The credit note has been created.', updated: 'The credit note has been updated.', deleted: 'The credit note has been deleted.',
    deletedMany: 'The credit notes have been deleted.',
  },
  listing: creditnoteListing({ statusOf, balanceOf }),
  required: ['customer_id', 'line_items'],
  save,
  remove,
  detail,
};

const actions = {
  open: { from: ['draft', 'open'], message: 'Status of the credit note has been changed to open.' },
  void: { from: ['draft', 'open'], message: 'The credit note has been marked as void.' },
  draft: { from: ['void'], message: 'The credit note has been marked as Draft.' },
} as const;
export const creditnoteStatuses = ['open', 'void', 'draft'] as const;

/**
 * Marks a credit note as open, void or draft; only a void one becomes a draft again (Zoho Books API v3, Credit Notes).
 *
 * @throws BooksRefusal where its status does not allow it, or an applied one would become void
 */
export function changeCreditnoteStatus(organization: Organization, record: BooksRecord, to: keyof typeof actions, nowMs: number): string {
  const { from, message } = actions[to];
  if (!from.some((status) => status === record.status)) throw wrongStatus(`The status of the credit note cannot be changed from ${record.status} to ${to}.`);
  if (to === 'void' && organization.settlements.from(record.id).length > 0) throw wrongStatus('Credit notes that are applied to invoices cannot be marked as void.');
  organization.creditnotes.put({ ...record, status: to, modifiedMs: nowMs });
  organization.contacts.touch();
  return message;
}
