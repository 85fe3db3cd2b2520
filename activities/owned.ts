import type { RemoteRecord } from '../connectors/resource.ts';
import { BookbridgeError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import { readRecordKey, recordKey, type Flow, type Known, type Write } from '../integrations/integration.ts';
import { keyText } from '../store/matches.ts';
import type { Store } from '../store/store.ts';
import { addressText, otherSide, type Address, type Ending, type Place } from '../store/types.ts';
import { bareLink, type Prepared } from './batch.ts';
import type { Deps } from './deps.ts';
import { isImportSince, isMatched, ownerKey } from './partners.ts';
import type { Session, StepRequest } from './session.ts';

/**
 * Records of the target system that carry a key of ours although nothing is known of them here, because the store was lost. What may
 * not be changed any more must not be written by its key either, so it is known before the first attempt which keys are there.
 */
export interface Owned {
  /**
   * The record of one of some resources that carries a key; null: none did when they were listed. Costs a call for each that may be it.
   *
   * @throws BookbridgeError as every call does
   */
  find(resources: readonly string[], wanted: Pick<Write, 'key' | 'fields'>): Promise<Found | null>;
  /**
   * The document of a record without link that is not to be carried over now: where it is left out although somebody may mind the document, or waits
   * for what will not arrive by itself.
   *
   * @param ending how its change ends if there is none
   * @throws BookbridgeError as every call does
   */
  findLeft(prepared: Prepared, known: Known, ending: Ending): Promise<Found | null>;
}

export interface Found {
  readonly resource: string;
  readonly record: RemoteRecord;
}

/** What finds the records of a flow by their keys. */
export function createOwned({ store }: Deps, session: Session, flow: Flow): Owned {
  const { stored, connectors } = session;
  const side = otherSide(flow.side);
  const find: Owned['find'] = async (resources, { key, fields }) => {
    for (const name of resources) {
      const resource = connectors[side].writable(name);
      for (const { id } of await store.matches.having(stored.id, { side, resource: name }, [ownerKey(key), ...referenceKeys(flow, fields)])) {
        const record = await resource.get(id);
        if (record && resource.keyOf(record) === key) return { resource: name, record };
      }
    }
    return null;
  };
  return {
    find,
    async findLeft(prepared, known, { waitsFor, finding }) {
      if (waitsFor) return flow.mayUpdate && await isWithoutHope(store, stored.id, waitsFor) ? find(flow.targets, supposed(session, flow, prepared, known)) : null;
      return flow.leftBehind?.(finding) ? find(flow.targets, { key: recordKey(stored.id, prepared.record), fields: {} }) : null;
    },
  };
}

/** Whether what is waited for is left out, or gone: a document was perhaps made for it before. */
async function isWithoutHope(store: Store, integrationId: string, awaited: Address): Promise<boolean> {
  const standing = (await store.reports.standings(integrationId, [awaited])).get(addressText(awaited));
  return !standing || standing.state === 'skipped' || standing.change.deleted;
}

/** How a record would look if what it waits for were linked; as far as that is to be told. */
function supposed({ stored, context }: Session, flow: Flow, { change, record, references }: Prepared, known: Known): Pick<Write, 'key' | 'fields'> {
  const awaited = new Set(references.filter(({ required }) => required).map(addressText));
  const nobody = { side: otherSide(flow.side), resource: '', id: '' };
  const link: Known['link'] = (address) => known.link(address) ?? (awaited.has(addressText(address)) ? bareLink({ ...address, recordId: address.id, module: change.module }, nobody) : null);
  try {
    const mapped = flow.map(record, { ...known, link }, context);
    if (mapped.kind === 'write') return mapped;
  } catch (error) {
    if (!(error instanceof BookbridgeError) || error.scope !== 'record') throw error;
  }
  return { key: recordKey(stored.id, record), fields: {} };
}

/**
 * Makes what a listing brought findable by the keys of ours that it carries, where a record arrives in one of several resources: in which one it
 * arrived before the store was lost is not to be seen from the record itself any more. Makes no call.
 */
export async function indexOwned({ store }: Deps, { stored, integration, connectors }: Session, { side, resource: name }: Pick<Place, 'side' | 'resource'>, records: readonly RemoteRecord[]): Promise<void> {
  const isDivided = integration.modules.some(({ flows }) => flows.some((flow) => flow.side !== side && flow.targets.length > 1 && flow.targets.includes(name)));
  if (!isDivided || records.length === 0) return;
  const resource = connectors[side].writable(name);
  await store.matches.put(stored.id, { side, resource: name }, records.map((record) => {
    const key = resource.keyOf(record);
    return { id: record.id, keys: key === null ? [] : [ownerKey(key)] };
  }));
}

/** A listing may not show keys; the reference that it does show tells which records are worth a look. */
function referenceKeys({ reference }: Flow, fields: JsonObject): string[] {
  const value = reference === undefined ? null : fields[reference];
  return typeof value === 'string' && value !== '' ? [keyText('reference', value)] : [];
}

/**
 * Lists what the target system has, once in an initial import: a store that was lost begins with one. Only ids are kept, with the key that a
 * record carries, or else with its reference. An organization without any costs one call, and a flow without records none.
 *
 * @throws BookbridgeError as every call does
 */
export async function readOwned(deps: Deps, session: Session, { integrationId, runId, module }: StepRequest, flow: Flow): Promise<void> {
  const { store } = deps;
  if (!flow.mayUpdate || !(await isImportSince(deps, runId, 0))) return;
  // What waits for a person may have been carried over before the store was lost.
  if (!(await store.matches.hasUnlinked(integrationId, module, flow.side, flow.resources(session.context), ['pending', 'observed']))) return;
  const side = otherSide(flow.side);
  for (const name of flow.targets) {
    // That listing notes the keys as well.
    if (isMatched(flow) && flow.matching.resource === name) continue;
    const place = { module, side, resource: name };
    const listedMs = await store.matches.listedMs(integrationId, place);
    if (listedMs !== null && !(await isImportSince(deps, runId, listedMs))) continue;
    const resource = session.connectors[side].writable(name);
    const pass = await store.currentPass(integrationId, place);
    let { page } = pass;
    do {
      session.signal.throwIfAborted();
      const listed = await resource.list({ since: null, page });
      const owned = listed.records.flatMap((record) => {
        const key = resource.keyOf(record);
        const keys = key === null ? referenceKeys(flow, record.data) : [ownerKey(key)];
        return keys.length === 0 || record.deleted ? [] : [{ id: record.id, keys }];
      });
      await store.matches.put(integrationId, place, owned);
      await noticeOwned(store, session, flow, listed.records.flatMap((record) => resource.keyOf(record) ?? []));
      page = listed.next;
      await store.savePage({ integrationId, runId, place, pass, records: [], next: page, nextSince: new Date(pass.startedMs).toISOString() });
    } while (page !== null);
  }
}

/** Has those records looked at that are left out although a document carries their key. Makes no call. */
async function noticeOwned(store: Store, { stored, context }: Session, flow: Flow, keys: readonly string[]): Promise<void> {
  const made = keys.flatMap((key) => readRecordKey(stored.id, key) ?? []).filter(({ resource }) => flow.resources(context).includes(resource));
  const standings = await store.reports.standings(stored.id, made.map((source): Address => ({ side: flow.side, ...source })));
  const minded = [...standings.values()].filter(({ state, code, detail }) => state === 'skipped' && code !== null && flow.leftBehind?.({ code, detail }));
  await store.judgings.change(stored.id, minded.map(({ change }) => ({ change, state: 'pending', finding: null })));
}
