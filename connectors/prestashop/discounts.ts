import { Decimal } from 'decimal.js';
import { apportion, sum } from './apportion.ts';

/** What a discount is taken off. */
export interface Discountable {
  /** Lines with the same key are taxed alike. */
  readonly taxKey: string;
  /** Without tax, of the whole line. */
  readonly amount: Decimal;
  readonly tax: Decimal;
}

export interface Discount {
  /** Without tax. */
  readonly amount: Decimal;
  readonly tax: Decimal;
}

interface Group {
  readonly amount: Decimal;
  readonly rate: Decimal;
}

const none: Discount = { amount: new Decimal(0), tax: new Decimal(0) };

/**
 * Splits the discount of an order over its lines. PrestaShop says only what it comes to without and with tax, so which rates it concerns is
 * worked out: in proportion to what each rate is paid for; where the tax of the discount is more or less than that would give (a coupon for
 * some products only), the discount moves to the higher or the lower rates until its tax is right.
 *
 * @param total zero or more each
 * @param digits decimal places of the currency; shares have more only where `total` has
 * @returns one for each line; both sums are exactly those of `total` wherever there is a line
 */
export function splitDiscount(total: Discount, lines: readonly Discountable[], digits: number): Discount[] {
  if (total.amount.isZero() && total.tax.isZero()) return lines.map(() => none);
  const keys = [...new Set(lines.map(({ taxKey }) => taxKey))];
  const groups = keys.map((key) => groupOf(lines.filter(({ taxKey }) => taxKey === key)));
  const shares = new Map(overRates(total, groups, new Decimal(10).toPower(-digits)).map((share, index) => [keys[index] ?? '', { share, group: groups[index] }]));
  const weights = lines.map(({ taxKey, amount }) => {
    const found = shares.get(taxKey);
    return !found?.group || found.group.amount.isZero() ? new Decimal(0) : found.share.times(amount).dividedBy(found.group.amount);
  });
  const amounts = apportion(total.amount, weights, digits);
  const taxes = apportion(total.tax, taxWeights(lines, weights), digits);
  return lines.map((_line, index) => ({ amount: amounts[index] ?? none.amount, tax: taxes[index] ?? none.tax }));
}

/** A discount has the tax of what it is taken off; one with tax on lines without any keeps to the amounts. */
function taxWeights(lines: readonly Discountable[], weights: readonly Decimal[]): readonly Decimal[] {
  const taxed = lines.map(({ amount, tax }, index) => (amount.isZero() ? new Decimal(0) : (weights[index] ?? new Decimal(0)).times(tax).dividedBy(amount)));
  return sum(taxed).isZero() ? weights : taxed;
}

function groupOf(lines: readonly Discountable[]): Group {
  const amount = sum(lines.map((line) => line.amount));
  return { amount, rate: amount.isZero() ? new Decimal(0) : sum(lines.map(({ tax }) => tax)).dividedBy(amount) };
}

/**
 * How much of the discount each rate bears: between the proportional split and the one that begins with the highest (or lowest) rate, where the
 * tax comes out right.
 *
 * @param tolerance by how much the tax may be off before the discount is moved: rounding is not worth it
 */
function overRates(total: Discount, groups: readonly Group[], tolerance: Decimal): Decimal[] {
  const whole = sum(groups.map(({ amount }) => amount));
  if (whole.isZero()) return groups.map(() => new Decimal(0));
  const even = groups.map(({ amount }) => total.amount.times(amount).dividedBy(whole));
  const missing = total.tax.minus(taxOf(even, groups));
  if (missing.abs().lessThanOrEqualTo(tolerance)) return even;
  const extreme = oneByOne(total.amount, groups, missing.isPositive());
  const reach = taxOf(extreme, groups).minus(taxOf(even, groups));
  if (reach.isZero()) return even;
  const part = Decimal.min(1, Decimal.max(0, missing.dividedBy(reach)));
  return even.map((share, index) => share.plus((extreme[index] ?? share).minus(share).times(part)));
}

/** The whole discount on the highest rate (or the lowest) as far as it goes, then on the next. What exceeds all stays with the last. */
function oneByOne(amount: Decimal, groups: readonly Group[], highestFirst: boolean): Decimal[] {
  const order = groups.map((group, index) => ({ ...group, index }))
    .sort((left, right) => (highestFirst ? right.rate.comparedTo(left.rate) : left.rate.comparedTo(right.rate)));
  const shares = groups.map(() => new Decimal(0));
  let left = amount;
  for (const [place, { amount: room, index }] of order.entries()) {
    const share = place === order.length - 1 ? left : Decimal.min(left, room);
    shares[index] = share;
    left = left.minus(share);
  }
  return shares;
}

function taxOf(shares: readonly Decimal[], groups: readonly Group[]): Decimal {
  return sum(shares.map((share, index) => share.times(groups[index]?.rate ?? 0)));
}
