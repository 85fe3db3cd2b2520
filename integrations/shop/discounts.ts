import { BookbridgeError } from '../../domain/errors.ts';
import { decimal, roundMoney, type Money } from '../../domain/money.ts';
import type { BillLine } from './lines.ts';
import { total } from './prediction.ts';

/** A line as it is written: rounded to the currency, and with a discount of its own only where discounts are fields. */
export type DiscountedLine = Omit<BillLine, 'taxKey'>;

const zero = decimal(0);
const one = decimal(1);

/**
 * Discounts as lines below zero, one for each tax, called by the coupons (guide, "Discounts and coupons").
 *
 * @param names such as the codes of coupons
 */
export function asLines(lines: readonly BillLine[], names: readonly string[], digits: number): DiscountedLine[] {
  const goods = lines.map((line) => ({ ...line, amount: roundMoney(line.amount, digits), discount: zero }));
  const discounts = [...Map.groupBy(lines, ({ taxKey }) => taxKey).values()].flatMap((alike) => {
    const [first] = alike;
    const amount = roundMoney(total(alike.map(({ discount }) => discount)), digits).negated();
    if (!first || amount.isZero()) return [];
    return [{ name: names.length === 0 ? 'Discount' : `Discount: ${names.join(', ')}`, description: '', quantity: one, amount, discount: zero, tax: first.tax }];
  });
  return [...goods, ...discounts];
}

/**
 * Discounts in the field that each line has for them. A line below zero, such as a fee that takes something off, is spread over the lines that are
 * taxed alike.
 *
 * @throws BookbridgeError `negative-line-refused` where there is not as much to take it off
 */
export function withDiscounts(lines: readonly BillLine[], digits: number): DiscountedLine[] {
  const all = [...Map.groupBy(lines, ({ taxKey }) => taxKey).values()].flatMap((alike) => spread(alike, digits));
  // In the order of the shop.
  return lines.flatMap((line) => all.flatMap(({ source, written }) => (source === line ? [written] : [])));
}

/** The same with the discounts taken off the amounts, where there is no field for them. */
export function reduced(lines: readonly BillLine[], digits: number): DiscountedLine[] {
  return withDiscounts(lines, digits).map((line) => ({ ...line, amount: line.amount.minus(line.discount), discount: zero }));
}

function spread(alike: readonly BillLine[], digits: number): { source: BillLine; written: DiscountedLine }[] {
  const goods = alike.filter(({ amount }) => !amount.isNegative());
  const reduction = total(alike.filter(({ amount }) => amount.isNegative()).map(({ amount }) => amount)).negated();
  const left = goods.map(({ amount, discount }) => amount.minus(discount));
  const sum = total(left);
  // What takes all off may be a cent more for each line, by rounding; what is less than half a cent takes nothing off.
  if (reduction.minus(sum).greaterThan(decimal(10).pow(-digits).times(Math.max(goods.length, 0.5)))) {
    throw new BookbridgeError('negative-line-refused', { detail: `${reduction.toFixed()} are taken off, and there are only ${sum.toFixed()} that are taxed alike` });
  }
  let taken = zero;
  let rounded = zero;
  return goods.map((line, index) => {
    const own = left[index] ?? zero;
    // Rounded by what all lines so far bear, so that nothing is lost over many lines.
    taken = sum.isZero() ? taken : taken.plus(reduction.times(own).div(sum));
    const share = roundMoney(taken, digits).minus(rounded);
    rounded = rounded.plus(share);
    const amount = roundMoney(line.amount, digits);
    const discount = minOf(amount, amount.minus(roundMoney(own, digits)).plus(share));
    return { source: line, written: { ...line, amount, discount } };
  });
}

function minOf(left: Money, right: Money): Money {
  return left.lessThan(right) ? left : right;
}
