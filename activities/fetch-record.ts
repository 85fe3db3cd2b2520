import { ApplicationFailure } from '@temporalio/common';
import { BookbridgeError } from '../domain/errors.ts';
import type { Flow } from '../integrations/integration.ts';
import type { SeenRecord, Side } from '../store/types.ts';
import type { Deps } from './deps.ts';
import { pauseOf, type Pause } from './failures.ts';
import { seen } from './pull.ts';
import { moduleOf, withSession, type Session, type StepRequest } from './session.ts';

interface FetchRequest extends StepRequest {
  readonly side: Side;
  readonly resource: string;
  readonly recordId: string;
}

export interface FetchResult {
  /** Not null: no call was granted; everything else is as before. */
  readonly pause: Pause | null;
  /** False where neither the system nor the store has such a record. */
  readonly found: boolean;
  /** Whether it is to be carried over. */
  readonly pending: boolean;
}

/**
 * Reads one record by its id and adds it as a change, whatever its time of change says: what a webhook announced, or what
 * a person wants to be looked at again.
 */
export async function fetchRecord(deps: Deps, request: FetchRequest): Promise<FetchResult> {
  return withSession(deps, request.integrationId, 'document', async (session) => {
    const { integrationId, side, resource, recordId } = request;
    const module = moduleOf(session.integration, request.module);
    const flow = module.flows.find((candidate) => candidate.side === side && candidate.resources(session.context).includes(resource));
    if (!flow) throw ApplicationFailure.nonRetryable(`The module ${module.name} carries no ${resource} away from this side`, 'settings-invalid');
    try {
      const record = await read(session, flow, request);
      if (record.deleted && !(await deps.store.change(integrationId, { side, resource, id: recordId }))) return { pause: null, found: false, pending: false };
      await deps.store.operations.readAgain(integrationId, { module: module.name, side, resource }, record);
      return { pause: null, found: true, pending: record.state === 'pending' };
    } catch (error) {
      const pause = pauseOf(error);
      if (!pause) throw error;
      return { pause, found: true, pending: false };
    }
  });
}

async function read({ connectors, context }: Session, flow: Flow, { side, resource, recordId: id }: FetchRequest): Promise<SeenRecord> {
  try {
    const record = await connectors[side].readable(resource).get(id);
    if (record) return seen(record, flow, context);
    return { id, modifiedAt: null, data: {}, deleted: true, state: 'pending', finding: null };
  } catch (error) {
    if (!(error instanceof BookbridgeError) || error.scope !== 'record') throw error;
    return { id, modifiedAt: null, data: {}, deleted: false, state: 'failed', finding: { code: error.code, detail: error.detail } };
  }
}
