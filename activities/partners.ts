import type { Page, RemoteRecord } from '../connectors/resource.ts';
import { BookbridgeError } from '../domain/errors.ts';
import type { Flow, IntegrationContext, Known, Matching, MatchKey, Write } from '../integrations/integration.ts';
import { keyText, type Findable } from '../store/matches.ts';
import { addressText, otherSide, type Address, type Change, type Pass, type Place, type PlacedRecords, type SeenRecord } from '../store/types.ts';
import type { Deps } from './deps.ts';
import { choicesOf, nothingKnown } from './known.ts';
import type { Session, StepRequest } from './session.ts';
import { singleFlight } from './single-flight.ts';
import type { Listing } from './sources.ts';

/**
 * Records that were in the target system before Bookbridge: listed once, kept as observed, and looked up by their keys. An organization
 * without any costs one call; one without new records in the source system, none.
 */

/** The kind of key under which the key that a record of the target system carries is kept. */
const OWNER = 'owner';
/** The place after the last page: what is to be carried over is being made findable, and nothing is listed again. */
const INDEXING = 'indexing';
const BATCH_RECORDS = 200;

/** A flow that is matched. */
export type MatchedFlow = Flow & { readonly matching: Matching };

/** Whether records of a flow are looked for among those that the target system has; null: there is no flow, as in a listing that is only observed. */
export function isMatched(flow: Flow | null): flow is MatchedFlow {
  return flow?.matching !== undefined;
}

/** Where the records lie that those of a flow are matched with. */
export function placeOfPartners({ side, matching }: MatchedFlow, module: string): Place {
  return { module, side: otherSide(side), resource: matching.resource };
}

/** Under what a partner is found that carries a key of ours, such as `hector:customers:c-1`. */
export function ownerKey(key: string): string {
  return keyText(OWNER, key);
}

/** Whether a key, as it is stored, is one that a partner carries. */
export function isOwnerKey(key: string): boolean {
  return key.startsWith(`${OWNER}:`);
}

/** Such as `e-mail`, of a key as it is stored. */
export function kindOf(key: string): string {
  return key.slice(0, key.indexOf(':'));
}

/** As they are stored, in the same order. */
export function keyTexts(keys: readonly MatchKey[]): string[] {
  return keys.map(({ kind, value }) => keyText(kind, value));
}

/** What a record of the target system is found by. */
export function findablePartner(flow: MatchedFlow, session: Session, record: RemoteRecord): Findable {
  const carried = session.connectors[otherSide(flow.side)].writable(flow.matching.resource).keyOf(record);
  const keys = record.deleted ? [] : keyTexts(flow.matching.keysOfPartner(record.data, session.context));
  return { id: record.id, keys: carried === null ? keys : [...keys, ownerKey(carried)] };
}

/**
 * Lists the target system's records, unless that was done: it is when a record without partner is to be carried over and it never
 * was, and again by an initial import that began later. Goes on where it stopped.
 *
 * @throws BookbridgeError as every call does
 */
export async function readPartners(deps: Deps, session: Session, { integrationId, runId, module }: StepRequest, flow: MatchedFlow): Promise<void> {
  const { store } = deps;
  const place = placeOfPartners(flow, module);
  const isNeeded = async () => {
    if (!(await store.matches.hasUnlinked(integrationId, module, flow.side, flow.resources(session.context)))) return false;
    const listedMs = await store.matches.listedMs(integrationId, place);
    return listedMs === null || isImportSince(deps, runId, listedMs);
  };
  await singleFlight({ store, integrationId, place, signal: session.signal, isNeeded, read: () => listPartners(deps, session, { integrationId, runId }, place, flow) });
}

async function listPartners(deps: Deps, session: Session, run: { integrationId: string; runId: string }, place: Place, flow: MatchedFlow): Promise<void> {
  const { store } = deps;
  const { integrationId } = run;
  const resource = session.connectors[place.side].readable(place.resource);
  let pass = await store.currentPass(integrationId, place);
  while (pass.page !== INDEXING) {
    session.signal.throwIfAborted();
    const page = await resource.list({ since: null, page: pass.page });
    await store.matches.put(integrationId, place, page.records.map((record) => findablePartner(flow, session, record)));
    const next = page.next ?? INDEXING;
    await store.savePage({ ...run, place, pass, records: observed(page), next, nextSince: null });
    pass = { ...pass, page: next };
  }
  await store.matches.forgetUnmet(integrationId, place, pass.number);
  if (!(await store.matches.isEmpty(integrationId, place))) await indexPending(deps, session, { integrationId, module: place.module }, flow);
  await endPass(deps, run, place, pass);
}

