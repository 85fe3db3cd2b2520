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
import { beginningOf, courseOf, dayOf, leaveOut, notPaid, readOrder, readOrderOrNull } from './course.ts';
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
  const needsBuyer = courseOf(order, record.link !== null, settings) === 'invoice' && order.lines.length > 0;
  return buyer && needsBuyer ? [{ ...buyer, required: true }] : [];
}

/**
 * @throws BookbridgeError `value-missing`, `value-invalid`, `tax-unmatched`, `tax-ambiguous`, `currency-unknown`, `amounts-differ`, `negative-line-refused`;
 * `order-cancelled` and `document-locked` where there is an invoice about which a person has to decide
 */
function mapOrder(record: FlowRecord, known: Known, context: ShopContext): Mapped {
  const order = readOrder(record.data);
  const { link } = record;
  const write = (fields: JsonObject) => ({ kind: 'write', resource: 'invoices', key: recordKey(context.integrationId, record), fields, initial: {} }) as const;
  const course = courseOf(order, link !== null, context.settings);
  if (course === 'nothing') return { kind: 'skip', finding: notPaid(order), notes: [] };
  if (course === 'report') throw new BookbridgeError('order-cancelled', { detail: `the order ${order.number} was cancelled` });
  if (course === 'void') return { ...write({ ...link?.base.books, status: 'void' }), notes: [], expected: null };
  expectAlive(order, link);
  if (order.lines.length === 0) return { kind: 'skip', finding: { code: 'order-empty', detail: `the order ${order.number} has no lines` }, notes: [] };
  const { fields, notes } = invoiceOf(order, known, context);
  return { ...write(fields), notes, expected: totalOf(order) };
}

function totalOf({ total }: Order): Expected {
  return { field: 'total', total };
}

/** What was voided stays void: Books may have made a new invoice for it since. */
function expectAlive({ number }: Order, link: Link | null): void {
  if (link?.base.books?.['status'] === 'void') throw new BookbridgeError('document-locked', { detail: `its invoice was voided when it was cancelled or given back, and the order ${number} goes on` });
}

function invoiceOf(order: Order, known: Known, context: ShopContext): { fields: JsonObject; notes: readonly Finding[] } {
  const { settings } = context;
  const buyer = buyerOf(order);
  const customer = buyer && known.link(buyer);
  if (!customer) throw new BookbridgeError('value-missing', { detail: 'billing: neither e-mail nor name, so there is nobody to invoice' });
  const currency = currencyOf(order.currency, known, context);
  const isInclusive = order.pricesIncludeTax;
  const { fields, notes } = documentOf({
    lines: billLines(order.lines, { isInclusive, digits: currency.digits }, known, settings), isInclusive, discountNames: order.discountNames,
    total: decimal(order.total), totalTax: decimal(order.totalTax), currency, hasDiscounts: true,
  }, settings);
  return {
    fields: { customer_id: customer.books.id, reference_number: shortLineOf('number', order.number, REFERENCE_LENGTH_MAX), date: dayOf(order.placedAt, settings), ...fields },
    notes,
  };
}

/** Whatever left the draft state is the bookkeeper's. What is given back may be voided as long as Books allows it. */
function mayUpdate({ data }: RemoteRecord, changed: JsonObject): Finding | null {
  const { status, invoice_number: number } = readRecord(invoiceStateSchema, data);
  const isVoiding = changed['status'] === 'void' && Object.keys(changed).length === 1;
  return status === 'draft' || isVoiding ? null : { code: 'document-locked', detail: `the invoice ${number} is ${status}` };
}

function mayDelete({ data }: RemoteRecord): Finding | null {
  const { status, invoice_number: number } = readRecord(invoiceStateSchema, data);
  return status === 'draft' || status === 'void' ? null : { code: 'document-locked', detail: `the invoice ${number} is ${status}` };
}
