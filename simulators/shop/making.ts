import { Decimal } from 'decimal.js';
import { countedNet, priced, pricedReduction, taxSum } from './arithmetic.ts';
import { shareOut } from './discounts.ts';
import type { Billing, Coupon, OrderCoupon, PartOfBilling, ShopCustomer, ShopLine, ShopProduct, ShopSettings, TaxRate, WantedCharge, WantedLine, WantedOrder } from './types.ts';

/** What of a shop is needed to make an order of what somebody wants. */
export interface Shop {
  readonly settings: ShopSettings;
  readonly rates: ReadonlyMap<string, TaxRate>;
  readonly products: ReadonlyMap<string, ShopProduct>;
  readonly customers: ReadonlyMap<string, ShopCustomer>;
  readonly coupons: ReadonlyMap<string, Coupon>;
  /** The next id for something inside an order. */
  readonly newItemId: () => string;
}

const emptyBilling: Billing = {
  firstName: '', lastName: '', company: '', email: '', phone: '', street: '', street2: '', city: '', state: '', zip: '', country: '',
};

/** @throws Error where there is no such customer */
export function billingOf({ customerId, billing }: WantedOrder, { customers }: Shop): Billing {
  const known = customerId === null || customerId === undefined ? emptyBilling : found('customer', customers, customerId).billing;
  return overlaid(known, billing);
}

export function overlaid(base: Billing, over: PartOfBilling = {}): Billing {
  const told = Object.entries(over).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(told) };
}

interface Bought {
  readonly wanted: WantedLine;
  readonly product: ShopProduct;
  readonly rates: readonly TaxRate[];
  /** As it is entered, of the whole line. */
  readonly before: Decimal;
  after: Decimal;
}

/**
 * Products with what coupons take off, then shipping, then fees.
 *
 * @throws Error where there is no such product, coupon or rate
 */
export function makeLines(wanted: WantedOrder, shop: Shop): { lines: ShopLine[]; coupons: OrderCoupon[] } {
  const bought = wanted.lines.map((line) => buy(line, shop));
  const coupons = (wanted.coupons ?? []).map((code) => applyCoupon(found('coupon', shop.coupons, code), bought, shop));
  const lines = bought.map(({ wanted, product, rates, before, after }): ShopLine => ({
    id: shop.newItemId(), kind: 'product', name: product.name, description: wanted.description ?? '', sku: product.sku, productId: product.id,
    quantity: wanted.quantity, taxRateIds: product.taxRateIds,
    before: priced(before, rates, shop.settings.pricesIncludeTax), after: priced(after, rates, shop.settings.pricesIncludeTax),
  }));
  for (const charge of wanted.shipping ?? []) lines.push(makeCharge('shipping', charge, lines, shop));
  for (const charge of wanted.fees ?? []) lines.push(makeCharge('fee', charge, lines, shop));
  return { lines, coupons };
}

function buy(wanted: WantedLine, { products, rates, settings }: Shop): Bought {
  const product = found('product', products, wanted.productId);
  const before = new Decimal(wanted.price ?? product.price).times(wanted.quantity);
  const off = before.times(wanted.discountPercent ?? 0).dividedBy(100).toDecimalPlaces(settings.digits, Decimal.ROUND_HALF_UP);
  return { wanted, product, rates: product.taxRateIds.map((id) => found('tax rate', rates, id)), before, after: before.minus(off) };
}

function applyCoupon(coupon: Coupon, bought: readonly Bought[], { settings, newItemId }: Shop): OrderCoupon {
  const one = new Decimal(10).toPower(settings.digits);
  const shares = shareOut(coupon, bought.map(({ after, wanted }) => ({ cents: after.times(one), quantity: wanted.quantity })), settings.digits);
  let [discount, discountTax] = [new Decimal(0), new Decimal(0)];
  for (const [index, line] of bought.entries()) {
    const off = (shares[index] ?? new Decimal(0)).dividedBy(one);
    line.after = line.after.minus(off);
    const taken = priced(off, line.rates, settings.pricesIncludeTax);
    discount = discount.plus(taken.net);
    discountTax = discountTax.plus(taxSum(taken));
  }
  return { id: newItemId(), code: coupon.code, discount, discountTax };
}

function makeCharge(kind: 'shipping' | 'fee', { name, price, taxRateIds }: WantedCharge, lines: readonly ShopLine[], { rates, settings, newItemId }: Shop): ShopLine {
  // A fee takes off no more than there is.
  const most = lines.reduce((sum, { after }) => sum.minus(countedNet(after.net, settings)), new Decimal(0));
  const net = Decimal.max(price, most);
  const whole = net.isNegative()
    ? pricedReduction(net, lines, rates)
    : priced(net, taxRateIds.map((id) => found('tax rate', rates, id)), false);
  return {
    id: newItemId(), kind, name, description: '', sku: null, productId: null, quantity: 1, taxRateIds: whole.taxes.map(({ rateId }) => rateId), before: whole, after: whole,
  };
}

export function found<T>(what: string, all: ReadonlyMap<string, T>, id: string): T {
  const one = all.get(id);
  if (one === undefined) throw new Error(`There is no ${what} ${id}.`);
  return one;
}
