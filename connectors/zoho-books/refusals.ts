import { BookbridgeError, type ErrorCode } from '../../domain/errors.ts';
import type { Json, JsonObject } from '../../domain/json.ts';

/** Codes that say no more than that Books did not take something; what it was stands in its message only. */
const vague: readonly ErrorCode[] = ['value-invalid', 'value-missing', 'record-missing', 'refused'];

/**
 * Says what a refused write was about where the message of Books and what was sent tell it together: a line below zero, a tax, a
 * contact, a currency. No page of the API names codes for these, so the field in the message decides ("Invalid value passed for tax_id").
 *
 * @param body what was sent
 * @returns the error with a code of its own, or the same error
 */
export function explained(error: unknown, body: JsonObject): unknown {
  if (!(error instanceof BookbridgeError) || !vague.includes(error.code)) return error;
  const code = meaningOf(error.detail, body);
  return code === null ? error : new BookbridgeError(code, { detail: error.detail, cause: error });
}

/** Names the key of a record whose name another one has: where that one is the same, a person enters it there, and the record is found by it. */
export function withKeyNamed(error: unknown, key: string): unknown {
  if (!(error instanceof BookbridgeError) || error.code !== 'name-collision') return error;
  return new BookbridgeError(error.code, { detail: `${error.detail}; its key is ${key}`, cause: error });
}

function meaningOf(detail: string, body: JsonObject): ErrorCode | null {
  if (/\b(negative|rate|item_total|amount)\b/i.test(detail) && linesOf(body).some(isBelowZero)) return 'negative-line-refused';
  if (/\btax(_id|es)?\b/i.test(detail) && [body, ...linesOf(body)].some(({ tax_id: taxId }) => isGiven(taxId))) return 'tax-unknown';
  if (/\b(customer|contact)(_id)?\b/i.test(detail) && isGiven(body['customer_id'])) return 'contact-unknown';
  return /\bcurrency(_id)?\b/i.test(detail) && isGiven(body['currency_id']) ? 'currency-unknown' : null;
}

function linesOf({ line_items: lines }: JsonObject): JsonObject[] {
  return Array.isArray(lines) ? lines.filter((line): line is JsonObject => line !== null && typeof line === 'object' && !Array.isArray(line)) : [];
}

function isBelowZero({ rate }: JsonObject): boolean {
  return Number(rate) < 0;
}

function isGiven(value: Json | undefined): boolean {
  return value !== undefined && value !== null && value !== '';
}
