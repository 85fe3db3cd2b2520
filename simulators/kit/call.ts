import type { IncomingHttpHeaders } from 'node:http';
import { parseJson } from '../../domain/json.ts';

/** One request, read whole. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The raw body, '' where there is none. */
  readonly body: string;
  /** What the `:name` parts of the route's path matched, decoded. */
  readonly params: Readonly<Record<string, string>>;
}

/** What the simulated service answers. */
export interface Reply {
  readonly status: number;
  /** Sent as JSON. Neither this nor `text`: an empty body. */
  readonly json?: unknown;
  /** Sent as it is, as `text/html` unless the headers say otherwise. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The service's own result code, for the log and the summary (Zoho's `code`, Hector's `error.code`). */
  readonly code?: string | number;
  /** What the call was about, for the log: an upsert key, an external reference. */
  readonly key?: string;
}

/** A place in the service. `path` is literal but for parts like `:id`, which match one segment. */
export interface Route {
  readonly method: string;
  readonly path: string;
  readonly handle: (call: Call) => Reply | Promise<Reply>;
}

type Handle = (call: Call) => Reply;

/**
 * Has what a service refuses answered as it does.
 *
 * @param kind the error that its routes throw to refuse something
 */
export function refusing<Refused extends Error>(kind: new (...given: never[]) => Refused, answer: (refused: Refused) => Reply): (handle: Handle) => Handle {
  return (handle) => (call) => {
    try {
      return handle(call);
    } catch (error) {
      if (error instanceof kind) return answer(error);
      throw error;
    }
  };
}

/** The header as one text, or undefined. */
export function header(call: Call, name: string): string | undefined {
  const value = call.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The body as JSON, long ids as text; undefined where it is not JSON. An empty body is `{}`. */
export function jsonBody(call: Call): unknown {
  if (call.body === '') return {};
  try {
    return parseJson(call.body);
  } catch {
    return undefined;
  }
}

/** Fields of a form body laid over those of the query. */
export function formFields(call: Call): Readonly<Record<string, string>> {
  const fields = Object.fromEntries(call.query);
  const isForm = header(call, 'content-type')?.startsWith('application/x-www-form-urlencoded') ?? false;
  return isForm ? { ...fields, ...Object.fromEntries(new URLSearchParams(call.body)) } : fields;
}
