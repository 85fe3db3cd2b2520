import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import type { Gate } from '../gate.ts';
import type { Answer, Http, HttpRequest } from '../http.ts';
import { retryAtMs } from '../retry-after.ts';

export interface WooCommerceAccess {
  readonly http: Http;
  /** Address of the shop, without `/wp-json`. */
  readonly baseUrl: string;
  readonly consumerKey: string;
  readonly consumerSecret: string;
  /** Whether the keys go into the query, for shops whose server drops the header `Authorization`. */
  readonly keysInQuery: boolean;
  readonly gate: Gate;
}

type WooCommerceRequest = Pick<HttpRequest, 'method' | 'query' | 'json'> & {
  /** Below `/wp-json`, with a leading slash. */
  readonly path: string;
};

/** Makes one call; whatever the answer means for the whole connection is thrown, 404 and 400 are the caller's to read. */
export type WooCommerceCall = (request: WooCommerceRequest) => Promise<Answer>;

/** Where the orders are, below `/wp-json`. */
export const API = '/wc/v3';

const errorSchema = z.object({ code: z.union([z.string(), z.number()]).transform(String), message: z.string() });

/**
 * Takes each call from the limits, identifies itself, and tells the gate of a refusal.
 *
 * @returns a call that throws BookbridgeError `limit-minute`, `authorization-revoked`, `permission-missing`, or `settings-invalid` where the
 *   address leads elsewhere
 */
export function createWooCommerceCall({ http, baseUrl, consumerKey, consumerSecret, keysInQuery, gate }: WooCommerceAccess): WooCommerceCall {
  const root = `${baseUrl.replace(/\/+$/, '')}/wp-json`;
  const headers = keysInQuery ? {} : { authorization: `Basic ${Buffer.from(`${consumerKey}:${consumerSecret}`).toString('base64')}` };
  const keys = keysInQuery ? { consumer_key: consumerKey, consumer_secret: consumerSecret } : {};
  return async ({ path, query, ...request }) => {
    const answer = await gate.pass(() => http({ ...request, url: `${root}${path}`, query: { ...query, ...keys }, headers }));
    if (answer.status === 429) {
      const resumeAtMs = await gate.refused('limit-minute', retryAtMs(answer.headers['retry-after']));
      throw new BookbridgeError('limit-minute', { detail: describe(answer, 'The shop refuses further calls for now'), resumeAtMs, system: 'woocommerce' });
    }
    if (answer.status === 401) throw unauthorized(answer);
    if (answer.status === 403) {
      throw new BookbridgeError('permission-missing', { detail: describe(answer, `The keys do not allow ${request.method} ${path}`) });
    }
    if (answer.status >= 300 && answer.status < 400) {
      throw new BookbridgeError('settings-invalid', { detail: `${root} sends callers elsewhere: enter the address of the shop as its own settings have it.` });
    }
    return answer;
  };
}

/** WordPress takes keys it does not know, or does not get to see, for a visitor who is not logged in, and says 401 of missing rights, too. */
function unauthorized(answer: Answer): BookbridgeError {
  const error = wordPressError(answer);
  const detail = describe(answer, 'The shop does not accept the keys');
  if (error?.code === 'woocommerce_rest_authentication_error' && error.message.includes('permissions')) return new BookbridgeError('permission-missing', { detail });
  const hint = error?.code.startsWith('woocommerce_rest_cannot_') === true ? ' Either it does not know the keys, or its server drops the header Authorization: then set keysInQuery.' : '';
  return new BookbridgeError('authorization-revoked', { detail: `${detail}${hint}` });
}

/** The error in WordPress's own words (REST API handbook, "Errors"), or null where the answer carries none. */
function wordPressError(answer: Answer): { code: string; message: string } | null {
  return errorSchema.safeParse(answer.body).data ?? null;
}

function describe(answer: Answer, otherwise: string): string {
  const error = wordPressError(answer);
  return error === null ? `${otherwise} (status ${answer.status}).` : `${error.message} (${error.code})`;
}

/** Whether the answer says that there is no such record; another 404 says that there is no such API. */
export function isMissing(answer: Answer): boolean {
  return answer.status === 404 && (wordPressError(answer)?.code.endsWith('_invalid_id') ?? false);
}

/**
 * What a refusal means.
 *
 * @param answer neither a success nor one of the refusals the call itself has thrown already
 * @param path for the message
 */
export function refusal(answer: Answer, path: string): BookbridgeError {
  if (answer.status === 404) {
    return new BookbridgeError('settings-invalid', { detail: `The shop has no ${path} at this address: check the address, and that it runs WooCommerce 5.8 or later.` });
  }
  return new BookbridgeError('refused', { detail: `${path}: ${describe(answer, 'the shop refuses the call')}` });
}

/** Whether the status is one of 200 to 299. */
export function isSuccess(answer: Answer): boolean {
  return answer.status >= 200 && answer.status < 300;
}
