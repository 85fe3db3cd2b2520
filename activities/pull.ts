import type { Page, RemoteRecord, Resource } from '../connectors/resource.ts';
import type { Flow, IntegrationContext } from '../integrations/integration.ts';
import type { Pass, Place, SeenRecord } from '../store/types.ts';
import type { Deps } from './deps.ts';
import { pauseOf, type Pause } from './failures.ts';
import { indexSources, isMatched } from './partners.ts';
import { moduleOf, sourcesOf, withSession, type Session, type StepRequest } from './session.ts';

export interface PullRequest extends StepRequest {
  /** Which of the module's sources, counted from 0. */
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
/** The place after the last page of a full listing: what it did not hold is being asked for, and nothing is listed again. */
const CHECKING = 'checking';

/**
 * Reads what changed in one resource, page by page, and keeps its place with every page. The next cursor is the time this
 * pass began less an overlap, never the highest time seen: what changes while it reads is read again.
 */
export async function pull(deps: Deps, request: PullRequest): Promise<PullResult> {
  return withSession(deps, request.integrationId, 'bulk', async (session) => {
    const totals = { read: 0, changed: 0 };
    try {
      await readSource(deps, session, request, totals);
      return { pause: null, ...totals };
    } catch (error) {
      const pause = pauseOf(error);
      if (pause) return { pause, ...totals };
      throw error;
    }
  });
}

/** The same outside of Temporal: a pause is thrown like any other error. */
export async function readSource(deps: Deps, session: Session, request: PullRequest, totals = { read: 0, changed: 0 }): Promise<void> {
  const { name, ...module } = moduleOf(session.integration, request.module);
  const source = sourcesOf({ name, ...module }, session.context)[request.source];
  if (!source) return;
  const resource = session.connectors[source.side].readable(source.resource);
  const reader = { deps, session, request, resource, flow: source.flow, place: { module: name, side: source.side, resource: source.resource } };
  const pass = await readPass(reader, totals);
  if (pass.page === CHECKING) await findDeleted(reader, pass);
}

interface Reader {
  readonly deps: Deps;
  readonly session: Session;
  readonly request: PullRequest;
  readonly resource: Resource;
  readonly flow: Flow | null;
  readonly place: Place;
}

async function readPass({ deps, session, request, resource, flow, place }: Reader, totals: { read: number; changed: number }): Promise<Pass> {
  const { integrationId, runId } = request;
  const first = await deps.store.currentPass(integrationId, place);
  let pass = first;
  while (pass.page !== CHECKING) {
    session.signal.throwIfAborted();
    const page = await resource.list({ since: pass.since, page: pass.page });
    const nextSince = resource.listing === 'full' ? null : new Date(pass.startedMs - OVERLAP_MS).toISOString();
    const next = page.next ?? (resource.listing === 'full' ? CHECKING : null);
    const records = seenRecords(page, flow, session.context);
    if (isMatched(flow)) await indexSources(deps, session, { integrationId, ...place }, flow, records);
    const counts = await deps.store.savePage({ integrationId, runId, place, pass, records, next, nextSince });
    totals.read += records.length;
    totals.changed += counts.changedIds.size;
    pass = { ...pass, page: next };
    if (next === null) return pass;
  }
  return pass;
}

/** Records come in twice where a page shifts; both are the same record, and the store tells. */
function seenRecords(page: Page, flow: Flow | null, context: IntegrationContext): SeenRecord[] {
  const readable = page.records.map((record) => seen(record, flow, context));
  const unreadable = page.unreadable.map(({ id, detail }): SeenRecord => ({
    id, modifiedAt: null, data: {}, deleted: false, state: 'failed', finding: { code: 'record-unreadable', detail },
  }));
  return [...readable, ...unreadable];
}

/** What is to become of a record that was read. */
export function seen(record: RemoteRecord, flow: Flow | null, context: IntegrationContext): SeenRecord {
  const { id, modifiedAt, data } = record;
  const deleted = record.deleted === true;
  if (flow === null) return { id, modifiedAt, data, deleted, state: 'observed', finding: null };
  const finding = deleted ? null : flow.accept(record, context);
  const accepted = flow.onRequest?.applies(context) ? 'observed' : 'pending';
  return { id, modifiedAt, data, deleted, state: finding ? 'skipped' : accepted, finding };
}

/**
 * A record that a full listing did not hold may be deleted, or a page may have shifted under the reader. So each is asked
 * for by id before it counts as deleted: a resumed listing alone never deletes anything.
 */
async function findDeleted({ deps, session, request, resource, flow, place }: Reader, pass: Pass): Promise<void> {
  const { store } = deps;
  const { integrationId, runId } = request;
  for (const id of await store.unmet(integrationId, place, pass.number, MISSING_MAX)) {
    session.signal.throwIfAborted();
    const record = await resource.get(id);
    const here: SeenRecord = record
      ? seen(record, flow, session.context)
      : seen({ id, modifiedAt: null, data: {}, deleted: true }, flow, session.context);
    await store.addRecords(integrationId, place, pass.number, [here]);
  }
  await store.savePage({ integrationId, runId, place, pass, records: [], next: null, nextSince: null });
}
