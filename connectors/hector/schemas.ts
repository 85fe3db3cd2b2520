import { z } from 'zod';
import { decimalSchema } from '../../domain/money.ts';

/**
 * Hector's records as docs/apis/hector.md assumes them, reduced to the fields this connector reads. What may be absent is
 * null then, so that a field has one spelling of "nothing".
 */

const id = z.union([z.string().min(1), z.int()]).transform(String);
const idOrNull = id.nullish().transform((value) => value ?? null);
const text = z.string().nullish().transform((value) => value ?? null);
const name = z.string().min(1);
const time = z.iso.datetime({ offset: true });
const timeOrNull = time.nullish().transform((value) => value ?? null);
const flag = (absent: boolean) => z.boolean().nullish().transform((value) => value ?? absent);
const amount = decimalSchema.transform((value) => value.toFixed());

const address = z.object({ attention: text, street: text, street2: text, city: text, state: text, zip: text, country: text });

/** Whatever a person keeps in them: only the integration knows which of them it reads, and what that one may say. */
const attributes = z
  .record(z.string(), z.json())
  .nullish()
  .transform((value) => value ?? {});

export const customerSchema = z.object({
  id, name, firstName: text, lastName: text, email: text, phone: text, mobile: text, language: text, currency: text,
  billingAddress: address.nullish().transform((value) => value ?? null), active: flag(true), updatedAt: time,
});

export const userSchema = z.object({ id, firstName: text, lastName: text, email: text, phone: text, active: flag(true), updatedAt: time });

export const partSchema = z.object({
  id, description: z.string(), categoryId: idOrNull, stockroomId: idOrNull, attributes, externalReference: text, updatedAt: time,
});

export const placeSchema = z.object({ id, name: z.string(), stockroomId: idOrNull, attributes, externalReference: text, updatedAt: time });

export const categorySchema = z.object({ id, name });

export const stockroomSchema = z.object({ id, name, loanersActivated: flag(false), resourceField: text });

export const attributeSchema = z.object({ id, key: name, name, choices: z.array(z.string()).nullish().transform((value) => value ?? []) });

export const statusSchema = z.object({ id, label: z.string(), state: z.string() });

const quantity = z.int().nonnegative();

const line = z.object({
  id, kind: z.enum(['part', 'place', 'kit']), itemId: idOrNull, description: text, quantity,
  components: z
    .array(z.object({ partId: id, description: text, quantity }))
    .nullish()
    .transform((value) => value ?? []),
});

const penalty = z.object({
  id, type: z.enum(['amount', 'points']), value: amount, reason: z.enum(['late', 'damaged']), description: text,
});

export const loanerSchema = z.object({
  id, number: z.string(), statusId: id, customerId: idOrNull, userId: idOrNull, stockroomId: idOrNull,
  plannedStartAt: time, plannedEndAt: timeOrNull, startedAt: timeOrNull, returnedAt: timeOrNull,
  notes: text,
  // A loaner without lines would be left out in silence: where there are none, they must be there and empty.
  lines: z.array(line), penalties: z.array(penalty).nullish().transform((value) => value ?? []), updatedAt: time,
});

export const tombstoneSchema = z.object({ id, deleted: z.literal(true), updatedAt: time });

/** What every list answers; its records are read one by one, because one that is unreadable must not stop the others. */
export const pageSchema = z.object({ data: z.array(z.unknown()), next: z.string().nullable() });

export const errorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), field: z.string().optional(), id: id.optional() }),
});
