import { randomUUID } from 'node:crypto';
import { BookbridgeError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { KeyState } from '../resource.ts';
import type { BooksRequest, BooksSuccess } from './client.ts';
import { withKeyNamed } from './refusals.ts';
import { isMissing } from './resource.ts';
import type { Shape } from './shapes.ts';
import { withKey } from './writing.ts';

export type Put = (fields: JsonObject, request: Pick<BooksRequest, 'path' | 'headers'>) => Promise<BooksSuccess>;

/** What is done with records by the value of their unique custom field, whatever their ids. */
export interface ByKey {
  keyState(): Promise<KeyState>;
  /** @param initial fields that are set on creation only */
  upsert(key: string, fields: JsonObject, initial: JsonObject): Promise<BooksSuccess>;
}

/** `PUT /{resource}` with the headers of the unique custom field. */
export function createByKey(put: Put, { path }: Shape, uniqueField: string): ByKey {
  async function putByKey(key: string, fields: JsonObject, mayCreate: boolean): Promise<BooksSuccess> {
    try {
      return await put(withKey(fields, uniqueField, key), {
        path,
        headers: { 'x-unique-identifier-key': uniqueField, 'x-unique-identifier-value': key, ...(mayCreate && { 'x-upsert': 'true' }) },
      });
    } catch (error) {
      throw withKeyNamed(error, key);
    }
  }

  async function createOrChange(key: string, fields: JsonObject): Promise<BooksSuccess> {
    try {
      return await putByKey(key, fields, true);
    } catch (error) {
      // Books creates what the key does not find, so the record that is missing here is one this record refers to.
      if (isMissing(error)) throw new BookbridgeError('refused', { detail: error.detail, cause: error });
      throw error;
    }
  }

  /** Books has no field that is set on creation only, so where there is one, the first call changes what is there already. */
  async function changeExisting(key: string, fields: JsonObject, initial: JsonObject): Promise<BooksSuccess | null> {
    try {
      return await putByKey(key, fields, false);
    } catch (error) {
      if (isMissing(error) || lacks(error, initial)) return null;
      throw error;
    }
  }

  return {
    /**
     * Looks for a record by a value that none can carry, without leave to create one: Books answers that there is none where the field is
     * there and refuses duplicates, and refuses the field where it is not. Nothing can be written, for lack of everything else a record needs.
     */
    keyState: async () => {
      try {
        await putByKey(`nobody:${randomUUID()}`, {}, false);
        return 'ready';
      } catch (error) {
        if (isMissing(error)) return 'ready';
        if (!(error instanceof BookbridgeError) || error.scope !== 'record') throw error;
        return /identifier.?key/i.test(error.detail) || error.detail.includes(uniqueField) ? 'missing' : 'unknown';
      }
    },
    upsert: async (key, fields, initial) => {
      const changed = Object.keys(initial).length > 0 ? await changeExisting(key, fields, initial) : null;
      return changed ?? createOrChange(key, { ...initial, ...fields });
    },
  };
}

/** Whether Books refused for lack of what is sent on creation only, or of the body as such: it may look at that before it looks for the record. */
function lacks(error: unknown, initial: JsonObject): boolean {
  if (!(error instanceof BookbridgeError) || error.code !== 'value-missing') return false;
  return ['JSONString', ...Object.keys(initial)].some((field) => new RegExp(`\\b${field.replace(/_id$/, '(_id)?')}\\b`, 'i').test(error.detail));
}
