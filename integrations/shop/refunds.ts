import { z } from 'zod';
import type { RemoteRecord } from '../../connectors/resource.ts';
import { BookbridgeError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import { decimal } from '../../domain/money.ts';
import { refundSchema, type Order, type Refund } from '../../domain/order.ts';
import type { Address, Finding, Link } from '../../store/types.ts';
import { readRecord, recordKey, type FlowRecord, type IntegrationContext, type Known, type Mapped, type Module, type Reference } from '../integration.ts';
import { paragraphOf, shortLineOf } from '../text.ts';
import { dayOf, isDue, isGivenBack, leaveOut, readOrder, readOrderOrNull } from './course.ts';
import { currencyOf } from './currencies.ts';
import { documentOf } from './document.ts';
import { billLines } from './lines.ts';
import { buyerOf, customerIn, isVoided } from './orders.ts';
import { restLines } from './rest.ts';
import { CURRENCIES, onCommand, TAXES } from './sources.ts';
import { contextOf, type ShopContext } from './settings.ts';

const NOTES_LENGTH_MAX = 2000;

/** A refund as its order shows it; its lines are read with it by its id. */
const shownSchema = z.object({
  orderId: z.string(), buyerId: z.string().nullable().default(null),
  /** Whether its order is to have an invoice. */
  isOrderDue: z.boolean().default(false),
  /** Whether it is a part of giving back the whole order. */
  isWhole: z.boolean().default(false),
  total: z.string(), reason: z.string(),
});

const creditNoteStateSchema = z.object({ status: z.string(), creditnote_number: z.string() });

/** What is given back becomes a draft credit note, or what the settings say instead. */
export const refunds: Module = {
  name: 'refunds',
  observes: [],
  document: null,
  flows: [
    {
      side: 'other',
      targets: ['creditnotes'],
      reference: 'reference_number',
      resources: () => ['refunds'],
      within: { module: 'orders', resource: 'orders', records: refundsOf },
      isReadWhole: true,
      onRequest: onCommand,
      chooses: [TAXES, CURRENCIES],
      accept: ({ data }, context) => accept(data, contextOf(context)),
      references: ({ data }) => referencesOf(data),
      map: (record, known, context) => mapRefund(record, known, contextOf(context)),
      mayUpdate: onlyDraft,
      mayDelete: onlyDraft,
      leftBehind,
      expected: (_fields, data) => {
        const shown = shownSchema.safeParse(data).data;
        return shown ? { field: 'total', total: shown.total } : null;
      },
    },
  ],
};

function refundsOf({ id, modifiedAt, data }: RemoteRecord, integration: IntegrationContext): RemoteRecord[] {
  const context = contextOf(integration);
  const order = readOrderOrNull(data);
  if (!order || leaveOut(order, context)?.code === 'before-start') return [];
  return order.refunds.map((refund) => ({
    id: `${id}:${refund.id}`, modifiedAt,
    data: { orderId: id, buyerId: buyerOf(order)?.id ?? null, isOrderDue: isDue(order, context), isWhole: isGivenBack(order), total: refund.total, reason: refund.reason },
  }));
}

function accept(data: JsonObject, { settings }: ShopContext): Finding | null {
  if (settings.refunds === 'credit-note') return null;
  const shown = shownSchema.safeParse(data).data;
  const detail = shown ? `${shown.total} of the order ${shown.orderId}${shown.reason === '' ? '' : `: ${paragraphOf(shown.reason, 200)}`}` : '';
  if (settings.refunds === 'report') return { code: 'refund-reported', detail };
  return { code: shown?.isWhole === true ? 'refund-voided' : 'refund-partial', detail };
}

/** A refund waits for the invoice of its order, where there is to be one. */
function referencesOf(data: JsonObject): Reference[] {
  const { orderId, buyerId, isOrderDue } = readRecord(shownSchema, data);
  const order = { side: 'other', resource: 'orders', id: orderId, required: isOrderDue } as const;
  return buyerId === null ? [order] : [order, { side: 'other', resource: 'buyers', id: buyerId, required: false }];
}

/** @throws BookbridgeError as an order does */
function mapRefund(record: FlowRecord, known: Known, context: ShopContext): Mapped {
  const refund = readRecord(refundSchema, record.data);
  const address: Address = { side: 'other', resource: 'orders', id: refund.orderId };
  const data = known.data(address);
  const link = known.link(address);
  if (!link || !data) return { kind: 'skip', finding: { code: 'not-paid', detail: `the order ${refund.orderId} has no invoice` }, notes: [] };
  if (isVoided(link)) return { kind: 'skip', finding: { code: 'refund-voided', detail: `the invoice of the order ${refund.orderId} was voided` }, notes: [] };
  if (decimal(refund.total).isZero()) return { kind: 'skip', finding: { code: 'order-empty', detail: `nothing of the order ${refund.orderId} was given back` }, notes: [] };
  const { fields, notes } = creditNoteOf(refund, { order: readOrder(data), link }, known, context);
  return {
    kind: 'write', resource: 'creditnotes', key: recordKey(context.integrationId, record), fields, initial: {}, notes,
    expected: { field: 'total', total: refund.total },
  };
}

function creditNoteOf(refund: Refund, { order, link }: { order: Order; link: Link }, known: Known, context: ShopContext): { fields: JsonObject; notes: readonly Finding[] } {
  const { settings } = context;
  const buyer = buyerOf(order);
  // Only a credit note for the customer of the invoice can be applied to it, even where the order names another one by now.
  const customerId = customerIn(link) ?? (buyer && known.link(buyer)?.books.id) ?? null;
  if (customerId === null) throw new BookbridgeError('value-missing', { detail: `billing: nobody is known whom the order ${order.number} went to` });
  const currency = currencyOf(order.currency, known, context);
  const isInclusive = order.pricesIncludeTax;
  const total = decimal(refund.total);
  const as = { isInclusive, digits: currency.digits };
  const own = billLines(refund.lines, as, known, settings);
  const rest = restLines({ refund, ...as }, own, billLines(order.lines, as, known, settings));
  const { fields, notes } = documentOf({ lines: [...own, ...rest], isInclusive, discountNames: [], total, totalTax: null, currency, hasDiscounts: false }, settings);
  const reason = paragraphOf(refund.reason, NOTES_LENGTH_MAX);
  return {
    fields: {
      customer_id: customerId, reference_number: shortLineOf('number', order.number, 100), date: dayOf(refund.refundedAt, settings),
      is_draft: true, ...(reason !== '' && { notes: reason }), ...fields,
    },
    notes,
  };
}

/** Whatever left the draft state is the bookkeeper's. */
function onlyDraft({ data }: RemoteRecord): Finding | null {
  const { status, creditnote_number: number } = readRecord(creditNoteStateSchema, data);
  return status === 'draft' ? null : { code: 'document-locked', detail: `the credit note ${number} is ${status}` };
}

/** What other settings would make of a refund leaves its credit note as it is. */
function leftBehind(reason: Finding | null): ((note: RemoteRecord) => Finding | null) | null {
  if (reason?.code !== 'not-paid') return null;
  return ({ data }) => {
    const { status, creditnote_number: number } = readRecord(creditNoteStateSchema, data);
    return status === 'void' ? null : { code: 'document-stale', detail: `the credit note ${number} stands (${status}), but ${reason.detail}` };
  };
}
