import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import { firstIssue } from '../../domain/issues.ts';
import type { Page, RemoteRecord, Resource, UnreadableRecord } from '../resource.ts';
import { anyOf, type PrestaShopCall } from './call.ts';
import type { Directory } from './directory.ts';
import { digitsOf, gatherOrders } from './gather.ts';
import { toRefund } from './refund.ts';
import { detailSchema, orderRowSchema, slipSchema, stateSchema } from './schemas.ts';

/** Orders in a page. What belongs to them is filtered by their ids, which must fit into an address. */
const pageSize = 100;

/**
 * Where a page of orders begins: behind an id among the orders, or behind the id of a credit slip among those of orders that are listed only because
 * of it. Ids never change, so a page shifts nothing, whatever changes meanwhile.
 */
interface Place {
  readonly among: 'orders' | 'slips';
  readonly after: string;
}

const idSchema = z.object({ id: z.union([z.string(), z.number()]).transform(String).pipe(z.string().regex(/^\d+$/)) });

/** Orders with all that belongs to them. A page makes a handful of calls (docs/apis/prestashop.md), each taken from the quota. */
export function createOrders(call: PrestaShopCall, directory: Directory): Resource {
  return {
    listing: 'changed',
    list: async ({ since, page }) => {
      const place = readPlace(page);
      const changedAfter = since === null ? null : (await directory.configuration()).clock.before(since);
      const changed = changedAfter === null ? {} : { date: '1', 'filter[date_upd]': `>[${changedAfter}]` };
      const filters = { 'filter[id]': `>[${place.after}]`, sort: '[id_ASC]', limit: String(pageSize), ...changed };
      const listed = place.among === 'orders'
        ? await call({ path: 'orders', query: filters })
        : await call({ path: 'order_slip', node: 'order_slips', query: filters });
      const rows = place.among === 'orders' ? listed : await ordersOf(call, listed, changedAfter ?? '');
      return toPage(await gatherOrders(call, directory, rows), since, nextPlace(place, listed, since));
    },
    get: async (id) => {
      if (!isId(id)) return null;
      const [record] = await gatherOrders(call, directory, await call({ path: 'orders', query: { 'filter[id]': anyOf([id]) } }));
      return record === undefined ? null : expectReadable(record, `order ${id}`);
    },
  };
}

function readPlace(page: string | null): Place {
  const [, among, after] = /^(orders|slips)>(\d+)$/.exec(page ?? 'orders>0') ?? [];
  if ((among !== 'orders' && among !== 'slips') || after === undefined) throw new Error(`There is no page ${page} of orders.`);
  return { among, after };
}

/** A full listing has seen every order, with its credit slips, when the orders are at an end. */
function nextPlace({ among }: Place, listed: readonly unknown[], since: string | null): string | null {
  if (listed.length >= pageSize) {
    const last = idSchema.safeParse(listed.at(-1));
    if (!last.success) throw new BookbridgeError('answer-unreadable', { detail: `The last row of a page of ${among} of the shop: ${firstIssue(last.error)}` });
    return `${among}>${last.data.id}`;
  }
  return among === 'orders' && since !== null ? 'slips>0' : null;
}

/** The orders of credit slips, without those that changed themselves: they were among the orders. */
async function ordersOf(call: PrestaShopCall, slips: readonly unknown[], changedAfter: string): Promise<readonly unknown[]> {
  const key = z.object({ id_order: z.union([z.string(), z.number()]).transform(String) });
  const ids = new Set(slips.flatMap((slip) => key.safeParse(slip).data?.id_order ?? []));
  if (ids.size === 0) return [];
  const rows = await call({ path: 'orders', query: { 'filter[id]': anyOf(ids), sort: '[id_ASC]' } });
  return rows.filter((row) => !isChanged(row, changedAfter));
}

/** As the shop compares: times of the clock on the wall, letter by letter. */
function isChanged(row: unknown, changedAfter: string): boolean {
  const { data } = z.object({ date_upd: z.string() }).safeParse(row);
  return data !== undefined && data.date_upd > changedAfter;
}

/** The shop is asked for a little more than what changed since; what did not is left out here. */
function toPage(found: readonly (RemoteRecord | UnreadableRecord)[], since: string | null, next: string | null): Page {
  const records: RemoteRecord[] = [];
  const unreadable: UnreadableRecord[] = [];
  for (const record of found) {
    if ('detail' in record) unreadable.push(record);
    else if (since === null || record.modifiedAt === null || Date.parse(record.modifiedAt) >= Math.floor(Date.parse(since) / 1000) * 1000) records.push(record);
  }
  return { records, unreadable, next };
}

