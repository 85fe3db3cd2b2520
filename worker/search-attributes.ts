import { setTimeout as delay } from 'node:timers/promises';
import { isGrpcServiceError, type ConnectionLike } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import type { BookbridgeError } from '../domain/errors.ts';
import { wrongInput } from '../domain/wrong-input.ts';
import { searchAttributes } from '../workflows/search-attributes.ts';

type Services = Pick<ConnectionLike, 'operatorService' | 'workflowService'>;

const all = Object.values(searchAttributes);
/** In the gRPC protocol: what was asked can never be answered as it is. */
const INVALID_ARGUMENT = 3;
/** A server looks only now and then for attributes that are new: where they are kept in SQL, every other second, else every minute. */
const KNOWN_WITHIN_MS = 90_000;
const LOOK_EVERY_MS = 250;

/**
 * Registers the search attributes that the namespace does not know yet, and waits until it does: no workflow starts, and none goes on, that
 * sets an unknown one.
 *
 * @throws BookbridgeError `settings-invalid` naming them where the server does not let anybody register any (Temporal Cloud): do it by hand then
 */
export async function ensureSearchAttributes(connection: Services, namespace: string): Promise<void> {
  if (await areKnown(connection, namespace)) return;
  await addMissing(connection, namespace).catch((cause: unknown) => { throw notAdded(namespace, cause); });
  for (const endMs = Date.now() + KNOWN_WITHIN_MS; !(await areKnown(connection, namespace)); await delay(LOOK_EVERY_MS)) {
    if (Date.now() >= endMs) throw notAdded(namespace, new Error('the server does not know them yet'));
  }
}

/** Whether a question about all of them is understood. Also a server that tells nobody which there are answers that. */
async function areKnown({ workflowService }: Services, namespace: string): Promise<boolean> {
  try {
    await workflowService.countWorkflowExecutions({ namespace, query: all.map(({ name }) => `${name} = 'none'`).join(' AND ') });
    return true;
  } catch (error) {
    if (isGrpcServiceError(error) && Object.is(error.code, INVALID_ARGUMENT)) return false;
    throw error;
  }
}

async function addMissing({ operatorService }: Services, namespace: string): Promise<void> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing = all.filter(({ name }) => !(name in customAttributes));
  if (missing.length === 0) return;
  try {
    await operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.flatMap(({ name, type }) => {
        const encoded = encodeSearchAttributeIndexedValueType(type);
        return encoded === undefined ? [] : [[name, encoded]];
      })),
    });
  } catch (error) {
    // Another process was faster.
    if (!(error instanceof Error && /already exist/i.test(error.message))) throw error;
  }
}

function notAdded(namespace: string, cause: unknown): BookbridgeError {
  const names = all.map(({ name, type }) => `${name} (${type})`).join(', ');
  const reason = cause instanceof Error ? cause.message : String(cause);
  return wrongInput([{
    field: 'TEMPORAL_NAMESPACE', detail: `${namespace} lacks search attributes, and they could not be added: ${reason}`,
    remedy: `Add by hand what it lacks of these: ${names}.`,
  }]);
}
