import { z } from 'zod';
import type { JsonObject } from '../../../domain/json.ts';
import { alreadyExists, invalidValue } from './refusal.ts';
import { idText } from './input.ts';
import type { BooksRecord, Table } from './table.ts';

/** A custom field of a module, as it was set up in Books. */
export interface CustomField {
  readonly customfield_id: string;
  readonly index: number;
  readonly api_name: string;
  readonly label: string;
  readonly data_type: string;
  /** Refuses a value that another record has; only such a field can be the key of an upsert. */
  readonly is_unique: boolean;
}

/** The API takes all four ways to name the field: its examples differ by module. */
export const customFieldsInput = z.array(
  z.object({
    api_name: z.string().optional(),
    customfield_id: idText.optional(),
    label: z.string().optional(),
    index: z.coerce.number().optional(),
    value: z.union([z.string(), z.number(), z.boolean(), z.null()]).optional(),
  }),
);

/**
 * The custom values of a record after a write; '' and null clear one, those not named stay.
 *
 * @throws BooksRefusal for an unknown field, or a value of a unique field that another record of the table has
 */
export function customValues(
  fields: readonly CustomField[],
  input: z.output<typeof customFieldsInput> | undefined,
  table: Table,
  before: BooksRecord | undefined,
): Readonly<Record<string, string>> {
  const values: Record<string, string> = { ...before?.custom };
  for (const given of input ?? []) {
    const field = fields.find(
      ({ customfield_id, api_name, label, index }) =>
        given.customfield_id === customfield_id || given.api_name === api_name || given.label === label || given.index === index,
    );
    if (!field) throw invalidValue('custom_fields');
    const value = String(given.value ?? '');
    if (value === '') delete values[field.api_name];
    else values[field.api_name] = value;
    if (value === '' || !field.is_unique) continue;
    const holder = table.find('unique', uniqueValue(field.api_name, value));
    if (holder && holder.id !== before?.id) throw alreadyExists(`The value "${value}" of the field ${field.label}`);
  }
  return values;
}

/** The unique custom values of a record, for the table's index. */
export function uniqueValues(fields: readonly CustomField[], record: BooksRecord): string[] {
  return fields.flatMap(({ api_name, is_unique }) => {
    const value = record.custom[api_name];
    return is_unique && value !== undefined ? [uniqueValue(api_name, value)] : [];
  });
}

export function uniqueValue(apiName: string, value: string): string {
  return `${apiName}=${value}`;
}

/** `custom_fields` and `custom_field_hash` of an answer: only fields that have a value. */
export function customFieldsAnswer(fields: readonly CustomField[], record: BooksRecord): JsonObject {
  const filled = fields.flatMap((field) => {
    const value = record.custom[field.api_name];
    return value === undefined ? [] : [{ field, value }];
  });
  return {
    custom_fields: filled.map(({ field, value }) => ({
      customfield_id: field.customfield_id, index: field.index, label: field.label, api_name: field.api_name,
      data_type: field.data_type, value, value_formatted: value,
    })),
    custom_field_hash: Object.fromEntries(filled.flatMap(({ field, value }) => [[field.api_name, value], [`${field.api_name}_unformatted`, value]])),
  };
}

/** `custom_fields` as the OpenAPI file has them in lists. */
export function customFieldsById(fields: readonly CustomField[], record: BooksRecord): JsonObject {
  return {
    custom_fields: fields.flatMap(({ api_name: apiName, customfield_id: id }) => {
      const value = record.custom[apiName];
      return value === undefined ? [] : [{ customfield_id: id, value }];
    }),
  };
}
