import type { Transaction } from 'kysely';
import type { Database } from './database.ts';
import { recordPage, type PageCounts } from './pages.ts';
import { addCounts, addHistory } from './runs.ts';
import type { Tables } from './schema.ts';
import type { Pass, PageToSave, Place, SeenRecord } from './types.ts';

/**
 * Goes on with the pass under way, or begins the next one: its start is fixed before its first page is read. Where the beginning has moved to an
 * earlier time, everything from there on is listed.
 */
export async function currentPass({ exclusive }: Database, integrationId: string, { side, resource }: Place, begins: string | null, nowMs: number): Promise<Pass> {
  return exclusive(`integration:${integrationId}`, async (trx) => {
    await trx
      .insertInto('cursors')
      .values({ integration_id: integrationId, side, resource, since: null, begins, pass: 0, pass_started_ms: null, page: null })
      .onConflict((conflict) => conflict.columns(['integration_id', 'side', 'resource']).doNothing())
      .execute();
    const here = trx.selectFrom('cursors').selectAll().where('integration_id', '=', integrationId).where('side', '=', side).where('resource', '=', resource);
    const cursor = await here.executeTakeFirstOrThrow();
    const isAnew = isEarlier(begins, cursor.begins);
    const since = isAnew ? begins : cursor.since ?? cursor.begins;
    if (cursor.pass_started_ms !== null && !isAnew) return { number: cursor.pass, since, startedMs: cursor.pass_started_ms, page: cursor.page };
    const number = cursor.pass + 1;
    await trx
      .updateTable('cursors')
      .set({ pass: number, pass_started_ms: nowMs, page: null, ...(isAnew && { since: null, begins }) })
      .where('integration_id', '=', integrationId)
      .where('side', '=', side)
      .where('resource', '=', resource)
      .execute();
    return { number, since, startedMs: nowMs, page: null };
  });
}

/** @param known null: everything */
function isEarlier(begins: string | null, known: string | null): boolean {
  return known !== null && (begins === null || Date.parse(begins) < Date.parse(known));
}

/** Writes a page and moves the cursor in one transaction, so that a crash repeats the page or does not, but never loses it. */
export async function savePage({ exclusive }: Database, request: PageToSave, nowMs: number): Promise<PageCounts> {
  const { integrationId, runId, place, pass, records, nameless = [], inner = [], next, nextSince, isKept } = request;
  return exclusive(`integration:${integrationId}`, async (trx) => {
    for (const { place: within, records: some } of inner) {
      const counts = await recordPage(trx, integrationId, within, some, pass.number);
      // They were not listed: that the same ones came along again says nothing.
      await addCounts(trx, runId, within.module, { ...endedOnArrival(some, counts), unchanged: 0 });
      await addHistory(trx, { integrationId, runId }, findings(within, some, counts), nowMs);
    }
    const counts = await recordPage(trx, integrationId, place, records, pass.number);
    await addCounts(trx, runId, place.module, endedOnArrival(records, counts));
    await addHistory(trx, { integrationId, runId }, findings(place, records, counts), nowMs);
    await addCounts(trx, runId, place.module, { failed: nameless.length });
    await addHistory(trx, { integrationId, runId }, nameless.map((finding) => ({ change: { ...place, recordId: '' }, outcome: 'failed', finding })), nowMs);
    const end = { since: nextSince, pass_started_ms: null, page: null, ...(isKept && { listed_ms: pass.startedMs }) };
    const cursor = next === null ? end : { page: next };
    await trx
      .updateTable('cursors')
      .set(cursor)
      .where('integration_id', '=', integrationId)
      .where('side', '=', place.side)
      .where('resource', '=', place.resource)
      // Another reader may have finished this pass meanwhile: its place is further on and stays.
      .where('pass', '=', pass.number)
      .execute();
    return counts;
  });
}

/** What is counted already when a page arrives; pending changes are counted when they end. */
function endedOnArrival(records: readonly SeenRecord[], counts: PageCounts) {
  const count = (state: SeenRecord['state']) => records.filter((record) => record.state === state && counts.changedIds.has(record.id)).length;
  return { skipped: count('skipped'), failed: count('failed'), unchanged: counts.unchanged };
}

/** Has listings that are believed for a while listed anew when they are needed next. One that is just being read began too early: its end notes nothing. */
export async function forgetKept(trx: Transaction<Tables>, integrationId: string): Promise<void> {
  await trx
    .updateTable('cursors')
    .set((eb) => ({ listed_ms: 0, pass: eb('pass', '+', 1), pass_started_ms: null, page: null }))
    .where('integration_id', '=', integrationId).where('listed_ms', 'is not', null)
    .execute();
}

/** Whether a listing that is believed for a while still is. */
export async function isListed({ db }: Pick<Database, 'db'>, integrationId: string, { side, resource }: Pick<Place, 'side' | 'resource'>, sinceMs: number): Promise<boolean> {
  const row = await db
    .selectFrom('cursors').select('listed_ms')
    .where('integration_id', '=', integrationId).where('side', '=', side).where('resource', '=', resource)
    .executeTakeFirst();
  return row !== undefined && row.listed_ms !== null && row.listed_ms > sinceMs;
}

function findings(place: Place, records: readonly SeenRecord[], counts: PageCounts) {
  return records
    .filter((record) => (record.state === 'skipped' || record.state === 'failed') && counts.changedIds.has(record.id))
    .map((record) => ({
      change: { ...place, recordId: record.id },
      outcome: record.state === 'failed' ? ('failed' as const) : ('skipped' as const),
      finding: record.finding,
    }));
}
