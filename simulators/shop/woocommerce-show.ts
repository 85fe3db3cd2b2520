import { Decimal } from 'decimal.js';
import { DateTime } from 'luxon';
import { countedNet, countedTax, countedTaxes } from './arithmetic.ts';
import type { Billing, OrderCoupon, Priced, RefundLine, ShopLine, ShopOrder, ShopRefund } from './types.ts';
import type { ShopWorld } from './world.ts';

/** How WooCommerce shows orders and refunds in its REST API v3. Money is text, but for the price of one piece, which is a number. */

export interface ShowOptions {
  /** Decimal places of amounts; taxes of single lines have all theirs whatever is asked. */
  readonly dp: number;
  /** As before version 3.7: tax lines without percentage, refunds with the lines of products only. */
  readonly isOld: boolean;
}

type Shown = Readonly<Record<string, unknown>>;

export function showOrder(order: ShopOrder, world: ShopWorld, options: ShowOptions): Shown {
  const { lines } = order;
  const money = (value: Decimal) => value.toFixed(options.dp);
  const of = (kind: ShopLine['kind']) => lines.filter((line) => line.kind === kind);
  const net = (some: readonly ShopLine[], side: 'before' | 'after') => sum(some.map((line) => countedNet(line[side].net, world.settings)));
  const tax = (some: readonly ShopLine[], side: 'before' | 'after') => sum(some.map((line) => countedTaxes(line[side], world.settings)));
  const [products, shipping, cart] = [of('product'), of('shipping'), lines.filter(({ kind }) => kind !== 'shipping')];
  return {
    id: Number(order.id), parent_id: 0, status: order.isTrashed ? 'trash' : order.status, currency: order.currency, version: options.isOld ? '3.6.4' : '10.3.3',
    prices_include_tax: order.pricesIncludeTax, ...dates('created', order.placedAtMs, world), ...dates('modified', order.changedAtMs, world),
    discount_total: money(net(products, 'before').minus(net(products, 'after'))), discount_tax: money(tax(products, 'before').minus(tax(products, 'after'))),
    shipping_total: money(net(shipping, 'after')), shipping_tax: money(tax(shipping, 'after')), cart_tax: money(tax(cart, 'after')),
    total: money(order.total), total_tax: money(order.totalTax), customer_id: Number(order.customerId ?? 0), order_key: `wc_order_${order.id}`,
    billing: address(order.billing, true), shipping: address(order.billing, false), payment_method: 'bacs', payment_method_title: 'Direct bank transfer',
    transaction_id: '', customer_ip_address: '192.0.2.1', customer_user_agent: 'Mozilla/5.0', created_via: 'checkout', customer_note: order.note,
    ...dates('completed', order.completedAtMs, world), ...dates('paid', order.paidAtMs, world), cart_hash: '', number: order.number, meta_data: [],
    line_items: products.map((line) => productLine(line, world, options)), tax_lines: taxLines(lines, world, options), shipping_lines: shipping.map((line) => shippingLine(line, world, options)),
    fee_lines: of('fee').map((line) => feeLine(line, world, options)), coupon_lines: order.coupons.map((coupon) => couponLine(coupon, options)),
    // The newest comes first.
    refunds: order.refunds.toReversed().map(({ id, reason, total }) => ({ id: Number(id), reason, total: `-${money(total)}` })),
    payment_url: '', is_editable: order.status === 'pending', needs_payment: order.paidAtMs === null, needs_processing: true, currency_symbol: order.currency,
    _links: { self: [{ href: `/wp-json/wc/v3/orders/${order.id}` }] },
  };
}

export function showRefund(refund: ShopRefund, order: ShopOrder, world: ShopWorld, options: ShowOptions): Shown {
  const lines = refund.lines.flatMap((part) => {
    const line = order.lines.find(({ id }) => id === part.lineId);
    return line ? [refunded(line, part)] : [];
  });
  const of = (kind: ShopLine['kind']) => lines.filter(({ line }) => line.kind === kind);
  const show = (how: (line: ShopLine, world: ShopWorld, options: ShowOptions) => Shown) => ({ line, of: original }: Refunded) => ({
    ...how(line, world, options), meta_data: [{ id: Number(line.id), key: '_refunded_item_id', value: original, display_key: '_refunded_item_id', display_value: original }],
  });
  return {
    id: Number(refund.id), parent_id: Number(order.id), ...dates('created', refund.refundedAtMs, world), amount: refund.total.toFixed(options.dp), reason: refund.reason,
    refunded_by: 1, refunded_payment: false, meta_data: [], line_items: of('product').map(show(productLine)),
    ...(!options.isOld && { shipping_lines: of('shipping').map(show(shippingLine)), tax_lines: taxLines(lines.map(({ line }) => line), world, options), fee_lines: of('fee').map(show(feeLine)) }),
  };
}

interface Refunded {
  readonly line: ShopLine;
  /** Id of the line that is given back. */
  readonly of: string;
}

