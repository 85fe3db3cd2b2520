import { sql, type ExpressionBuilder, type Kysely, type Selectable, type Transaction } from 'kysely';
import type { ErrorCode } from '../domain/errors.ts';
import type { Database } from './database.ts';
import { recordPage } from './pages.ts';
import { forgetKept } from './passes.ts';
import type { Tables } from './schema.ts';
import { otherSide, type Address, type ChangeState, type Integration, type Limits, type Place, type PlacedRecords, type SeenRecord } from './types.ts';
import { UNREADABLE } from './versions.ts';

/** Where one record stands. */
export interface RecordStanding extends Address {
  readonly changeId: number;
  readonly module: string;
  readonly state: ChangeState;
  readonly code: ErrorCode | null;
  readonly detail: string;
  readonly attempts: number;
}

export interface ChangeCount {
  readonly module: string;
  readonly state: ChangeState;
  readonly code: ErrorCode | null;
  readonly count: number;
  /** Earliest and latest time of a next attempt, milliseconds since the epoch; 0: at once. */
  readonly dueMs: { readonly first: number; readonly last: number };
}

/** Which changes to try again; `all` is everything that failed or waits. */
export type RetrySelection =
  | { readonly by: 'change'; readonly id: number }
  | { readonly by: 'record'; readonly id: string }
  | { readonly by: 'reason'; readonly code: ErrorCode }
  | { readonly by: 'all' };

export interface QuotaStatus {
  readonly limits: Limits;
  /** Calls since the day of the quota began. */
  readonly dayUsed: number;
  /** When the day of the quota ends, milliseconds since the epoch; null where it has no daily limit. */
  readonly dayEndsMs: number | null;
  /** Until when the system grants no call, and why; null: it grants calls. */
  readonly blocked: { readonly untilMs: number; readonly code: string } | null;
}

/** What became of one record, and when. */
export interface HistoryEntry {
  readonly module: string;
  readonly resource: string;
  readonly recordId: string;
  readonly outcome: string;
  readonly code: string | null;
  readonly detail: string | null;
  readonly atMs: number;
}

/** What a person who runs Bookbridge asks and decides. */
export interface Operations {
  setState(integrationId: string, state: Integration['state']): Promise<void>;
  /** How many records are in which state, by module and reason; those that are done are left out. */
  counts(integrationId: string): Promise<ChangeCount[]>;
  /** Records that failed or wait for another, the oldest first. */
  problems(integrationId: string, filter: { module?: string | undefined; code?: ErrorCode | undefined; limit: number }): Promise<RecordStanding[]>;
  /** Every record with this id of its own or of its partner. */
  find(integrationId: string, recordId: string, module?: string): Promise<RecordStanding[]>;
  standings(changeIds: readonly number[]): Promise<RecordStanding[]>;
  /**
   * Puts changes back to pending, to be carried over by the next run; gives them as they were.
   *
   * @param by a person may have put right what stands in a listing that is believed for a while, so it is listed again
   */
  retry(integrationId: string, selection: RetrySelection, by?: 'person' | 'clock'): Promise<RecordStanding[]>;
  /** The ids of those that could not be read and are to be tried again. */
  unread(integrationId: string, place: Place): Promise<string[]>;
  /** Adds one record that was read by id, and before it what came inside, and has it carried over even where nothing about it is new. */
  readAgain(integrationId: string, place: Place, record: SeenRecord, inner?: readonly PlacedRecords[]): Promise<void>;
  /** The sync history, newest first. */
  history(integrationId: string, filter: { module?: string | undefined; recordId?: string | undefined; limit: number }): Promise<HistoryEntry[]>;
  /** Null where no call was ever counted. */
  quota(id: string): Promise<QuotaStatus | null>;
}

/** Ids in one query: databases limit the number of parameters. */
const IDS_MAX = 500;
const PROBLEM_STATES: readonly ChangeState[] = ['failed', 'waiting'];

