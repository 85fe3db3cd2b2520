import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import { firstIssue } from '../../domain/issues.ts';
import type { RemoteRecord, UnreadableRecord } from '../resource.ts';
import { bundleSchema, type Bundle, type Surroundings } from './bundle.ts';
import { anyOf, type Listing, type PrestaShopCall } from './call.ts';
import type { Directory } from './directory.ts';
import { toOrder } from './order.ts';

/** Just enough of a row to know what belongs to it. */
const keysSchema = z.object({
  id: z.union([z.string(), z.number()]).transform(String),
  reference: z.string().catch(''),
  id_customer: z.union([z.string(), z.number()]).transform(String).catch('0'),
  id_address_invoice: z.union([z.string(), z.number()]).transform(String).catch('0'),
});

/**
 * Reads what belongs to a page of orders, one listing for each kind, one after the other: a shop has more to do than to be read.
 *
 * @param rows orders as the webservice lists them
 * @returns a record, or what cannot be read of it, for each row
 * @throws BookbridgeError `answer-unreadable` where a row has no id
 */
export async function gatherOrders(call: PrestaShopCall, directory: Directory, rows: readonly unknown[]): Promise<(RemoteRecord | UnreadableRecord)[]> {
  if (rows.length === 0) return [];
  const keys = rows.map((row) => keysOf(row));
  const [ofOrders, ofReferences] = [anyOf(keys.map(({ id }) => id)), anyOf(new Set(keys.map(({ reference }) => reference).filter((text) => isPlain(text))))];
  const byOrder = (path: string, node?: string) => group(call, { path, ...(node !== undefined && { node }), query: { 'filter[id_order]': ofOrders } }, 'id_order');
  const details = await byOrder('order_details');
  const cartRules = await byOrder('order_cart_rules');
  const slips = await byOrder('order_slip', 'order_slips');
  const messages = await byOrder('messages');
  const none: ReadonlyMap<string, readonly unknown[]> = new Map();
  const payments = ofReferences === '[]' ? none : await group(call, { path: 'order_payments', query: { 'filter[order_reference]': ofReferences } }, 'order_reference');
  const siblings = ofReferences === '[]' ? none : await group(call, { path: 'orders', query: { 'filter[reference]': ofReferences, display: '[id,reference]' } }, 'reference');
  const byId = async (path: string, ids: readonly string[]) => {
    const wanted = new Set(ids.filter((id) => id !== '0'));
    return wanted.size === 0 ? none : group(call, { path, query: { 'filter[id]': anyOf(wanted) } }, 'id');
  };
  const addresses = await byId('addresses', keys.map(({ id_address_invoice: id }) => id));
  const customers = await byId('customers', keys.map(({ id_customer: id }) => id));
  const bundles = rows.map((order, index) => {
    const { id = '', reference = '', id_customer = '', id_address_invoice = '' } = keys[index] ?? {};
    return bundleSchema.safeParse({
      order, order_details: details.get(id) ?? [], order_cart_rules: cartRules.get(id) ?? [], order_slips: slips.get(id) ?? [], messages: messages.get(id) ?? [],
      address: addresses.get(id_address_invoice)?.[0] ?? null, customer: customers.get(id_customer)?.[0] ?? null,
      order_payments: payments.get(reference) ?? [], siblings: siblings.get(reference) ?? [],
    });
  });
  const around = await surroundingsOf(bundles.flatMap((bundle) => (bundle.success ? [bundle.data] : [])), directory);
  return bundles.map((bundle, index) => (bundle.success ? recordOf(bundle.data, around(bundle.data)) : { id: keys[index]?.id ?? '', detail: firstIssue(bundle.error) }));
}

function keysOf(row: unknown): z.output<typeof keysSchema> {
  const keys = keysSchema.safeParse(row);
  if (!keys.success) throw new BookbridgeError('answer-unreadable', { detail: `An order of the shop: ${firstIssue(keys.error)}` });
  return keys.data;
}

/** References are letters; anything else could change the meaning of a filter. */
function isPlain(reference: string): boolean {
  return /^[\w-]+$/.test(reference);
}

async function group(call: PrestaShopCall, listing: Listing, key: string): Promise<ReadonlyMap<string, readonly unknown[]>> {
  const keySchema = z.object({ [key]: z.union([z.string(), z.number()]).transform(String) });
  const groups = new Map<string, unknown[]>();
  for (const row of await call(listing)) {
    const parsed = keySchema.safeParse(row);
    if (!parsed.success) throw new BookbridgeError('answer-unreadable', { detail: `${listing.path} of the shop: ${firstIssue(parsed.error)}` });
    const value = parsed.data[key] ?? '';
    groups.set(value, [...(groups.get(value) ?? []), row]);
  }
  return groups;
}

/** Reads what the orders refer to, as far as it is not known yet. */
async function surroundingsOf(bundles: readonly Bundle[], directory: Directory): Promise<(bundle: Bundle) => Surroundings | string> {
  if (bundles.length === 0) return () => '';
  const configuration = await directory.configuration();
  const taxes = await directory.taxes();
  const states = await directory.states.read(bundles.map(({ order }) => order.current_state));
  const currencies = await directory.currencies.read(bundles.map(({ order }) => order.id_currency));
  const carriers = await directory.carriers.read(bundles.filter(({ order }) => !order.total_shipping_tax_incl.isZero()).map(({ order }) => order.id_carrier));
  const groups = await directory.groups.read(bundles.map(({ customer }) => customer?.id_default_group ?? null));
  const countries = await directory.countries.read(bundles.map(({ address }) => address?.id_country ?? null));
  const regions = await directory.regions.read(bundles.map(({ address }) => address?.id_state ?? null));
  return ({ order, customer, address }) => {
    const currency = currencies.get(order.id_currency);
    if (!currency) return `id_currency: the shop has no currency ${order.id_currency}`;
    const carrier = carriers.get(order.id_carrier ?? '')?.name ?? '';
    return {
      clock: configuration.clock, language: configuration.language, taxes, currency: currency.iso_code, digits: digitsOf(currency),
      isPaid: states.get(order.current_state ?? '')?.paid ?? false, isCancelled: order.current_state !== null && order.current_state === configuration.cancelled,
      // 1: without tax (PS_TAX_EXC).
      pricesIncludeTax: groups.get(customer?.id_default_group ?? '')?.price_display_method !== '1',
      // The carrier that is the shop itself is called 0.
      carrier: carrier === '' || carrier === '0' ? 'Shipping' : carrier,
      country: countries.get(address?.id_country ?? '')?.iso_code ?? '', region: regions.get(address?.id_state ?? '')?.name ?? '',
    };
  };
}

/** Since 1.7.7 a currency has a `precision`; before, `decimals` 0 meant none. */
export function digitsOf({ precision, decimals }: { readonly precision: string; readonly decimals: string }): number {
  if (/^\d+$/.test(precision)) return Number(precision);
  return decimals === '0' ? 0 : 2;
}

function recordOf(bundle: Bundle, shop: Surroundings | string): RemoteRecord | UnreadableRecord {
  if (typeof shop === 'string') return { id: bundle.order.id, detail: shop };
  return { id: bundle.order.id, modifiedAt: changedAt(bundle, shop.clock), data: toOrder(bundle, shop) };
}

/** A credit slip changes an order without touching its `date_upd`. */
function changedAt({ order, order_slips: slips }: Bundle, clock: Surroundings['clock']): string {
  return [order.date_upd, ...slips.map(({ date_upd }) => date_upd)].map((time) => clock.changed(time)).sort().at(-1) ?? '';
}
