import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import type { Gate } from '../gate.ts';
import type { Answer, Http } from '../http.ts';
import { retryAtMs } from '../retry-after.ts';
import { errorsSchema } from './schemas.ts';

export interface PrestaShopAccess {
  readonly http: Http;
  /** Address of the shop, without `/api`. */
  readonly baseUrl: string;
  /** Key of the webservice: 32 characters. */
  readonly key: string;
  readonly gate: Gate;
}

/** What is asked of one resource: parameters of the webservice beside `display` and `output_format`. */
export interface Listing {
  /** The resource as the path names it, such as `order_slip`. */
  readonly path: string;
  /** The same resource as the answer names it, where that differs: `order_slips`. */
  readonly node?: string;
  readonly query?: Readonly<Record<string, string>>;
}

/** Makes one call and gives the rows, unread; whatever else the answer is, is thrown. */
export type PrestaShopCall = (listing: Listing) => Promise<readonly unknown[]>;

/**
 * Everything is asked for as a list, single records too: a list of none is a success, and a list has one shape in all versions.
 */
export function createPrestaShopCall({ http, baseUrl, key, gate }: PrestaShopAccess): PrestaShopCall {
  const root = `${baseUrl.replace(/\/+$/, '')}/api`;
  const authorization = `Basic ${Buffer.from(`${key}:`).toString('base64')}`;
  return async ({ path, node = path, query }) => {
    const answer = await gate.pass(() => http({
      method: 'GET', url: `${root}/${path}`, headers: { authorization }, query: { output_format: 'JSON', display: 'full', ...query },
    }));
    if (answer.status === 429) {
      const resumeAtMs = await gate.refused('limit-minute', retryAtMs(answer.headers['retry-after']));
      throw new BookbridgeError('limit-minute', { detail: describe(answer, 'The shop refuses further calls for now'), resumeAtMs, system: 'prestashop' });
    }
    if (answer.status !== 200) throw refusal(answer, root, path);
    return readRows(answer, path, node);
  };
}

function refusal(answer: Answer, root: string, path: string): BookbridgeError {
  const { status } = answer;
  const code = errorsOf(answer)[0]?.code;
  // 26: the key is not for this resource; the webservice says it with the status of a wrong key.
  if ((status === 401 && code === 26) || status === 403 || status === 405) {
    return new BookbridgeError('permission-missing', { detail: `${describe(answer, `The key does not allow reading ${path}`)} (The key needs GET on ${path}.)` });
  }
  if (status === 401) {
    // 16: no key arrived, though one is always sent.
    const hint = code === 16 ? ' The server of the shop drops the header Authorization: it must be let through.' : '';
    return new BookbridgeError('authorization-revoked', { detail: `${describe(answer, 'The shop does not accept the key')}${hint}` });
  }
  if (status >= 300 && status < 400) {
    const { location } = answer.headers;
    return new BookbridgeError('settings-invalid', { detail: `${root} sends callers elsewhere${typeof location === 'string' ? ` (${withoutQuery(location)})` : ''}: enter that address.` });
  }
  if (status === 404) return new BookbridgeError('settings-invalid', { detail: `There is no webservice of PrestaShop at ${root}: check the address of the shop.` });
  return new BookbridgeError('refused', { detail: describe(answer, `The shop refuses to list ${path}`) });
}

/** Without any record the answer is `[]`; the name of the resource is only there with records. */
function readRows(answer: Answer, path: string, node: string): readonly unknown[] {
  if (Array.isArray(answer.body) && answer.body.length === 0) return [];
  const rows = z.object({ [node]: z.array(z.unknown()) }).safeParse(answer.body);
  if (rows.success) return rows.data[node] ?? [];
  throw new BookbridgeError('answer-unreadable', { detail: describe(answer, `The list ${path} of the shop is not one`) });
}

function errorsOf(answer: Answer) {
  const parsed = errorsSchema.safeParse(answer.body);
  return parsed.success ? parsed.data.errors : [];
}

function describe(answer: Answer, otherwise: string): string {
  const errors = errorsOf(answer);
  return errors.length === 0 ? `${otherwise} (status ${answer.status}).` : errors.map(({ code, message }) => `${message} (${code})`).join('; ');
}

function withoutQuery(address: string): string {
  return address.split('?')[0] ?? '';
}

/** What a filter takes for "one of these" (webservice, "Filter"): `[1|2|3]`. */
export function anyOf(values: Iterable<string>): string {
  return `[${[...values].join('|')}]`;
}
