import { randomUUID } from 'node:crypto';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Tables } from './schema.ts';
import type { Limits, Usage } from './types.ts';

/** Bulk work leaves a part of the calls to documents (invoices). */
export type Purpose = 'bulk' | 'document';
export type LimitCode = 'limit-minute' | 'limit-day' | 'limit-share' | 'limit-concurrent';

export type Taken =
  | { readonly granted: true; readonly callId: string }
  | { readonly granted: false; readonly code: LimitCode; readonly resumeAtMs: number };

/** How long to stay away when too many calls are under way: long enough for one of them to end. */
const CONCURRENT_PAUSE_MS = 250;
/** A call that never reported its end (its process died) counts as under way for this long. */
const LOST_CALL_MS = 60_000;
/** Nobody documents when Books' day begins, so one call in this part of a day asks whether it has. */
const DAY_PROBES = 24;
/** Waking a little after the first call is free again frees several at once: one timer for many calls. */
const WINDOW_SLACK = 1 / 60;

/**
 * One quota per system and tenant, shared by every worker through the database.
 *
 * A call counts from the moment it was granted until `windowMs` after it *ended*: the system counted it somewhere between
 * the two, so its own sliding window can never see more than the limit, whatever the latency.
 */
export interface Quotas {
  configure(id: string, limits: Limits): Promise<void>;
  /** Takes one call, or says when to come back. */
  take(id: string, purpose: Purpose): Promise<Taken>;
  /** Every granted call ends, answered or not. */
  end(callId: string): Promise<void>;
  /** The system refused a call: nobody calls it before the time returned (milliseconds since the epoch). */
  refused(id: string, code: LimitCode, resumeAtMs: number | null): Promise<number>;
  usage(): Promise<Usage[]>;
}

/** @param now milliseconds since the epoch */
export function createQuotas(db: Kysely<Tables>, now: () => number): Quotas {
  return {
    configure: (id, limits) =>
      db.transaction().execute(async (trx) => {
        await quotaRow(trx, id);
        await trx.updateTable('quotas').set({ limits: JSON.stringify(limits) }).where('id', '=', id).execute();
      }),
    take: (id, purpose) => db.transaction().execute((trx) => take(trx, id, purpose, now())),
    async end(callId) {
      await db.updateTable('quota_calls').set({ ended_ms: now() }).where('id', '=', callId).execute();
    },
    refused: (id, code, resumeAtMs) => db.transaction().execute((trx) => refused(trx, id, { code, resumeAtMs }, now())),
    async usage() {
      const rows = await db.selectFrom('quotas').selectAll().orderBy('id').execute();
      return rows.map((row) => ({
        id: row.id, calls: row.calls_total, refused: row.refused_total,
        dayUsed: row.day_used, blockedUntilMs: row.blocked_until_ms,
      }));
    },
  };
}

type Quota = Selectable<Tables['quotas']>;

/** Reads the quota. The update before it keeps other workers out until the transaction ends, on every database alike. */
async function quotaRow(trx: Transaction<Tables>, id: string): Promise<Quota> {
  await trx
    .insertInto('quotas')
    .values({ id, limits: '{}', day_started_ms: 0, day_used: 0, blocked_until_ms: 0, blocked_code: null, calls_total: 0, refused_total: 0 })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ id }))
    .execute();
  return trx.selectFrom('quotas').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

async function take(trx: Transaction<Tables>, id: string, purpose: Purpose, nowMs: number): Promise<Taken> {
  const quota = await quotaRow(trx, id);
  const limits = JSON.parse(quota.limits) as Limits;
  const day = currentDay(quota, limits, nowMs);
  const denial = denyByBlock(quota, nowMs) ?? denyByDay(day.used, day.startedMs, limits, purpose) ?? (await denyByWindow(trx, id, limits, purpose, nowMs));
  if (denial) return { granted: false, ...denial };
  const callId = randomUUID();
  await trx.insertInto('quota_calls').values({ id: callId, quota_id: id, started_ms: nowMs, ended_ms: null }).execute();
  await trx
    .updateTable('quotas')
    .set({ day_used: day.used + 1, day_started_ms: day.startedMs, calls_total: quota.calls_total + 1 })
    .where('id', '=', id)
    .execute();
  return { granted: true, callId };
}

