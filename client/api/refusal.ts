import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { z } from 'zod';
import { BookbridgeError, errorTable } from '../../domain/errors.ts';
import { CommandError, exitCodes } from '../command-error.ts';
import { problemOf } from '../problem.ts';

/** What a caller is told who asked for something that cannot be. */
export interface Refusal {
  readonly status: ContentfulStatusCode;
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string; readonly field?: string };
  /** Seconds after which to ask again. */
  readonly retryAfter?: number;
}

/** A request that is refused because of what it asks. */
export class RefusedRequest extends Error {
  readonly refusal: Refusal;

  constructor(status: ContentfulStatusCode, error: Refusal['error'], retryAfter?: number) {
    super(error.message);
    this.name = 'RefusedRequest';
    this.refusal = { status, error, ...(retryAfter !== undefined && { retryAfter }) };
  }
}

/** @param error what a schema says of a request */
export function wrongRequest({ issues: [issue] }: z.ZodError): RefusedRequest {
  const field = issue?.path.join('.') || undefined;
  return new RefusedRequest(400, {
    code: 'request-invalid', message: `${field === undefined ? 'The request' : `"${field}"`} cannot be used: ${issue?.message ?? 'it is wrong'}.`, remedy: 'docs/api.md says what it may be.', ...(field !== undefined && { field }),
  });
}

/** How an error is answered that a command would end with, by its exit code: status and code. */
const exitNames: Readonly<Record<number, readonly [ContentfulStatusCode, string]>> = {
  [exitCodes.usage]: [400, 'request-invalid'], [exitCodes.failed]: [409, 'conflict'], [exitCodes.unreachable]: [503, 'unreachable'],
};

/** How an error of any kind is answered. What nobody foresaw says nothing of itself. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof RefusedRequest) return error.refusal;
  const { exit, code, message, remedy, stack } = problemOf(error);
  if (stack !== null) return { status: 500, error: { code: 'internal', message: 'Something happened that Bookbridge does not know.', remedy: 'The log of "bookbridge serve" says more.' } };
  if (error instanceof BookbridgeError) {
    const field = error.problems[0]?.field;
    return { status: statusOf(error), error: { code: error.code, message, remedy: remedy || errorTable[error.code].remedy, ...(field !== undefined && { field }) }, ...retryAfter(error) };
  }
  const [status, name] = exitNames[exit] ?? [500, 'internal'];
  return { status: error instanceof CommandError || exit === exitCodes.unreachable ? status : 502, error: { code: code ?? name, message, remedy } };
}

/** Who waits or repeats is told that the other system is the reason; what a person mends is a conflict with how things are. */
function statusOf({ code, action }: BookbridgeError): ContentfulStatusCode {
  if (action === 'wait') return 503;
  if (action === 'retry') return 502;
  return code === 'settings-invalid' ? 422 : 409;
}

function retryAfter({ resumeAtMs }: BookbridgeError): { retryAfter?: number } {
  return resumeAtMs === undefined ? {} : { retryAfter: Math.max(1, Math.ceil((resumeAtMs - Date.now()) / 1000)) };
}
