import { z } from 'zod';
import { wholeDifferencesOf, type ValueDifference } from '../../domain/compare.ts';
import type { JsonObject } from '../../domain/json.ts';
import { decimal } from '../../domain/money.ts';
import { oneLine } from '../../domain/text.ts';

/** So many digits after the point an amount keeps in Books in any case. */
const DIGITS_KEPT = 2;
/** So many differences tell a person enough. */
const SHOWN_MAX = 3;
const AMOUNT = /^-?\d+(\.\d+)?$/;

const discountsSchema = z.object({ line_items: z.array(z.object({ discount: z.string().default('') })) });

/**
 * What a person has changed in the lines of an invoice since they were written, in words; empty: nothing. What Books adds or rounds itself
 * is no difference.
 *
 * @param written the fields as they were sent; without lines nothing is known
 * @param found the invoice as Books shows it
 */
export function describeEdited({ line_items: lines }: JsonObject, found: JsonObject): string {
  if (lines === undefined) return '';
  const changed = wholeDifferencesOf({ line_items: lines }, found).filter((difference) => !isOfBooks(difference)).map(({ field, expected, found: there }) => `${field} ${there} instead of ${expected}`);
  // Bookbridge gives none.
  const discounts = (discountsSchema.safeParse(found).data?.line_items ?? []).flatMap(({ discount }, index) => (/[1-9]/.test(discount) ? [`line_items.${index}.discount ${discount}`] : []));
  return [...changed, ...discounts].slice(0, SHOWN_MAX).join(', ');
}

/** Books fills what is empty, keeps its own blanks and breaks, and rounds what is longer than it takes. */
function isOfBooks({ expected, found }: ValueDifference): boolean {
  if (expected === '' || oneLine(expected) === oneLine(found)) return true;
  if (!AMOUNT.test(expected) || !AMOUNT.test(found)) return false;
  const there = decimal(found);
  return decimal(expected).toDecimalPlaces(Math.max(DIGITS_KEPT, there.decimalPlaces())).equals(there);
}
