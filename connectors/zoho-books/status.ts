import { BookbridgeError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { RemoteRecord, Resource } from '../resource.ts';
import type { BooksCall } from './client.ts';
import type { Shape } from './shapes.ts';

/** What else a document is called that was sent, or opened, once. */
const later: Readonly<Record<string, readonly string[]>> = {
  sent: ['overdue', 'unpaid', 'partially_paid', 'paid', 'viewed'],
  open: ['closed'],
};

/**
 * Takes the status out of the fields, where it has a route of its own.
 *
 * @throws BookbridgeError `value-invalid` for a status that Books gives by itself, such as `paid`
 */
export function splitStatus(shape: Shape, given: JsonObject): { readonly status: string | null; readonly fields: JsonObject } {
  const { status, ...fields } = given;
  if (shape.statuses.length === 0 || status === undefined) return { status: null, fields: given };
  if (typeof status === 'string' && shape.statuses.includes(status)) return { status, fields };
  throw new BookbridgeError('value-invalid', { detail: `status: ${JSON.stringify(status)} is none of ${shape.statuses.join(', ')}` });
}

/** Whether a record has this status, or one that it has led to. */
export function isReached(status: string, { data }: RemoteRecord): boolean {
  const found = data['status'];
  return found === status || (typeof found === 'string' && (later[status] ?? []).includes(found));
}

interface Place {
  readonly call: BooksCall;
  readonly resource: Resource;
  readonly shape: Shape;
  /** Of the record, below /books/v3. */
  readonly path: string;
}

/**
 * Marks a document as sent, open, void or draft. One call, which is safe to repeat: where Books refuses it, a second one looks whether an
 * earlier attempt had done it already.
 *
 * @returns the record with id and status, or whole where it was looked at
 * @throws BookbridgeError `record-missing`, or why Books refuses the status
 */
export async function setStatus({ call, resource, shape, path }: Place, id: string, status: string): Promise<RemoteRecord> {
  try {
    await call({ method: 'POST', path: `${path}/status/${status}` });
    return { id, modifiedAt: null, data: { [shape.idField]: id, status } };
  } catch (error) {
    if (!(error instanceof BookbridgeError) || error.scope !== 'record' || error.code === 'record-missing') throw error;
    const record = await resource.get(id);
    if (record && isReached(status, record)) return record;
    throw error;
  }
}
