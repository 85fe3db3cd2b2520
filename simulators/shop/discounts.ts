import { Decimal } from 'decimal.js';
import type { Coupon } from './types.ts';

/** A line that a coupon may take something off: its price as it is entered, and for how many pieces. */
export interface Discountable {
  /** What is left of it, in the smallest unit of the currency. */
  readonly cents: Decimal;
  readonly quantity: number;
}

/**
 * What a coupon takes off each line, as WooCommerce shares it out (includes/class-wc-discounts.php): whole cents, rounded down, and what is
 * missing to the sum cent by cent over the pieces.
 *
 * @param digits of the currency
 * @returns in the smallest unit of the currency, in the order of the lines
 */
export function shareOut(coupon: Coupon, lines: readonly Discountable[], digits: number): Decimal[] {
  const one = new Decimal(10).toPower(digits);
  const all = lines.reduce((sum, { cents }) => sum.plus(cents), new Decimal(0));
  const pieces = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  const wanted = Decimal.min(all, coupon.kind === 'percent' ? all.times(coupon.value).dividedBy(100).round() : one.times(coupon.value).round());
  const shares = lines.map(({ cents, quantity }) => {
    const share = coupon.kind === 'percent' ? cents.times(coupon.value).dividedBy(100) : wanted.dividedBy(pieces).floor().times(quantity);
    return Decimal.min(cents, share.floor());
  });
  let left = wanted.minus(shares.reduce((sum, share) => sum.plus(share), new Decimal(0)));
  while (left.greaterThan(0)) {
    const before = left;
    for (const [index, { cents, quantity }] of lines.entries()) {
      const share = shares[index] ?? new Decimal(0);
      const more = Decimal.min(left, quantity, cents.minus(share).floor());
      shares[index] = share.plus(more);
      left = left.minus(more);
    }
    if (left.equals(before)) break;
  }
  return shares;
}
