import { decimal } from '../../domain/money.ts';
import type { Json, JsonObject } from '../../domain/json.ts';

/** The fields that the API describes as numbers; decimals travel through Bookbridge as text. A discount may also be `10%`, which stays. */
const numbers = new Set(['rate', 'quantity', 'discount', 'discount_amount', 'adjustment', 'shipping_charge', 'exchange_rate', 'credit_limit', 'purchase_rate']);

/** A copy of a body in which decimal text has become a JSON number, where the number keeps every digit. */
export function withNumbers(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).map(([field, value]) => [field, numbers.has(field) ? numberOf(value) : withNumbersInside(value)]));
}

function withNumbersInside(value: Json): Json {
  if (Array.isArray(value)) return value.map(withNumbersInside);
  return value !== null && typeof value === 'object' ? withNumbers(value) : value;
}

function numberOf(value: Json): Json {
  if (typeof value !== 'string' || !/^-?\d+(\.\d+)?$/.test(value)) return value;
  return decimal(Number(value)).equals(decimal(value)) ? Number(value) : value;
}

/** The body of an upsert: the fields, and our key in the unique custom field beside whatever other custom fields there are. */
export function withKey(fields: JsonObject, uniqueField: string, key: string): JsonObject {
  const others = Array.isArray(fields['custom_fields']) ? fields['custom_fields'] : [];
  return { ...fields, custom_fields: [...others, { api_name: uniqueField, value: key }] };
}
