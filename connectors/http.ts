import got, { RequestError, TimeoutError, type Got, type OptionsOfTextResponseBody } from 'got';
import { BookbridgeError } from '../domain/errors.ts';
import { parseJson } from '../domain/json.ts';

/** An answer whose body was JSON, or null where there was none; what it means is the connector's business. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON body. */
  readonly json?: unknown;
  /** Form body (application/x-www-form-urlencoded). */
  readonly form?: Readonly<Record<string, string>>;
}

export type Http = (request: HttpRequest) => Promise<Answer>;

interface HttpOptions {
  /** Longest time for a whole call, milliseconds. */
  readonly timeoutMs: number;
  /** Ends calls that are under way, for instance when an activity is cancelled. */
  readonly signal?: AbortSignal;
}

/**
 * Makes the one HTTP client of the connectors: `got` with keep-alive and without its retries, because Temporal retries.
 * Redirects are not followed: an API that redirects is not the API that was configured.
 *
 * @throws BookbridgeError `system-unreachable` (no answer), `system-fault` (5xx), `answer-unreadable` (not JSON)
 */
export function createHttp({ timeoutMs, signal }: HttpOptions): Http {
  const client: Got = got.extend({
    retry: { limit: 0 },
    throwHttpErrors: false,
    followRedirect: false,
    timeout: { request: timeoutMs },
    headers: { accept: 'application/json', 'user-agent': 'bookbridge' },
    ...(signal && { signal }),
  });
  return async (request) => {
    const response = await send(client, request);
    if (response.statusCode >= 500) {
      throw new BookbridgeError('system-fault', { detail: `${place(request)} answered with status ${response.statusCode}` });
    }
    return { status: response.statusCode, headers: response.headers, body: readBody(request, response.body, response.statusCode) };
  };
}

/** Who may not, and who asks too often. */
const refusals: ReadonlySet<number> = new Set([401, 403, 429]);

async function send(client: Got, request: HttpRequest) {
  const options: OptionsOfTextResponseBody = { method: request.method };
  if (request.headers) options.headers = { ...request.headers };
  if (request.json !== undefined) options.json = request.json;
  if (request.form) options.form = { ...request.form };
  try {
    return await client(withQuery(request), options);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const reason = error instanceof TimeoutError ? 'did not answer in time' : `could not be reached (${error.code})`;
    throw new BookbridgeError('system-unreachable', { detail: `${place(request)} ${reason}`, cause: error });
  }
}

/** A query that is given takes the place of one that stands in the URL. */
function withQuery({ url, query = {} }: HttpRequest): string {
  const text = new URLSearchParams(query).toString();
  return text === '' ? url : `${url.replace(/\?.*$/, '')}?${text}`;
}

/** What stands in front of a system refuses in HTML, and there the status says it all. A 404 in HTML says nothing about a record. */
function readBody(request: HttpRequest, text: string, status: number): unknown {
  if (text === '') return null;
  try {
    return parseJson(text);
  } catch {
    if (refusals.has(status)) return null;
    const start = text.slice(0, 60).replaceAll(/\s+/g, ' ');
    throw new BookbridgeError('answer-unreadable', { detail: `${place(request)} answered with status ${status} and no JSON: ${start}` });
  }
}

/** Method, host and path: never the query, which may carry a secret. */
function place({ method, url }: HttpRequest): string {
  const { host, pathname } = new URL(url);
  return `${method} ${host}${pathname}`;
}
