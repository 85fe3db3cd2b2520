import { BookbridgeError } from '../domain/errors.ts';
import { parseJson } from '../domain/json.ts';
import { AnswerTimeoutError, exchange, type RawAnswer } from './exchange.ts';

/** An answer whose body was JSON, or null where there was none; what it means is the connector's business. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  /** In the place of the one in the address, where there is one. */
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
 * Makes the one HTTP client of the connectors. It keeps connections, and it repeats nothing, because Temporal does.
 * Redirects are not followed: an API that redirects is not the API that was configured.
 *
 * @throws BookbridgeError `system-unreachable` (no answer), `system-fault` (5xx), `answer-unreadable` (not JSON)
 */
export function createHttp(options: HttpOptions): Http {
  return async (request) => {
    const { status, headers, text } = await send(request, options);
    if (status >= 500) throw new BookbridgeError('system-fault', { detail: `${place(request)} answered with status ${status}` });
    return { status, headers, body: readBody(request, text, status) };
  };
}

/** Who may not, and who asks too often. */
const refusals: ReadonlySet<number> = new Set([401, 403, 429]);

async function send(request: HttpRequest, { timeoutMs, signal }: HttpOptions): Promise<RawAnswer> {
  const { method, query, headers } = request;
  try {
    const url = new URL(request.url);
    if (query) url.search = new URLSearchParams(query).toString();
    const { type, body } = bodyOf(request);
    return await exchange({ method, url, headers: { accept: 'application/json', 'user-agent': 'bookbridge', ...type, ...headers }, body, timeoutMs, signal });
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    const reason = cause instanceof AnswerTimeoutError ? 'did not answer in time' : `could not be reached (${'code' in cause ? String(cause.code) : cause.message})`;
    throw new BookbridgeError('system-unreachable', { detail: `${place(request)} ${reason}`, cause });
  }
}

function bodyOf({ json, form }: HttpRequest): { type: Record<string, string>; body: string | null } {
  if (json !== undefined) return { type: { 'content-type': 'application/json' }, body: JSON.stringify(json) };
  if (form) return { type: { 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(form).toString() };
  return { type: {}, body: null };
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
