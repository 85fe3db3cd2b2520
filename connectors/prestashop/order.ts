import { Decimal } from 'decimal.js';
import { orderSchema, type Order, type OrderLine } from '../../domain/order.ts';
import type { Bundle, Surroundings } from './bundle.ts';
import { splitDiscount, type Discount } from './discounts.ts';
import { chargeLines, knownTaxes, productLines, taxesOf, withDiscounts, type DraftLine } from './lines.ts';
import type { CartRule } from './schemas.ts';
import { slipTotal } from './refund.ts';

/** PrestaShop's order in the words of all shops. */
export function toOrder(bundle: Bundle, shop: Surroundings): Order {
  const { order, customer } = bundle;
  return orderSchema.parse({
    number: numberOf(bundle), status: order.current_state ?? '', isPaid: shop.isPaid, isCancelled: shop.isCancelled,
    placedAt: shop.clock.iso(order.date_add), paidAt: paidAt(bundle, shop), currency: shop.currency, pricesIncludeTax: shop.pricesIncludeTax,
    customerId: customer?.is_guest === true ? null : order.id_customer, billing: billingOf(bundle, shop), lines: linesOf(bundle, shop),
    discountNames: rulesOf(bundle).map(({ name }) => name),
    total: order.total_paid_tax_incl.toFixed(), totalTax: order.total_paid_tax_incl.minus(order.total_paid_tax_excl).toFixed(),
    refunds: bundle.order_slips.toSorted((left, right) => Number(left.id) - Number(right.id)).map((slip) => ({ id: slip.id, total: slipTotal(slip).toFixed(), reason: '' })),
    note: bundle.messages.filter((message) => !message.private && message.id_employee === null).map(({ message }) => message).join('\n'),
  } satisfies Order);
}

/** Orders that were placed together share a reference; PrestaShop itself tells them apart by `#1`, `#2` (Order::getUniqReference). */
function numberOf({ order, siblings }: Bundle): string {
  if (order.reference === '') return order.id;
  const ids = siblings.map(({ id }) => Number(id)).sort((left, right) => left - right);
  return ids.length > 1 ? `${order.reference}#${ids.indexOf(Number(order.id)) + 1}` : order.reference;
}

/** The last payment that came in; where none was recorded, the shop's own invoice says when it counted the order as paid. */
function paidAt({ order, order_payments: payments }: Bundle, { clock, isPaid }: Surroundings): string | null {
  const last = payments.filter(({ amount }) => amount.greaterThan(0)).map(({ date_add }) => date_add).sort().at(-1) ?? (isPaid ? order.invoice_date : null);
  return last === null ? null : clock.iso(last);
}

function billingOf({ address, customer }: Bundle, { country, region }: Surroundings): Order['billing'] {
  return {
    firstName: address?.firstname ?? customer?.firstname ?? '', lastName: address?.lastname ?? customer?.lastname ?? '', company: address?.company ?? '',
    email: customer?.email ?? '', phone: address?.phone || (address?.phone_mobile ?? ''),
    street: address?.address1 ?? '', street2: address?.address2 ?? '', city: address?.city ?? '', state: region, zip: address?.postcode ?? '', country,
  };
}

function linesOf(bundle: Bundle, shop: Surroundings): OrderLine[] {
  const { order, order_details: details } = bundle;
  const taxes = details.map((detail) => taxesOf(detail, shop.taxes, shop.language));
  const known = knownTaxes(taxes, shop.taxes, shop.language);
  const one = new Decimal(1);
  const goods = details.flatMap((detail, index) => productLines(
    detail, { quantity: detail.product_quantity, excluding: detail.total_price_tax_excl, including: detail.total_price_tax_incl }, taxes[index] ?? [], known,
  ));
  const shipping = chargeLines(
    'shipping', { id: 'shipping', name: shop.carrier }, { quantity: one, excluding: order.total_shipping_tax_excl, including: order.total_shipping_tax_incl }, order.carrier_tax_rate, known,
  );
  const wrapping = chargeLines(
    'fee', { id: 'wrapping', name: 'Gift wrapping' }, { quantity: one, excluding: order.total_wrapping_tax_excl, including: order.total_wrapping_tax_incl }, null, known,
  );
  const drafts = [...goods, ...shipping, ...wrapping];
  return withDiscounts(drafts, discountsOf(bundle, drafts, shop.digits));
}

/**
 * What the order's cart rules take off each line: shipping that is free is taken off shipping, everything else off products. PrestaShop counts
 * both into one discount of the order.
 */
function discountsOf(bundle: Bundle, lines: readonly DraftLine[], digits: number): readonly Discount[] {
  const { total_discounts_tax_excl: excluding, total_discounts_tax_incl: including } = bundle.order;
  const total: Discount = { amount: excluding, tax: Decimal.max(0, including.minus(excluding)) };
  const shipping = lines.find(({ kind }) => kind === 'shipping');
  const isFree = shipping !== undefined && rulesOf(bundle).some(({ free_shipping }) => free_shipping);
  const ofShipping: Discount = isFree
    ? { amount: Decimal.min(total.amount, shipping.amount), tax: Decimal.min(total.tax, shipping.tax) }
    : { amount: new Decimal(0), tax: new Decimal(0) };
  const rest: Discount = { amount: total.amount.minus(ofShipping.amount), tax: total.tax.minus(ofShipping.tax) };
  const goods = lines.filter((line) => line !== shipping && line.id !== 'wrapping' && line.amount.greaterThan(0));
  const bearing = goods.length > 0 ? goods : lines;
  const shares = splitDiscount(rest, bearing.map((line) => ({ ...line, taxKey: JSON.stringify(line.taxes) })), digits);
  const byLine = new Map(bearing.map((line, index) => [line, shares[index]]));
  return lines.map((line) => {
    const share = byLine.get(line) ?? { amount: new Decimal(0), tax: new Decimal(0) };
    return line === shipping ? { amount: share.amount.plus(ofShipping.amount), tax: share.tax.plus(ofShipping.tax) } : share;
  });
}

/** Rules that a person took off the order again stay as deleted rows (since 1.7.7). */
function rulesOf({ order_cart_rules: rules }: Bundle): readonly CartRule[] {
  return rules.filter(({ deleted }) => !deleted);
}
