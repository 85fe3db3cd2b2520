import type { Connector, Resource, WritableResource } from '../resource.ts';
import { createHectorCall, type HectorAccess } from './call.ts';
import { createReadable, createWritable } from './resource.ts';
import {
  attributeSchema, categorySchema, customerSchema, loanerSchema, partSchema, placeSchema, statusSchema, stockroomSchema, userSchema,
} from './schemas.ts';

/**
 * Speaks with one instance of Hector, by the contract in docs/apis/hector.md.
 *
 * Read: customers, users, parts, places, loaners (what changed since a time) and categories, stockrooms, attributes, statuses
 * (always whole). Written: parts and places, whose key is their externalReference, and attributes, whose key is their `key`.
 */
export function createHector(access: HectorAccess): Connector {
  const call = createHectorCall(access);
  const changed = { call, listing: 'changed' } as const;
  const full = { call, listing: 'full' } as const;
  const writable = new Map<string, WritableResource>([
    ['parts', createWritable({ ...changed, path: '/parts', schema: partSchema, keyField: 'externalReference' })],
    ['places', createWritable({ ...changed, path: '/places', schema: placeSchema, keyField: 'externalReference' })],
    ['attributes', createWritable({ ...full, path: '/attributes', schema: attributeSchema, keyField: 'key' })],
  ]);
  const readable = new Map<string, Resource>([
    ...writable,
    ['customers', createReadable({ ...changed, path: '/customers', schema: customerSchema })],
    ['users', createReadable({ ...changed, path: '/users', schema: userSchema })],
    ['loaners', createReadable({ ...changed, path: '/loaners', schema: loanerSchema })],
    ['categories', createReadable({ ...full, path: '/categories', schema: categorySchema })],
    ['stockrooms', createReadable({ ...full, path: '/stockrooms', schema: stockroomSchema })],
    ['statuses', createReadable({ ...full, path: '/statuses', schema: statusSchema })],
  ]);
  return {
    system: 'hector',
    readable: (resource) => find(readable, resource),
    writable: (resource) => find(writable, resource),
  };
}

function find<T>(resources: ReadonlyMap<string, T>, name: string): T {
  const found = resources.get(name);
  if (found === undefined) throw new Error(`Hector has no resource "${name}" for this use.`);
  return found;
}