/** @param now milliseconds since the epoch */
export function createOperations(database: Database, now: () => number): Operations {
  const { db } = database;
  return {
    async setState(integrationId, state) {
      await db.updateTable('integrations').set({ state }).where('id', '=', integrationId).execute();
    },
    counts: (integrationId) => changeCounts(db, integrationId),
    async problems(integrationId, { module, code, limit }) {
      let query = standingsOf(db).where('integration_id', '=', integrationId).where('state', 'in', PROBLEM_STATES);
      if (module !== undefined) query = query.where('module', '=', module);
      if (code !== undefined) query = query.where('code', '=', code);
      return (await query.orderBy('id').limit(limit).execute()).map(toStanding);
    },
    find: (integrationId, recordId, module) => findRecords(db, integrationId, recordId, module),
    async standings(changeIds) {
      const found: RecordStanding[] = [];
      for (const ids of chunks(changeIds)) found.push(...(await standingsOf(db).where('id', 'in', ids).orderBy('id').execute()).map(toStanding));
      return found;
    },
    retry: (integrationId, selection, by = 'person') => retry(database, integrationId, selection, by),
    async unread(integrationId, { module, side, resource }) {
      const rows = await db
        .selectFrom('changes').select('record_id')
        .where('integration_id', '=', integrationId).where('module', '=', module).where('side', '=', side).where('resource', '=', resource)
        .where('state', '=', sql.lit('pending')).where('fingerprint', '=', UNREADABLE)
        .orderBy('id')
        .execute();
      return rows.map((row) => row.record_id);
    },
    readAgain: (integrationId, place, record, inner = []) => readAgain(database, integrationId, place, record, inner),
    async history(integrationId, { module, recordId, limit }) {
      let query = db.selectFrom('history').selectAll().where('integration_id', '=', integrationId);
      if (module !== undefined) query = query.where('module', '=', module);
      if (recordId !== undefined) query = query.where('record_id', '=', recordId);
      const rows = await query.orderBy('id', 'desc').limit(limit).execute();
      return rows.map((row) => ({
        module: row.module, resource: row.resource, recordId: row.record_id, outcome: row.outcome,
        code: row.code, detail: row.detail, atMs: row.at_ms,
      }));
    },
    async quota(id) {
      const row = await db.selectFrom('quotas').selectAll().where('id', '=', id).executeTakeFirst();
      return row ? toQuotaStatus(row, now()) : null;
    },
  };
}

type Row = Pick<Selectable<Tables['changes']>, 'id' | 'module' | 'side' | 'resource' | 'record_id' | 'state' | 'code' | 'detail' | 'attempts'>;

function standingsOf(db: Kysely<Tables>) {
  return db.selectFrom('changes').select(['id', 'module', 'side', 'resource', 'record_id', 'state', 'code', 'detail', 'attempts']);
}

function toStanding(row: Row): RecordStanding {
  return {
    changeId: row.id, module: row.module, side: row.side === 'books' ? 'books' : 'other', resource: row.resource, id: row.record_id,
    state: row.state as ChangeState, code: row.code as ErrorCode | null, detail: row.detail ?? '', attempts: row.attempts,
  };
}

function* chunks(ids: readonly number[]): Generator<number[]> {
  for (let start = 0; start < ids.length; start += IDS_MAX) yield ids.slice(start, start + IDS_MAX);
}

async function changeCounts(db: Kysely<Tables>, integrationId: string): Promise<ChangeCount[]> {
  const rows = await db
    .selectFrom('changes')
    .select((eb) => ['module', 'state', 'code', eb.fn.countAll().as('count'), eb.fn.min('due_ms').as('first'), eb.fn.max('due_ms').as('last')])
    .where('integration_id', '=', integrationId)
    // Written into the statement, as the index has it: only so does either database see that the small index answers the question.
    .where('state', 'not in', [sql.lit('done'), sql.lit('observed')])
    .groupBy(['module', 'state', 'code'])
    .orderBy('module').orderBy('state').orderBy('code')
    .execute();
  return rows.map((row) => ({
    module: row.module, state: row.state as ChangeState, code: row.code as ErrorCode | null, count: Number(row.count),
    dueMs: { first: row.first, last: row.last },
  }));
}

async function findRecords(db: Kysely<Tables>, integrationId: string, recordId: string, module?: string): Promise<RecordStanding[]> {
  const links = await db
    .selectFrom('links').select(['other_resource', 'other_id', 'books_resource', 'books_id'])
    .where('integration_id', '=', integrationId)
    .where((eb) => eb.or([eb('other_id', '=', recordId), eb('books_id', '=', recordId)]))
    .execute();
  const at = (eb: ExpressionBuilder<Tables, 'changes'>, side: string, resource: string, id: string) =>
    eb.and([eb('side', '=', side), eb('resource', '=', resource), eb('record_id', '=', id)]);
  let query = standingsOf(db).where('integration_id', '=', integrationId).where('state', '!=', 'observed').where((eb) => eb.or([
    eb('record_id', '=', recordId),
    ...links.flatMap((link) => [at(eb, 'other', link.other_resource, link.other_id), at(eb, 'books', link.books_resource, link.books_id)]),
  ]));
  if (module !== undefined) query = query.where('module', '=', module);
  return (await query.orderBy('id').execute()).map(toStanding);
}

