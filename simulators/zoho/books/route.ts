import type { JsonObject } from '../../../domain/json.ts';
import type { Call, Reply } from '../../kit/call.ts';
import type { Organization } from './organization.ts';

/** A call to Books after it was let in. */
export interface BooksCall {
  readonly organization: Organization;
  readonly call: Call;
  readonly nowMs: number;
}

export interface BooksRoute {
  readonly method: string;
  /** Below `/books/v3`. */
  readonly path: string;
  readonly handle: (call: BooksCall) => Reply;
}

/** `code` 0, a message, and what was asked for. */
export function done(json: JsonObject, message = 'success', status = 200): Reply {
  return { status, json: { code: 0, message, ...json }, code: 0 };
}
