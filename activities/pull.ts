import type { ListRequest, Page, Resource } from '../connectors/resource.ts';
import { BookbridgeError } from '../domain/errors.ts';
import type { IntegrationContext } from '../integrations/integration.ts';
import type { Finding, Pass, SeenRecord } from '../store/types.ts';
import type { Deps } from './deps.ts';
import { orPaused, type Pause } from './failures.ts';
import { noticeLeftBehind } from './left-behind.ts';
import { indexOwned } from './owned.ts';
import { indexArrived } from './partners.ts';
import { readAgain } from './read-again.ts';
import { moduleOf, withSession, type Session, type StepRequest } from './session.ts';
import { singleFlight } from './single-flight.ts';
import { innerOf, keptListingsOf, listingsOf, readById, seen, type Listing } from './sources.ts';

export interface PullRequest extends StepRequest {
  /** Which of the module's listings, counted from 0. */
  readonly source: number;
}

export interface PullResult {
  /** Null: the pass is complete. */
  readonly pause: Pause | null;
  readonly read: number;
  readonly changed: number;
}

/** The next pass lists again what changed this long before the last one began: clocks of two systems never agree. */
const OVERLAP_MS = 5 * 60_000;
/** So many missing records are asked for one by one in one pass; the rest in the next. Each costs a call. */
const MISSING_MAX = 50;
/** A listing that is believed for a while is read again where a person has wanted it listed anew meanwhile, but not for ever. */
const KEPT_READINGS_MAX = 3;
/** The place after the last page of a full listing: what it did not hold is being asked for, and nothing is listed again. */
const CHECKING = 'checking';

/**
 * Reads what changed in one resource, page by page, and keeps its place with every page. The next cursor is the time this
 * pass began less an overlap, never the highest time seen: what changes while it reads is read again.
 */
export async function pull(deps: Deps, request: PullRequest): Promise<PullResult> {
  return withSession(deps, request.integrationId, 'bulk', async (session) => {
    const totals = { read: 0, changed: 0 };
    return orPaused<PullResult>(async () => {
      const listing = listingsOf(session.integration, moduleOf(session.integration, request.module), session.context)[request.source];
      if (listing) await readListing(deps, session, request, listing, totals);
      return { pause: null, ...totals };
    }, (pause) => ({ pause, ...totals }));
  });
}

/** The same outside of Temporal: a pause is thrown like any other error. */
export async function readListing(deps: Deps, session: Session, request: StepRequest, listing: Listing, totals = { read: 0, changed: 0 }): Promise<void> {
  const resource = resourceOf(session, listing);
  if (resource.listing === 'changed') await readUnread(deps, session, request, listing);
  await read({ deps, session, request, listing, resource, isKept: false }, totals);
}

/** What could not be read and is tried again is read by its id: where it has not changed since, no listing brings it. */
async function readUnread(deps: Deps, session: Session, { integrationId }: StepRequest, listing: Listing): Promise<void> {
  for (const id of await deps.store.operations.unread(integrationId, listing.place)) {
    session.signal.throwIfAborted();
    await readAgain(deps, session, listing, id);
  }
}

/**
 * Reads the small listings that a module chooses from, unless they are still believed: only where something is to be carried over, so
 * that an idle sync costs no call for them.
 *
 * @throws BookbridgeError as every call does
 */
export async function readKept(deps: Deps, session: Session, request: StepRequest): Promise<void> {
  for (const listing of keptListingsOf(session.integration, moduleOf(session.integration, request.module), session.context)) {
    const isListed = () => deps.store.isListed(request.integrationId, listing.place, deps.now() - listing.keptForMs);
    const readAll = async () => {
      for (let time = 0; time < KEPT_READINGS_MAX && !(await isListed()); time += 1) {
        await read({ deps, session, request, listing, resource: resourceOf(session, listing), isKept: true });
      }
    };
    await singleFlight({ store: deps.store, integrationId: request.integrationId, place: listing.place, signal: session.signal, isNeeded: async () => !(await isListed()), read: readAll });
  }
}

