import { sql, type Kysely } from 'kysely';
import type { Database } from './database.ts';
import type { Tables } from './schema.ts';

/** Rows that one statement deletes: nobody waits long for it. */
const BATCH_ROWS = 500;
/** Statements at once: a run that ends is not held up by years of history; the next one goes on. */
const BATCHES_MAX = 10;

/**
 * Deletes what is older than anybody wants to know: history, runs with their counts, and reconciliations. The last run of
 * the integration stays, and so does, of a record that has still failed or waits, when and why it failed.
 *
 * @param beforeMs milliseconds since the epoch
 * @returns how many rows were deleted; where there was much to delete, some are left for the next time
 */
export async function prune({ db }: Pick<Database, 'db'>, integrationId: string, beforeMs: number): Promise<number> {
  let deleted = 0;
  for (const step of [pruneHistory, pruneRuns, pruneReports]) {
    for (let batch = 0; batch < BATCHES_MAX; batch += 1) {
      const rows = await step(db, integrationId, beforeMs);
      if (rows === 0) break;
      deleted += rows;
    }
  }
  return deleted;
}

async function pruneHistory(db: Kysely<Tables>, integrationId: string, beforeMs: number): Promise<number> {
  const old = db.selectFrom('history').select('history.id')
    .where('history.integration_id', '=', integrationId).where('history.at_ms', '<', beforeMs)
    .where((eb) => eb.or([eb('history.outcome', '!=', 'failed'), eb.not(eb.exists(
      eb.selectFrom('changes').select('changes.id')
        .where('changes.integration_id', '=', integrationId)
        .whereRef('changes.side', '=', 'history.side').whereRef('changes.resource', '=', 'history.resource').whereRef('changes.record_id', '=', 'history.record_id')
        .where('changes.state', 'in', [sql.lit('failed'), sql.lit('waiting')]),
    ))]))
    .orderBy('history.at_ms').limit(BATCH_ROWS);
  return rowsOf(await db.deleteFrom('history').where('id', 'in', old).executeTakeFirst());
}

async function pruneRuns(db: Kysely<Tables>, integrationId: string, beforeMs: number): Promise<number> {
  const newest = await db.selectFrom('runs').select('id').where('integration_id', '=', integrationId).orderBy('started_ms', 'desc').limit(1).executeTakeFirst();
  if (!newest) return 0;
  const old = await db.selectFrom('runs').select('id')
    .where('integration_id', '=', integrationId).where('started_ms', '<', beforeMs).where('id', '!=', newest.id)
    .orderBy('started_ms').limit(BATCH_ROWS).execute();
  const ids = old.map(({ id }) => id);
  if (ids.length === 0) return 0;
  // The counts first: a run without counts is found again, counts without a run are not.
  await db.deleteFrom('run_counts').where('run_id', 'in', ids).execute();
  return rowsOf(await db.deleteFrom('runs').where('id', 'in', ids).executeTakeFirst());
}

/** Also what a reconciliation left behind that never came to its end. */
async function pruneReports(db: Kysely<Tables>, integrationId: string, beforeMs: number): Promise<number> {
  const old = db.selectFrom('reports').select('id').where('integration_id', '=', integrationId).where('started_ms', '<', beforeMs);
  if (!(await old.limit(1).executeTakeFirst())) return 0;
  for (const table of ['report_records', 'report_findings'] as const) {
    const rows = db.selectFrom(table).select('id').where('report_id', 'in', old).limit(BATCH_ROWS);
    const deleted = rowsOf(await db.deleteFrom(table).where('id', 'in', rows).executeTakeFirst());
    if (deleted > 0) return deleted;
  }
  return rowsOf(await db.deleteFrom('reports').where('id', 'in', old).executeTakeFirst());
}

function rowsOf(result: { numDeletedRows: bigint }): number {
  return Number(result.numDeletedRows);
}
