/** JSON values, read without losing a digit and compared by content. */

export type Json = string | number | boolean | null | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/**
 * Parses JSON text. Whole numbers beyond 2^53 (Zoho's ids have up to 19 digits) come back as strings, digit by digit;
 * decimals with more digits than a double keeps do too.
 *
 * @param text JSON text
 * @throws SyntaxError when the text is not JSON
 */
export function parseJson(text: string): unknown {
  // A reviver is asked for each value of the text, which takes several times as long as parsing it.
  return longNumber.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
}

/** A number (or what looks like one inside a text) with so many characters, or such an exponent, that a double may not keep it. */
const longNumber = /(?:^|[[:,\s])-?(?:[\d.eE+-]{15,}|[\d.]+[eE])/;

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || context?.source === undefined) return value;
  const source = context.source;
  if (Number.isInteger(value)) return Number.isSafeInteger(value) ? value : source;
  return source.length > 16 ? source : value;
}

/** Text that is equal exactly when two values have equal content, whatever the order of their keys. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
  return `{${members.join(',')}}`;
}

function sameJson(left: Json | undefined, right: Json | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return canonicalJson(left) === canonicalJson(right);
}

/**
 * The fields of `wanted` whose value differs from `base`: what has to be written, and nothing more.
 *
 * @param wanted the fields as they should be
 * @param base the fields as both sides had them after the last sync
 */
export function changedFields(wanted: JsonObject, base: JsonObject): JsonObject {
  const changed: JsonObject = {};
  for (const [field, value] of Object.entries(wanted)) {
    if (!sameJson(value, base[field])) changed[field] = value;
  }
  return changed;
}
