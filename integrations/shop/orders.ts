import { z } from 'zod';
import type { RemoteRecord } from '../../connectors/resource.ts';
import { BookbridgeError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import { decimal } from '../../domain/money.ts';
import type { Order } from '../../domain/order.ts';
import type { Address, Finding, Link } from '../../store/types.ts';
import { readRecord, recordKey, type Expected, type FlowRecord, type Known, type Mapped, type Module, type Reference } from '../integration.ts';
import { shortLineOf } from '../text.ts';
import { buyerId } from './buyers.ts';
import { beginningOf, courseOf, dayOf, isGivenBack, leaveOut, notPaid, readOrder, readOrderOrNull } from './course.ts';
import { currencyOf } from './currencies.ts';
import { documentOf } from './document.ts';
import { billLines } from './lines.ts';
import { CURRENCIES, keptBooks, onCommand, TAXES } from './sources.ts';
import { contextOf, type ShopContext } from './settings.ts';

/** Greatest length in Books (API page "Invoices", reference_number). */
const REFERENCE_LENGTH_MAX = 100;

const invoiceStateSchema = z.object({ status: z.string(), invoice_number: z.string() });

/** A paid order becomes a draft invoice (guide, "Generating new invoices" and "Automatic synchronization of paid orders"). */
export const orders: Module = {
  name: 'orders',
  observes: [keptBooks('taxes')],
  document: null,
  flows: [
    {
      side: 'other',
      targets: ['invoices'],
      identifiedBy: 'reference_number',
      reference: 'reference_number',
      resources: () => ['orders'],
      since: (context) => beginningOf(contextOf(context).settings),
      onRequest: onCommand,
      chooses: [TAXES, CURRENCIES],
      accept: ({ data }, context) => {
        const order = readOrderOrNull(data);
        return order && leaveOut(order, contextOf(context));
      },
      references: (record, context) => referencesOf(record, contextOf(context)),
      map: (record, known, context) => mapOrder(record, known, contextOf(context)),
      mayUpdate,
      mayDelete,
      leftBehind,
      // What was voided keeps whatever total it had.
      expected: (fields, data) => {
        const order = fields['status'] === 'void' ? null : readOrderOrNull(data);
        return order && totalOf(order);
      },
    },
  ],
};

/** Where the buyer of an order is found; null where nobody says who it is. */
export function buyerOf(order: Order): Address | null {
  const id = buyerId(order);
  return id === null ? null : { side: 'other', resource: 'buyers', id };
}

function referencesOf(record: FlowRecord, { settings }: ShopContext): Reference[] {
  const order = readOrder(record.data);
  const buyer = buyerOf(order);
  const course = courseOf(order, record.link !== null, settings);
  if (course === 'void') return order.refunds.map(({ id }) => ({ ...refundOf(record, id), required: false }));
  // Who is given everything back is no new customer any more: the invoice keeps the one it has.
  return buyer && course === 'invoice' && order.lines.length > 0 ? [{ ...buyer, required: !isGivenBack(order) }] : [];
}

/** Where a refund of an order is found. */
function refundOf({ id }: Pick<FlowRecord, 'id'>, refundId: string): Address {
  return { side: 'other', resource: 'refunds', id: `${id}:${refundId}` };
}

/**
 * @throws BookbridgeError `value-missing`, `value-invalid`, `tax-unmatched`, `tax-ambiguous`, `currency-unknown`, `amounts-differ`, `negative-line-refused`;
 * `document-locked` where there is an invoice about which a person has to decide
 */
function mapOrder(record: FlowRecord, known: Known, context: ShopContext): Mapped {
  const order = readOrder(record.data);
  const { link } = record;
  const write = (fields: JsonObject) => ({ kind: 'write', resource: 'invoices', key: recordKey(context.integrationId, record), fields, initial: {} }) as const;
  const course = courseOf(order, link !== null, context.settings);
  if (course === 'nothing') return { kind: 'skip', finding: notPaid(order), notes: [] };
  if (course === 'report') return cancelled(`the order ${order.number} was cancelled`);
  if (course === 'void') {
    const isCredited = order.refunds.some(({ id }) => known.link(refundOf(record, id)));
    if (isCredited) return cancelled(`the order ${order.number} was given back, and there is a credit note for it, made by other settings`);
    return { ...write({ ...link?.base.books, status: 'void' }), notes: [], expected: null };
  }
  if (isVoided(link)) return voidedBefore(order);
  if (order.lines.length === 0) return { kind: 'skip', finding: { code: 'order-empty', detail: `the order ${order.number} has no lines` }, notes: [] };
  const { fields, notes } = invoiceOf(order, link, known, context);
  return { ...write(fields), notes, expected: totalOf(order) };
}

/** A person is told as long as the invoice stands. */
function cancelled(detail: string): Mapped {
  return { kind: 'skip', finding: { code: 'order-cancelled', detail }, notes: [] };
}

function totalOf({ total }: Order): Expected {
  return { field: 'total', total };
}

/** Whether the invoice of an order was voided because it was cancelled or given back. */
export function isVoided(link: Link | null): boolean {
  return link?.base.books?.['status'] === 'void';
}

/** What was voided stays void: Books may have made a new invoice for it since. */
function voidedBefore(order: Order): Mapped {
  const detail = `the invoice of the order ${order.number} was voided`;
  if (isGivenBack(order)) return { kind: 'skip', finding: { code: 'refund-voided', detail }, notes: [] };
  throw new BookbridgeError('document-locked', { detail: `${detail} when it was cancelled or given back, and the order goes on` });
}

function invoiceOf(order: Order, link: Link | null, known: Known, context: ShopContext): { fields: JsonObject; notes: readonly Finding[] } {
  const { settings } = context;
  const buyer = buyerOf(order);
  const customerId = (buyer && known.link(buyer)?.books.id) ?? customerIn(link);
  if (customerId === null) throw new BookbridgeError('value-missing', { detail: 'billing: neither e-mail nor name, so there is nobody to invoice' });
  const currency = currencyOf(order.currency, known, context);
  const isInclusive = order.pricesIncludeTax;
  const { fields, notes } = documentOf({
    lines: billLines(order.lines, { isInclusive, digits: currency.digits }, known, settings), isInclusive, discountNames: order.discountNames,
    total: decimal(order.total), totalTax: decimal(order.totalTax), currency, hasDiscounts: true,
  }, settings);
  return {
    fields: { customer_id: customerId, reference_number: shortLineOf('number', order.number, REFERENCE_LENGTH_MAX), date: dayOf(order.placedAt, settings), ...fields },
    notes,
  };
}

/** Whom the invoice of an order went to when it was written last; null where there is none. */
export function customerIn(link: Link | null): string | null {
  const id = link?.base.books?.['customer_id'];
  return typeof id === 'string' ? id : null;
}

/** Whatever left the draft state is the bookkeeper's. What is given back may be voided as long as Books allows it. */
function mayUpdate({ data }: RemoteRecord, changed: JsonObject): Finding | null {
  const { status, invoice_number: number } = readRecord(invoiceStateSchema, data);
  const isVoiding = changed['status'] === 'void' && Object.keys(changed).length === 1;
  return status === 'draft' || isVoiding ? null : { code: 'document-locked', detail: `the invoice ${number} is ${status}` };
}

/** What was deleted in the shop, or lies before the first day, leaves the books as they are. */
function leftBehind(reason: Finding | null): ((invoice: RemoteRecord) => Finding | null) | null {
  if (reason === null || reason.code === 'before-start') return null;
  return ({ data }) => {
    const { status, invoice_number: number } = readRecord(invoiceStateSchema, data);
    if (status === 'void') return null;
    if (reason.code === 'order-cancelled') return reason;
    return { code: 'document-stale', detail: `the invoice ${number} stands (${status}), but ${reason.code === 'not-paid' ? `the order has the ${reason.detail}` : reason.detail}` };
  };
}

function mayDelete({ data }: RemoteRecord): Finding | null {
  const { status, invoice_number: number } = readRecord(invoiceStateSchema, data);
  return status === 'draft' || status === 'void' ? null : { code: 'document-locked', detail: `the invoice ${number} is ${status}` };
}
