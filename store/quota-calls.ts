import type { Transaction } from 'kysely';
import type { Tables } from './schema.ts';
import type { Limits } from './types.ts';

/** A call that never reported its end (its process died) counts as under way for this long. */
export const LOST_CALL_MS = 60_000;
/** No limit holds for longer than a day: what names a later time is a mistake, of a header or of a clock, and is not believed. */
export const BELIEVED_MAX_MS = 25 * 3_600_000;
/** So many calls that no longer count are kept before they are deleted together. */
const PAST_CALLS_MAX = 100;

/** Clocks tell whole milliseconds: a call counts until one more than the window has passed. */
export function sinceOf({ minute }: Limits, nowMs: number): number {
  return nowMs - (minute?.windowMs ?? 0);
}

/** The calls of a quota that count against the limits of a minute and of those at once. */
export interface Calls {
  readonly underWay: number;
  /** Ended, and not long enough ago. */
  readonly recent: number;
}

/** Counts the calls that are under way and those that ended at or after `sinceMs`, and clears the others away now and then. */
export async function countCalls(trx: Transaction<Tables>, id: string, sinceMs: number, nowMs: number): Promise<Calls> {
  const { all, underWay, recent, oldestMs, newestMs } = await trx
    .selectFrom('quota_calls')
    .select((eb) => [
      eb.fn.countAll<number>().as('all'),
      eb.fn.countAll<number>().filterWhere('ended_ms', 'is', null).as('underWay'),
      eb.fn.countAll<number>().filterWhere('ended_ms', '>=', sinceMs).as('recent'),
      eb.fn.min('started_ms').filterWhere('ended_ms', 'is', null).as('oldestMs'),
      eb.fn.max('ended_ms').as('newestMs'),
    ])
    .where('quota_id', '=', id)
    .executeTakeFirstOrThrow();
  if (newestMs !== null && newestMs > nowMs + BELIEVED_MAX_MS) {
    // By a clock that was wrong they ended on a day that is to come.
    await trx.updateTable('quota_calls').set({ ended_ms: nowMs }).where('quota_id', '=', id).where('ended_ms', '>', nowMs + BELIEVED_MAX_MS).execute();
    return countCalls(trx, id, sinceMs, nowMs);
  }
  const lostMs = nowMs - LOST_CALL_MS;
  if (underWay > 0 && oldestMs <= lostMs) {
    await trx.updateTable('quota_calls').set({ ended_ms: nowMs }).where('quota_id', '=', id).where('ended_ms', 'is', null).where('started_ms', '<=', lostMs).execute();
    return countCalls(trx, id, sinceMs, nowMs);
  }
  if (all - underWay - recent > PAST_CALLS_MAX) {
    await trx.deleteFrom('quota_calls').where('quota_id', '=', id).where('ended_ms', '<', sinceMs).execute();
  }
  return { underWay, recent };
}
