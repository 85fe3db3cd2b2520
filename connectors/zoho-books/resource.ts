import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { KeyState, ListRequest, Page, RemoteRecord, Resource, WritableResource } from '../resource.ts';
import type { BooksCall, BooksSuccess } from './client.ts';
import { filterTime } from './fields.ts';
import { isReadable, isUnreadable, readRecord } from './reading.ts';
import type { Shape } from './shapes.ts';
import { withKey, withNumbers } from './writing.ts';

/** The largest page Books gives. Its default is 10 or 200, depending on the page of the documentation, so it is always sent. */
const pageSize = 200;

const pageTokenSchema = z.coerce.number().int().positive();
const contextSchema = z.looseObject({ has_more_page: z.boolean() });

/** One resource of Books, to read. */
export function createResource(call: BooksCall, shape: Shape, uniqueField: string): Resource {
  const { inOrganization } = shape;
  return {
    listing: shape.listing,
    list: async (request) => {
      const answer = await call({ method: 'GET', path: shape.path, inOrganization, query: inOrganization ? pageQuery(shape, request) : {} });
      return readPage(shape, answer, request, uniqueField);
    },
    get: async (id) => {
      try {
        const answer = await call({ method: 'GET', path: `${shape.path}/${encodeURIComponent(id)}`, inOrganization });
        return readOne(shape, answer, uniqueField, 'record-unreadable');
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
  };
}

/** One resource of Books, to read and write. */
export function createWritableResource(call: BooksCall, shape: Shape, uniqueField: string): WritableResource {
  const namesOf = (fields: JsonObject): string[] => {
    const name = shape.nameField === null ? undefined : fields[shape.nameField];
    return typeof name === 'string' ? [name] : [];
  };

  function putByKey(key: string, fields: JsonObject, mayCreate: boolean): Promise<BooksSuccess> {
    return call({
      method: 'PUT', path: shape.path, names: namesOf(fields), body: withNumbers(withKey(fields, uniqueField, key)),
      headers: {
        'x-unique-identifier-key': uniqueField, 'x-unique-identifier-value': key,
        ...(mayCreate && { 'x-upsert': 'true' }),
      },
    });
  }

  /**
   * Looks for a record by a value that none can carry, without leave to create one: Books answers that there is none where the field is
   * there and refuses duplicates, and refuses the field where it is not. Nothing can be written, for lack of everything else a record needs.
   */
  async function keyState(): Promise<KeyState> {
    try {
      await putByKey(`nobody:${randomUUID()}`, {}, false);
      return 'ready';
    } catch (error) {
      if (isMissing(error)) return 'ready';
      if (!(error instanceof BookbridgeError) || error.scope !== 'record') throw error;
      return /identifier.?key/i.test(error.detail) || error.detail.includes(uniqueField) ? 'missing' : 'unknown';
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
  async function changeExisting(key: string, fields: JsonObject): Promise<BooksSuccess | null> {
    try {
      return await putByKey(key, fields, false);
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  async function change(id: string, fields: JsonObject): Promise<RemoteRecord> {
    const path = `${shape.path}/${encodeURIComponent(id)}`;
    const answer = await call({ method: 'PUT', path, names: namesOf(fields), body: withNumbers(fields) });
    return readOne(shape, answer, uniqueField, 'answer-unreadable');
  }

  return {
    ...createResource(call, shape, uniqueField),
    keyState,
    keyOf: ({ data }) => {
      const key = data[uniqueField];
      return typeof key === 'string' && key !== '' ? key : null;
    },
    upsert: async (key, fields, initial = {}) => {
      const changed = Object.keys(initial).length > 0 ? await changeExisting(key, fields) : null;
      const answer = changed ?? await createOrChange(key, { ...initial, ...fields });
      return { record: readOne(shape, answer, uniqueField, 'answer-unreadable'), created: answer.status === 201 };
    },
    adopt: (id, key, fields) => change(id, withKey(fields, uniqueField, key)),
    update: change,
  };
}

function pageQuery(shape: Shape, { since, page }: ListRequest): Record<string, string> {
  const filter = since !== null && shape.listing === 'changed' ? { last_modified_time: filterTime(since) } : {};
  return { ...shape.order, ...filter, per_page: String(pageSize), page: String(pageNumber(page)) };
}

function pageNumber(page: string | null): number {
  return page === null ? 1 : pageTokenSchema.parse(page);
}

function readPage(shape: Shape, { body }: BooksSuccess, { page }: ListRequest, uniqueField: string): Page {
  const rows = z.array(z.unknown()).safeParse(body[shape.many]);
  if (!rows.success) throw new BookbridgeError('answer-unreadable', { detail: `Books answered GET ${shape.path} without ${shape.many}` });
  const read = rows.data.map((row) => readRecord(shape, row, uniqueField));
  // Some lists have no page_context; there a full page is taken as a sign of more.
  const context = contextSchema.safeParse(body['page_context']);
  const more = shape.inOrganization && (context.success ? context.data.has_more_page : rows.data.length === pageSize);
  return {
    records: read.filter(isReadable),
    unreadable: read.filter(isUnreadable),
    next: more ? String(pageNumber(page) + 1) : null,
  };
}

/** The single record of an answer: under its own key as a rule, as the only element of an array, or spread over the body. */
function readOne(shape: Shape, { body }: BooksSuccess, uniqueField: string, otherwise: 'record-unreadable' | 'answer-unreadable'): RemoteRecord {
  const found: unknown = body[shape.one] ?? body;
  const record = readRecord(shape, Array.isArray(found) ? found[0] : found, uniqueField);
  if (isReadable(record)) return record;
  throw new BookbridgeError(otherwise, { detail: `${shape.one} ${record.id}: ${record.detail}` });
}

function isMissing(error: unknown): error is BookbridgeError {
  return error instanceof BookbridgeError && error.code === 'record-missing';
}
