import { parseJson, type JsonObject } from '../domain/json.ts';

/** Reads JSON that this store wrote itself; what stands in the tables went through zod on its way in. */
export function readJson(text: string): JsonObject {
  return parseJson(text) as JsonObject;
}
