import { Decimal } from 'decimal.js';
import { addressRows, customerRows, detailRows, messageRows, orderIdOf, orderRow, paymentRows, ruleRows, slipRows, type Showing } from './prestashop-rows.ts';
import { states } from './prestashop-names.ts';
import { sixPlaces } from './prestashop-money.ts';
import type { Filter, Filters, Row, Table } from './prestashop-query.ts';
import type { ShopOrder } from './types.ts';

/** The orders that addresses and guests belong to: each of them has an id from which that of its order is seen. */
function orderIds(filter: Filter | null): Filter | null {
  return filter?.values ? { passes: () => true, values: filter.values.map(orderIdOf) } : null;
}

/** Every text in both languages of the shop. */
function translated(first: string, second = first) {
  return [{ id: '1', value: first }, { id: '2', value: second }];
}

/**
 * The resources of the webservice by their path, as far as orders need them. What belongs to an order is made when it is asked for: only of
 * the orders that a filter names, so that ten thousand orders can be read by the page.
 */
export function createTables(showing: Showing): ReadonlyMap<string, Table> {
  const { world, names } = showing;
  const visible = () => world.orders().filter(({ isTrashed }) => !isTrashed);
  /** Those a filter names without looking at the others. */
  const byOrderId = (filter: Filter | null) => {
    if (filter?.values) return filter.values.flatMap((id) => world.order(id) ?? []).filter(({ isTrashed }) => !isTrashed);
    return visible().filter(({ id }) => filter === null || filter.passes(id));
  };
  const byNumber = (filter: Filter | null) => visible().filter(({ number }) => filter === null || filter.passes(number));
  const perOrder = (rows: (order: ShopOrder) => readonly Row[]) => (filters: Filters) => byOrderId(filters('id_order')).flatMap(rows);
  const list = (rows: () => readonly Row[]) => () => rows();
  return new Map<string, Table>([
    ['orders', {
      node: 'orders', dynamic: ['current_state', 'shipping_number'],
      fields: ['id', 'id_address_delivery', 'id_address_invoice', 'id_cart', 'id_currency', 'id_customer', 'id_carrier', 'reference', 'valid', 'invoice_date', 'date_add', 'date_upd'],
      rows: function* rows(filters) {
        const id = filters('id');
        for (const order of id?.values ? byOrderId(id) : byNumber(filters('reference'))) {
          if (id?.passes(order.id) ?? true) yield orderRow(order, showing);
        }
      },
    }],
    ['order_details', { node: 'order_details', fields: ['id', 'id_order', 'product_id', 'product_name', 'product_reference', 'product_quantity'], rows: perOrder((order) => detailRows(order, showing)) }],
    ['order_cart_rules', { node: 'order_cart_rules', fields: ['id', 'id_order', 'id_cart_rule', 'name'], rows: perOrder((order) => ruleRows(order, showing)) }],
    ['order_slip', { node: 'order_slips', fields: ['id', 'id_order', 'id_customer', 'order_slip_type', 'date_add', 'date_upd'], rows: (filters) => byId(perOrder((order) => slipRows(order, showing))(filters)) }],
    ['messages', { node: 'messages', fields: ['id', 'id_order', 'id_customer', 'id_employee', 'private'], rows: perOrder(messageRows(showing)) }],
    ['order_payments', {
      node: 'order_payments', fields: ['id', 'order_reference', 'id_currency', 'date_add'],
      rows: (filters) => byNumber(filters('order_reference')).flatMap((order) => paymentRows(order, showing)),
    }],
    ['addresses', { node: 'addresses', fields: ['id', 'id_customer', 'id_country', 'id_state', 'lastname', 'firstname'], rows: (filters) => addressRows(byOrderId(orderIds(filters('id'))), showing) }],
    ['customers', { node: 'customers', fields: ['id', 'email', 'lastname', 'firstname', 'is_guest'], rows: (filters) => customerRows(byOrderId(orderIds(filters('id'))), filters('id'), showing) }],
    ['configurations', { node: 'configurations', fields: ['id', 'name', 'value'], rows: list(() => configurationRows(showing)) }],
    ['order_states', { node: 'order_states', fields: ['id', 'name', 'paid', 'invoice', 'deleted'], rows: list(() => Object.values(states).map(({ id, name, french, flags }) => ({ id, name: translated(name, french), ...flags }))) }],
    ['currencies', { node: 'currencies', fields: ['id', 'iso_code', 'deleted'], rows: list(() => names.currencies.all().map(({ id, name }) => ({ id, iso_code: name, precision: name === 'JPY' ? '0' : '2', deleted: '0', active: '1' }))) }],
    ['taxes', { node: 'taxes', fields: ['id', 'rate', 'active', 'deleted'], rows: list(() => world.taxRates().map(({ id, name, percentage }) => ({ id, rate: new Decimal(percentage).toFixed(3), active: '1', deleted: '0', name: translated(name) }))) }],
    ['groups', {
      node: 'groups', fields: ['id', 'price_display_method'],
      rows: list(() => ['1', '2', '3'].map((id) => ({ id, reduction: sixPlaces(new Decimal(0)), price_display_method: world.settings.pricesIncludeTax ? '0' : '1', name: translated('Group') }))),
    }],
    ['countries', { node: 'countries', fields: ['id', 'iso_code'], rows: list(() => names.countries.all().map(({ id, name }) => ({ id, iso_code: name, name: translated(name) }))) }],
    ['states', { node: 'states', fields: ['id', 'name', 'id_country'], rows: list(() => names.regions.all().map(({ id, name }) => ({ id, name, iso_code: name.slice(0, 2).toUpperCase(), id_country: '1' }))) }],
    ['carriers', { node: 'carriers', fields: ['id', 'name', 'deleted'], rows: list(() => names.carriers.all().map(({ id, name }) => ({ id, name, deleted: '0', active: '1' }))) }],
  ]);
}

function byId(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((left, right) => Number(left['id']) - Number(right['id']));
}

function configurationRows({ world, names }: Showing): readonly Row[] {
  const values = {
    PS_SHOP_NAME: world.settings.name, PS_LANG_DEFAULT: '1', PS_CURRENCY_DEFAULT: names.currencies.id(world.settings.currency),
    PS_TIMEZONE: world.settings.timeZone, PS_OS_CANCELED: states.cancelled.id,
  };
  return Object.entries(values).map(([name, value], index) => ({ id: String(index + 1), value, name, id_shop_group: '', id_shop: '', date_add: '2020-01-01 00:00:00', date_upd: '2020-01-01 00:00:00' }));
}
