import type { RemoteRecord } from '../connectors/resource.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Flow, Write } from '../integrations/integration.ts';
import { keyText } from '../store/matches.ts';
import { otherSide } from '../store/types.ts';
import type { Deps } from './deps.ts';
import { isImportSince, isMatched, ownerKey } from './partners.ts';
import type { Session, StepRequest } from './session.ts';

/**
 * Records of the target system that carry a key of ours although nothing is known of them here, because the store was lost. What may
 * not be changed any more must not be written by its key either, so it is known before the first attempt which keys are there.
 */
export interface Owned {
  /**
   * The record that carries the key of a mapped record; null: none did when they were listed. Costs a call for each that may be it.
   *
   * @throws BookbridgeError as every call does
   */
  find(mapped: Write): Promise<RemoteRecord | null>;
}

/** Null where everything may be written at any time. */
export function createOwned({ store }: Deps, { stored, connectors }: Session, flow: Flow): Owned | null {
  if (!flow.mayUpdate) return null;
  const side = otherSide(flow.side);
  return {
    async find({ resource: name, key, fields }) {
      const resource = connectors[side].writable(name);
      for (const { id } of await store.matches.having(stored.id, { side, resource: name }, [ownerKey(key), ...referenceKeys(flow, fields)])) {
        const record = await resource.get(id);
        if (record && resource.keyOf(record) === key) return record;
      }
      return null;
    },
  };
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
      page = listed.next;
      await store.savePage({ integrationId, runId, place, pass, records: [], next: page, nextSince: new Date(pass.startedMs).toISOString() });
    } while (page !== null);
  }
}
