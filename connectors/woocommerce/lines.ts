import { Decimal } from 'decimal.js';
import type { OrderLine } from '../../domain/order.ts';
import type { Rate, Rates } from './rates.ts';
import type { LineTax, OrderRow, RefundRow } from './schemas.ts';
import { decoded, describeMeta } from './text.ts';

/** Something in an order that no rule covers. */
export class FieldError extends Error {}

/** Amounts are read with so many places; WooCommerce keeps taxes of lines with as many. */
export const PLACES = 6;
const zero = new Decimal(0);
const tolerance = new Decimal('0.0001');

/**
 * All lines of an order: what is ordered, shipping, fees. Amounts are without tax and exact, so that amount and tax of a line add up to the price it
 * was entered with, wherever the shop rounds.
 *
 * @throws FieldError
 */
export function orderLines(row: Pick<OrderRow, 'line_items' | 'shipping_lines' | 'fee_lines'>, rates: Rates): OrderLine[] {
  return [
    ...row.line_items.map((line, index) => productLine(line, rates, `line_items.${index}`)),
    ...row.shipping_lines.flatMap((line, index) => charges('shipping', line, line.method_title, rates, `shipping_lines.${index}`)),
    ...row.fee_lines.flatMap((line, index) => charges('fee', line, line.name, rates, `fee_lines.${index}`)),
  ];
}

function productLine(line: OrderRow['line_items'][number], rates: Rates, field: string): OrderLine {
  const taxes = touching(line, rates, field);
  const taxAfter = taxes.reduce((sum, { tax }) => sum.plus(tax.total ?? zero), zero);
  const taxBefore = taxes.reduce((sum, { tax }) => sum.plus(tax.subtotal ?? tax.total ?? zero), zero);
  // A person may have raised the price by hand: that is no discount.
  const isRaised = line.total.greaterThan(line.subtotal);
  const [amount, tax] = isRaised ? [line.total, taxAfter] : [line.subtotal, taxBefore];
  return {
    id: line.id, kind: 'product', name: decoded(line.name), description: describeMeta(line.meta_data), sku: line.sku, productId: line.product_id, quantity: line.quantity.toFixed(),
    amount: exact(amount), tax: exact(tax), discount: exact(amount.minus(line.total)), discountTax: exact(Decimal.max(0, tax.minus(taxAfter))), taxes: taxes.map(({ rate }) => shown(rate)),
  };
}

type Charge = Pick<OrderRow['fee_lines'][number], 'id' | 'total' | 'total_tax' | 'taxes' | 'meta_data'>;

/**
 * A fee that takes something off lines of several rates is one line for each rate, and one for what it takes off untaxed lines: WooCommerce splits
 * its tax between them (class-wc-cart-totals.php, get_fees_from_cart). Where every rate is on the whole fee, or the parts do not add up to it, it
 * stays one line.
 */
function charges(kind: 'shipping' | 'fee', charge: Charge, name: string, rates: Rates, field: string): OrderLine[] {
  const taxes = touching(charge, rates, field);
  const percentage = taxes.reduce((sum, { rate }) => sum.plus(rate.percentage), zero);
  const tax = taxes.reduce((sum, part) => sum.plus(part.tax.total ?? zero), zero);
  const whole = (id: string, amount: Decimal, part: typeof taxes): OrderLine => ({
    id, kind, name: decoded(name), description: '', sku: '', productId: null, quantity: '1', amount: exact(amount),
    tax: exact(part.reduce((sum, { tax }) => sum.plus(tax.total ?? zero), zero)), discount: '0', discountTax: '0', taxes: part.map(({ rate }) => shown(rate)),
  });
  const one = [whole(charge.id, charge.total, taxes)];
  if (!charge.total.isNegative() || taxes.length === 0 || isNear(tax, charge.total.times(percentage).dividedBy(100))) return one;
  if (taxes.some(({ rate }) => rate.percentage.isZero())) return one;
  const parts = taxes.map((part) => ({ part, amount: (part.tax.total ?? zero).times(100).dividedBy(part.rate.percentage).toDecimalPlaces(PLACES, Decimal.ROUND_HALF_UP) }));
  const rest = parts.reduce((left, { amount }) => left.minus(amount), charge.total);
  if (rest.greaterThan(tolerance)) return one;
  const last = parts.at(-1);
  // What rounding leaves over belongs to the last part.
  if (last && isNear(rest, zero)) last.amount = last.amount.plus(rest);
  const lines = parts.map(({ part, amount }) => whole(`${charge.id}:${part.tax.id}`, amount, [part]));
  return isNear(rest, zero) ? lines : [...lines, whole(`${charge.id}:0`, rest, [])];
}

/** The taxes that touch a line, with their rates. */
function touching(line: { readonly taxes: readonly LineTax[]; readonly total_tax: Decimal }, rates: Rates, field: string): { tax: LineTax; rate: Rate }[] {
  const taxes = line.taxes.filter(({ total, subtotal }) => total !== null || subtotal !== null);
  if (taxes.length === 0 && !line.total_tax.isZero()) throw new FieldError(`${field}.taxes: there is a tax of ${line.total_tax.toFixed()}, and no rate it comes from`);
  return taxes.map((tax) => {
    const rate = rates(tax.id);
    if (!rate) throw new FieldError(`${field}.taxes: the shop no longer knows the tax rate ${tax.id}`);
    return { tax, rate };
  });
}

/**
 * The lines of a refund: what WooCommerce writes below zero is above it here. A line is called as the line of the order that is given back; money
 * for a line none of which comes back is one piece of it.
 *
 * @throws FieldError
 */
export function refundLines(row: RefundRow, rates: Rates): OrderLine[] {
  const originals = new Map([...row.line_items, ...row.shipping_lines, ...row.fee_lines].flatMap(({ id, meta_data: meta }) => {
    const value = meta.find(({ key }) => key === '_refunded_item_id')?.value;
    return typeof value === 'string' || typeof value === 'number' ? [[id, String(value)] as const] : [];
  }));
  const back = <T extends Charge>(line: T): T => ({
    ...line, total: line.total.negated(), total_tax: line.total_tax.negated(),
    taxes: line.taxes.map(({ id, total }) => ({ id, total: total?.negated() ?? null, subtotal: total?.negated() ?? null })),
  });
  const lines = orderLines({
    line_items: row.line_items.map((line) => ({ ...back(line), subtotal: line.total.negated(), quantity: line.quantity.isZero() ? new Decimal(1) : line.quantity.abs() })),
    shipping_lines: row.shipping_lines.map(back), fee_lines: row.fee_lines.map(back),
  }, rates);
  return lines.map((line) => ({ ...line, id: originals.get(line.id) ?? line.id, description: '' }));
}

function shown({ id, name, percentage, isCompound }: Rate): OrderLine['taxes'][number] {
  return { id, name, percentage: percentage.toFixed(), ...(isCompound !== undefined && { isCompound }) };
}

function exact(value: Decimal): string {
  return value.toDecimalPlaces(PLACES, Decimal.ROUND_HALF_UP).toFixed();
}

function isNear(left: Decimal, right: Decimal): boolean {
  return left.minus(right).abs().lessThanOrEqualTo(tolerance);
}
