import type { RemoteRecord } from '../connectors/resource.ts';
import { BookbridgeError } from '../domain/errors.ts';
import type { Flow, Integration, IntegrationContext, Module, Source, Within } from '../integrations/integration.ts';
import type { Place, PlacedRecords, SeenRecord, Side } from '../store/types.ts';
import type { Session } from './session.ts';

/** One listing: what it holds, and what comes inside its records. */
export interface Listing {
  readonly place: Place;
  /** The flow that carries its records; null: they are only observed. */
  readonly flow: Flow | null;
  readonly inner: readonly InnerFlow[];
  /** What changed before this time, ISO 8601, need never be listed; null: everything is to be. */
  readonly begins: string | null;
}

/** Records that come inside those of a listing, and where they are kept. */
interface InnerFlow {
  readonly place: Place;
  readonly flow: Flow;
  readonly within: Within;
}

interface ReadRecord {
  /** What is to become of it; it is deleted where the system has no such record. */
  readonly here: SeenRecord;
  /** Null where it is gone, or cannot be read. */
  readonly remote: RemoteRecord | null;
}

/** A listing that is read only where something of its module is to be carried over, and then believed for a while. */
export interface KeptListing extends Listing {
  readonly keptForMs: number;
}

/**
 * The listings that a module reads in its step of a run. A listing with others' records inside is read by the first of all modules that
 * it brings something: so it is read once in a run, and what is inside is carried over before what it is inside of.
 */
export function listingsOf(integration: Integration, module: Module, context: IntegrationContext): Listing[] {
  const candidates = [
    ...module.flows.flatMap(({ side, within }) => (within ? listingAt(integration, within.module, side, within.resource, context) : [])),
    ...ownListings(integration, module, context),
  ];
  return distinct(candidates).filter(({ place, inner }) => readerOf(integration, place.module, inner) === module.name);
}

/** The listings that are believed for a while and that a module observes, or its flows choose from. */
export function keptListingsOf({ modules }: Integration, { name, flows }: Module, context: IntegrationContext): KeptListing[] {
  const chosen = new Set(flows.flatMap(({ chooses = [] }) => chooses.map(({ side, resource }) => `${side}/${resource}`)));
  const kept = modules.flatMap((module) => module.observes.flatMap((source) => {
    const { keptForMs } = source;
    if (keptForMs === undefined) return [];
    return placesOf(source, context).map((at): KeptListing => ({ place: { module: module.name, ...at }, flow: null, inner: [], begins: null, keptForMs }));
  }));
  return distinct(kept.filter(({ place }) => place.module === name || chosen.has(`${place.side}/${place.resource}`)));
}

/** The listing that a record of a module stands in by itself, with what comes inside; null: it has none, or nothing is carried over from it. */
export function listingOf(integration: Integration, module: Module, { side, resource }: Pick<Place, 'side' | 'resource'>, context: IntegrationContext): Listing | null {
  const found = ownListings(integration, module, context).find(({ place }) => place.side === side && place.resource === resource);
  return found?.flow ? found : null;
}

/** The modules that a run of one module has: those whose records come inside of its own, and whoever reads the listings they come in. */
export function modulesFor(integration: Integration, name: string): Module[] {
  const readers = integration.modules.filter((module) => module.name === name).flatMap(({ flows }) => flows.flatMap(({ within }) => (within ? firstWith(integration, within) : [])));
  return integration.modules.filter((module) => module.name === name || readers.includes(module.name) || module.flows.some(({ within }) => within?.module === name));
}

/** The places that a flow carries records away from, or that are observed. */
export function placesOf(source: Source, context: IntegrationContext): { side: Side; resource: string }[] {
  return source.resources(context).map((resource) => ({ side: source.side, resource }));
}

/** What is only observed, by settings or altogether, and can be read by its id. */
export function observedPlaces(integration: Integration, context: IntegrationContext): Place[] {
  return integration.modules.flatMap((module) => ownListings(integration, module, context)
    .filter(({ flow }) => flow === null || flow.onRequest?.applies(context))
    .map(({ place }) => place));
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

/** Asks for one record by its id. What cannot be read fails alone; whatever concerns the whole connection is thrown. */
export async function readById({ connectors, context }: Pick<Session, 'connectors' | 'context'>, { place: { side, resource }, flow }: Pick<Listing, 'place' | 'flow'>, id: string): Promise<ReadRecord> {
  try {
    const remote = await connectors[side].readable(resource).get(id);
    return { here: seen(remote ?? { id, modifiedAt: null, data: {}, deleted: true }, flow, context), remote };
  } catch (error) {
    if (!(error instanceof BookbridgeError) || error.scope !== 'record') throw error;
    return { here: { id, modifiedAt: null, data: {}, deleted: false, state: 'failed', finding: { code: error.code, detail: error.detail } }, remote: null };
  }
}

/** What came inside some records. Its age is that of the record around it: an older one never replaces what a newer one brought. */
export function innerOf({ inner }: Listing, records: readonly RemoteRecord[], context: IntegrationContext): PlacedRecords[] {
  const there = records.filter(({ deleted }) => deleted !== true);
  return inner.map(({ place, flow, within }) => ({
    place,
    records: there.flatMap((outer) => within.records(outer, context).map((record) => seen({ ...record, modifiedAt: outer.modifiedAt }, flow, context))),
  }));
}

function ownListings(integration: Integration, { name, flows, observes }: Module, context: IntegrationContext): Listing[] {
  return distinct([
    ...flows.filter(({ within }) => within === undefined).flatMap((flow) => placesOf(flow, context).flatMap(({ side, resource }) => listingAt(integration, name, side, resource, context))),
    ...observes.filter(({ keptForMs }) => keptForMs === undefined).flatMap((source) => placesOf(source, context).map((at) => ({ place: { module: name, ...at }, flow: null, inner: [], begins: source.since?.(context) ?? null }))),
  ]);
}

/** None where the settings leave nothing to read there. */
function listingAt(integration: Integration, name: string, side: Side, resource: string, context: IntegrationContext): Listing[] {
  const outer = integration.modules.find((module) => module.name === name)?.flows.find((flow) => !flow.within && flow.side === side && flow.resources(context).includes(resource));
  if (!outer) return [];
  const inner = integration.modules.flatMap((module) => module.flows.flatMap((flow) => {
    const { within } = flow;
    if (!within || flow.side !== side || within.module !== name || within.resource !== resource) return [];
    return flow.resources(context).map((own): InnerFlow => ({ place: { module: module.name, side, resource: own }, flow, within }));
  }));
  return [{ place: { module: name, side, resource }, flow: outer, inner, begins: outer.since?.(context) ?? null }];
}

function readerOf({ modules }: Integration, owner: string, inner: readonly InnerFlow[]): string {
  const names = new Set([owner, ...inner.map(({ place }) => place.module)]);
  return modules.find(({ name }) => names.has(name))?.name ?? owner;
}

/** The first module that a listing brings something, whatever the settings. */
function firstWith({ modules }: Integration, { module: owner, resource }: Within): string[] {
  const first = modules.find(({ name, flows }) => name === owner || flows.some(({ within }) => within?.module === owner && within.resource === resource));
  return first ? [first.name] : [];
}

function distinct<One extends Listing>(listings: readonly One[]): One[] {
  const byPlace = new Map<string, One>();
  for (const listing of listings) {
    const key = `${listing.place.side}/${listing.place.resource}`;
    if (!byPlace.has(key)) byPlace.set(key, listing);
  }
  return [...byPlace.values()];
}
