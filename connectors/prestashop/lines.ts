import { Decimal } from 'decimal.js';
import type { OrderLine } from '../../domain/order.ts';
import { sum } from './apportion.ts';
import type { Discount } from './discounts.ts';
import type { Detail, Tax } from './schemas.ts';

/** A line while it is worked out: amounts are without tax and before discounts. */
export interface DraftLine extends Omit<OrderLine, 'quantity' | 'amount' | 'tax' | 'discount' | 'discountTax'> {
  readonly quantity: Decimal;
  readonly amount: Decimal;
  readonly tax: Decimal;
}

type LineTax = OrderLine['taxes'][number];

/** What a row says about money, without tax and with it. */
interface Priced {
  readonly quantity: Decimal;
  readonly excluding: Decimal;
  readonly including: Decimal;
}

const zero = new Decimal(0);
/** Amounts have six places; taxes worked out get no more. */
const places = 6;

/** The taxes of a row of products, by the ids that belong to it. */
export function taxesOf({ associations, total_price_tax_excl: excluding, total_price_tax_incl: including }: Detail, taxes: ReadonlyMap<string, Tax>, language: string): LineTax[] {
  return associations.map(({ id }) => {
    const tax = taxes.get(id);
    // A tax that somebody took out of the database: what it was shows in the price.
    if (!tax) return { id, name: '', percentage: rateOf(excluding, including).toFixed() };
    return { id, name: tax.name(language), percentage: tax.rate.toFixed() };
  });
}

/**
 * A row of products as a line. Prices contain the ecotax; where that is taxed at another rate, it becomes a line of its own, because a line of an
 * invoice has one rate.
 *
 * @param priced of the whole row, or what is given back of it
 */
export function productLines(detail: Detail, priced: Priced, taxes: readonly LineTax[], known: readonly (readonly LineTax[])[]): DraftLine[] {
  const line: DraftLine = {
    id: detail.id, kind: 'product', name: detail.product_name, description: '', sku: detail.product_reference, productId: detail.product_id,
    quantity: priced.quantity, amount: priced.excluding, tax: priced.including.minus(priced.excluding), taxes: [...taxes],
  };
  const rate = percentageOf(taxes);
  const net = detail.ecotax.times(priced.quantity);
  if (net.isZero() || rate.equals(detail.ecotax_tax_rate)) return [line];
  const tax = net.times(detail.ecotax_tax_rate).dividedBy(100).toDecimalPlaces(places, Decimal.ROUND_HALF_UP);
  const rest = { amount: line.amount.minus(net), tax: line.tax.minus(tax) };
  // Shops that switched the ecotax off keep it in the row without charging it.
  if (!isTaxOf(rest.tax, rest.amount, rate, priced.quantity)) return [line];
  return [
    { ...line, ...rest },
    {
      id: `${detail.id}-ecotax`, kind: 'fee', name: 'Ecotax', description: detail.product_name, sku: '', productId: null, quantity: priced.quantity,
      amount: net, tax, taxes: tax.isZero() ? [] : matching(detail.ecotax_tax_rate, known),
    },
  ];
}

/**
 * Shipping or wrapping. PrestaShop does not say which tax they have, at most its rate.
 *
 * @param rate in percent; null where it is not told
 * @param known taxes of the order's products, then of the shop
 * @returns nothing where nothing was charged
 */
export function chargeLines(kind: 'shipping' | 'fee', { id, name }: Pick<OrderLine, 'id' | 'name'>, { excluding, including }: Priced, rate: Decimal | null, known: readonly (readonly LineTax[])[]): DraftLine[] {
  if (excluding.isZero() && including.isZero()) return [];
  const tax = including.minus(excluding);
  const told = rate !== null && !rate.isZero() ? matching(rate, known) : (nearest(tax, excluding, known) ?? [{ id: null, name: '', percentage: rateOf(excluding, including).toFixed() }]);
  return [{ id, kind, name, description: '', sku: '', productId: null, quantity: new Decimal(1), amount: excluding, tax, taxes: tax.isZero() ? [] : [...told] }];
}

/**
 * Taxes to look for the rate of a charge among: those of the order's own products first, and of the shop's those whose rate no other has.
 */
export function knownTaxes(ofProducts: readonly (readonly LineTax[])[], taxes: ReadonlyMap<string, Tax>, language: string): readonly (readonly LineTax[])[] {
  const inUse = [...taxes.values()].filter(({ active, deleted }) => active && !deleted);
  const unique = inUse.filter(({ id, rate }) => inUse.every((other) => other.id === id || !other.rate.equals(rate)));
  return [...ofProducts.filter(({ length }) => length > 0), ...unique.map(({ id, name, rate }) => [{ id, name: name(language), percentage: rate.toFixed() }])];
}

/** The taxes that come closest to a tax, as far as they could have been rounded to it. */
function nearest(tax: Decimal, amount: Decimal, known: readonly (readonly LineTax[])[]): readonly LineTax[] | undefined {
  const farness = (taxes: readonly LineTax[]) => tax.minus(amount.times(percentageOf(taxes)).dividedBy(100)).abs();
  return known.filter((taxes) => isTaxOf(tax, amount, percentageOf(taxes), new Decimal(1))).sort((left, right) => farness(left).comparedTo(farness(right)))[0];
}

function matching(rate: Decimal, known: readonly (readonly LineTax[])[]): LineTax[] {
  const found = known.find((taxes) => percentageOf(taxes).equals(rate));
  return found ? [...found] : [{ id: null, name: '', percentage: rate.toFixed() }];
}

function percentageOf(taxes: readonly LineTax[]): Decimal {
  return sum(taxes.map(({ percentage }) => new Decimal(percentage)));
}

/** Whether a tax is what the rate gives, but for rounding of each piece to cents. */
function isTaxOf(tax: Decimal, amount: Decimal, rate: Decimal, pieces: Decimal): boolean {
  return tax.minus(amount.times(rate).dividedBy(100)).abs().lessThanOrEqualTo(pieces.abs().plus(1).times('0.01'));
}

/** In percent, to two places. */
function rateOf(excluding: Decimal, including: Decimal): Decimal {
  return excluding.isZero() ? zero : including.minus(excluding).dividedBy(excluding).times(100).toDecimalPlaces(2, Decimal.ROUND_HALF_UP);
}

/** @param discounts one for each line; none: nothing is taken off */
export function withDiscounts(lines: readonly DraftLine[], discounts: readonly Discount[]): OrderLine[] {
  return lines.map((line, index) => ({
    ...line, quantity: line.quantity.toFixed(), amount: line.amount.toFixed(), tax: line.tax.toFixed(),
    discount: (discounts[index]?.amount ?? zero).toFixed(), discountTax: (discounts[index]?.tax ?? zero).toFixed(),
  }));
}
