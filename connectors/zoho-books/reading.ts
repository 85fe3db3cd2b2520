import { z } from 'zod';
import { allIssues } from '../../domain/issues.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { RemoteRecord, UnreadableRecord } from '../resource.ts';
import type { Shape } from './shapes.ts';

const idSchema = z.union([z.string(), z.number()]).transform(String).catch('');

/** The row itself: a schema that keeps fields it does not name copies them all. */
const fieldsSchema = z.custom<Readonly<Record<string, unknown>>>((row) => row !== null && typeof row === 'object').catch({});

const customFieldsSchema = z.object({
  custom_field_hash: z.record(z.string(), z.unknown()).optional().catch(undefined),
  custom_fields: z.array(z.object({ api_name: z.string().optional(), value: z.unknown().optional() })).optional().catch(undefined),
});

const textSchema = z.union([z.string(), z.number()]).transform(String).catch('');

/**
 * Reads one record.
 *
 * @param row a record as Books sent it
 * @param uniqueField API name of the custom field that carries our key; where the row shows it, `data` has it under this name
 */
export function readRecord(shape: Shape, row: unknown, uniqueField: string): RemoteRecord | UnreadableRecord {
  const parsed = shape.schema.safeParse(row);
  const fields = fieldsSchema.parse(row);
  const id = idSchema.parse(fields[shape.idField]);
  if (!parsed.success) return { id, detail: allIssues(parsed.error) };
  // A member that is there without a value would be null once it is stored.
  const data = JSON.parse(JSON.stringify(parsed.data)) as JsonObject;
  const key = shape.writable ? customFieldOf(fields, uniqueField) : undefined;
  if (key !== undefined) data[uniqueField] = key;
  const modifiedAt = data['last_modified_time'] ?? data['updated_time'];
  return { id, modifiedAt: typeof modifiedAt === 'string' ? modifiedAt : null, data };
}

export function isReadable(record: RemoteRecord | UnreadableRecord): record is RemoteRecord {
  return 'data' in record;
}

export function isUnreadable(record: RemoteRecord | UnreadableRecord): record is UnreadableRecord {
  return !isReadable(record);
}

/** Custom fields are shown in three shapes: an array, an object by API name, and, in some lists, as fields of the row. */
function customFieldOf(fields: Readonly<Record<string, unknown>>, apiName: string): string | undefined {
  const { custom_field_hash: hash, custom_fields: list } = customFieldsSchema.parse(fields);
  const listed = list?.find((field) => field.api_name === apiName);
  const value = listed?.value ?? hash?.[apiName] ?? fields[apiName];
  return value === undefined ? undefined : textSchema.parse(value);
}
