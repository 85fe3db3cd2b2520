import { Decimal } from 'decimal.js';
import { taxSum } from './arithmetic.ts';
import type { Priced, ShopLine, ShopOrder } from './types.ts';

/**
 * What PrestaShop would have made of an order. It knows shipping and wrapping once for an order, and no fee below zero; discounts of coupons are
 * taken off the whole order, while what a person takes off by hand is in the price of the line.
 */
export interface Reckoned {
  readonly goods: readonly { readonly line: ShopLine; readonly priced: Priced }[];
  readonly shipping: Amounts;
  readonly wrapping: Amounts;
  /** Zero or more. */
  readonly discount: Amounts;
  readonly discountNames: readonly string[];
  readonly paid: Amounts;
}

/** Without tax and with it. */
export interface Amounts {
  readonly excluding: Decimal;
  readonly including: Decimal;
}

const zero = new Decimal(0);

/** @param digits of the currency: totals are rounded to them, lines are not */
export function reckon(order: ShopOrder, digits: number): Reckoned {
  const hasCoupons = order.coupons.length > 0;
  const goods = order.lines.filter(({ kind }) => kind === 'product').map((line) => ({ line, priced: hasCoupons ? line.before : line.after }));
  const charges = order.lines.filter(({ kind }) => kind !== 'product');
  const shipping = rounded(amountsOf(charges.filter(({ kind }) => kind === 'shipping').map(({ after }) => after)), digits);
  const wrapping = rounded(amountsOf(charges.filter(({ kind, after }) => kind === 'fee' && !after.net.isNegative()).map(({ after }) => after)), digits);
  const reductions = charges.filter(({ kind, after }) => kind === 'fee' && after.net.isNegative());
  const paid = { excluding: order.total.minus(order.totalTax), including: order.total };
  const discountNames = [...order.coupons.map(({ code }) => code), ...reductions.map(({ name }) => name)];
  const ofGoods = rounded(amountsOf(goods.map(({ priced }) => priced)), digits);
  const rest = (key: keyof Amounts) => ofGoods[key].plus(shipping[key]).plus(wrapping[key]).minus(paid[key]);
  const discount = discountNames.length === 0 ? { excluding: zero, including: zero } : orNone({ excluding: rest('excluding'), including: rest('including') });
  return { goods, shipping, wrapping, discount, discountNames, paid };
}

export function amountsOf(all: readonly Priced[]): Amounts {
  const excluding = all.reduce((sum, { net }) => sum.plus(net), zero);
  return { excluding, including: all.reduce((sum, priced) => sum.plus(taxSum(priced)), excluding) };
}

function orNone({ excluding, including }: Amounts): Amounts {
  const net = Decimal.max(0, excluding);
  return { excluding: net, including: Decimal.max(net, including) };
}

function rounded({ excluding, including }: Amounts, digits: number): Amounts {
  const round = (value: Decimal) => value.toDecimalPlaces(digits, Decimal.ROUND_HALF_UP);
  return { excluding: round(excluding), including: round(including) };
}

/** As the database keeps amounts: `DECIMAL(20,6)`. */
export function sixPlaces(value: Decimal): string {
  return value.toFixed(6);
}
