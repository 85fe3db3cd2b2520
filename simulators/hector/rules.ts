import type { z } from 'zod';
import type { Collection } from './collection.ts';
import { links, referenceFields, schemas, type ResourceName } from './resources.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** A request that Hector refuses, in its own words. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  /** `id`: of the record that has the reference. */
  readonly facts: { readonly field?: string; readonly id?: string };

  constructor(status: number, code: string, message: string, facts: { field?: string; id?: string } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.facts = facts;
  }
}

/** What the rules ask about other records. */
interface Surroundings {
  readonly collection: (resource: ResourceName) => Collection;
  /** Id of the record with this reference. */
  readonly ownerOf: (resource: ResourceName, reference: string) => string | undefined;
}

/**
 * @param fields the whole record as it would be
 * @param id of the record itself; null where it is new
 * @returns the record with everything left out filled in
 * @throws Refusal 422 with the field, or 409 where the reference is taken
 */
export function checkRecord(resource: ResourceName, fields: Fields, id: string | null, { collection, ownerOf }: Surroundings): Fields {
  const parsed = schemas[resource].safeParse(fields);
  if (!parsed.success) throw unusable(parsed.error, fields);
  const checked: Fields = parsed.data;
  const reference = referenceIn(resource, checked);
  const owner = reference === null ? undefined : ownerOf(resource, reference);
  if (owner !== undefined && owner !== id) {
    throw new Refusal(409, 'reference_taken', `Record ${owner} has this ${referenceFields[resource] ?? 'reference'} already.`, { id: owner });
  }
  for (const [field, target] of Object.entries(links[resource] ?? {})) {
    const linked = checked[field];
    if (typeof linked === 'string' && !collection(target).get(linked)) {
      throw new Refusal(422, 'invalid_value', `There is no record ${linked} among the ${target}.`, { field });
    }
  }
  const attributes = checked['attributes'];
  if (typeof attributes !== 'object' || attributes === null) return checked;
  for (const [key, value] of Object.entries(attributes)) {
    const attribute = collection('attributes').get(ownerOf('attributes', key) ?? '');
    checkAttribute(key, value, attribute?.['choices']);
  }
  return checked;
}

/** The text in the unique field of a record, if the resource has such a field and the record fills it. */
export function referenceIn(resource: ResourceName, fields: Fields): string | null {
  const reference = fields[referenceFields[resource] ?? ''];
  return typeof reference === 'string' ? reference : null;
}

function checkAttribute(key: string, value: unknown, choices: unknown): void {
  const field = `attributes.${key}`;
  if (!Array.isArray(choices)) throw new Refusal(422, 'invalid_value', `There is no attribute with the key ${key}.`, { field });
  if (value === null || choices.length === 0 || choices.includes(value)) return;
  throw new Refusal(422, 'invalid_value', `${JSON.stringify(value)} is none of the choices.`, { field });
}

function unusable(error: z.ZodError, fields: Fields): Refusal {
  const [issue] = error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const field = [...issue.path, issue.keys[0]].join('.');
    return new Refusal(422, 'invalid_value', 'There is no such field.', { field });
  }
  const path = issue?.path ?? [];
  let value: unknown = fields;
  for (const step of path) value = typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[step] : undefined;
  const isMissing = value === undefined || value === null || value === '';
  const message = issue?.message ?? 'The record cannot be used.';
  return new Refusal(422, isMissing ? 'missing_value' : 'invalid_value', message, { field: path.join('.') });
}
