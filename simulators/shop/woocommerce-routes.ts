import { jsonBody, refusing, type Call, type Reply, type Route } from '../kit/call.ts';
import { statusNames, type ShopOrder } from './types.ts';
import { listOrders, whole, WordPressError } from './woocommerce-query.ts';
import { showOrder, showRefund } from './woocommerce-show.ts';
import type { Webhooks } from './woocommerce-webhooks.ts';
import type { ShopWorld } from './world.ts';

const prefix = '/wp-json/wc/v3';

export interface Shown {
  readonly world: ShopWorld;
  readonly webhooks: Webhooks;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly isOld: boolean;
  /** Ids of orders that WooCommerce cannot load. */
  readonly hidden: ReadonlySet<string>;
  /** What is laid over an order against all rules, by id. */
  readonly spoiled: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

const statusLabels: Readonly<Record<(typeof statusNames)[number], string>> = {
  pending: 'Pending payment', processing: 'Processing', 'on-hold': 'On hold', completed: 'Completed', cancelled: 'Cancelled', refunded: 'Refunded', failed: 'Failed',
};

/** The part of WooCommerce's REST API v3 that is about orders. */
export function createRoutes(shop: Shown): Route[] {
  const { world, webhooks, url } = shop;
  return [
    { method: 'GET', path: '/wp-json/', handle: () => ({ status: 200, json: { name: world.settings.name, description: '', url, home: url, gmt_offset: 0, timezone_string: world.settings.timeZone, namespaces: ['wc/v3', 'wp/v2'] } }) },
    route('GET', '/orders', (call) => {
      const dp = places(call, shop);
      const { orders, ...counts } = listOrders(world.orders(), call.query, world.settings.timeZone);
      // What WooCommerce cannot load itself is missing from the page, and counted all the same.
      return paged(orders.filter(({ id }) => !shop.hidden.has(id)).map((order) => shownOrder(order, shop, dp)), counts, call, shop);
    }),
    route('GET', '/orders/:id', (call) => ({ status: 200, json: shownOrder(existing(call, 'id', shop), shop, places(call, shop)) })),
    route('GET', '/orders/:order/refunds', (call) => {
      const order = existing(call, 'order', shop);
      const refunds = order.refunds.toReversed().map((refund) => showRefund(refund, order, world, { dp: places(call, shop), isOld: shop.isOld }));
      return paged(refunds, { total: refunds.length, page: 1, perPage: 100 }, call, shop);
    }),
    route('GET', '/orders/:order/refunds/:id', (call) => {
      const owner = world.orders().find(({ refunds }) => refunds.some(({ id }) => id === call.params['id']));
      const refund = owner?.refunds.find(({ id }) => id === call.params['id']);
      if (!owner || !refund) throw new WordPressError(404, 'woocommerce_rest_shop_order_refund_invalid_id', 'Invalid ID.');
      // WooCommerce means 404 here, but says it in a way that WordPress does not understand.
      if (owner.id !== call.params['order']) throw new WordPressError(500, 'woocommerce_rest_invalid_order_refund_id', 'Invalid order refund ID.');
      return { status: 200, json: showRefund(refund, owner, world, { dp: places(call, shop), isOld: shop.isOld }) };
    }),
    route('GET', '/reports/orders/totals', () => ({
      status: 200, json: statusNames.map((slug) => ({ slug, name: statusLabels[slug], total: world.orders().filter(({ status }) => status === slug).length })),
    })),
    route('GET', '/taxes', (call) => {
      const [page, perPage] = [whole(call.query, 'page', 1, 1, Number.MAX_SAFE_INTEGER), whole(call.query, 'per_page', 10, 1, 100)];
      const rates = world.taxRates().map(({ id, name, percentage, country, isCompound }) => ({
        id: Number(id), country, state: '', postcode: '', city: '', rate: Number(percentage).toFixed(4), name, priority: 1, compound: isCompound ?? false, shipping: true, order: 0, class: 'standard',
      }));
      return paged(rates.slice((page - 1) * perPage, page * perPage), { total: rates.length, page, perPage }, call, shop);
    }),
    route('GET', '/settings/general', () => settings({
      woocommerce_default_country: 'FR', woocommerce_calc_taxes: 'yes', woocommerce_currency: world.settings.currency, woocommerce_price_num_decimals: String(world.settings.digits),
    })),
    route('GET', '/settings/tax', () => settings({
      woocommerce_prices_include_tax: world.settings.pricesIncludeTax ? 'yes' : 'no', woocommerce_tax_round_at_subtotal: world.settings.roundsAt === 'subtotal' ? 'yes' : 'no',
    })),
    route('GET', '/system_status', () => ({ status: 200, json: { environment: { home_url: url, site_url: url, version: shop.isOld ? '3.6.4' : '10.3.3', default_timezone: 'UTC' } } })),
    route('GET', '/webhooks', (call) => {
      const [page, perPage] = [whole(call.query, 'page', 1, 1, Number.MAX_SAFE_INTEGER), whole(call.query, 'per_page', 10, 1, 100)];
      const all = webhooks.list();
      return paged(all.slice((page - 1) * perPage, page * perPage), { total: all.length, page, perPage }, call, shop);
    }),
    route('POST', '/webhooks', (call) => ({ status: 201, json: webhooks.add(jsonBody(call)) })),
    route('DELETE', '/webhooks/:id', (call) => {
      if (call.query.get('force') !== 'true') throw new WordPressError(501, 'woocommerce_rest_trash_not_supported', 'Webhooks do not support trashing.');
      return { status: 200, json: webhooks.remove(call.params['id'] ?? '') };
    }),
  ];
}

export function shownOrder(order: ShopOrder, { world, isOld, spoiled }: Shown, dp: number): unknown {
  return { ...showOrder(order, world, { dp, isOld }), ...spoiled.get(order.id) };
}

function route(method: string, path: string, handle: (call: Call) => Reply): Route {
  return { method, path: `${prefix}${path}`, handle: refusing(WordPressError, errorReply)(handle) };
}

export function errorReply({ status, code, message, params }: Pick<WordPressError, 'status' | 'code' | 'message' | 'params'>): Reply {
  return { status, code, json: { code, message, data: { status, ...(params && { params }) } } };
}

function existing(call: Call, name: string, { world }: Shown): ShopOrder {
  const order = world.order(call.params[name] ?? '');
  if (!order) throw new WordPressError(404, 'woocommerce_rest_shop_order_invalid_id', 'Invalid ID.');
  return order;
}

function places({ query }: Call, { world }: Shown): number {
  return whole(query, 'dp', world.settings.digits, 0, 100);
}

function settings(values: Readonly<Record<string, string>>): Reply {
  return { status: 200, json: Object.entries(values).map(([id, value]) => ({ id, label: id, description: '', type: 'text', default: '', value })) };
}

function paged(json: readonly unknown[], { total, page, perPage }: { total: number; page: number; perPage: number }, call: Call, { url }: Shown): Reply {
  const pages = Math.ceil(total / perPage);
  const link = (to: number, rel: string) => {
    const query = new URLSearchParams(call.query);
    query.set('page', String(to));
    return `<${url}${call.path}?${query.toString()}>; rel="${rel}"`;
  };
  const links = [...(page > 1 ? [link(Math.min(page - 1, pages), 'prev')] : []), ...(page < pages ? [link(page + 1, 'next')] : [])];
  return { status: 200, json, headers: { 'x-wp-total': String(total), 'x-wp-totalpages': String(pages), ...(links.length > 0 && { link: links.join(', ') }) } };
}
