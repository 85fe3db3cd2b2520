import { sql, type Kysely } from 'kysely';
import { toChange } from './changes.ts';
import type { Database } from './database.ts';
import type { Tables } from './schema.ts';
import type { Change, Place } from './types.ts';

/** Records that are carried over only where a person asks for them. */
export interface Requests {
  /**
   * Records that could be asked for: nothing is to be done about them, or what was to be done failed.
   *
   * @param ids only these; null: all
   * @param after only those with a greater id of their change
   */
  candidates(integrationId: string, place: Omit<Place, 'module'>, ids: readonly string[] | null, after: number, limit: number): Promise<Change[]>;
  /** Has them carried over by the run that is under way, or by the next one. */
  ask(integrationId: string, changes: readonly Change[], module: string): Promise<void>;
}

export function createRequests({ db, exclusive }: Database): Requests {
  return {
    candidates: (integrationId, place, ids, after, limit) => candidates(db, integrationId, place, ids, after, limit),
    async ask(integrationId, changes, module) {
      if (changes.length === 0) return;
      await exclusive(`integration:${integrationId}`, (trx) => trx
        .updateTable('changes')
        .set({ module, state: 'pending', code: null, detail: null, attempts: 0, due_ms: 0, waits_for: null })
        .where('integration_id', '=', integrationId)
        .where('id', 'in', changes.map(({ id }) => id))
        .execute());
    },
  };
}

async function candidates(db: Kysely<Tables>, integrationId: string, { side, resource }: Omit<Place, 'module'>, ids: readonly string[] | null, after: number, limit: number): Promise<Change[]> {
  if (ids?.length === 0) return [];
  let query = db
    .selectFrom('changes').selectAll()
    .where('integration_id', '=', integrationId).where('side', '=', side).where('resource', '=', resource)
    .where('deleted', '=', sql.lit(0)).where('state', 'in', ['observed', 'skipped', 'failed', 'done'])
    .where('id', '>', after);
  if (ids) query = query.where('record_id', 'in', [...ids]);
  return (await query.orderBy('id').limit(limit).execute()).map(toChange);
}
