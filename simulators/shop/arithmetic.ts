import { Decimal } from 'decimal.js';
import type { LineTax, Priced, ShopLine, ShopSettings, TaxRate } from './types.ts';

/**
 * How a shop reckons, as WooCommerce does (includes/class-wc-tax.php, class-wc-cart-totals.php): lines are kept exact, and rounded only where a
 * total is made of them.
 */

/** Taxes are kept to this many places. */
const taxPlaces = 6;
const zero = new Decimal(0);

/**
 * A price as it is entered, taken apart.
 *
 * @param price of the whole line
 * @param rates each of them on the price without tax, compound ones on the taxes before them too
 * @param includesTax whether `price` is with tax
 */
export function priced(price: Decimal, rates: readonly TaxRate[], includesTax: boolean): Priced {
  const base = includesTax ? price.dividedBy(taxesOn(new Decimal(1), rates).reduce((sum, { amount }) => sum.plus(amount), new Decimal(1))) : price;
  const taxes = taxesOn(base, rates).map(({ rateId, amount }) => ({ rateId, amount: exact(amount) }));
  return { net: includesTax ? price.minus(taxSum({ net: zero, taxes })) : price, taxes };
}

function taxesOn(base: Decimal, rates: readonly TaxRate[]): LineTax[] {
  let taxed = base;
  return rates.toSorted((left, right) => Number(left.isCompound ?? false) - Number(right.isCompound ?? false)).map(({ id, percentage, isCompound }) => {
    const amount = (isCompound === true ? taxed : base).times(percentage).dividedBy(100);
    taxed = taxed.plus(amount);
    return { rateId: id, amount };
  });
}

/**
 * A fee that takes something off: its tax is split between what it takes it off, so that it works as a discount.
 *
 * @param price without tax, below zero
 * @param lines what it takes it off
 */
export function pricedReduction(price: Decimal, lines: readonly ShopLine[], rates: ReadonlyMap<string, TaxRate>): Priced {
  const reduced = lines.filter(({ after }) => after.net.greaterThan(0));
  const whole = reduced.reduce((sum, { after }) => sum.plus(after.net), zero);
  const taxes = new Map<string, Decimal>();
  for (const { taxRateIds, after } of reduced) {
    const share = price.times(after.net).dividedBy(whole);
    for (const { rateId, amount } of taxesOn(share, taxRateIds.flatMap((id) => rates.get(id) ?? []))) taxes.set(rateId, (taxes.get(rateId) ?? zero).plus(amount));
  }
  return { net: price, taxes: [...taxes].map(([rateId, amount]) => ({ rateId, amount: exact(amount) })) };
}

/**
 * What some pieces of a line are worth.
 *
 * @param pieces how many of how many
 * @param places of the amounts
 */
export function shareOf({ net, taxes }: Priced, [some, all]: readonly [number, number], places: number): Priced {
  const share = (value: Decimal) => value.times(some).dividedBy(all).toDecimalPlaces(places + 6, Decimal.ROUND_HALF_UP);
  const round = (value: Decimal, rounding: Decimal.Rounding) => value.toDecimalPlaces(places, rounding);
  // Together they are what the pieces were sold for, as in a line.
  return {
    net: round(share(net), Decimal.ROUND_HALF_UP), taxes: taxes.map(({ rateId, amount }) => ({ rateId, amount: round(share(amount), Decimal.ROUND_HALF_DOWN) })),
  };
}

export function taxSum({ taxes }: Priced): Decimal {
  return taxes.reduce((sum, { amount }) => sum.plus(amount), zero);
}

/** One tax of a line as it counts towards totals. Halves of taxes are rounded down where prices are with tax, so that the price stays whole. */
export function countedTax(amount: Decimal, { digits, roundsAt, pricesIncludeTax }: ShopSettings): Decimal {
  return roundsAt === 'subtotal' ? amount : amount.toDecimalPlaces(digits, pricesIncludeTax ? Decimal.ROUND_HALF_DOWN : Decimal.ROUND_HALF_UP);
}

export function countedTaxes({ taxes }: Priced, settings: ShopSettings): Decimal {
  return taxes.reduce((sum, { amount }) => sum.plus(countedTax(amount, settings)), zero);
}

/** A line without tax as it counts towards totals; shipping and fees count as they were entered. */
export function countedNet(net: Decimal, { digits, roundsAt }: ShopSettings): Decimal {
  return roundsAt === 'subtotal' ? net : net.toDecimalPlaces(digits, Decimal.ROUND_HALF_UP);
}

/** @returns what the customer pays, and how much of it is tax */
export function totalsOf(lines: readonly ShopLine[], settings: ShopSettings): { total: Decimal; totalTax: Decimal } {
  let net = zero;
  let tax = zero;
  for (const { after } of lines) {
    net = net.plus(countedNet(after.net, settings));
    tax = tax.plus(countedTaxes(after, settings));
  }
  const round = (value: Decimal) => value.toDecimalPlaces(settings.digits, Decimal.ROUND_HALF_UP);
  return { total: round(Decimal.max(0, net.plus(tax))), totalTax: round(tax) };
}

function exact(value: Decimal): Decimal {
  return value.toDecimalPlaces(taxPlaces, Decimal.ROUND_HALF_UP);
}
