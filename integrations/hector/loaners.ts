import { z } from 'zod';
import type { RemoteRecord } from '../../connectors/resource.ts';
import { BookbridgeError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Finding } from '../../store/types.ts';
import { readRecord, recordKey, type FlowRecord, type Known, type Mapped, type Module, type Reference } from '../integration.ts';
import { customerResource } from './customers.ts';
import { describeEdited } from './edited.ts';
import { billableItems, billablePenaltyItem, invoiceOf, penaltyItemOf, shownIn, subTotalOf } from './invoice.ts';
import { lentItems, loanerSchema, type Loaner } from './loaner.ts';
import { contextOf, type HectorContext } from './settings.ts';

const invoiceStateSchema = z.object({ status: z.string(), invoice_number: z.string() });

/** A completed loaner becomes one invoice (guide 1 and 3), each by a workflow of its own. */
export const loaners: Module = {
  name: 'loaners',
  observes: [],
  document: { workflow: 'invoiceLoaner', makes: 'invoice' },
  flows: [
    {
      side: 'other',
      targets: ['invoices'],
      identifiedBy: 'reference_number',
      reference: 'reference_number',
      resources: () => ['loaners'],
      accept: (record, context) => acceptCompleted(record, contextOf(context)),
      references: (record, context) => referencesOf(record, contextOf(context)),
      map: (record, known, context) => mapLoaner(record, known, contextOf(context)),
      mayUpdate,
      leftBehind,
      expected: (fields, _loaner, context) => subTotalOf(fields, contextOf(context)),
    },
  ],
};

function acceptCompleted({ data }: RemoteRecord, { settings }: HectorContext): Finding | null {
  const statusId = typeof data['statusId'] === 'string' ? data['statusId'] : '';
  if (settings.completedStatusIds.includes(statusId)) return null;
  return { code: 'not-completed', detail: `status ${statusId}` };
}

/** An item that never came from Books does not hold the invoice up: its line is left out (guide 1). */
function referencesOf(record: FlowRecord, context: HectorContext): Reference[] {
  const loaner = readRecord(loanerSchema, record.data);
  const items = lentItems(loaner).flatMap(({ resource, id }) => (id === null ? [] : [{ side: 'other', resource, id, required: false, needsPartner: true } as const]));
  const customerId = customerIdOf(loaner, context);
  if (customerId === null || items.length === 0) return items;
  const penaltyItem = loaner.penalties.length > 0 ? penaltyItemOf(context).map((item) => ({ ...item, required: false })) : [];
  return [{ side: 'other', resource: customerResource(context), id: customerId, required: true }, ...items, ...penaltyItem];
}

function customerIdOf(loaner: Loaner, context: HectorContext): string | null {
  return customerResource(context) === 'customers' ? loaner.customerId : loaner.userId;
}

function mapLoaner(record: FlowRecord, known: Known, context: HectorContext): Mapped {
  const loaner = readRecord(loanerSchema, record.data);
  const base = record.link?.base.books ?? {};
  const before = shownIn(base);
  const { billable, notes } = billableItems(loaner, known, before);
  if (billable.length === 0) return { kind: 'skip', finding: { code: 'no-imported-item', detail: `loaner ${loaner.number}` }, notes };
  const customerId = customerIdOf(loaner, context);
  const resource = customerResource(context);
  const customer = customerId === null ? null : known.link({ side: 'other', resource, id: customerId });
  if (!customer) throw new BookbridgeError('value-missing', { detail: `${resource === 'customers' ? 'customer' : 'user'}: the loaner has none to invoice` });
  const invoice = invoiceOf(loaner, billable, before, billablePenaltyItem(known, base, context), context);
  // Where Hector never had notes, those that Books puts on every invoice are left alone.
  const emptied = Object.hasOwn(base, 'notes') ? { notes: '' } : {};
  const fields = { customer_id: customer.books.id, ...emptied, ...invoice.fields };
  return {
    kind: 'write', resource: 'invoices', key: recordKey(context.integrationId, record),
    fields, initial: {},
    notes: [...notes, ...invoice.notes], expected: subTotalOf(fields, context),
  };
}

/**
 * Whatever left the draft state is the bookkeeper's: sent, paid and void invoices are not touched. One that is as it should be may stand, unless it is void.
 * Lines are written whole, so they are not where a person has changed those of a draft, unless they are as they should be already.
 */
function mayUpdate({ data }: RemoteRecord, changed: JsonObject, base: JsonObject): Finding | null {
  const { status, invoice_number: number } = readRecord(invoiceStateSchema, data);
  const isAsItShould = Object.keys(changed).length === 0;
  if (status !== 'draft' && (!isAsItShould || status === 'void')) return { code: 'document-locked', detail: `the invoice ${number} is ${status}` };
  // What an attempt whose answer was lost has written is there already.
  const edited = changed['line_items'] === undefined || describeEdited(changed, data) === '' ? '' : describeEdited(base, data);
  return edited === '' ? null : { code: 'document-locked', detail: `the draft ${number} was changed in Books: ${edited}` };
}

function leftBehind(reason: Finding | null): (invoice: RemoteRecord) => Finding | null {
  const why = reason === null ? 'the loaner was deleted' : reason.code === 'not-completed' ? 'the loaner is no longer completed' : 'the loaner has no imported item any more';
  return ({ data }) => {
    const { status, invoice_number: number } = readRecord(invoiceStateSchema, data);
    return status === 'void' ? null : { code: 'document-stale', detail: `the invoice ${number} stands (${status}), but ${why}` };
  };
}
