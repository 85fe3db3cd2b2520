import { setTimeout as delay } from 'node:timers/promises';
import { openConnectors } from '../activities/connectors.ts';
import type { Deps } from '../activities/deps.ts';
import { createHttp } from '../connectors/http.ts';
import type { RemoteRecord, Resource } from '../connectors/resource.ts';
import { integrationOf } from '../integrations/registry.ts';
import { groupByPlace } from '../store/changes.ts';
import type { OverviewRecord } from '../store/overview.ts';
import { otherSide, type Integration, type SeenRecord } from '../store/types.ts';
import type { Local } from './open.ts';

/** As many as a listing shows on a page. */
const PAGE_RECORDS = 200;

/**
 * Asks the other side how the partners of some records are now, and stores it: by listing, or by their ids where that costs fewer calls.
 * What a listing does not show is asked for by its id before it counts as deleted.
 *
 * @throws BookbridgeError as every call does; limits are not waited for
 */
export async function refreshPartners({ store, config }: Pick<Local, 'store' | 'config'>, integration: Integration, records: readonly OverviewRecord[], signal = new AbortController().signal): Promise<void> {
  const addresses = records.flatMap(({ side, link }) => (link ? [link[otherSide(side)]] : []));
  if (addresses.length === 0) return;
  const deps = depsOf({ store, config });
  const connectors = await openConnectors(deps, { integration, otherSystem: integrationOf(integration.kind).otherSystem, purpose: 'bulk', signal });
  const links = await store.countLinks(integration.id);
  for (const [{ side, resource }, ids] of groupByPlace(addresses)) {
    const module = records.find(({ link }) => link?.[side].resource === resource)?.module ?? '';
    const pages = Math.ceil((links[module] ?? 0) / PAGE_RECORDS);
    const seen = await readAll(connectors[side].readable(resource), new Set(ids), ids.length > pages);
    await store.addRecords(integration.id, { module, side, resource }, 0, seen);
  }
}

function depsOf({ store, config }: Pick<Local, 'store' | 'config'>): Deps {
  return {
    store, now: Date.now, sleep: (ms) => delay(ms), lanes: 1, mail: null, noticeAfterMs: config.noticeAfterMs,
    http: (aborted) => createHttp({ timeoutMs: config.callTimeoutMs, signal: aborted }),
  };
}

async function readAll(resource: Resource, ids: ReadonlySet<string>, byListing: boolean): Promise<SeenRecord[]> {
  const seen = new Map<string, SeenRecord>();
  const see = ({ id, modifiedAt, data }: RemoteRecord) => {
    if (ids.has(id)) seen.set(id, { id, modifiedAt, data, deleted: false, state: 'observed', finding: null });
  };
  if (byListing) await listUntil(resource, (records) => {
    records.forEach(see);
    return seen.size === ids.size;
  });
  for (const id of ids) {
    if (seen.has(id)) continue;
    const record = await resource.get(id);
    if (record) see(record);
    else seen.set(id, { id, modifiedAt: null, data: {}, deleted: true, state: 'observed', finding: null });
  }
  return [...seen.values()];
}

/** Lists page by page until the reader has seen enough. */
async function listUntil(resource: Resource, read: (records: readonly RemoteRecord[]) => boolean): Promise<void> {
  let page: string | null = null;
  do {
    const listed = await resource.list({ since: null, page });
    page = read(listed.records) ? null : listed.next;
  } while (page !== null);
}