function refunded(line: ShopLine, { id, lineId, quantity, priced }: RefundLine): Refunded {
  const back: Priced = { net: priced.net.negated(), taxes: priced.taxes.map(({ rateId, amount }) => ({ rateId, amount: amount.negated() })) };
  return { line: { ...line, id, description: '', quantity: -quantity, before: back, after: back }, of: lineId };
}

function productLine(line: ShopLine, world: ShopWorld, options: ShowOptions): Shown {
  const { id, name, description, quantity, before, after, sku, productId } = line;
  const [key = '', value = ''] = description.split(/: (.*)/s);
  const shown = value === '' ? [] : [{ id: Number(id) * 10, key: `pa_${key.toLowerCase()}`, value, display_key: key, display_value: value }];
  return {
    // The title of a product has its ampersands as entities.
    id: Number(id), name: name.replaceAll('&', '&amp;'), product_id: Number(productId ?? 0), variation_id: 0, quantity, tax_class: '',
    subtotal: before.net.toFixed(options.dp), subtotal_tax: countedTaxes(before, world.settings).toFixed(options.dp),
    total: after.net.toFixed(options.dp), total_tax: countedTaxes(after, world.settings).toFixed(options.dp),
    taxes: after.taxes.map((tax, index) => ({ id: Number(tax.rateId), total: tax.amount.toFixed(), subtotal: (before.taxes[index] ?? tax).amount.toFixed() })),
    meta_data: [...shown, { id: Number(id) * 10 + 1, key: '_reduced_stock', value: String(quantity), display_key: '_reduced_stock', display_value: String(quantity) }],
    sku, price: after.net.dividedBy(quantity || 1).toNumber(), image: { id: '', src: '' }, parent_name: null,
  };
}

function charge({ id, after }: ShopLine, world: ShopWorld, { dp }: ShowOptions): Shown {
  return {
    id: Number(id), total: after.net.toFixed(dp), total_tax: countedTaxes(after, world.settings).toFixed(dp),
    taxes: after.taxes.map(({ rateId, amount }) => ({ id: Number(rateId), total: amount.toFixed(), subtotal: '' })), meta_data: [],
  };
}

function shippingLine(line: ShopLine, world: ShopWorld, options: ShowOptions): Shown {
  return { ...charge(line, world, options), method_title: line.name, method_id: 'flat_rate', instance_id: '1' };
}

function feeLine(line: ShopLine, world: ShopWorld, options: ShowOptions): Shown {
  return { ...charge(line, world, options), name: line.name, tax_class: '', tax_status: line.taxRateIds.length > 0 ? 'taxable' : 'none', amount: line.after.net.toFixed() };
}

function couponLine({ id, code, discount, discountTax }: OrderCoupon, { dp }: ShowOptions): Shown {
  return { id: Number(id), code, discount: discount.toFixed(dp), discount_tax: discountTax.toFixed(dp), meta_data: [] };
}

function taxLines(lines: readonly ShopLine[], world: ShopWorld, { dp, isOld }: ShowOptions): Shown[] {
  return world.taxRates().flatMap((rate) => {
    const on = lines.filter(({ after }) => after.taxes.some(({ rateId }) => rateId === rate.id));
    if (on.length === 0) return [];
    const of = (isShipping: boolean) => sum(on.filter(({ kind }) => (kind === 'shipping') === isShipping).flatMap(({ after }) => after.taxes)
      .filter(({ rateId }) => rateId === rate.id).map(({ amount }) => countedTax(amount, world.settings)));
    return [{
      id: 900_000 + Number(rate.id), rate_code: `${rate.country}-${rate.name.toUpperCase()}-1`, rate_id: Number(rate.id), label: rate.name, compound: rate.isCompound ?? false,
      tax_total: of(false).toFixed(dp), shipping_tax_total: of(true).toFixed(dp), ...(!isOld && { rate_percent: Number(rate.percentage) }), meta_data: [],
    }];
  });
}

function address(billing: Billing, withContact: boolean): Shown {
  return {
    first_name: billing.firstName, last_name: billing.lastName, company: billing.company, address_1: billing.street, address_2: billing.street2, city: billing.city,
    state: billing.state, postcode: billing.zip, country: billing.country, ...(withContact && { email: billing.email }), phone: billing.phone,
  };
}

/** Both without zone: in the time of the shop, and in UTC. */
function dates(name: string, ms: number | null, { settings }: ShopWorld): Shown {
  const [local, utc] = [`date_${name}`, `date_${name}_gmt`];
  return ms === null ? { [local]: null, [utc]: null } : { [local]: DateTime.fromMillis(ms, { zone: settings.timeZone }).toFormat("yyyy-MM-dd'T'HH:mm:ss"), [utc]: gmt(ms) };
}

export function gmt(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19);
}

function sum(values: readonly Decimal[]): Decimal {
  return values.reduce((total, value) => total.plus(value), new Decimal(0));
}
