import type { Kysely, Selectable, Transaction } from 'kysely';
import { prune } from './pruning.ts';
import { storedText } from './rows.ts';
import type { Tables } from './schema.ts';
import type { Address, Change, Finding, Outcome, Run, RunCounts } from './types.ts';

export interface Runs {
  /** Begins a run; repeating it with the same id changes nothing. */
  begin(run: { id: string; integrationId: string; kind: string }): Promise<void>;
  end(id: string, state: 'completed' | 'failed' | 'cancelled'): Promise<void>;
  /** Deletes runs, history and reconciliations from before a time (milliseconds since the epoch), a few thousand rows at a time: {@link prune}. */
  prune(integrationId: string, beforeMs: number): Promise<number>;
  get(id: string): Promise<Run | null>;
  /** The last runs that did something or did not complete, newest first, and before them the very last one in any case: those that found nothing to do come one a minute. */
  list(integrationId: string, limit: number): Promise<Run[]>;
  counts(id: string): Promise<RunCounts>;
  /** How a record ended last in a run, as the history has it; null: it was unchanged, or did not come up. */
  outcome(run: { integrationId: string; runId: string }, record: Address): Promise<Outcome | null>;
}

/**
 * Runs, their counts and what became of records in them.
 *
 * @param now milliseconds since the epoch
 */
export function createRuns(db: Kysely<Tables>, now: () => number): Runs {
  return {
    async begin({ id, integrationId, kind }) {
      await db
        .insertInto('runs')
        .values({ id, integration_id: integrationId, kind, state: 'running', started_ms: now(), ended_ms: null })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
    },
    async end(id, state) {
      await db.updateTable('runs').set({ state, ended_ms: now() }).where('id', '=', id).execute();
    },
    prune: (integrationId, beforeMs) => prune({ db }, integrationId, beforeMs),
    async get(id) {
      const row = await db.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
      return row ? toRun(row) : null;
    },
    async list(integrationId, limit) {
      const runs = db.selectFrom('runs').where('runs.integration_id', '=', integrationId).orderBy('runs.started_ms', 'desc');
      const rows = await runs
        .selectAll()
        .where((eb) => eb.or([
          eb('runs.state', '!=', 'completed'),
          eb('runs.id', '=', runs.select('runs.id').limit(1)),
          eb.exists(eb.selectFrom('run_counts').select('run_counts.run_id').whereRef('run_counts.run_id', '=', 'runs.id').where('run_counts.outcome', '!=', 'unchanged')),
        ]))
        .limit(limit).execute();
      return rows.map(toRun);
    },
    async counts(id) {
      const rows = await db.selectFrom('run_counts').selectAll().where('run_id', '=', id).orderBy('module').execute();
      const counts: RunCounts = {};
      for (const row of rows) (counts[row.module] ??= {})[row.outcome as Outcome] = row.count;
      return counts;
    },
    async outcome({ integrationId, runId }, { side, resource, id }) {
      const row = await db
        .selectFrom('history').select('outcome')
        .where('integration_id', '=', integrationId).where('run_id', '=', runId)
        .where('side', '=', side).where('resource', '=', resource).where('record_id', '=', id).where('outcome', '!=', 'note')
        .orderBy('id', 'desc').limit(1).executeTakeFirst();
      return row ? row.outcome as Outcome : null;
    },
  };
}

function toRun(row: Selectable<Tables['runs']>): Run {
  return {
    id: row.id, integrationId: row.integration_id, kind: row.kind, state: row.state,
    startedMs: row.started_ms, endedMs: row.ended_ms === null ? null : row.ended_ms,
  };
}

/** Adds to the counts of a run, in the transaction that ends what is counted, so that nothing is counted twice. */
export async function addCounts(trx: Transaction<Tables>, runId: string, module: string, counts: Partial<Record<Outcome, number>>): Promise<void> {
  const rows = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => ({ run_id: runId, module, outcome, count }));
  if (rows.length === 0) return;
  // What was announced by webhook belongs to no run: nobody could ask for its counts, and nothing would ever delete them.
  const run = await trx.selectFrom('runs').select('id').where('id', '=', runId).executeTakeFirst();
  if (!run) return;
  await trx
    .insertInto('run_counts')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['run_id', 'module', 'outcome']).doUpdateSet((eb) => ({ count: eb('run_counts.count', '+', eb.ref('excluded.count')) })),
    )
    .execute();
}

/** Writes to the sync history. Unchanged records leave no trace: a quiet sync of 100,000 records must not write 100,000 rows. */
export async function addHistory(
  trx: Transaction<Tables>,
  run: { integrationId: string; runId: string },
  entries: readonly { change: Pick<Change, 'module' | 'side' | 'resource' | 'recordId'>; outcome: Outcome | 'note'; finding: Finding | null }[],
  atMs: number,
): Promise<void> {
  const rows = entries
    .filter((entry) => entry.outcome !== 'unchanged')
    .map(({ change, outcome, finding }) => ({
      integration_id: run.integrationId, run_id: run.runId, module: change.module, side: change.side, resource: change.resource,
      record_id: change.recordId, outcome, code: finding?.code ?? null, detail: finding && storedText(finding.detail), at_ms: atMs,
    }));
  if (rows.length > 0) await trx.insertInto('history').values(rows).execute();
}
