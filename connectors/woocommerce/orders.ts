import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import { firstIssue } from '../../domain/issues.ts';
import type { Answer } from '../http.ts';
import type { ListRequest, Page, RemoteRecord, Resource, UnreadableRecord } from '../resource.ts';
import { API, isMissing, isSuccess, refusal, type WooCommerceCall } from './call.ts';
import { FieldError, PLACES } from './lines.ts';
import { toOrder, toRefund } from './order.ts';
import { lacksRates, ratesOf, type Rate, type Rates } from './rates.ts';
import { identitySchema, orderRowSchema, refundRowSchema, type OrderRow } from './schemas.ts';

const PATH = `${API}/orders`;
/** Most orders WooCommerce gives in one page. */
const PAGE_SIZE = 100;
/** Rows a page shares with the page before: so many orders may be put away between two pages before a page is read again. */
const OVERLAP = 10;
/** How far the reading goes back where more were put away. */
const STEP_BACK = 50;
/** Carts on their way to the till: no orders yet. */
const drafts: ReadonlySet<string> = new Set(['checkout-draft', 'auto-draft', 'draft', 'new']);

type ShopRates = () => Promise<ReadonlyMap<string, Rate>>;

/**
 * Where a page begins. WooCommerce counts its pages, so a row that comes into the listing or leaves it shifts all behind it. Rows are therefore
 * ordered by id, and each page begins with the last rows of the page before: as long as it begins with an order that was read, nothing was skipped.
 */
interface Place {
  /** The bin is listed after the orders: what is in it is not among them. */
  readonly bin: boolean;
  /** How many rows come before the page. */
  readonly offset: number;
  /** The id of the last order that was read; 0 before the first. */
  readonly lastId: number;
  /** The page before did not show all its rows, so nothing can be told from the first row of this one. */
  readonly isBlind: boolean;
}

const placeSchema = z.tuple([z.boolean(), z.int().nonnegative(), z.int().nonnegative(), z.boolean()]);
const beginning: Place = { bin: false, offset: 0, lastId: 0, isBlind: false };

/**
 * Orders, by id. A page takes one call; where an order does not say the percentage of a tax, the rates of the shop are read once.
 *
 * @param shopRates the tax rates the shop has now
 */
export function createOrders(call: WooCommerceCall, shopRates: ShopRates): Resource {
  return {
    listing: 'changed',
    list: async (request) => {
      const place = readPlace(request.page);
      const answer = await call({ method: 'GET', path: PATH, query: listQuery(request, place) });
      if (!isSuccess(answer)) throw refusal(answer, PATH);
      const rows = readRows(answer);
      const [first] = rows;
      if (place.offset > 0 && !place.isBlind && (first === undefined || first.id > place.lastId)) {
        // Rows before this page have left the listing: what came into their place has not been read.
        return { records: [], unreadable: [], next: writePlace({ ...place, offset: Math.max(0, place.offset - STEP_BACK) }) };
      }
      const fresh = rows.filter(({ id, status }) => id > place.lastId && !drafts.has(status ?? ''));
      return { ...(await readOrders(fresh, shopRates)), next: nextPlace(rows, totalOf(answer), place, request) };
    },
    get: async (id) => {
      if (!/^\d+$/.test(id)) return null;
      const answer = await call({ method: 'GET', path: `${PATH}/${id}`, query: { dp: String(PLACES) } });
      if (isMissing(answer)) return null;
      if (!isSuccess(answer)) throw refusal(answer, PATH);
      const identity = identitySchema.safeParse(answer.body);
      if (!identity.success) throw new BookbridgeError('answer-unreadable', { detail: `${PATH}/${id}: ${firstIssue(identity.error)}` });
      if (identity.data.status === 'trash' || drafts.has(identity.data.status ?? '')) return null;
      const record = await readOrder({ id: Number(id), body: answer.body }, shopRates);
      if ('detail' in record) throw new BookbridgeError('record-unreadable', { detail: `order ${id}: ${record.detail}` });
      return record;
    },
  };
}

/** Refunds, by `<order>:<refund>`; they are listed within their orders only. One call, and a second where the refund does not say its tax rates. */
export function createRefunds(call: WooCommerceCall, shopRates: ShopRates): Resource {
  return {
    listing: 'full',
    list: () => Promise.reject(new Error('Refunds of WooCommerce are listed within their orders.')),
    get: async (id) => {
      const [, orderId, refundId] = /^([1-9]\d*):([1-9]\d*)$/.exec(id) ?? [];
      if (orderId === undefined || refundId === undefined) return null;
      const answer = await call({ method: 'GET', path: `${PATH}/${orderId}/refunds/${refundId}`, query: { dp: String(PLACES) } });
      if (isMissing(answer)) return null;
      if (!isSuccess(answer)) throw refusal(answer, `${PATH}/${orderId}/refunds`);
      const unreadable = (detail: string) => new BookbridgeError('record-unreadable', { detail: `refund ${refundId} of order ${orderId}: ${detail}` });
      const row = refundRowSchema.safeParse(answer.body);
      if (!row.success) throw unreadable(firstIssue(row.error));
      const rates = lacksRates(row.data) ? await ratesOfOrder(call, orderId, shopRates) : ratesOf(row.data.tax_lines, new Map());
      try {
        return { id, modifiedAt: row.data.date_created_gmt, data: toRefund(row.data, orderId, rates) };
      } catch (error) {
        if (error instanceof FieldError) throw unreadable(error.message);
        throw error;
      }
    },
  };
}

