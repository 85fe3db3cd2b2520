import { z } from 'zod';

/** What each resource of Hector accepts. Unknown fields are refused, so that a caller learns of a misspelt one. */

const text = z.string().max(2000).nullable().default(null);
const named = z.string().min(1).max(255);
const id = z.string().min(1);
const idOrNull = id.nullable().default(null);
const time = z.iso.datetime({ offset: true });
const timeOrNull = time.nullable().default(null);
const active = z.boolean().default(true);
const attributes = z.record(z.string(), z.json()).default({});
const externalReference = z.string().min(1).max(100).nullable().default(null);
const quantity = z.int().min(1);

const address = z.strictObject({ attention: text, street: text, street2: text, city: text, state: text, zip: text, country: text });

const line = z.strictObject({
  id, kind: z.enum(['part', 'place', 'kit']), itemId: idOrNull, description: z.string(), quantity,
  components: z.array(z.strictObject({ partId: id, description: z.string(), quantity })).default([]),
});

const penalty = z.strictObject({
  id, type: z.enum(['amount', 'points']), value: z.string().regex(/^\d+(\.\d+)?$/), reason: z.enum(['late', 'damaged']),
  description: z.string().default(''),
});

export const schemas = {
  customers: z.strictObject({
    name: named, firstName: z.string().default(''), lastName: z.string().default(''), email: text, phone: text, mobile: text,
    language: text, currency: text, billingAddress: address.nullable().default(null), active,
  }),
  users: z.strictObject({ firstName: z.string(), lastName: z.string(), email: text, phone: text, active }),
  parts: z.strictObject({ description: named, categoryId: idOrNull, stockroomId: idOrNull, attributes, externalReference }),
  places: z.strictObject({ name: named, stockroomId: idOrNull, attributes, externalReference }),
  loaners: z.strictObject({
    number: named, statusId: id, customerId: idOrNull, userId: idOrNull, stockroomId: id,
    plannedStartAt: time, plannedEndAt: timeOrNull, startedAt: timeOrNull, returnedAt: timeOrNull,
    notes: z.string().default(''), lines: z.array(line), penalties: z.array(penalty).default([]),
  }),
  categories: z.strictObject({ name: named, kind: z.enum(['serialized', 'lots', 'kits']) }),
  stockrooms: z.strictObject({
    name: named, loanersActivated: z.boolean().default(true), resourceField: z.enum(['customer', 'user']).nullable().default(null),
  }),
  attributes: z.strictObject({ key: z.string().regex(/^[a-z][a-z0-9_]*$/), name: named, choices: z.array(z.string().min(1)).default([]) }),
  statuses: z.strictObject({ label: named, state: z.enum(['not_started', 'in_progress', 'completed', 'finished', 'archived']) }),
} as const;

export type ResourceName = keyof typeof schemas;
export const resourceNames = Object.keys(schemas) as ResourceName[];

export function isResourceName(name: string): name is ResourceName {
  return Object.hasOwn(schemas, name);
}

/** As in the names of events: `part.changed`. */
export const singular: Readonly<Record<ResourceName, string>> = {
  customers: 'customer', users: 'user', parts: 'part', places: 'place', loaners: 'loaner',
  categories: 'category', stockrooms: 'stockroom', attributes: 'attribute', statuses: 'status',
};

/** The unique field a caller may choose freely, by which it finds its own record again. */
export const referenceFields: Partial<Record<ResourceName, string>> = {
  parts: 'externalReference', places: 'externalReference', attributes: 'key',
};

/** Short lists that are read whole: no updatedAt, no changedSince. */
const undated: ReadonlySet<ResourceName> = new Set(['categories', 'stockrooms', 'attributes', 'statuses']);

export function isDated(resource: ResourceName): boolean {
  return !undated.has(resource);
}

/** Which fields name a record of another resource. */
export const links: Partial<Record<ResourceName, Readonly<Record<string, ResourceName>>>> = {
  parts: { categoryId: 'categories', stockroomId: 'stockrooms' },
  places: { stockroomId: 'stockrooms' },
  loaners: { statusId: 'statuses', customerId: 'customers', userId: 'users', stockroomId: 'stockrooms' },
};
