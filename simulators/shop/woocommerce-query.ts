import { DateTime } from 'luxon';
import { gmt } from './woocommerce-show.ts';
import { statusNames, type ShopOrder } from './types.ts';

/** A request that WordPress refuses, in its own words. */
export class WordPressError extends Error {
  readonly status: number;
  readonly code: string;
  readonly params: Readonly<Record<string, string>> | undefined;

  constructor(status: number, code: string, message: string, params?: Readonly<Record<string, string>>) {
    super(message);
    this.status = status;
    this.code = code;
    this.params = params;
  }
}

const statuses: readonly string[] = ['any', 'trash', ...statusNames];
const orderings = ['date', 'id', 'include', 'title', 'slug'];
/** Zone or none; a zone is read, and then the time is taken as one of the shop. */
const dateTime = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}(:\d{2})?)?$/;

export interface Listed {
  readonly orders: readonly ShopOrder[];
  /** That fit, on all pages. */
  readonly total: number;
  readonly page: number;
  readonly perPage: number;
}

/**
 * `GET /orders`, as class-wc-rest-orders-controller.php and its parents read the query.
 *
 * @param all in the order of their ids
 * @param timeZone of the shop, which times are in where `dates_are_gmt` does not say otherwise
 * @throws WordPressError 400
 */
export function listOrders(all: readonly ShopOrder[], query: URLSearchParams, timeZone: string): Listed {
  const perPage = whole(query, 'per_page', 10, 1, 100);
  const page = whole(query, 'page', 1, 1, Number.MAX_SAFE_INTEGER);
  const offset = whole(query, 'offset', 0, 0, Number.MAX_SAFE_INTEGER);
  const orderby = oneOf(query, 'orderby', 'date', orderings);
  const order = oneOf(query, 'order', 'desc', ['asc', 'desc']);
  const fits = filterOf(query, timeZone);
  const found = all.filter(fits);
  if (orderby === 'date') found.sort((left, right) => left.placedAtMs - right.placedAtMs || Number(left.id) - Number(right.id));
  if (order === 'desc') found.reverse();
  const include = list(query, 'include');
  if (orderby === 'include') found.sort((left, right) => include.indexOf(left.id) - include.indexOf(right.id));
  const from = offset > 0 ? offset : (page - 1) * perPage;
  return { orders: found.slice(from, from + perPage), total: found.length, page, perPage };
}

function filterOf(query: URLSearchParams, timeZone: string): (order: ShopOrder) => boolean {
  const wanted = list(query, 'status');
  for (const status of wanted) {
    if (!statuses.includes(status)) throw invalid('status', `status[0] is not one of ${statuses.join(', ')}.`);
  }
  const isAny = wanted.length === 0 || wanted.includes('any');
  const [include, exclude, customer] = [list(query, 'include'), list(query, 'exclude'), query.get('customer')];
  const between = [bound(query, 'after', timeZone), bound(query, 'before', timeZone), bound(query, 'modified_after', timeZone), bound(query, 'modified_before', timeZone)];
  return (order) => (
    // What is in the bin is not any order.
    (order.isTrashed ? wanted.includes('trash') && !wanted.includes('any') : isAny || wanted.includes(order.status))
    && (include.length === 0 || include.includes(order.id)) && !exclude.includes(order.id)
    && (customer === null || customer === (order.customerId ?? '0'))
    && between.every((isWithin) => isWithin(order))
  );
}

/** Bounds are no part of what they bound. Times are compared as text, second by second. */
function bound(query: URLSearchParams, name: 'after' | 'before' | 'modified_after' | 'modified_before', timeZone: string): (order: ShopOrder) => boolean {
  const given = query.get(name);
  if (given === null) return () => true;
  if (!dateTime.test(given)) throw invalid(name, `Invalid date.`);
  const isGmt = flag(query.get('dates_are_gmt'));
  const limit = DateTime.fromISO(given.replace(' ', 'T'), { zone: timeZone }).toFormat("yyyy-MM-dd'T'HH:mm:ss");
  return (order) => {
    const ms = name.startsWith('modified') ? order.changedAtMs : order.placedAtMs;
    const shown = isGmt ? gmt(ms) : DateTime.fromMillis(ms, { zone: timeZone }).toFormat("yyyy-MM-dd'T'HH:mm:ss");
    return name.endsWith('after') ? shown > limit : shown < limit;
  };
}

function flag(value: string | null): boolean {
  return value === 'true' || value === '1';
}

/** `status=a,b`, `status[]=a` and `status[0]=a` are the same. */
function list(query: URLSearchParams, name: string): string[] {
  return [...query].filter(([key]) => key === name || (key.startsWith(`${name}[`) && key.endsWith(']'))).flatMap(([, value]) => value.split(',').filter((part) => part !== ''));
}

export function whole(query: URLSearchParams, name: string, absent: number, least: number, most: number): number {
  const given = query.get(name);
  if (given === null) return absent;
  const value = Number(given);
  if (given !== '' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(name, most === Number.MAX_SAFE_INTEGER ? `${name} must be greater than or equal to ${least}` : `${name} must be between ${least} (inclusive) and ${most} (inclusive)`);
}

function oneOf(query: URLSearchParams, name: string, absent: string, all: readonly string[]): string {
  const given = query.get(name) ?? absent;
  if (!all.includes(given)) throw invalid(name, `${name} is not one of ${all.slice(0, -1).join(', ')}, and ${all.at(-1) ?? ''}.`);
  return given;
}

function invalid(name: string, message: string): WordPressError {
  return new WordPressError(400, 'rest_invalid_param', `Invalid parameter(s): ${name}`, { [name]: message });
}
