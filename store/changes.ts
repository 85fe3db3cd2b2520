import type { Insertable, Kysely, Selectable, Transaction } from 'kysely';
import { canonicalJson, type JsonObject } from '../domain/json.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { Address, Change, ChangeState, Finding, Place, SeenRecord } from './types.ts';
import type { Tables } from './schema.ts';
import { readJson } from './rows.ts';

type Row = Selectable<Tables['changes']>;

/** What one page of a pass brought. */
export interface PageCounts {
  /** Records whose content is new: they are to be carried over. */
  readonly changedIds: ReadonlySet<string>;
  readonly unchanged: number;
}

/**
 * Writes one page of records. A record whose content is as before stays as it is; an older version never replaces a newer one.
 *
 * @param records what the page held, each with what is to become of it
 * @param pass the number of the pass, so that a full pass can tell which records it did not meet
 */
export async function recordPage(
  trx: Transaction<Tables>,
  integrationId: string,
  place: Place,
  records: readonly SeenRecord[],
  pass: number,
): Promise<PageCounts> {
  if (records.length === 0) return { changedIds: new Set(), unchanged: 0 };
  const ids = records.map((record) => record.id);
  const known = await trx
    .selectFrom('changes')
    .select(['record_id', 'fingerprint', 'modified_at'])
    .where('integration_id', '=', integrationId)
    .where('side', '=', place.side)
    .where('resource', '=', place.resource)
    .where('record_id', 'in', ids)
    .execute();
  const knownById = new Map(known.map((row) => [row.record_id, row]));
  const rows = new Map<string, Insertable<Tables['changes']>>();
  let unchanged = 0;
  for (const record of records) {
    const before = rows.get(record.id) ?? knownById.get(record.id);
    const fingerprint = canonicalJson({ data: record.data, deleted: record.deleted, code: record.finding?.code ?? null });
    if (before && (before.fingerprint === fingerprint || isOlder(record.modifiedAt, before.modified_at ?? null))) {
      unchanged += 1;
      continue;
    }
    rows.set(record.id, {
      ...place, integration_id: integrationId, record_id: record.id, modified_at: record.modifiedAt, fingerprint,
      data: canonicalJson(record.data), deleted: record.deleted ? 1 : 0, state: record.state,
      code: record.finding?.code ?? null, detail: record.finding?.detail ?? null,
      attempts: 0, due_ms: 0, waits_for: null, pass,
    });
  }
  await upsertRows(trx, [...rows.values()]);
  await trx
    .updateTable('changes')
    .set({ pass })
    .where('integration_id', '=', integrationId)
    .where('side', '=', place.side)
    .where('resource', '=', place.resource)
    .where('record_id', 'in', ids)
    .execute();
  return { changedIds: new Set(rows.keys()), unchanged };
}

async function upsertRows(trx: Transaction<Tables>, rows: Insertable<Tables['changes']>[]): Promise<void> {
  if (rows.length === 0) return;
  await trx
    .insertInto('changes')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['integration_id', 'side', 'resource', 'record_id']).doUpdateSet((eb) => ({
        module: eb.ref('excluded.module'), modified_at: eb.ref('excluded.modified_at'), fingerprint: eb.ref('excluded.fingerprint'),
        // What was deleted brings no fields; what is known of it stays, because documents still refer to it.
        data: eb.case().when('excluded.deleted', '=', 1).then(eb.ref('changes.data')).else(eb.ref('excluded.data')).end(),
        deleted: eb.ref('excluded.deleted'), state: eb.ref('excluded.state'),
        code: eb.ref('excluded.code'), detail: eb.ref('excluded.detail'), attempts: 0, due_ms: 0, waits_for: null,
      })),
    )
    .execute();
}

function isOlder(candidate: string | null, known: string | null): boolean {
  if (candidate === null || known === null) return false;
  return Date.parse(candidate) < Date.parse(known);
}

function toChange(row: Row): Change {
  return {
    id: row.id, module: row.module, side: row.side === 'books' ? 'books' : 'other', resource: row.resource, recordId: row.record_id,
    modifiedAt: row.modified_at, fingerprint: row.fingerprint, data: readJson(row.data), deleted: row.deleted === 1, attempts: row.attempts,
  };
}

/**
 * The next changes to carry over, oldest first.
 *
 * @param after only changes with a greater id: those of this pass over the table that were not handed out yet
 */
export async function pendingChanges(
  db: Kysely<Tables>,
  request: { integrationId: string; module: string; side: string; nowMs: number; after: number; limit: number },
): Promise<Change[]> {
  const rows = await db
    .selectFrom('changes')
    .selectAll()
    .where('integration_id', '=', request.integrationId)
    .where('module', '=', request.module)
    .where('side', '=', request.side)
    .where('state', '=', 'pending')
    .where('due_ms', '<=', request.nowMs)
    .where('id', '>', request.after)
    .orderBy('id')
    .limit(request.limit)
    .execute();
  return rows.map(toChange);
}

