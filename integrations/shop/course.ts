import { DateTime } from 'luxon';
import type { JsonObject } from '../../domain/json.ts';
import { decimal } from '../../domain/money.ts';
import { orderSchema, type Order } from '../../domain/order.ts';
import type { Finding } from '../../store/types.ts';
import { readRecord } from '../integration.ts';
import type { ShopContext, ShopSettings } from './settings.ts';

/** @throws BookbridgeError `record-unreadable` naming every wrong field */
export function readOrder(data: JsonObject): Order {
  return readRecord(orderSchema, data);
}

/** Null where it cannot be read: then it is said when it is carried over. */
export function readOrderOrNull(data: JsonObject): Order | null {
  return orderSchema.safeParse(data).data ?? null;
}

/** The day on which something happened, as the settings' clock has it. */
export function dayOf(time: string, { timeZone }: Pick<ShopSettings, 'timeZone'>): string {
  return DateTime.fromISO(time, { zone: timeZone }).toFormat('yyyy-MM-dd');
}

/** When orders begin to be carried over, ISO 8601: an order that was placed later has changed later too. */
export function beginningOf({ ordersFrom, timeZone }: Pick<ShopSettings, 'ordersFrom' | 'timeZone'>): string {
  return DateTime.fromISO(ordersFrom, { zone: timeZone }).toUTC().toISO() ?? ordersFrom;
}

function isPaid({ status, isPaid }: Order, { paidStatuses }: Pick<ShopSettings, 'paidStatuses'>): boolean {
  return paidStatuses === null ? isPaid : paidStatuses.includes(status);
}

/** Whether all the customer paid was given back. */
export function isGivenBack({ refunds, total }: Order): boolean {
  const sum = refunds.reduce((so, refund) => so.plus(refund.total), decimal(0));
  return sum.greaterThan(0) && sum.greaterThanOrEqualTo(total);
}

/**
 * Says at once that an order is left out. One that was cancelled or given back is not, because it may have an invoice about which something is to be
 * done.
 */
export function leaveOut(order: Order, { settings }: ShopContext): Finding | null {
  const day = dayOf(order.placedAt, settings);
  if (day < settings.ordersFrom) return { code: 'before-start', detail: `placed on ${day}, and orders are carried over from ${settings.ordersFrom}` };
  if (isPaid(order, settings) || order.isCancelled || isGivenBack(order)) return null;
  return notPaid(order);
}

export function notPaid({ status }: Order): Finding {
  return { code: 'not-paid', detail: `status ${status}` };
}

/** What becomes of an order: an invoice that is kept in step with it, one that is voided, a report to a person, or nothing. */
export type Course = 'invoice' | 'void' | 'report' | 'nothing';

/** @param hasInvoice whether an invoice was made of it before */
export function courseOf(order: Order, hasInvoice: boolean, settings: Pick<ShopSettings, 'paidStatuses' | 'refunds'>): Course {
  const isOver = order.isCancelled || isGivenBack(order);
  if (!hasInvoice) return isPaid(order, settings) && !isOver ? 'invoice' : 'nothing';
  if (isOver && settings.refunds === 'void') return 'void';
  // Where money was given back, the refunds say what becomes of it, and the invoice stays.
  return order.isCancelled && !isGivenBack(order) ? 'report' : 'invoice';
}

/** Whether an order that has no invoice yet is to have one. */
export function isDue(order: Order, context: ShopContext): boolean {
  return leaveOut(order, context) === null && courseOf(order, false, context.settings) === 'invoice' && order.lines.length > 0;
}
