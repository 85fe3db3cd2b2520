import { Decimal } from 'decimal.js';
import { taxSum } from './arithmetic.ts';
import { amountsOf, reckon, sixPlaces, type Amounts } from './prestashop-money.ts';
import { states, type Names } from './prestashop-names.ts';
import type { Filter, Row } from './prestashop-query.ts';
import type { ShopLine, ShopOrder, ShopRefund } from './types.ts';
import type { ShopWorld } from './world.ts';

/** What rows are made of. */
export interface Showing {
  readonly world: ShopWorld;
  readonly names: Readonly<Record<'currencies' | 'countries' | 'regions' | 'carriers', Names>>;
  /** When a row was changed, which is not when the world says: a credit slip leaves its order untouched. Milliseconds since the epoch. */
  readonly changedAtMs: { readonly order: (order: ShopOrder) => number; readonly slip: (refund: ShopRefund) => number };
  /** A time as the shop's clock shows it. */
  readonly stamp: (ms: number) => string;
  /** Fields laid over an order as it is shown, against all rules. */
  readonly spoiled: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

const none = '0000-00-00 00:00:00';
/** Guests are customers, too; these ids are far above those of the others. */
const firstGuest = 1_000_000;
/** Every order has an address of its own: PrestaShop makes a new one where somebody changes one that an order uses. */
const firstAddress = 2_000_000;

export function orderRow(order: ShopOrder, { world, names, changedAtMs, stamp, spoiled }: Showing): Row {
  const { shipping, wrapping, discount, paid } = reckon(order, world.settings.digits);
  const carrier = order.lines.find(({ kind }) => kind === 'shipping')?.name ?? '';
  const address = String(firstAddress + Number(order.id));
  const state = states[order.status];
  return {
    id: Number(order.id), id_address_delivery: address, id_address_invoice: address, id_cart: order.id, id_currency: names.currencies.id(order.currency), id_lang: '1',
    id_customer: customerId(order), id_carrier: names.carriers.id(carrier), current_state: state.id, module: 'ps_wirepayment', invoice_number: state.flags.invoice === '1' ? order.id : '0',
    invoice_date: order.paidAtMs === null ? none : stamp(order.paidAtMs), delivery_number: '0', delivery_date: none, valid: state.flags.logable,
    date_add: stamp(order.placedAtMs), date_upd: stamp(changedAtMs.order(order)), shipping_number: '', note: 'Only for the staff', id_shop_group: '1', id_shop: '1',
    secure_key: '0123456789abcdef0123456789abcdef', payment: 'Bank transfer', recyclable: '0', gift: wrapping.including.isZero() ? '0' : '1', gift_message: '', mobile_theme: '0',
    total_discounts: sixPlaces(discount.including), ...totals('discounts', discount), total_paid: sixPlaces(paid.including), ...totals('paid', paid), total_paid_real: sixPlaces(order.paidAtMs === null ? new Decimal(0) : paid.including),
    total_shipping: sixPlaces(shipping.including), ...totals('shipping', shipping), carrier_tax_rate: carrierRate(order, world).toFixed(3),
    total_wrapping: sixPlaces(wrapping.including), ...totals('wrapping', wrapping), round_mode: '2', round_type: '2', conversion_rate: '1.000000', reference: order.number,
    ...spoiled.get(order.id),
  };
}

function totals(name: string, { excluding, including }: Amounts): Row {
  return { [`total_${name}_tax_incl`]: sixPlaces(including), [`total_${name}_tax_excl`]: sixPlaces(excluding) };
}

/** The order that an address or a guest belongs to. */
export function orderIdOf(id: string): string {
  const number = Number(id);
  return String(number > firstAddress ? number - firstAddress : number - firstGuest);
}

function customerId(order: ShopOrder): string {
  return order.customerId ?? String(firstGuest + Number(order.id));
}

/** PrestaShop has one rate for shipping. */
function carrierRate(order: ShopOrder, world: ShopWorld): Decimal {
  const rates = new Set(order.lines.filter(({ kind }) => kind === 'shipping').map((line) => percentageOf(line, world).toFixed()));
  return rates.size === 1 ? new Decimal([...rates][0] ?? 0) : new Decimal(0);
}

function percentageOf({ taxRateIds }: ShopLine, world: ShopWorld): Decimal {
  const rates = new Map(world.taxRates().map(({ id, percentage }) => [id, percentage]));
  return taxRateIds.reduce((sum, id) => sum.plus(rates.get(id) ?? 0), new Decimal(0));
}

export function detailRows(order: ShopOrder, { world }: Showing): readonly Row[] {
  return reckon(order, world.settings.digits).goods.map(({ line, priced }) => {
    const { excluding, including } = amountsOf([priced]);
    const row = {
      id: Number(line.id), id_order: order.id, product_id: line.productId ?? '0', product_attribute_id: '0', product_name: productName(line), product_quantity: String(line.quantity),
      product_quantity_refunded: '0', product_price: sixPlaces(excluding.dividedBy(line.quantity)), product_reference: line.sku ?? '', ecotax: '0.000000', ecotax_tax_rate: '0.000',
      unit_price_tax_incl: sixPlaces(including.dividedBy(line.quantity)), unit_price_tax_excl: sixPlaces(excluding.dividedBy(line.quantity)),
      total_price_tax_incl: sixPlaces(including), total_price_tax_excl: sixPlaces(excluding),
    };
    // Without any, there is no word of taxes in the JSON.
    return line.taxRateIds.length === 0 ? row : { ...row, associations: { taxes: line.taxRateIds.map((id) => ({ id })) } };
  });
}

/** The combination somebody chose is part of the name. */
function productName({ name, description }: ShopLine): string {
  return description === '' ? name : `${name} - ${description}`;
}

/** PrestaShop shows what all rules together came to with the order; each rule here gets its part, and one that was taken off again is still there. */
export function ruleRows(order: ShopOrder, { world }: Showing): readonly Row[] {
  const { discount, discountNames } = reckon(order, world.settings.digits);
  const id = (index: number) => Number(order.id) * 10 + index;
  const share = (amount: Decimal) => sixPlaces(amount.dividedBy(Math.max(1, discountNames.length)));
  const rows = discountNames.map((name, index) => ({
    id: id(index), id_order: order.id, id_cart_rule: '1', id_order_invoice: '0', name, value: share(discount.including), value_tax_excl: share(discount.excluding), free_shipping: '0', deleted: '0',
  }));
  return rows.length === 0 ? [] : [...rows, { id: id(rows.length), id_order: order.id, id_cart_rule: '2', id_order_invoice: '0', name: 'withdrawn', value: '1.000000', value_tax_excl: '1.000000', free_shipping: '0', deleted: '1' }];
}

/** What is given back for anything but products and shipping is an amount somebody typed. */
export function slipRows(order: ShopOrder, { changedAtMs, stamp }: Showing): readonly Row[] {
  return order.refunds.map((refund) => {
    const of = (kind: ShopLine['kind']) => refund.lines.filter(({ lineId }) => order.lines.find(({ id }) => id === lineId)?.kind === kind);
    const products = amountsOf(of('product').map(({ priced }) => priced));
    const shipping = amountsOf(of('shipping').map(({ priced }) => priced));
    const typed = refund.total.minus(shipping.including);
    const isTyped = !typed.equals(products.including);
    const row = {
      id: Number(refund.id), id_customer: customerId(order), id_order: order.id, conversion_rate: '1.000000', ...totals('products', products), ...totals('shipping', shipping),
      amount: sixPlaces(isTyped ? typed : products.excluding), shipping_cost: shipping.including.isZero() ? '0' : '1', shipping_cost_amount: sixPlaces(shipping.excluding), partial: '0',
      order_slip_type: isTyped || !shipping.including.isZero() ? '2' : '0', date_add: stamp(refund.refundedAtMs), date_upd: stamp(changedAtMs.slip(refund)),
    };
    const details = of('product').map(({ lineId, quantity, priced }) => ({
      id: refund.id, id_order_detail: lineId, product_quantity: String(quantity), amount_tax_excl: sixPlaces(priced.net), amount_tax_incl: sixPlaces(priced.net.plus(taxSum(priced))),
    }));
    return details.length === 0 ? row : { ...row, associations: { order_slip_details: details } };
  });
}

export function messageRows({ stamp }: Showing): (order: ShopOrder) => readonly Row[] {
  return (order) => {
    const row = (index: number, fields: Row) => ({ id: Number(order.id) * 10 + index, id_cart: order.id, id_order: order.id, id_customer: customerId(order), date_add: stamp(order.placedAtMs), ...fields });
    const internal = row(1, { id_employee: '3', message: 'Called back, wants it on Friday', private: '1' });
    return order.note === '' ? [internal] : [row(0, { id_employee: '0', message: order.note, private: '0' }), internal];
  };
}

export function paymentRows(order: ShopOrder, { names, stamp }: Showing): readonly Row[] {
  if (order.paidAtMs === null || order.total.isZero()) return [];
  return [{ id: Number(order.id), order_reference: order.number, id_currency: names.currencies.id(order.currency), amount: sixPlaces(order.total), payment_method: 'Bank transfer', conversion_rate: '1.000000', date_add: stamp(order.paidAtMs) }];
}

export function addressRows(orders: readonly ShopOrder[], { names }: Showing): readonly Row[] {
  return orders.map((order) => {
    const { firstName, lastName, company, street, street2, zip, city, phone, country, state } = order.billing;
    return {
      id: firstAddress + Number(order.id), id_customer: customerId(order), id_manufacturer: '0', id_country: names.countries.id(country), id_state: names.regions.id(state), alias: 'My Address', company,
      lastname: lastName, firstname: firstName, vat_number: '', address1: street, address2: street2, postcode: zip, city, other: '', phone: '', phone_mobile: phone, dni: '', deleted: '0',
    };
  });
}

export function customerRows(orders: readonly ShopOrder[], filter: Filter | null, { world }: Showing): readonly Row[] {
  const rows = new Map<string, Row>();
  const add = (id: string, { firstName, lastName, email }: ShopOrder['billing'], isGuest: boolean) => {
    if (filter && !filter.passes(id)) return;
    rows.set(id, { id: Number(id), id_default_group: isGuest ? '2' : '3', id_lang: '1', lastname: lastName, firstname: firstName, email, is_guest: isGuest ? '1' : '0', deleted: '0', active: '1' });
  };
  for (const { id, billing } of world.customers()) add(id, billing, false);
  for (const order of orders) if (order.customerId === null) add(customerId(order), order.billing, true);
  return [...rows.values()];
}
