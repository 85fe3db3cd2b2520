import type { Database } from './database.ts';
import { recordPage, type PageCounts } from './pages.ts';
import { addCounts, addHistory } from './runs.ts';
import type { Pass, PageToSave, Place, SeenRecord } from './types.ts';

/** Goes on with the pass under way, or begins the next one: its start is fixed before its first page is read. */
export async function currentPass({ exclusive }: Database, integrationId: string, { side, resource }: Place, nowMs: number): Promise<Pass> {
  return exclusive(`integration:${integrationId}`, async (trx) => {
    await trx
      .insertInto('cursors')
      .values({ integration_id: integrationId, side, resource, since: null, pass: 0, pass_started_ms: null, page: null })
      .onConflict((conflict) => conflict.columns(['integration_id', 'side', 'resource']).doNothing())
      .execute();
    const here = trx.selectFrom('cursors').selectAll().where('integration_id', '=', integrationId).where('side', '=', side).where('resource', '=', resource);
    const cursor = await here.executeTakeFirstOrThrow();
    if (cursor.pass_started_ms !== null) {
      return { number: cursor.pass, since: cursor.since, startedMs: cursor.pass_started_ms, page: cursor.page };
    }
    const number = cursor.pass + 1;
    await trx
      .updateTable('cursors')
      .set({ pass: number, pass_started_ms: nowMs, page: null })
      .where('integration_id', '=', integrationId)
      .where('side', '=', side)
      .where('resource', '=', resource)
      .execute();
    return { number, since: cursor.since, startedMs: nowMs, page: null };
  });
}

/** Writes a page and moves the cursor in one transaction, so that a crash repeats the page or does not, but never loses it. */
export async function savePage({ exclusive }: Database, request: PageToSave, nowMs: number): Promise<PageCounts> {
  const { integrationId, runId, place, pass, records, next, nextSince } = request;
  return exclusive(`integration:${integrationId}`, async (trx) => {
    const counts = await recordPage(trx, integrationId, place, records, pass.number);
    await addCounts(trx, runId, place.module, endedOnArrival(records, counts));
    await addHistory(trx, { integrationId, runId }, findings(place, records, counts), nowMs);
    const cursor = next === null ? { since: nextSince, pass_started_ms: null, page: null } : { page: next };
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
  const carried = records.some((record) => record.state !== 'observed');
  return { skipped: count('skipped'), failed: count('failed'), ...(carried && { unchanged: counts.unchanged }) };
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