interface Denial { code: LimitCode; resumeAtMs: number }

function currentDay(quota: Quota, limits: Limits, nowMs: number): { startedMs: number; used: number } {
  const windowMs = limits.day?.windowMs;
  if (windowMs === undefined) return { startedMs: 0, used: quota.day_used };
  const startedMs = Math.floor(nowMs / windowMs) * windowMs;
  return startedMs === quota.day_started_ms ? { startedMs, used: quota.day_used } : { startedMs, used: 0 };
}

function denyByBlock(quota: Quota, nowMs: number): Denial | null {
  const untilMs = quota.blocked_until_ms;
  if (untilMs <= nowMs) return null;
  return { code: quota.blocked_code as LimitCode, resumeAtMs: untilMs };
}

function denyByDay(used: number, startedMs: number, { day, documentShare }: Limits, purpose: Purpose): Denial | null {
  if (!day) return null;
  const kept = purpose === 'document' ? 0 : Math.floor(day.calls * (documentShare?.day ?? 0));
  if (used < day.calls - kept) return null;
  return { code: used < day.calls ? 'limit-share' : 'limit-day', resumeAtMs: startedMs + day.windowMs };
}

async function denyByWindow(trx: Transaction<Tables>, id: string, limits: Limits, purpose: Purpose, nowMs: number): Promise<Denial | null> {
  const windowMs = limits.minute?.windowMs ?? 0;
  await trx.deleteFrom('quota_calls').where('quota_id', '=', id).where('ended_ms', '<=', nowMs - windowMs).execute();
  await trx
    .updateTable('quota_calls')
    .set({ ended_ms: nowMs })
    .where('quota_id', '=', id)
    .where('ended_ms', 'is', null)
    .where('started_ms', '<=', nowMs - LOST_CALL_MS)
    .execute();
  if (limits.minute === undefined && limits.concurrent === undefined) return null;
  const calls = await trx.selectFrom('quota_calls').select('ended_ms').where('quota_id', '=', id).orderBy('ended_ms').execute();
  const ended = calls.flatMap((call) => (call.ended_ms === null ? [] : [call.ended_ms]));
  const underWay = calls.length - ended.length;
  if (limits.concurrent !== undefined && underWay >= limits.concurrent) {
    return { code: 'limit-concurrent', resumeAtMs: nowMs + CONCURRENT_PAUSE_MS };
  }
  if (limits.minute === undefined) return null;
  const kept = purpose === 'document' ? 0 : Math.ceil(limits.minute.calls * (limits.documentShare?.minute ?? 0));
  const surplus = calls.length - (limits.minute.calls - kept);
  if (surplus < 0) return null;
  const frees = ended[surplus] ?? nowMs;
  return { code: 'limit-minute', resumeAtMs: Math.ceil(frees + windowMs * (1 + WINDOW_SLACK)) };
}

async function refused(
  trx: Transaction<Tables>,
  id: string,
  refusal: { code: LimitCode; resumeAtMs: number | null },
  nowMs: number,
): Promise<number> {
  const quota = await quotaRow(trx, id);
  const limits = JSON.parse(quota.limits) as Limits;
  const untilMs = Math.max(quota.blocked_until_ms, refusal.resumeAtMs ?? nowMs + defaultPauseMs(refusal.code, limits));
  await trx
    .updateTable('quotas')
    .set({ blocked_until_ms: untilMs, blocked_code: refusal.code, refused_total: quota.refused_total + 1 })
    .where('id', '=', id)
    .execute();
  return untilMs;
}

function defaultPauseMs(code: LimitCode, limits: Limits): number {
  if (code === 'limit-day') return (limits.day?.windowMs ?? 86_400_000) / DAY_PROBES;
  if (code === 'limit-concurrent') return CONCURRENT_PAUSE_MS;
  return limits.minute?.windowMs ?? 60_000;
}
