import { z } from 'zod';
import { decimalSchema } from '../../domain/money.ts';

/**
 * The kinds of values in the records of Books. Books writes "no value" as empty text, as null, or by leaving the field out. Of texts, dates,
 * percentages and discounts null becomes empty text; all else that has no value is left out. A field that is left out stays out, because
 * lists carry fewer fields than single records.
 */

/** What a record can do without, where it is no text: empty text and null are no value of it. */
export function maybe<T extends z.ZodType>(kind: T) {
  return z.preprocess((value) => (value === '' || value === null ? undefined : value), kind.optional()).optional();
}

/** An id. Books sends up to 19 digits, as text or as a number. */
export const id = z.union([z.string().min(1), z.number().int()]).transform(String);

/** Text, or empty text; the id of another record, too. */
export const text = z.union([z.string(), z.number(), z.null()]).transform((value) => (value === null ? '' : String(value)));

/** An amount, a rate or a quantity: a number here, numeric text there; decimal text from now on. */
export const amount = decimalSchema.transform((value) => value.toFixed());

/** A percentage as decimal text, or empty text; items show `"70%"` where taxes show `70`. */
export const percentage = z
  .union([z.string().transform((value) => value.replace(/\s*%$/, '')), z.number(), z.null().transform(() => '')])
  .pipe(z.union([z.literal(''), amount]));

/** An amount as decimal text, or a share such as `10%`. */
export const discount = z.union([z.string().regex(/%\s*$/), amount, z.literal(''), z.null().transform(() => '')]);

export const flag = z.boolean();

export const count = z.number().int();

/** `2013-11-17`, or empty text. */
export const date = z.union([z.iso.date(), z.literal(''), z.null().transform(() => '')]);

/** Books writes `2013-11-18T02:02:51-0800`; ISO 8601 with zone, in UTC, from now on. */
export const time = z.string().transform((value, context) => {
  const ms = Date.parse(value);
  if (!Number.isNaN(ms)) return new Date(ms).toISOString();
  context.addIssue({ code: 'custom', message: 'is not a time' });
  return z.NEVER;
});

/**
 * A time as `last_modified_time` filters want it: `2023-11-18T02:02:50+0000`. The filter is described as "modified after", and
 * times have whole seconds, so it is told the second before: what changed at the given time is listed too.
 *
 * @param iso ISO 8601 with zone
 */
export function filterTime(iso: string): string {
  return new Date(Math.floor(Date.parse(iso) / 1000) * 1000 - 1000).toISOString().replace('.000Z', '+0000');
}
