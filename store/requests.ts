import { sql, type Kysely } from 'kysely';
import { groupByPlace, toChange } from './changes.ts';
import type { Database } from './database.ts';
import { removeLink } from './links.ts';
import { forgetKept } from './passes.ts';
import { addCounts, addHistory } from './runs.ts';
import type { Tables } from './schema.ts';
import type { Address, Change, ChangeState, Finding, Link, Place } from './types.ts';

/** What a person asks for: that a record is carried over which would not be otherwise, or that its partner is deleted. */
export interface Requests {
  /**
   * Records that could be asked for: nothing is to be done about them, or what was to be done failed.
   *
   * @param ids only these, and whatever is to be done about them; null: all, without those that were withdrawn
   * @param after only those with a greater id of their change
   */
  candidates(integrationId: string, place: Omit<Place, 'module'>, ids: readonly string[] | null, after: number, limit: number): Promise<Change[]>;
  /** Those of some records about which nothing is to be done because nobody asked, or of which that failed. */
  unasked(integrationId: string, addresses: readonly Address[]): Promise<Change[]>;
  /**
   * Has them carried over by the run that is under way, or by the next one, each by the module it belongs to.
   *
   * @param gone links of theirs to partners that are gone: they are made anew
   */
  ask(integrationId: string, changes: readonly Change[], gone?: readonly Link[]): Promise<void>;
  /**
   * Notes that a person had the partner of a record deleted: nothing is done about it any more until a person asks for it. Repeating
   * it changes nothing.
   *
   * @param link to the partner that was deleted
   */
  withdraw(run: { integrationId: string; runId: string }, change: Change, link: Link, finding: Finding): Promise<void>;
}

const askedStates: readonly ChangeState[] = ['observed', 'skipped', 'failed', 'done'];
const namedStates: readonly ChangeState[] = [...askedStates, 'pending', 'waiting', 'withdrawn'];
/** Rows in one statement: databases limit the number of parameters. */
const ROWS_MAX = 500;

/**
 * Marks changes as a person asks for it: all that are asked for at once, or none.
 *
 * @param now milliseconds since the epoch
 */
export function createRequests({ db, exclusive }: Database, now: () => number): Requests {
  return {
    candidates: (integrationId, place, ids, after, limit) => candidates(db, integrationId, place, ids, after, limit),
    async unasked(integrationId, addresses) {
      const found: Change[] = [];
      for (const [{ side, resource }, ids] of groupByPlace(addresses)) {
        for (let start = 0; start < ids.length; start += ROWS_MAX) {
          const rows = await db
            .selectFrom('changes').selectAll()
            .where('integration_id', '=', integrationId).where('side', '=', side).where('resource', '=', resource)
            .where('record_id', 'in', ids.slice(start, start + ROWS_MAX)).where('deleted', '=', sql.lit(0)).where('state', 'in', ['observed', 'failed'])
            .execute();
          found.push(...rows.map(toChange));
        }
      }
      return found;
    },
    async ask(integrationId, changes, gone = []) {
      if (changes.length === 0) return;
      await exclusive(`integration:${integrationId}`, async (trx) => {
        for (const link of gone) await removeLink(trx, integrationId, link);
        const ids = changes.map(({ id }) => id);
        for (let start = 0; start < ids.length; start += ROWS_MAX) {
          const some = trx.selectFrom('changes').where('id', 'in', ids.slice(start, start + ROWS_MAX));
          const failed = await some.select('id').where('state', '=', 'failed').limit(1).execute();
          // What stood in its way may have been put right in a listing that is believed for a while.
          if (failed.length > 0) await forgetKept(trx, integrationId);
          await trx
            .updateTable('changes')
            .set({ state: 'pending', code: null, detail: null, attempts: 0, due_ms: 0, waits_for: null })
            .where('id', 'in', ids.slice(start, start + ROWS_MAX))
            .execute();
        }
      });
    },
    async withdraw(run, change, link, finding) {
      await exclusive(`integration:${run.integrationId}`, async (trx) => {
        const before = await trx.selectFrom('changes').select('state').where('id', '=', change.id).executeTakeFirst();
        await removeLink(trx, run.integrationId, link);
        await trx
          .updateTable('changes')
          .set({ state: 'withdrawn', code: finding.code, detail: finding.detail, attempts: 0, due_ms: 0, waits_for: null })
          .where('id', '=', change.id)
          .execute();
        if (before?.state === 'withdrawn') return;
        await addCounts(trx, run.runId, change.module, { deleted: 1 });
        await addHistory(trx, run, [{ change, outcome: 'deleted', finding }], now());
      });
    },
  };
}

async function candidates(db: Kysely<Tables>, integrationId: string, { side, resource }: Omit<Place, 'module'>, ids: readonly string[] | null, after: number, limit: number): Promise<Change[]> {
  if (ids?.length === 0) return [];
  let query = db
    .selectFrom('changes').selectAll()
    .where('integration_id', '=', integrationId).where('side', '=', side).where('resource', '=', resource)
    .where('deleted', '=', sql.lit(0)).where('state', 'in', ids ? namedStates : askedStates)
    .where('id', '>', after);
  if (ids) query = query.where('record_id', 'in', [...ids]);
  return (await query.orderBy('id').limit(limit).execute()).map(toChange);
}
