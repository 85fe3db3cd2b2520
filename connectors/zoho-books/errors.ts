import { BookbridgeError, type ErrorCode } from '../../domain/errors.ts';

/** One answer of Books: the HTTP status and the envelope every body has. `code` 0 means success. */
export interface BooksAnswer {
  readonly status: number;
  readonly code: number;
  readonly message: string;
}

/** The codes of Books that mean a limit was met; the gate has to hear of them. */
export type LimitCode = 'limit-minute' | 'limit-day' | 'limit-concurrent';

/**
 * What the codes of Books mean. Zoho documents the limits (https://www.zoho.com/books/api/v3/introduction/, "API call limit"),
 * a few codes (https://www.zoho.com/books/api/v3/errors/), and 6041 and 2 in its Deluge reference; docs/apis/zoho-books.md
 * says which of the others are only known from observation.
 */
const meanings: Readonly<Record<number, ErrorCode>> = {
  2: 'value-invalid',
  4: 'value-missing',
  14: 'authorization-revoked',
  43: 'limit-minute',
  44: 'limit-minute',
  45: 'limit-day',
  57: 'permission-missing',
  1000: 'system-fault',
  1001: 'name-collision',
  1002: 'record-missing',
  1070: 'limit-concurrent',
  3062: 'name-collision',
  4097: 'number-not-automatic',
  6041: 'organization-unknown',
  13009: 'value-missing',
};

/** "Invalid URL Passed" comes with 404 too, but says that our own path is wrong, never that a record is gone. */
const invalidUrl = 5;

/** What an answer means; `refused` where nothing more is known than that Books said no. */
export function meaningOf({ status, code, message }: BooksAnswer): ErrorCode {
  if (status === 404 && code !== invalidUrl) return 'record-missing';
  const known = meanings[code];
  if (known) return known;
  if (/already exists/i.test(message)) return 'name-collision';
  if (/has less than \d+ characters/i.test(message)) return 'value-invalid';
  if (status === 429) return 'limit-minute';
  if (status === 401) return 'authorization-revoked';
  return 'refused';
}

export function isLimit(code: ErrorCode): code is LimitCode {
  return code === 'limit-minute' || code === 'limit-day' || code === 'limit-concurrent';
}

/** Whether Books rejects the access token: 14 for an unusable one, 57 for an expired one, but also for a missing scope. */
export function rejectsToken({ status, code }: BooksAnswer): boolean {
  return status === 401 || code === 14;
}

/** Code 57: an expired token, or a scope or right that is missing. */
export function isUnauthorized({ code }: BooksAnswer): boolean {
  return code === 57;
}

/**
 * @param names what the record is called in the request, for the messages of Books that do not say which name is taken
 * @param resumeAtMs for limits, milliseconds since the epoch
 */
export function booksError(answer: BooksAnswer, names: readonly string[] = [], resumeAtMs?: number): BookbridgeError {
  const meaning = meaningOf(answer);
  const said = answer.message === '' ? `Books answered with status ${answer.status}` : answer.message;
  const unnamed = meaning === 'name-collision' && names.length > 0 && !names.some((name) => said.includes(name));
  const detail = `${said} (Books code ${answer.code}${unnamed ? `, sent as ${names.map((name) => `"${name}"`).join(', ')}` : ''})`;
  return new BookbridgeError(meaning, { detail, ...(resumeAtMs !== undefined && { resumeAtMs, system: 'zoho-books' }) });
}

/**
 * When a refused call may be made again, as far as the answer says: `Retry-After` (seconds or a date), which was seen with
 * code 43, else `X-Rate-Limit-Reset` (seconds). Zoho documents neither.
 *
 * @returns milliseconds since the epoch, or null
 */
export function resumeTime(headers: Readonly<Record<string, string | string[] | undefined>>, nowMs: number): number | null {
  for (const name of ['retry-after', 'x-rate-limit-reset']) {
    const value = headers[name];
    if (typeof value !== 'string' || value.trim() === '') continue;
    const seconds = Number(value);
    // A number this large is a time of day, not a wait.
    if (Number.isFinite(seconds) && seconds >= 0) return seconds > 1e9 ? seconds * 1000 : nowMs + seconds * 1000;
    const dateMs = Date.parse(value);
    if (!Number.isNaN(dateMs)) return dateMs;
  }
  return null;
}