/** Credit slips, by `<order>:<order slip>`. Three calls for one, beside what the directory needs; they are listed within their orders only. */
export function createRefunds(call: PrestaShopCall, directory: Directory): Resource {
  return {
    listing: 'full',
    list: () => Promise.reject(new Error('Refunds of PrestaShop are listed within their orders.')),
    get: async (id) => {
      const [, orderId, slipId] = /^([1-9]\d*):([1-9]\d*)$/.exec(id) ?? [];
      if (orderId === undefined || slipId === undefined) return null;
      const [row] = await call({ path: 'order_slip', node: 'order_slips', query: { 'filter[id]': anyOf([slipId]) } });
      if (row === undefined) return null;
      const slip = read(slipSchema, row, `order slip ${slipId}`);
      if (slip.id_order !== orderId) return null;
      const [orderRow] = await call({ path: 'orders', query: { 'filter[id]': anyOf([orderId]) } });
      if (orderRow === undefined) return null;
      const order = read(orderRowSchema, orderRow, `order ${orderId}`);
      const details = (await call({ path: 'order_details', query: { 'filter[id_order]': anyOf([orderId]) } })).map((detail) => read(detailSchema, detail, `order ${orderId}: order_details`));
      const { clock, language } = await directory.configuration();
      const currency = (await directory.currencies.read([order.id_currency])).get(order.id_currency);
      const carrier = slip.total_shipping_tax_incl.isZero() ? undefined : (await directory.carriers.read([order.id_carrier])).get(order.id_carrier ?? '');
      const shop = { clock, language, taxes: await directory.taxes(), digits: currency ? digitsOf(currency) : 2, carrier: carrier?.name ?? 'Shipping' };
      return { id, modifiedAt: clock.changed(slip.date_upd), data: toRefund({ slip, order, details }, shop) };
    },
  };
}

/** The statuses an order can have: `{name, isPaid}`, the name in the language of the shop. Deleted ones are no longer listed. */
export function createStatuses(call: PrestaShopCall, directory: Directory): Resource {
  const readOne = async (row: unknown): Promise<{ readonly record: RemoteRecord | UnreadableRecord; readonly deleted: boolean }> => {
    const state = stateSchema.safeParse(row);
    if (!state.success) return { record: { id: idSchema.safeParse(row).data?.id ?? '', detail: firstIssue(state.error) }, deleted: false };
    const { language } = await directory.configuration();
    const { id, name, paid, deleted } = state.data;
    return { record: { id, modifiedAt: null, data: { name: name(language), isPaid: paid } }, deleted };
  };
  return {
    listing: 'full',
    list: async () => {
      const rows = await Promise.all((await call({ path: 'order_states', query: { sort: '[id_ASC]' } })).map(readOne));
      return toPage(rows.filter(({ deleted }) => !deleted).map(({ record }) => record), null, null);
    },
    get: async (id) => {
      if (!isId(id)) return null;
      const [row] = await call({ path: 'order_states', query: { 'filter[id]': anyOf([id]) } });
      return row === undefined ? null : expectReadable((await readOne(row)).record, `order_states ${id}`);
    },
  };
}

/** The taxes in use: `{name, percentage, country}`. PrestaShop keeps countries in its rules, so that is empty here. */
export function createTaxes(directory: Directory): Resource {
  const readAll = async (): Promise<RemoteRecord[]> => {
    const { language } = await directory.configuration();
    const inUse = [...(await directory.taxes()).values()].filter(({ active, deleted }) => active && !deleted);
    return inUse.map(({ id, name, rate }) => ({ id, modifiedAt: null, data: { name: name(language), percentage: rate.toFixed(), country: '' } }));
  };
  return {
    listing: 'full',
    list: async () => ({ records: await readAll(), unreadable: [], next: null }),
    get: async (id) => (await readAll()).find((record) => record.id === id) ?? null,
  };
}

/** One record, `shop`: its name, its time zone and the currency its prices are kept in. */
export function createSettings(directory: Directory): Resource {
  const readShop = async (): Promise<RemoteRecord> => {
    const { shopName, timeZone, currencyId } = await directory.configuration();
    const currency = (await directory.currencies.read([currencyId])).get(currencyId ?? '')?.iso_code ?? null;
    return { id: 'shop', modifiedAt: null, data: { name: shopName, timeZone, currency } };
  };
  return {
    listing: 'full',
    list: async () => ({ records: [await readShop()], unreadable: [], next: null }),
    get: async (id) => (id === 'shop' ? readShop() : null),
  };
}

function isId(id: string): boolean {
  return /^[1-9]\d*$/.test(id);
}

function expectReadable(record: RemoteRecord | UnreadableRecord, what: string): RemoteRecord {
  if ('detail' in record) throw new BookbridgeError('record-unreadable', { detail: `${what}: ${record.detail}` });
  return record;
}

function read<T>(schema: z.ZodType<T>, row: unknown, what: string): T {
  const parsed = schema.safeParse(row);
  if (parsed.success) return parsed.data;
  throw new BookbridgeError('record-unreadable', { detail: `${what}: ${firstIssue(parsed.error)}` });
}
