import { sql, type Transaction } from 'kysely';
import type { Database } from './database.ts';
import { toChange } from './changes.ts';
import { storedText } from './rows.ts';
import type { Tables } from './schema.ts';
import type { Change, ChangeState, Place, SeenRecord } from './types.ts';
import { fingerprintOf, UNREADABLE } from './versions.ts';

/** With what everything that is stored of an integration was judged last. */
export interface Judging {
  /** A digest of the settings. */
  readonly settings: string;
  /** The flows that were carried over on request only, each by a name of the caller's. */
  readonly onRequest: readonly string[];
}

/** A record as it stands. */
export interface Judged {
  readonly change: Change;
  readonly state: ChangeState;
  readonly code: string | null;
  /** Whether it is so since it arrived; otherwise it came to be so when it was to be carried over. */
  readonly isOnArrival: boolean;
}

/** What becomes of a record now. */
export interface Verdict extends Pick<SeenRecord, 'state' | 'finding'> {
  readonly change: Change;
}

/** What was left out, or left to a person, when it arrived is judged anew where the settings have changed. */
export interface Judgings {
  /** Null where nothing ever was. */
  last(integrationId: string): Promise<Judging | null>;
  /**
   * The records of a place that are left out or observed, or are to be carried over.
   *
   * @param after only those with a greater id of their change
   */
  judged(integrationId: string, place: Omit<Place, 'module'>, after: number, limit: number): Promise<Judged[]>;
  /** Leaves alone what is unfinished everywhere else than at some places: nobody reads it or carries it over any more. */
  leaveOthers(integrationId: string, places: readonly Omit<Place, 'module'>[]): Promise<void>;
  /** Leaves records in other states, except those of which another version arrived meanwhile. */
  change(integrationId: string, verdicts: readonly Verdict[]): Promise<void>;
  /** Notes that everything is judged. */
  note(integrationId: string, judging: Judging): Promise<void>;
}

const states: readonly ChangeState[] = ['observed', 'skipped', 'pending', 'waiting'];
const unfinished: readonly ChangeState[] = ['pending', 'failed', 'waiting'];

/** What was judged with which settings, and the states of changes that are judged anew. */
export function createJudgings({ db, exclusive }: Database): Judgings {
  return {
    async last(integrationId) {
      const row = await db.selectFrom('judgings').selectAll().where('integration_id', '=', integrationId).executeTakeFirst();
      return row ? { settings: row.settings, onRequest: JSON.parse(row.on_request) as string[] } : null;
    },
    async judged(integrationId, { side, resource }, after, limit) {
      const rows = await db
        .selectFrom('changes').selectAll()
        .where('integration_id', '=', integrationId).where('side', '=', side).where('resource', '=', resource)
        .where('deleted', '=', sql.lit(0)).where('state', 'in', states).where('id', '>', after)
        .orderBy('id').limit(limit)
        .execute();
      return rows.map((row) => ({
        change: toChange(row), state: row.state as ChangeState, code: row.code, isOnArrival: fingerprintOf(row.code, false, row.data) === row.fingerprint,
      }));
    },
    leaveOthers: (integrationId, places) => exclusive(`integration:${integrationId}`, async (trx) => {
      await trx
        .updateTable('changes')
        .set({ state: 'observed', code: null, detail: null, attempts: 0, due_ms: 0, waits_for: null })
        .where('integration_id', '=', integrationId).where('state', 'in', unfinished)
        .where((eb) => eb.not(eb.or(places.map(({ side, resource }) => eb.and([eb('side', '=', side), eb('resource', '=', resource)])))))
        .execute();
    }),
    change: (integrationId, verdicts) => exclusive(`integration:${integrationId}`, async (trx) => {
      for (const verdict of verdicts) await changeOne(trx, verdict);
    }),
    async note(integrationId, { settings, onRequest }) {
      const row = { settings, on_request: JSON.stringify(onRequest) };
      await db
        .insertInto('judgings').values({ integration_id: integrationId, ...row })
        .onConflict((conflict) => conflict.column('integration_id').doUpdateSet(row))
        .execute();
    },
  };
}

async function changeOne(trx: Transaction<Tables>, { change, state, finding }: Verdict): Promise<void> {
  const row = await trx.selectFrom('changes').select('data').where('id', '=', change.id).where('fingerprint', '=', change.fingerprint).executeTakeFirst();
  if (!row) return;
  const code = finding?.code ?? null;
  await trx
    .updateTable('changes')
    // The next reading of the same content compares with this one; what could not be read still is not.
    .set({ state, code, detail: finding && storedText(finding.detail), fingerprint: change.fingerprint === UNREADABLE ? UNREADABLE : fingerprintOf(code, change.deleted, row.data), attempts: 0, due_ms: 0, waits_for: null })
    .where('id', '=', change.id)
    .execute();
}