async function ratesOfOrder(call: WooCommerceCall, orderId: string, shopRates: ShopRates): Promise<Rates> {
  const answer = await call({ method: 'GET', path: `${PATH}/${orderId}`, query: { dp: String(PLACES) } });
  const row = orderRowSchema.safeParse(answer.body);
  if (!row.success) return ratesOf([], await shopRates());
  return ratesOf(row.data.tax_lines, lacksRates(row.data) ? await shopRates() : new Map());
}

function listQuery({ since }: ListRequest, { bin, offset }: Place): Record<string, string> {
  return {
    status: bin ? 'trash' : 'any', orderby: 'id', order: 'asc', per_page: String(PAGE_SIZE), dp: String(PLACES),
    ...(offset > 0 && { offset: String(offset) }),
    // Bounds exclude what they bound, times have whole seconds, and one with a zone would be taken for one of the shop's own zone.
    ...(since !== null && { modified_after: new Date(Math.floor(Date.parse(since) / 1000) * 1000 - 1000).toISOString().slice(0, 19), dates_are_gmt: 'true' }),
  };
}

interface Row {
  readonly id: number;
  readonly status?: string | undefined;
  readonly modifiedAt?: string | null;
  readonly body: unknown;
}

/** @throws BookbridgeError `answer-unreadable` where it is not even known which orders these are */
function readRows(answer: Answer): Row[] {
  const bodies = z.array(z.unknown()).safeParse(answer.body);
  if (!bodies.success) throw new BookbridgeError('answer-unreadable', { detail: `The list ${PATH} of the shop is not one: ${firstIssue(bodies.error)}` });
  return bodies.data.map((body) => {
    const identity = identitySchema.safeParse(body);
    if (!identity.success) throw new BookbridgeError('answer-unreadable', { detail: `The list ${PATH} of the shop has an order without id: ${firstIssue(identity.error)}` });
    return { id: Number(identity.data.id), status: identity.data.status, modifiedAt: identity.data.date_modified_gmt, body };
  });
}

async function readOrders(rows: readonly Row[], shopRates: ShopRates): Promise<Pick<Page, 'records' | 'unreadable'>> {
  const records: RemoteRecord[] = [];
  const unreadable: UnreadableRecord[] = [];
  for (const row of rows) {
    const record = row.status === 'trash' ? trashed(row) : await readOrder(row, shopRates);
    if ('detail' in record) unreadable.push(record);
    else records.push(record);
  }
  return { records, unreadable };
}

function trashed({ id, modifiedAt }: Row): RemoteRecord {
  return { id: String(id), modifiedAt: modifiedAt ?? null, data: {}, deleted: true };
}

async function readOrder({ id, body }: Row, shopRates: ShopRates): Promise<RemoteRecord | UnreadableRecord> {
  const row = orderRowSchema.safeParse(body);
  if (!row.success) return { id: String(id), detail: firstIssue(row.error) };
  const rates = ratesOf(row.data.tax_lines, lacksRates(row.data) ? await shopRates() : new Map());
  return toRecord(row.data, rates);
}

function toRecord(row: OrderRow, rates: Rates): RemoteRecord | UnreadableRecord {
  try {
    return { id: row.id, modifiedAt: row.date_modified_gmt, data: toOrder(row, rates) };
  } catch (error) {
    if (error instanceof FieldError) return { id: row.id, detail: error.message };
    throw error;
  }
}

/** How many orders fit, on all pages; null where the shop does not say. */
function totalOf({ headers }: Answer): number | null {
  const value = headers['x-wp-total'];
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : null;
}

/**
 * A page may be short though others follow: orders that WooCommerce cannot load itself are left out of it (class-wc-rest-crud-controller.php,
 * get_objects). Deletions matter to those who have seen the orders before; a full listing needs no bin.
 */
function nextPlace(rows: readonly Row[], total: number | null, place: Place, { since }: ListRequest): string | null {
  const isFull = rows.length >= PAGE_SIZE;
  if (isFull || (total !== null && total > place.offset + PAGE_SIZE)) {
    return writePlace({ ...place, offset: place.offset + PAGE_SIZE - OVERLAP, lastId: Math.max(rows.at(-1)?.id ?? 0, place.lastId), isBlind: !isFull });
  }
  return since !== null && !place.bin ? writePlace({ ...beginning, bin: true }) : null;
}

function writePlace({ bin, offset, lastId, isBlind }: Place): string {
  return JSON.stringify([bin, offset, lastId, isBlind]);
}

function readPlace(page: string | null): Place {
  if (page === null) return beginning;
  const [bin, offset, lastId, isBlind] = placeSchema.parse(JSON.parse(page));
  return { bin, offset, lastId, isBlind };
}
