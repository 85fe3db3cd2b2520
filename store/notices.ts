import type { Selectable } from 'kysely';
import type { ErrorCode } from '../domain/errors.ts';
import type { Database } from './database.ts';
import { addHistory } from './runs.ts';
import type { Tables } from './schema.ts';

/** An integration stands still. */
export interface Stop {
  readonly integrationId: string;
  /** Stops of one kind are one and the same as long as the integration has not gone on: a limit, or what a person has to mend. */
  readonly kind: string;
  readonly code: ErrorCode;
  /** Milliseconds since the epoch. */
  readonly sinceMs: number;
  /** When it goes on, milliseconds since the epoch; null: when a person has acted. */
  readonly untilMs: number | null;
}

/** Whoever notices a stop, whichever worker or workflow, asks here whether it is the one who tells a person: one of them is. */
export interface Notices {
  /**
   * Notes a stop and takes on to tell of it.
   *
   * @param claimant who tells; in a repeated attempt the same one again
   * @param forMs a stop that is over sooner than this is not told of
   * @returns the stop as all together know it; null where it is told of already, or by somebody else, or too short
   */
  claim(stop: Stop, claimant: string, forMs: number): Promise<Stop | null>;
  /** A person was told, or could not be: the history says which. */
  settle(stop: Stop, told: { runId: string; detail: string }): Promise<void>;
  /** Work goes on after stops of these kinds; null: of all kinds. */
  end(integrationId: string, kinds: readonly string[] | null): Promise<void>;
}

/** Who took on to tell and has not within this time is dead. */
const CLAIM_MS = 5 * 60_000;
/** A stop that nobody has noticed any more for this long after it should have ended did end. */
const OVERDUE_MS = 10 * 60_000;

/** @param now milliseconds since the epoch */
export function createNotices({ db, exclusive }: Database, now: () => number): Notices {
  return {
    claim: (stop, claimant, forMs) => exclusive(`integration:${stop.integrationId}`, async (trx) => {
      const nowMs = now();
      const here = { integration_id: stop.integrationId, kind: stop.kind };
      const known = await trx.selectFrom('notices').selectAll().where((eb) => eb.and(here)).executeTakeFirst();
      const open = known && lasts(known, nowMs) ? known : null;
      const merged = open ? join(stop, open) : { ...stop, sinceMs: Math.max(stop.sinceMs, known?.ended_ms ?? 0) };
      const times = { code: merged.code, since_ms: merged.sinceMs, until_ms: merged.untilMs };
      if (open && (open.told_ms !== null || (open.claimant !== claimant && open.claimed_ms + CLAIM_MS > nowMs))) {
        await trx.updateTable('notices').set(times).where((eb) => eb.and(here)).execute();
        return null;
      }
      if (merged.untilMs !== null && merged.untilMs - merged.sinceMs < forMs) return null;
      const row = { ...times, claimant, claimed_ms: nowMs, told_ms: null, ended_ms: null };
      await trx
        .insertInto('notices').values({ ...here, ...row })
        .onConflict((conflict) => conflict.columns(['integration_id', 'kind']).doUpdateSet(row))
        .execute();
      return merged;
    }),
    settle: ({ integrationId, kind, code }, { runId, detail }) => exclusive(`integration:${integrationId}`, async (trx) => {
      const nowMs = now();
      await trx.updateTable('notices').set({ told_ms: nowMs }).where('integration_id', '=', integrationId).where('kind', '=', kind).execute();
      const change = { module: 'integration', side: 'books', resource: 'integration', recordId: integrationId } as const;
      await addHistory(trx, { integrationId, runId }, [{ change, outcome: 'note', finding: { code, detail } }], nowMs);
    }),
    async end(integrationId, kinds) {
      let query = db.updateTable('notices').set({ ended_ms: now() }).where('integration_id', '=', integrationId).where('ended_ms', 'is', null);
      if (kinds !== null) query = query.where('kind', 'in', kinds);
      await query.execute();
    },
  };
}

type Notice = Selectable<Tables['notices']>;

/** Whether it is still the same stop. */
function lasts({ ended_ms: endedMs, until_ms: untilMs }: Notice, nowMs: number): boolean {
  return endedMs === null && (untilMs === null || untilMs + OVERDUE_MS >= nowMs);
}

/** From the first that noticed it to the last that has to wait. */
function join(stop: Stop, { since_ms: sinceMs, until_ms: untilMs }: Notice): Stop {
  return {
    ...stop, sinceMs: Math.min(stop.sinceMs, sinceMs),
    untilMs: stop.untilMs === null || untilMs === null ? null : Math.max(stop.untilMs, untilMs),
  };
}
