import { BookbridgeError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { RemoteRecord, Resource } from '../resource.ts';
import type { BooksCall } from './client.ts';
import type { Shape } from './shapes.ts';

/**
 * Takes the status out of the fields, where it has a route of its own.
 *
 * @throws BookbridgeError `value-invalid` for any status but `void`: people give the others, or Books does
 */
export function splitVoid({ isVoidable }: Shape, given: JsonObject): { readonly isToBeVoid: boolean; readonly fields: JsonObject } {
  const { status, ...fields } = given;
  if (!isVoidable || status === undefined) return { isToBeVoid: false, fields: given };
  if (status === 'void') return { isToBeVoid: true, fields };
  throw new BookbridgeError('value-invalid', { detail: `status: ${JSON.stringify(status)} is not written, only "void" is` });
}

export function isVoid({ data }: RemoteRecord): boolean {
  return data['status'] === 'void';
}

interface Place {
  readonly call: BooksCall;
  readonly resource: Resource;
  readonly shape: Shape;
  /** Of the record, below /books/v3. */
  readonly path: string;
}

/**
 * Makes a document void. One call, which is safe to repeat: where Books refuses it, a second one looks whether an earlier attempt had done it
 * already.
 *
 * @returns the record with id and status, or whole where it was looked at
 * @throws BookbridgeError `record-missing`, or why Books refuses
 */
export async function makeVoid({ call, resource, shape, path }: Place, id: string): Promise<RemoteRecord> {
  try {
    await call({ method: 'POST', path: `${path}/status/void` });
    return { id, modifiedAt: null, data: { [shape.idField]: id, status: 'void' } };
  } catch (error) {
    if (!(error instanceof BookbridgeError) || error.scope !== 'record' || error.code === 'record-missing') throw error;
    const record = await resource.get(id);
    if (record && isVoid(record)) return record;
    throw error;
  }
}
