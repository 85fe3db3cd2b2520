import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import type { JsonObject } from '../domain/json.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { Address, Change, ChangeState, Finding, Place, Side } from './types.ts';
import type { Tables } from './schema.ts';
import { readJson, storedText } from './rows.ts';
import { NO_DATA, UNREADABLE } from './versions.ts';

type Row = Selectable<Tables['changes']>;

/** Written into the statement, not bound to it: only so does either database see that its small index answers the question. */
const pendingState = sql.lit('pending');
const unfinishedStates = [sql.lit('failed'), sql.lit('waiting')];

/** A change as it is stored. */
export function toChange(row: Row): Change {
  return {
    id: row.id, module: row.module, side: row.side === 'books' ? 'books' : 'other', resource: row.resource, recordId: row.record_id,
    modifiedAt: row.modified_at, fingerprint: row.fingerprint, deleted: row.deleted === 1, attempts: row.attempts,
    // What is kept of an earlier version is for those that refer to it, and never carried over in place of one that could not be read.
    data: row.fingerprint === UNREADABLE ? {} : readJson(row.data),
  };
}

export interface PendingRequest {
  readonly integrationId: string;
  readonly module: string;
  readonly side: Side;
  /** Only changes of these; absent: of all that the module has on that side. */
  readonly resources?: readonly string[];
  readonly after: number;
  readonly limit: number;
}

/**
 * The next changes to carry over, oldest first.
 *
 * @param after only changes with a greater id: those of this pass over the table that were not handed out yet
 */
export async function pendingChanges(
  db: Kysely<Tables>,
  request: PendingRequest & { nowMs: number },
): Promise<Change[]> {
  let query = db
    .selectFrom('changes')
    .selectAll()
    .where('integration_id', '=', request.integrationId)
    .where('module', '=', request.module)
    .where('side', '=', request.side)
    .where('state', '=', pendingState)
    .where('due_ms', '<=', request.nowMs)
    .where('id', '>', request.after);
  if (request.resources) query = query.where('resource', 'in', request.resources);
  return (await query.orderBy('id').limit(request.limit).execute()).map(toChange);
}

/**
 * How many changes of a module are unfinished, and when the first of them is due (milliseconds since the epoch).
 *
 * @param places only changes of these; absent: of all that the module has
 */
export async function pendingSummary(
  db: Kysely<Tables>,
  integrationId: string,
  module: string,
  places?: readonly Omit<Address, 'id'>[],
): Promise<{ count: number; dueMs: number }> {
  if (places?.length === 0) return { count: 0, dueMs: 0 };
  let query = db
    .selectFrom('changes')
    .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.min('due_ms').as('due')])
    .where('integration_id', '=', integrationId)
    .where('module', '=', module)
    .where('state', '=', pendingState);
  if (places) query = query.where((eb) => eb.or(places.map(({ side, resource }) => eb.and([eb('side', '=', side), eb('resource', '=', resource)]))));
  const row = await query.executeTakeFirstOrThrow();
  return { count: row.count, dueMs: row.due ?? 0 };
}

/** Every record that is there of one resource and was ever read, for a mapping that chooses from them. */
export async function recordsOf(db: Kysely<Tables>, integrationId: string, { side, resource }: Omit<Address, 'id'>): Promise<{ id: string; data: JsonObject }[]> {
  const rows = await db
    .selectFrom('changes').select(['record_id', 'data'])
    .where('integration_id', '=', integrationId).where('side', '=', side).where('resource', '=', resource)
    .where('deleted', '=', sql.lit(0)).where('data', '!=', NO_DATA)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({ id: row.record_id, data: readJson(row.data) }));
}

/** The stored records at some addresses, for mapping a record that refers to them. Of what was deleted before it was ever read nothing is known, or will be. */
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
      .where((eb) => eb.or([eb('deleted', '=', sql.lit(0)), eb('data', '!=', NO_DATA)]))
      .execute();
    for (const row of rows) found.set(`${row.side}/${row.resource}/${row.record_id}`, readJson(row.data));
  }
  return found;
}

/** Side and resource with the ids of its records, each id once: what one query can ask for. */
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
    .where('deleted', '=', sql.lit(0))
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => row.record_id);
}

/** Wakes the changes that waited for records which have just been linked, or can be read again, by {@link addressText}. */
export async function wakeWaiting(trx: Transaction<Tables>, integrationId: string, arrived: readonly string[]): Promise<void> {
  await trx
    .updateTable('changes')
    .set({ state: 'pending', code: null, detail: null, waits_for: null, due_ms: 0 })
    .where('integration_id', '=', integrationId)
    .where('waits_for', 'in', arrived)
    .execute();
}

/** The state to leave changes in, with the reason. */
export interface EndState {
  readonly state: ChangeState;
  readonly finding: Finding | null;
  /** The record they wait for, by {@link addressText}. */
  readonly waitsFor: string | null;
}

/** Pairs in one statement: SQLite takes an expression of 1,000 at most. */
const PAIRS_MAX = 500;

/** Leaves changes in one state, except those of which a newer version arrived meanwhile: that one is still to be carried over. */
export async function leaveIn(trx: Transaction<Tables>, { state, finding, waitsFor }: EndState, changes: readonly Change[]): Promise<void> {
  for (let start = 0; start < changes.length; start += PAIRS_MAX) {
    await trx
      .updateTable('changes')
      .set({ state, code: finding?.code ?? null, detail: finding && storedText(finding.detail), waits_for: waitsFor, due_ms: 0 })
      .where((eb) => eb.or(changes.slice(start, start + PAIRS_MAX).map((change) => eb.and([eb('id', '=', change.id), eb('fingerprint', '=', change.fingerprint)]))))
      .where('state', '!=', 'withdrawn')
      .execute();
  }
}

/** Has records carried over once more, whatever became of them. */
export async function carryAgain(trx: Transaction<Tables>, changeIds: readonly number[]): Promise<void> {
  if (changeIds.length === 0) return;
  await trx
    .updateTable('changes')
    .set({ state: 'pending', code: null, detail: null, attempts: 0, due_ms: 0, waits_for: null })
    .where('id', 'in', changeIds)
    .where('state', '!=', 'withdrawn')
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
    .where('state', 'in', unfinishedStates)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    module: row.module, resource: row.resource, recordId: row.record_id,
    code: row.code as ErrorCode | null, detail: row.detail ?? '',
  }));
}
