import { Decimal } from 'decimal.js';

const zero = new Decimal(0);

/** Zero where there are none. */
export function sum(values: readonly Decimal[]): Decimal {
  return values.reduce((total, value) => total.plus(value), zero);
}

/**
 * Splits an amount by weights so that the shares add up to it exactly: each gets its share rounded down, and what is missing goes in smallest
 * units to those that lost most by rounding (largest remainder).
 *
 * @param total zero or more
 * @param weights zero or more each; where all are zero the first takes everything
 * @param digits decimal places of a share; more where `total` itself has more
 * @returns as many as there are weights; none where there are none
 */
export function apportion(total: Decimal, weights: readonly Decimal[], digits: number): Decimal[] {
  const whole = sum(weights);
  if (whole.isZero()) return weights.map((_weight, index) => (index === 0 ? total : zero));
  const places = Math.max(digits, total.decimalPlaces());
  const unit = new Decimal(10).toPower(-places);
  const exact = weights.map((weight) => total.times(weight).dividedBy(whole));
  const shares = exact.map((share) => share.toDecimalPlaces(places, Decimal.ROUND_DOWN));
  const missing = total.minus(sum(shares)).dividedBy(unit).round().toNumber();
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share.minus(shares[index] ?? zero) }))
    .sort((left, right) => right.remainder.comparedTo(left.remainder) || left.index - right.index);
  for (const { index } of byRemainder.slice(0, missing)) shares[index] = (shares[index] ?? zero).plus(unit);
  return shares;
}