interface Reader {
  readonly deps: Deps;
  readonly session: Session;
  readonly request: StepRequest;
  readonly listing: Listing;
  readonly resource: Resource;
  /** Listed whole, and believed for a while. */
  readonly isKept: boolean;
}

function resourceOf({ connectors }: Session, { place: { side, resource } }: Listing): Resource {
  return connectors[side].readable(resource);
}

async function read(reader: Reader, totals = { read: 0, changed: 0 }): Promise<void> {
  const pass = await readPass(reader, totals);
  if (pass.page === CHECKING) await findDeleted(reader, pass);
}

async function readPass({ deps, session, request: { integrationId, runId }, listing, resource, isKept }: Reader, totals: { read: number; changed: number }): Promise<Pass> {
  const { place, begins } = listing;
  const isWhole = isKept || resource.listing === 'full';
  let pass = await deps.store.currentPass(integrationId, place, isWhole ? null : begins);
  let kept = pass.page;
  while (pass.page !== CHECKING) {
    session.signal.throwIfAborted();
    const page = await pageOf(resource, { since: isKept ? null : pass.since, page: pass.page }, kept);
    kept = null;
    const nextSince = isWhole ? null : new Date(pass.startedMs - OVERLAP_MS).toISOString();
    const next = page.next ?? (isWhole ? CHECKING : null);
    const records = await noticeLeftBehind(deps.store, integrationId, listing, seenRecords(page, listing, session.context));
    const inner = innerOf(listing, page.records, session.context);
    await indexArrived(deps, session, listing, records, inner);
    await indexOwned(deps, session, place, page.records);
    const counts = await deps.store.savePage({ integrationId, runId, place, pass, records, nameless: nameless(page, listing), inner, next, nextSince });
    totals.read += records.length;
    totals.changed += counts.changedIds.size;
    pass = { ...pass, page: next };
    if (next === null) return pass;
  }
  return pass;
}

/**
 * @param kept where an earlier step stopped; null: the place is this step's own. A system may not know its own place of long ago any more, and
 * then the pass begins anew: what it brings twice is the same record.
 */
async function pageOf(resource: Resource, request: ListRequest, kept: string | null): Promise<Page> {
  try {
    return await resource.list(request);
  } catch (error) {
    if (kept === null || !(error instanceof BookbridgeError) || error.scope !== 'record') throw error;
    return resource.list({ ...request, page: null });
  }
}

/** Records come in twice where a page shifts; both are the same record, and the store tells. */
function seenRecords(page: Page, { flow }: Listing, context: IntegrationContext): SeenRecord[] {
  const readable = page.records.map((record) => seen(record, flow, context));
  const unreadable = page.unreadable.filter(({ id }) => id !== '').map(({ id, detail }): SeenRecord => ({
    id, modifiedAt: null, data: {}, deleted: false, state: 'failed', finding: { code: 'record-unreadable', detail },
  }));
  return [...readable, ...unreadable];
}

/** A row without id is no record that could be asked for, or met again: a person is told, each time it is listed. */
function nameless(page: Page, { place: { resource } }: Listing): Finding[] {
  return page.unreadable.filter(({ id }) => id === '').map(({ detail }): Finding => ({ code: 'record-unreadable', detail: `${resource}: a record without id: ${detail}` }));
}

/**
 * A record that a full listing did not hold may be deleted, or a page may have shifted under the reader. So each is asked
 * for by id before it counts as deleted: a resumed listing alone never deletes anything.
 */
async function findDeleted({ deps, session, request: { integrationId, runId }, listing, isKept }: Reader, pass: Pass): Promise<void> {
  const { store } = deps;
  const { place } = listing;
  const page = { integrationId, runId, place, pass, nextSince: null };
  for (const id of await store.unmet(integrationId, place, pass.number, MISSING_MAX)) {
    session.signal.throwIfAborted();
    const { here, remote } = await readById(session, listing, id);
    await store.savePage({ ...page, records: await noticeLeftBehind(store, integrationId, listing, [here]), inner: innerOf(listing, remote ? [remote] : [], session.context), next: CHECKING });
  }
  await store.savePage({ ...page, records: [], next: null, ...(isKept && { isKept }) });
}
