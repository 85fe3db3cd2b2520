import { ApplicationFailure } from '@temporalio/common';
import type { RemoteRecord } from '../connectors/resource.ts';
import { BookbridgeError } from '../domain/errors.ts';
import type { Module } from '../integrations/integration.ts';
import { addressText, type SeenRecord, type Side } from '../store/types.ts';
import type { Deps } from './deps.ts';
import type { DocumentRef } from './documents.ts';
import { pauseOf, type Pause } from './failures.ts';
import { noticeLeftBehind } from './left-behind.ts';
import { moduleOf, withSession, type Session, type StepRequest } from './session.ts';
import { innerOf, listingOf, seen, type Listing } from './sources.ts';

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
  /** What is to be carried over now, in this order: the record itself, and what came inside. */
  readonly pending: readonly PendingRecord[];
}

/** A record that is to be carried over, by the workflow of its module. */
export interface PendingRecord extends DocumentRef {
  readonly module: string;
  readonly document: Module['document'];
}

/**
 * Reads one record by its id and adds it as a change, whatever its time of change says: what a webhook announced, or what
 * a person wants to be looked at again.
 */
export async function fetchRecord(deps: Deps, request: FetchRequest): Promise<FetchResult> {
  return withSession(deps, request.integrationId, 'document', async (session) => {
    const { integrationId, side, resource, recordId } = request;
    const module = moduleOf(session.integration, request.module);
    const listing = listingOf(session.integration, module, { side, resource }, session.context);
    if (!listing) throw ApplicationFailure.nonRetryable(`The module ${module.name} carries no ${resource} away from this side`, 'settings-invalid');
    try {
      const { here, remote } = await read(session, listing, recordId);
      if (here.deleted && !(await deps.store.change(integrationId, { side, resource, id: recordId }))) return { pause: null, found: false, pending: [] };
      const inner = innerOf(listing, remote ? [remote] : [], session.context);
      const [noticed = here] = await noticeLeftBehind(deps.store, integrationId, listing, [here]);
      await deps.store.operations.readAgain(integrationId, listing.place, noticed, inner);
      const met = [{ place: listing.place, records: [here] }, ...inner].flatMap(({ place, records }) => records.map(({ id }) => ({ ...place, id })));
      return { pause: null, found: true, pending: await pendingAmong(deps, session, met) };
    } catch (error) {
      const pause = pauseOf(error);
      if (!pause) throw error;
      return { pause, found: true, pending: [] };
    }
  });
}

async function read({ connectors, context }: Session, { place: { side, resource }, flow }: Listing, id: string): Promise<{ here: SeenRecord; remote: RemoteRecord | null }> {
  try {
    const remote = await connectors[side].readable(resource).get(id);
    return { here: seen(remote ?? { id, modifiedAt: null, data: {}, deleted: true }, flow, context), remote };
  } catch (error) {
    if (!(error instanceof BookbridgeError) || error.scope !== 'record') throw error;
    return { here: { id, modifiedAt: null, data: {}, deleted: false, state: 'failed', finding: { code: error.code, detail: error.detail } }, remote: null };
  }
}

/** In the order of the modules: what is referred to before what refers to it. */
async function pendingAmong({ store }: Deps, { stored, integration }: Session, records: readonly { module: string; side: Side; resource: string; id: string }[]): Promise<PendingRecord[]> {
  const standings = await store.reports.standings(stored.id, records);
  return integration.modules.flatMap(({ name, document }) => records
    .filter((record) => record.module === name && standings.get(addressText(record))?.state === 'pending')
    .map(({ side, resource, id }) => ({ module: name, document, side, resource, recordId: id })));
}
