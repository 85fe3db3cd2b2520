import type { JsonObject } from '../domain/json.ts';

/** Reads JSON that this store wrote itself: what stands in the tables went through zod on its way in, and no number in it has more digits than it keeps. */
export function readJson(text: string): JsonObject {
  return JSON.parse(text) as JsonObject;
}

/** A text from elsewhere, as every database takes it: PostgreSQL has no character zero. */
export function storedText(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}
