import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import { firstIssue } from '../../domain/issues.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Answer } from '../http.ts';
import type { ListRequest, Page, RemoteRecord, Resource, UnreadableRecord, WritableResource } from '../resource.ts';
import { hectorError, refusal, type HectorCall } from './call.ts';
import { pageSchema, tombstoneSchema } from './schemas.ts';

/** Most records Hector gives in one page. */
const pageSize = 200;

export interface ReadOptions {
  readonly call: HectorCall;
  /** Below `/api/v1`, for instance `/parts`. */
  readonly path: string;
  readonly schema: z.ZodType<JsonObject>;
  readonly listing: Resource['listing'];
}

export interface WriteOptions extends ReadOptions {
  /** The unique field that carries the key of an upsert. */
  readonly keyField: string;
}

/** A resource of Hector that is only read. */
export function createReadable({ call, path, schema, listing }: ReadOptions): Resource {
  return {
    listing,
    list: async (request) => {
      const answer = await call({ method: 'GET', path, query: listQuery(request, listing) });
      if (!isSuccess(answer)) throw refusal(answer, path);
      return readPage(answer, schema, path);
    },
    get: async (id) => {
      const answer = await call({ method: 'GET', path: one(path, id) });
      if (answer.status === 404) return null;
      if (!isSuccess(answer)) throw refusal(answer, path);
      const record = readRecord(answer.body, schema);
      if ('detail' in record) throw new BookbridgeError('record-unreadable', { detail: `${path}/${id}: ${record.detail}` });
      return record;
    },
  };
}

/** A resource of Hector that is written too: a POST that meets its own key becomes a PATCH of the record that has it. */
export function createWritable(options: WriteOptions): WritableResource {
  const { call, path, schema, keyField } = options;

  async function change(id: string, fields: JsonObject): Promise<RemoteRecord> {
    const answer = await call({ method: 'PATCH', path: one(path, id), json: fields });
    if (answer.status === 404) throw new BookbridgeError('record-missing', { detail: `Hector has no ${path}/${id} any more.` });
    if (!isSuccess(answer)) throw refusal(answer, path);
    return readWritten(answer, schema, path);
  }

  return {
    ...createReadable(options),
    // The field is part of the resource.
    keyState: () => Promise.resolve('ready'),
    keyOf: ({ data }) => textOrNull(data[keyField]),
    upsert: async (key, fields, initial = {}) => {
      const answer = await call({ method: 'POST', path, json: { ...initial, ...fields, [keyField]: key } });
      if (isSuccess(answer)) return { record: readWritten(answer, schema, path), created: true };
      const error = hectorError(answer);
      if (answer.status === 409 && error?.code === 'reference_taken' && error.id !== undefined) {
        return { record: await change(error.id, fields), created: false };
      }
      throw refusal(answer, path);
    },
    adopt: (id, key, fields) => change(id, { ...fields, [keyField]: key }),
    update: change,
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function listQuery({ since, page }: ListRequest, listing: Resource['listing']): Record<string, string> {
  return {
    limit: String(pageSize),
    ...(page !== null && { after: page }),
    ...(since !== null && listing === 'changed' && { changedSince: since }),
  };
}

function readPage(answer: Answer, schema: z.ZodType<JsonObject>, path: string): Page {
  const page = pageSchema.safeParse(answer.body);
  if (!page.success) throw new BookbridgeError('answer-unreadable', { detail: `The list ${path} of Hector is not one: ${firstIssue(page.error)}` });
  const records: RemoteRecord[] = [];
  const unreadable: UnreadableRecord[] = [];
  for (const item of page.data.data) {
    const record = readRecord(item, schema);
    if ('detail' in record) unreadable.push(record);
    else records.push(record);
  }
  return { records, unreadable, next: page.data.next };
}

function readWritten(answer: Answer, schema: z.ZodType<JsonObject>, path: string): RemoteRecord {
  const record = readRecord(answer.body, schema);
  if ('detail' in record) throw new BookbridgeError('answer-unreadable', { detail: `Hector's answer to a write of ${path}: ${record.detail}` });
  return record;
}

const identity = z.object({ id: z.union([z.string(), z.number()]).transform(String), deleted: z.unknown().optional() });
const changeTime = z.object({ updatedAt: z.string() });

function readRecord(item: unknown, schema: z.ZodType<JsonObject>): RemoteRecord | UnreadableRecord {
  const { id = '', deleted } = identity.safeParse(item).data ?? {};
  const tombstone = deleted === true ? tombstoneSchema.safeParse(item) : null;
  if (tombstone?.success) {
    return { id: tombstone.data.id, modifiedAt: tombstone.data.updatedAt, data: {}, deleted: true };
  }
  const record = schema.safeParse(item);
  if (!record.success) return { id, detail: firstIssue(record.error) };
  return { id, modifiedAt: changeTime.safeParse(record.data).data?.updatedAt ?? null, data: record.data };
}

function one(path: string, id: string): string {
  return `${path}/${encodeURIComponent(id)}`;
}

function isSuccess(answer: Answer): boolean {
  return answer.status >= 200 && answer.status < 300;
}
