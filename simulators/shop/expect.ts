import { Decimal } from 'decimal.js';
import type { Order, OrderLine, Refund } from '../../domain/order.ts';
import { taxSum } from './arithmetic.ts';
import type { Priced, ShopLine, ShopOrder, ShopRefund, TaxRate } from './types.ts';
import { paidStatuses, type ShopWorld } from './world.ts';

/**
 * An order as every connector to a shop must read it, worked out from the world alone, so that a mistake in a connector cannot hide in the
 * expectation. What shops call differently is taken from WooCommerce; a simulator of another shop lays its own over it.
 */
export function expectedOrder(order: ShopOrder, world: ShopWorld): Order {
  const rates = new Map(world.taxRates().map((rate) => [rate.id, rate]));
  return {
    number: order.number, status: order.status, isPaid: paidStatuses.includes(order.status), isCancelled: order.status === 'cancelled',
    placedAt: time(order.placedAtMs), paidAt: order.paidAtMs === null ? null : time(order.paidAtMs),
    currency: order.currency, pricesIncludeTax: order.pricesIncludeTax, customerId: order.customerId, billing: order.billing,
    lines: order.lines.flatMap((line) => expectedLines(line, rates)), discountNames: order.coupons.map(({ code }) => code),
    total: order.total.toFixed(), totalTax: order.totalTax.toFixed(),
    refunds: order.refunds.toSorted((left, right) => Number(left.id) - Number(right.id)).map(({ id, total, reason }) => ({ id, total: total.toFixed(), reason })),
    note: order.note,
  };
}

export function expectedRefund(refund: ShopRefund, order: ShopOrder, world: ShopWorld): Refund {
  const rates = new Map(world.taxRates().map((rate) => [rate.id, rate]));
  return {
    orderId: order.id, reason: refund.reason, refundedAt: time(refund.refundedAtMs), total: refund.total.toFixed(),
    lines: refund.lines.flatMap(({ lineId, quantity, priced }) => {
      const line = order.lines.find(({ id }) => id === lineId);
      // A shop does not say again what a line was like.
      return line ? [{ ...expectedLine(line, priced, priced, rates), quantity: String(quantity), description: '' }] : [];
    }),
  };
}

/**
 * A fee that takes something off lines of several rates is one line for each rate, and one for what it takes off untaxed lines. Where every rate
 * is on the whole fee, or the parts do not add up to it, it stays one line.
 */
function expectedLines(line: ShopLine, rates: ReadonlyMap<string, TaxRate>): OrderLine[] {
  const { net, taxes } = line.after;
  const whole = [expectedLine(line, line.before, line.after, rates)];
  const percentage = taxes.reduce((sum, { rateId }) => sum.plus(rates.get(rateId)?.percentage ?? 0), new Decimal(0));
  if (!net.isNegative() || taxes.length === 0 || isNear(taxSum(line.after), net.times(percentage).dividedBy(100))) return whole;
  const parts = taxes.map((tax) => ({
    id: `${line.id}:${tax.rateId}`,
    priced: { net: tax.amount.times(100).dividedBy(rates.get(tax.rateId)?.percentage ?? 1).toDecimalPlaces(6, Decimal.ROUND_HALF_UP), taxes: [tax] },
  }));
  const rest = parts.reduce((sum, { priced }) => sum.minus(priced.net), net);
  const last = parts.at(-1);
  if (!last || rest.greaterThan('0.0001')) return whole;
  // What rounding leaves over belongs to the last part.
  if (isNear(rest, new Decimal(0))) last.priced = { ...last.priced, net: last.priced.net.plus(rest) };
  else parts.push({ id: `${line.id}:0`, priced: { net: rest, taxes: [] } });
  return parts.map(({ id, priced }) => ({ ...expectedLine(line, priced, priced, rates), id }));
}

function isNear(left: Decimal, right: Decimal): boolean {
  return left.minus(right).abs().lessThanOrEqualTo('0.0001');
}

function expectedLine(line: ShopLine, before: Priced, after: Priced, rates: ReadonlyMap<string, TaxRate>): OrderLine {
  return {
    id: line.id, kind: line.kind, name: line.name, description: line.description, sku: line.sku ?? '', productId: line.productId, quantity: String(line.quantity),
    amount: before.net.toFixed(), tax: taxSum(before).toFixed(),
    discount: before.net.minus(after.net).toFixed(), discountTax: taxSum(before).minus(taxSum(after)).toFixed(),
    taxes: after.taxes.map(({ rateId }) => ({ id: rateId, name: rates.get(rateId)?.name ?? '', percentage: new Decimal(rates.get(rateId)?.percentage ?? 0).toFixed(), isCompound: rates.get(rateId)?.isCompound ?? false })),
  };
}

/** Shops tell whole seconds. */
function time(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString();
}
