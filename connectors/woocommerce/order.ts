import type { z } from 'zod';
import { firstIssue } from '../../domain/issues.ts';
import { orderSchema, refundSchema, type Order, type Refund } from '../../domain/order.ts';
import { FieldError, orderLines, refundLines } from './lines.ts';
import type { Rates } from './rates.ts';
import type { OrderRow, RefundRow } from './schemas.ts';
import { decoded } from './text.ts';

/** The statuses WooCommerce brings along (OrderStatus.php); shops and plug-ins add theirs. */
const ownStatuses: ReadonlySet<string> = new Set(['pending', 'processing', 'on-hold', 'completed', 'cancelled', 'refunded', 'failed', 'trash']);
/** Those that count as paid (wc_get_is_paid_statuses). */
const paidStatuses: ReadonlySet<string> = new Set(['processing', 'completed']);

/** Whether WooCommerce itself counts a status as paid; of a status of the shop's own it does not know. */
export function isPaidStatus(status: string): boolean {
  return paidStatuses.has(status);
}

/** @throws FieldError */
export function toOrder(row: OrderRow, rates: Rates): Order {
  const { billing } = row;
  return checked(orderSchema, {
    number: row.number, status: row.status,
    // A status of the shop's own says nothing of payment; the date of payment does.
    isPaid: isPaidStatus(row.status) || (!ownStatuses.has(row.status) && row.date_paid_gmt !== null),
    isCancelled: row.status === 'cancelled', placedAt: row.date_created_gmt, paidAt: row.date_paid_gmt, currency: row.currency,
    pricesIncludeTax: row.prices_include_tax, customerId: row.customer_id,
    billing: {
      firstName: billing.first_name, lastName: billing.last_name, company: billing.company, email: billing.email, phone: billing.phone,
      street: billing.address_1, street2: billing.address_2, city: billing.city, state: billing.state, zip: billing.postcode, country: billing.country,
    },
    lines: orderLines(row, rates), discountNames: row.coupon_lines.map(({ code }) => decoded(code)), total: row.total.toFixed(), totalTax: row.total_tax.toFixed(),
    refunds: row.refunds.toSorted((left, right) => Number(left.id) - Number(right.id)).map(({ id, total, reason }) => ({ id, total: total.abs().toFixed(), reason })),
    note: row.customer_note,
  });
}

/** @throws FieldError */
export function toRefund(row: RefundRow, orderId: string, rates: Rates): Refund {
  return checked(refundSchema, { orderId, reason: row.reason, refundedAt: row.date_created_gmt, total: row.amount.abs().toFixed(), lines: refundLines(row, rates) });
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FieldError(firstIssue(parsed.error));
}
