import { ApplicationFailure } from '@temporalio/common';
import type { DocumentKind } from '../integrations/integration.ts';
import { addressText, type Address, type PlacedRecords, type Side } from '../store/types.ts';
import type { Deps } from './deps.ts';
import type { DocumentRef } from './documents.ts';
import { orPaused, type Pause } from './failures.ts';
import { readAgain } from './read-again.ts';
import { moduleOf, withSession, type Session, type StepRequest } from './session.ts';
import { listingOf, type Listing } from './sources.ts';

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
  /** Whether the record, or what came inside, is to be carried over by `carryAnnounced`. Which ones stays here: an inner one may have an e-mail as its id. */
  readonly isPending: boolean;
  /** Those that are to be carried over by a workflow of their own, in the order of the modules. */
  readonly documents: readonly AnnouncedDocument[];
}

/** A record that is to be carried over by the workflow of its module. */
interface AnnouncedDocument extends DocumentRef {
  readonly module: string;
  readonly document: DocumentKind;
}

/** A record, and the module that carries it over. */
type InModule = Address & { readonly module: string };

/**
 * Reads one record by its id and adds it as a change, whatever its time of change says: what a webhook announced, or what
 * a person wants to be looked at again.
 */
export async function fetchRecord(deps: Deps, request: FetchRequest): Promise<FetchResult> {
  return withSession(deps, request.integrationId, 'document', async (session) => {
    const { side, resource, recordId } = request;
    const module = moduleOf(session.integration, request.module);
    const listing = listingOf(session.integration, module, { side, resource }, session.context);
    if (!listing) throw ApplicationFailure.nonRetryable(`The module ${module.name} carries no ${resource} away from this side`, 'settings-invalid');
    const nothing = { isPending: false, documents: [] };
    return orPaused<FetchResult>(async () => {
      const inner = await readAgain(deps, session, listing, recordId);
      if (!inner) return { pause: null, found: false, ...nothing };
      return { pause: null, found: true, ...await pendingOf(deps, session, recordsIn(listing, recordId, inner)) };
    }, (pause) => ({ pause, found: true, ...nothing }));
  });
}

async function pendingOf(deps: Deps, session: Session, records: readonly InModule[]): Promise<Pick<FetchResult, 'isPending' | 'documents'>> {
  const pending = await pendingAmong(deps, session, records);
  const documents = session.integration.modules.flatMap(({ name, document }) => (document === null ? [] : pending
    .filter(({ module }) => module === name)
    .map(({ module, side, resource, id }) => ({ module, document, side, resource, recordId: id }))));
  return { isPending: documents.length < pending.length, documents };
}

/** One record of a listing, and what came inside. */
export function recordsIn({ place }: Listing, id: string, inner: readonly PlacedRecords[]): InModule[] {
  return [{ ...place, id }, ...inner.flatMap(({ place: within, records }) => records.map((record) => ({ ...within, id: record.id })))];
}

/** Those of some records that are to be carried over now. */
export async function pendingAmong({ store }: Deps, { stored }: Session, records: readonly InModule[]): Promise<InModule[]> {
  const standings = await store.reports.standings(stored.id, records);
  return records.filter((record) => standings.get(addressText(record))?.state === 'pending');
}
