import type { Json, JsonObject } from '../../../domain/json.ts';

/** A member as text; '' where there is none, or where it is no plain value. */
export function textOf(fields: JsonObject | undefined, name: string): string {
  const value = fields?.[name];
  return value === undefined || value === null || typeof value === 'object' ? '' : String(value);
}

/** A member as number; 0 where there is none. */
export function numberOf(fields: JsonObject | undefined, name: string): number {
  return Number(textOf(fields, name));
}

/** A member that is a list of objects; what is no object is left out. */
export function objectsOf(fields: JsonObject | undefined, name: string): JsonObject[] {
  const value = fields?.[name];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function isObject(value: Json | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** The members that are not undefined. */
export function defined(fields: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
}