/** How many changes of a module are unfinished, and when the first of them is due (milliseconds since the epoch). */
export async function pendingSummary(
  db: Kysely<Tables>,
  integrationId: string,
  module: string,
): Promise<{ count: number; dueMs: number }> {
  const row = await db
    .selectFrom('changes')
    .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.min('due_ms').as('due')])
    .where('integration_id', '=', integrationId)
    .where('module', '=', module)
    .where('state', '=', 'pending')
    .executeTakeFirstOrThrow();
  return { count: row.count, dueMs: row.due ?? 0 };
}

/** The stored records at some addresses, for mapping a record that refers to them. */
export async function recordsAt(db: Kysely<Tables>, integrationId: string, addresses: readonly Address[]): Promise<Map<string, JsonObject>> {
  const found = new Map<string, JsonObject>();
  for (const [place, ids] of groupByPlace(addresses)) {
    const rows = await db
      .selectFrom('changes')
      .select(['side', 'resource', 'record_id', 'data'])
      .where('integration_id', '=', integrationId)
      .where('side', '=', place.side)
      .where('resource', '=', place.resource)
      .where('record_id', 'in', ids)
      .execute();
    for (const row of rows) found.set(`${row.side}/${row.resource}/${row.record_id}`, readJson(row.data));
  }
  return found;
}

export function groupByPlace(addresses: readonly Address[]): [Omit<Address, 'id'>, string[]][] {
  const groups = new Map<string, [Omit<Address, 'id'>, Set<string>]>();
  for (const { side, resource, id } of addresses) {
    const group = groups.get(`${side}/${resource}`) ?? [{ side, resource }, new Set<string>()];
    group[1].add(id);
    groups.set(`${side}/${resource}`, group);
  }
  return [...groups.values()].map(([place, ids]) => [place, [...ids]]);
}

/** Records a full pass did not meet: they may be deleted. The caller asks for each before believing it. */
export async function unmetRecords(
  db: Kysely<Tables>,
  integrationId: string,
  place: Place,
  pass: number,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('changes')
    .select('record_id')
    .where('integration_id', '=', integrationId)
    .where('side', '=', place.side)
    .where('resource', '=', place.resource)
    .where('pass', '<', pass)
    .where('deleted', '=', 0)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => row.record_id);
}

/** Wakes the changes that waited for a record which has just been linked. */
export async function wakeWaiting(trx: Transaction<Tables>, integrationId: string, arrived: readonly string[]): Promise<void> {
  await trx
    .updateTable('changes')
    .set({ state: 'pending', waits_for: null, due_ms: 0 })
    .where('integration_id', '=', integrationId)
    .where('waits_for', 'in', arrived)
    .execute();
}

/**
 * Ends a change, unless a newer version of the record arrived meanwhile: that one is still to be carried over.
 *
 * @param ending the state to leave it in, with the reason
 */
export async function endChange(
  trx: Transaction<Tables>,
  change: Change,
  ending: { state: ChangeState; finding: Finding | null; waitsFor: string | null },
): Promise<void> {
  await trx
    .updateTable('changes')
    .set({
      state: ending.state, code: ending.finding?.code ?? null, detail: ending.finding?.detail ?? null,
      waits_for: ending.waitsFor, due_ms: 0,
    })
    .where('id', '=', change.id)
    .where('fingerprint', '=', change.fingerprint)
    .execute();
}

/** The newest version of one record, whatever its state. */
export async function changeAt(db: Kysely<Tables>, integrationId: string, { side, resource, id }: Address): Promise<Change | null> {
  const row = await db
    .selectFrom('changes')
    .selectAll()
    .where('integration_id', '=', integrationId)
    .where('side', '=', side)
    .where('resource', '=', resource)
    .where('record_id', '=', id)
    .executeTakeFirst();
  return row ? toChange(row) : null;
}

/** Puts a change off after a failure that may pass. */
export async function postpone(db: Kysely<Tables>, change: Change, dueMs: number): Promise<void> {
  await db
    .updateTable('changes')
    .set({ due_ms: dueMs, attempts: change.attempts + 1 })
    .where('id', '=', change.id)
    .where('fingerprint', '=', change.fingerprint)
    .execute();
}

/** Changes that ended as failed, with their reasons. */
export async function failedChanges(db: Kysely<Tables>, integrationId: string, limit: number) {
  const rows = await db
    .selectFrom('changes')
    .select(['module', 'resource', 'record_id', 'code', 'detail'])
    .where('integration_id', '=', integrationId)
    .where('state', 'in', ['failed', 'waiting'])
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    module: row.module, resource: row.resource, recordId: row.record_id,
    code: row.code as ErrorCode | null, detail: row.detail ?? '',
  }));
}