async function retry({ exclusive }: Database, integrationId: string, selection: RetrySelection, by: 'person' | 'clock'): Promise<RecordStanding[]> {
  return exclusive(`integration:${integrationId}`, async (trx) => {
    if (by === 'person') await forgetKept(trx, integrationId);
    let query = standingsOf(trx).where('integration_id', '=', integrationId);
    if (selection.by === 'all') query = query.where('state', 'in', PROBLEM_STATES);
    // What was left out on purpose is tried again only where somebody says which: the reason may be gone.
    else query = query.where('state', 'in', [...PROBLEM_STATES, 'skipped', 'pending']);
    if (selection.by === 'change') query = query.where('id', '=', selection.id);
    if (selection.by === 'record') {
      const ids = (await findRecords(trx, integrationId, selection.id)).map(({ changeId }) => changeId);
      if (ids.length === 0) return [];
      query = query.where('id', 'in', ids);
    }
    if (selection.by === 'reason') query = query.where('code', '=', selection.code);
    const standings = (await query.orderBy('id').execute()).map(toStanding);
    for (const ids of chunks(standings.map(({ changeId }) => changeId))) {
      await trx.updateTable('changes').set({ state: 'pending', code: null, detail: null, attempts: 0, due_ms: 0, waits_for: null }).where('id', 'in', ids).execute();
    }
    if (by === 'person') await forgetPartners(trx, integrationId, standings.filter(({ code }) => code === 'name-collision'));
    for (const { side, resource, id } of standings.filter(({ code }) => code === 'record-missing')) {
      // Its partner is gone: without the link the record is created anew, by the key it had.
      await trx
        .deleteFrom('links')
        .where('integration_id', '=', integrationId)
        .where(side === 'books' ? 'books_resource' : 'other_resource', '=', resource)
        .where(side === 'books' ? 'books_id' : 'other_id', '=', id)
        .execute();
    }
    return standings;
  });
}

/** Has the records that others are matched with listed anew: what a name collided with may have been made since they were listed. */
async function forgetPartners(trx: Transaction<Tables>, integrationId: string, collided: readonly Pick<RecordStanding, 'module' | 'side'>[]): Promise<void> {
  for (const [module, { side: own }] of new Map(collided.map((standing) => [standing.module, standing]))) {
    const side = otherSide(own);
    const linked = trx.selectFrom('links').select(side === 'books' ? 'books_resource as resource' : 'other_resource as resource').where('links.integration_id', '=', integrationId).where('module', '=', module);
    const matched = trx.selectFrom('match_keys').select('resource').where('match_keys.integration_id', '=', integrationId).where('match_keys.side', '=', side);
    await trx
      .updateTable('cursors').set({ since: null })
      .where('integration_id', '=', integrationId).where('side', '=', side).where('pass_started_ms', 'is', null)
      .where((eb) => eb.or([eb('cursors.resource', 'in', linked), eb('cursors.resource', 'in', matched)]))
      .execute();
  }
}

async function readAgain({ exclusive }: Database, integrationId: string, place: Place, record: SeenRecord, inner: readonly PlacedRecords[]): Promise<void> {
  const { side, resource } = place;
  await exclusive(`integration:${integrationId}`, async (trx) => {
    const cursor = await trx
      .selectFrom('cursors').select('pass')
      .where('integration_id', '=', integrationId).where('side', '=', side).where('resource', '=', resource)
      .executeTakeFirst();
    for (const within of inner) await recordPage(trx, integrationId, within.place, within.records, cursor?.pass ?? 0);
    await recordPage(trx, integrationId, place, [record], cursor?.pass ?? 0);
    if (record.state !== 'pending') return;
    await trx
      .updateTable('changes')
      .set({ state: 'pending', code: null, detail: null, attempts: 0, due_ms: 0, waits_for: null })
      .where('integration_id', '=', integrationId).where('side', '=', side).where('resource', '=', resource).where('record_id', '=', record.id)
      .where('state', '!=', 'withdrawn')
      .execute();
  });
}

function toQuotaStatus(row: Selectable<Tables['quotas']>, nowMs: number): QuotaStatus {
  const limits = JSON.parse(row.limits) as Limits;
  const { day_started_ms: startedMs, blocked_until_ms: untilMs } = row;
  const windowMs = limits.day?.windowMs;
  const isOver = windowMs !== undefined && startedMs + windowMs <= nowMs;
  return {
    limits, dayUsed: isOver ? 0 : row.day_used,
    dayEndsMs: windowMs === undefined ? null : Math.floor(nowMs / windowMs) * windowMs + windowMs,
    blocked: untilMs > nowMs ? { untilMs, code: row.blocked_code ?? 'limit-minute' } : null,
  };
}
