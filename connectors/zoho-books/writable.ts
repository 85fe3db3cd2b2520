import type { JsonObject } from '../../domain/json.ts';
import type { RemoteRecord, WritableResource } from '../resource.ts';
import { createByKey } from './by-key.ts';
import type { BooksCall, BooksRequest, BooksSuccess } from './client.ts';
import { explained } from './refusals.ts';
import { createResource, readOne } from './resource.ts';
import type { Shape } from './shapes.ts';
import { isVoid, makeVoid, splitVoid } from './voiding.ts';
import { withKey, withNumbers } from './writing.ts';

/**
 * One resource of Books, to read and write.
 *
 * `status: 'void'` among the fields of an invoice is no field of the API but a route of its own, `POST /invoices/{id}/status/void`: an update of the
 * status alone is that one call, with other fields it is two, the others first; an upsert or adoption makes the second call only where the
 * invoice is not void yet. The record that an update of the status alone gives back has id and status and nothing else, because Books answers
 * nothing else.
 */
export function createWritableResource(call: BooksCall, shape: Shape, uniqueField: string): WritableResource {
  const resource = createResource(call, shape, uniqueField);
  const pathOf = (id: string) => `${shape.path}/${encodeURIComponent(id)}`;

  async function put(fields: JsonObject, request: Pick<BooksRequest, 'path' | 'headers'>): Promise<BooksSuccess> {
    try {
      return await call({ method: 'PUT', names: namesOf(shape, fields), body: withNumbers(fields), ...request });
    } catch (error) {
      throw explained(error, fields);
    }
  }

  const byKey = createByKey(put, shape, uniqueField);

  async function change(id: string, fields: JsonObject): Promise<RemoteRecord> {
    return readOne(shape, await put(fields, { path: pathOf(id) }), uniqueField, 'answer-unreadable');
  }

  const voided = (id: string) => makeVoid({ call, resource, shape, path: pathOf(id) }, id);

  /** Makes a record that was just written void where it is to be and is not. */
  async function settled(record: RemoteRecord, isToBeVoid: boolean): Promise<RemoteRecord> {
    if (!isToBeVoid || isVoid(record)) return record;
    const shown = await voided(record.id);
    return { ...shown, modifiedAt: shown.modifiedAt ?? record.modifiedAt, data: { ...record.data, ...shown.data } };
  }

  return {
    ...resource,
    keyState: () => byKey.keyState(),
    keyOf: ({ data }) => {
      const key = data[uniqueField];
      return typeof key === 'string' && key !== '' ? key : null;
    },
    upsert: async (key, given, initial = {}) => {
      const { isToBeVoid, fields } = splitVoid(shape, given);
      const answer = await byKey.upsert(key, fields, initial);
      const record = readOne(shape, answer, uniqueField, 'answer-unreadable');
      return { record: await settled(record, isToBeVoid), created: answer.status === 201 };
    },
    adopt: async (id, key, given) => {
      const { isToBeVoid, fields } = splitVoid(shape, given);
      return settled(await change(id, withKey(fields, uniqueField, key)), isToBeVoid);
    },
    update: async (id, given) => {
      const { isToBeVoid, fields } = splitVoid(shape, given);
      if (isToBeVoid && Object.keys(fields).length === 0) return voided(id);
      return settled(await change(id, fields), isToBeVoid);
    },
    ...(shape.removable && { remove: async (id: string) => { await call({ method: 'DELETE', path: pathOf(id) }); } }),
  };
}

/** What the record is called, for the messages of Books that do not say which name is taken. */
function namesOf({ nameField }: Shape, fields: JsonObject): string[] {
  const name = nameField === null ? undefined : fields[nameField];
  return typeof name === 'string' ? [name] : [];
}
