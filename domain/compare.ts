import type { Json, JsonObject } from './json.ts';

/** A value that is not as it was written. */
export interface ValueDifference {
  /** Path of the field: `line_items.0.rate`. */
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

/**
 * Holds what was written against what is there. Only what was written is compared: fields and list entries that the other
 * system has beside it are its own, and a field that an answer does not show says nothing.
 *
 * @param written the fields as they were sent
 * @param found the record as the system shows it
 */
export function differencesOf(written: JsonObject, found: JsonObject): ValueDifference[] {
  return Object.entries(written).flatMap(([field, value]) => compare(field, value, found[field], 'ours'));
}

/** The same where lists are written whole, as the lines of a document are: an entry that was added beside ours is a difference too. */
export function wholeDifferencesOf(written: JsonObject, found: JsonObject): ValueDifference[] {
  return Object.entries(written).flatMap(([field, value]) => compare(field, value, found[field], 'all'));
}

function compare(field: string, written: Json, found: Json | undefined, entries: 'ours' | 'all'): ValueDifference[] {
  if (found === undefined) return [];
  if (Array.isArray(written)) {
    if (!Array.isArray(found) || found.length < written.length || (entries === 'all' && found.length > written.length)) {
      return [{ field, expected: `${written.length} entries`, found: Array.isArray(found) ? `${found.length} entries` : textOf(found) }];
    }
    return written.flatMap((value, index) => compare(`${field}.${index}`, value, found[index], entries));
  }
  if (written !== null && typeof written === 'object') {
    const inside = found !== null && typeof found === 'object' && !Array.isArray(found) ? found : {};
    return Object.entries(written).flatMap(([key, value]) => compare(`${field}.${key}`, value, inside[key], entries));
  }
  const [expected, actual] = [textOf(written), textOf(found)];
  return expected === actual ? [] : [{ field, expected, found: actual }];
}

/** Nothing, null and empty text are the same to both systems. */
function textOf(value: Json): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