/** Whether a run is an initial import that began after something was listed. */
export async function isImportSince({ store }: Deps, runId: string, listedMs: number): Promise<boolean> {
  const run = await store.runs.get(runId);
  return run !== null && run.kind === 'initialImport' && listedMs < run.startedMs;
}

/** One that cannot be read can be nobody's partner; should its name be taken, the target system says so. */
function observed({ records }: Page): SeenRecord[] {
  return records.map(({ id, modifiedAt, data, deleted }) => ({ id, modifiedAt, data, deleted: deleted === true, state: 'observed', finding: null }));
}

/** The time it began is kept, so that it is known how old what was read is. */
async function endPass({ store }: Deps, run: { integrationId: string; runId: string }, place: Place, pass: Pass): Promise<void> {
  await store.savePage({ ...run, place, pass, records: [], next: null, nextSince: new Date(pass.startedMs).toISOString() });
}

async function indexPending(deps: Deps, session: Session, { integrationId, module }: { integrationId: string; module: string }, flow: MatchedFlow): Promise<void> {
  let after = 0;
  for (;;) {
    const changes = await deps.store.pending({ integrationId, module, side: flow.side, resources: flow.resources(session.context), after, limit: BATCH_RECORDS });
    const last = changes.at(-1);
    if (!last) return;
    await indexChanges(deps, session, module, flow, changes);
    after = last.id;
  }
}

/** The same as {@link indexSources}, of changes that are to be carried over; nothing where their flow is not matched. */
export async function indexChanges(deps: Deps, session: Session, module: string, flow: Flow, changes: readonly Change[]): Promise<void> {
  if (!isMatched(flow)) return;
  for (const [resource, some] of Map.groupBy(changes, (change) => change.resource)) {
    const records = some.map(({ recordId: id, data, deleted }) => ({ id, data, deleted, state: 'pending' }));
    await indexSources(deps, session, { integrationId: session.stored.id, module, side: flow.side, resource }, flow, records);
  }
}

/** The same of what a listing brought, and of what came inside: before it is stored, so that nothing is carried over that cannot be found. */
export async function indexArrived(deps: Deps, session: Session, listing: Listing, records: readonly SeenRecord[], inner: readonly PlacedRecords[]): Promise<void> {
  const integrationId = session.stored.id;
  if (isMatched(listing.flow)) await indexSources(deps, session, { integrationId, ...listing.place }, listing.flow, records);
  for (const [index, { flow }] of listing.inner.entries()) {
    const some = inner[index];
    if (some && isMatched(flow)) await indexSources(deps, session, { integrationId, ...some.place }, flow, some.records);
  }
}

interface Source {
  readonly id: string;
  readonly data: RemoteRecord['data'];
  readonly deleted: boolean;
  readonly state: string;
}

/**
 * Makes records findable that have no partner yet and are to be carried over, so that two of them never take the same one; only where
 * there are any to take.
 */
async function indexSources({ store }: Deps, { context }: Session, place: Place & { integrationId: string }, flow: MatchedFlow, all: readonly Source[]): Promise<void> {
  const { integrationId, side, resource } = place;
  const records = all.filter(({ state, deleted }) => state !== 'observed' || deleted);
  if (records.length === 0 || (await store.matches.isEmpty(integrationId, placeOfPartners(flow, place.module)))) return;
  const addresses = records.map(({ id }): Address => ({ side, resource, id }));
  const links = await store.links(integrationId, addresses);
  const choices = await choicesOf(store, integrationId, flow);
  const unlinked = records.filter(({ id }) => !links.has(addressText({ side, resource, id })));
  await store.matches.put(integrationId, { side, resource }, unlinked.map((record) => ({ id: record.id, keys: sourceKeys(flow, { side, resource, id: record.id }, record, choices, context) })));
}

function sourceKeys(flow: MatchedFlow, address: Address, { data, deleted }: Source, choices: Pick<Known, 'all'>, context: IntegrationContext): string[] {
  if (deleted || flow.accept({ id: address.id, modifiedAt: null, data }, context)) return [];
  const mapped = mapAlone(flow, address, data, choices, context);
  return mapped ? keyTexts(flow.matching.keysOf(mapped.fields)) : [];
}

/** How a record without partner looks on the other side; null where it is left out or cannot be carried over. */
function mapAlone(flow: MatchedFlow, address: Address, data: RemoteRecord['data'], choices: Pick<Known, 'all'>, context: IntegrationContext): Write | null {
  try {
    const mapped = flow.map({ ...address, data, link: null }, { ...nothingKnown, ...choices }, context);
    return mapped.kind === 'write' ? mapped : null;
  } catch (error) {
    if (error instanceof BookbridgeError) return null;
    throw error;
  }
}
