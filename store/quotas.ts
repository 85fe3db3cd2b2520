import { randomUUID } from 'node:crypto';
import type { Selectable, Transaction } from 'kysely';
import { createAhead, type Granted, type Settled } from './ahead.ts';
import type { Database } from './database.ts';
import { BELIEVED_MAX_MS, countCalls, LOST_CALL_MS, sinceOf, type Calls } from './quota-calls.ts';
import type { Tables } from './schema.ts';
import type { Limits, Usage } from './types.ts';

/** Bulk work leaves a part of the calls to single documents: those with a workflow of their own, and what was announced. */
export type Purpose = 'bulk' | 'document';
export type LimitCode = 'limit-minute' | 'limit-day' | 'limit-share' | 'limit-concurrent';

export type Taken =
  | { readonly granted: true; readonly callId: string }
  | { readonly granted: false; readonly code: LimitCode; readonly resumeAtMs: number };

/** How long to stay away at least, and while too many calls are under way: long enough for one of them to end. */
const PAUSE_MIN_MS = 250;
/** Nobody documents when Books' day begins, so one call in this part of a day asks whether it has. */
const DAY_PROBES = 24;
/** While one call asks, the others look so often whether it was answered. */
const PROBE_PAUSE_MS = 2_000;
/** A call that was answered and for which nobody reported a refusal within this time was not refused. */
const VERDICT_MS = 1_000;
/** Waking a little after the first call is free again frees several at once: one timer for many calls. */
const WINDOW_SLACK = 1 / 60;
/** In the place of the id of the call that asks whether a refusal is over: the next one is to. */
const PROBE_DUE = 'due';
/** So many calls at most are granted beside the one that is asked for, */
const AHEAD_MAX = 99;
/** and one for so many that are free: of a minute's, more than Zoho gives anybody; */
const AHEAD_OF_MINUTE = 500;
/** of a day's; */
const AHEAD_OF_DAY = 1_000;
/** and of those at once. */
const AHEAD_OF_CONCURRENT = 5;

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
  /**
   * The system refused a call: nobody calls it before the time returned (milliseconds since the epoch). Where it was for the day, one
   * call asks then whether the day is over, and the others wait for its answer.
   */
  refused(id: string, code: LimitCode, resumeAtMs: number | null): Promise<number>;
  usage(): Promise<Usage[]>;
  /** Writes what was not written yet. */
  close(): Promise<void>;
}

/** @param now milliseconds since the epoch */
export function createQuotas({ db, exclusive }: Database, now: () => number): Quotas {
  const inTurn = <T>(id: string, work: (trx: Transaction<Tables>) => Promise<T>) => exclusive(`quota:${id}`, work);
  const ahead = createAhead({
    take: (id, purpose, settled) =>
      inTurn(id, async (trx) => {
        await settle(trx, id, settled, now());
        return take(trx, id, purpose, now());
      }),
    settle: async (id, settled) => {
      if (settled.ended.length + settled.unused.length > 0) await inTurn(id, (trx) => settle(trx, id, settled, now()));
    },
    async end(callId) {
      await db.updateTable('quota_calls').set({ ended_ms: now() }).where('id', '=', callId).execute();
    },
  }, now);
  return {
    configure: (id, limits) =>
      ahead.settled(id, (settled) =>
        inTurn(id, async (trx) => {
          await settle(trx, id, settled, now());
          await quotaRow(trx, id);
          await trx.updateTable('quotas').set({ limits: JSON.stringify(limits) }).where('id', '=', id).execute();
        })),
    take: (id, purpose) => ahead.take(id, purpose),
    end: (callId) => ahead.end(callId),
    refused: (id, code, resumeAtMs) =>
      ahead.settled(id, (settled) =>
        inTurn(id, async (trx) => {
          await settle(trx, id, settled, now());
          return refused(trx, id, { code, resumeAtMs }, now());
        })),
    close: () => ahead.close(),
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

async function quotaRow(trx: Transaction<Tables>, id: string): Promise<Quota> {
  const known = await trx.selectFrom('quotas').selectAll().where('id', '=', id).executeTakeFirst();
  if (known) return known;
  const quota: Quota = { id, limits: '{}', day_started_ms: 0, day_used: 0, blocked_until_ms: 0, blocked_code: null, calls_total: 0, refused_total: 0, probe: null };
  await trx.insertInto('quotas').values(quota).execute();
  return quota;
}

/** Calls end a little later than they did: until then they counted as under way. */
async function settle(trx: Transaction<Tables>, id: string, { ended, unused }: Settled, nowMs: number): Promise<void> {
  if (ended.length > 0) await trx.updateTable('quota_calls').set({ ended_ms: nowMs }).where('id', 'in', ended).where('ended_ms', 'is', null).execute();
  if (unused.length === 0) return;
  // What is handed over once more, because nobody knows whether it was written, is given back once all the same.
  const givenBack = Number((await trx.deleteFrom('quota_calls').where('id', 'in', unused).executeTakeFirst()).numDeletedRows);
  await trx
    .updateTable('quotas')
    .set((eb) => ({ day_used: eb('day_used', '-', givenBack), calls_total: eb('calls_total', '-', givenBack) }))
    .where('id', '=', id)
    .execute();
}

async function take(trx: Transaction<Tables>, id: string, purpose: Purpose, nowMs: number): Promise<Granted> {
  const stored = await quotaRow(trx, id);
  const limits = JSON.parse(stored.limits) as Limits;
  const blocked = denyByBlock(stored, nowMs);
  if (blocked) return { granted: false, ...blocked };
  const probing = stored.probe === null ? null : await stateOfProbe(trx, stored.probe, nowMs);
  if (probing?.waitUntilMs !== undefined) return { granted: false, code: 'limit-day', resumeAtMs: probing.waitUntilMs };
  if (probing && !counts(limits)) await trx.deleteFrom('quota_calls').where('quota_id', '=', id).execute();
  const quota = await enterDay(trx, stored, limits, nowMs);
  const calls = counts(limits) ? await countCalls(trx, id, sinceOf(limits, nowMs), nowMs) : { underWay: 0, recent: 0 };
  const denial = denyByDay(quota.day_used, limits, purpose, nowMs) ?? (await denyByCalls(trx, id, limits, purpose, calls, nowMs));
  if (denial) return { granted: false, ...denial };
  const callId = randomUUID();
  const probe = probing?.isDue === true ? callId : null;
  const more = stored.probe === null ? Array.from({ length: aheadOf(limits, quota.day_used, calls) }, () => randomUUID()) : [];
  const granted = 1 + more.length;
  if (counts(limits) || probe !== null) await trx.insertInto('quota_calls').values([callId, ...more].map((one) => ({ id: one, quota_id: id, started_ms: nowMs, ended_ms: null }))).execute();
  await trx.updateTable('quotas').set({ day_used: quota.day_used + granted, calls_total: quota.calls_total + granted, probe }).where('id', '=', id).execute();
  return { granted: true, callIds: [callId, ...more] };
}

/** How many calls beside the one that was asked for are granted: none but where each limit is very far away. */
function aheadOf({ minute, day, concurrent, documentShare }: Limits, dayUsed: number, { underWay, recent }: Calls): number {
  if (!minute) return 0;
  const shareLess = (calls: number, share = 0) => calls * (1 - share);
  const free = [
    (shareLess(minute.calls, documentShare?.minute) - underWay - recent) / AHEAD_OF_MINUTE,
    day ? (shareLess(day.calls, documentShare?.day) - dayUsed) / AHEAD_OF_DAY : AHEAD_MAX,
    concurrent === undefined ? AHEAD_MAX : (concurrent - underWay) / AHEAD_OF_CONCURRENT,
  ];
  return Math.max(0, Math.min(AHEAD_MAX, ...free.map(Math.floor)));
}

/**
 * How it stands with the one call that asks whether a refusal is over.
 *
 * @param probe its id, or {@link PROBE_DUE} where nobody has asked yet
 * @returns that the next call is to ask, or until when the others wait for its answer; neither: it was answered, and not refused
 */
async function stateOfProbe(trx: Transaction<Tables>, probe: string, nowMs: number): Promise<{ isDue?: true; waitUntilMs?: number }> {
  if (probe === PROBE_DUE) return { isDue: true };
  const call = await trx.selectFrom('quota_calls').select(['started_ms', 'ended_ms']).where('id', '=', probe).executeTakeFirst();
  // Calls that ended long ago are not kept.
  if (!call) return {};
  if (call.ended_ms !== null) return call.ended_ms + VERDICT_MS > nowMs ? { waitUntilMs: call.ended_ms + VERDICT_MS } : {};
  // The process of a call that never ends has died, and another one asks.
  return call.started_ms + LOST_CALL_MS > nowMs ? { waitUntilMs: nowMs + PROBE_PAUSE_MS } : { isDue: true };
}

/** Whether single calls matter; where nothing limits them, only their number is kept. */
function counts({ minute, day, concurrent }: Limits): boolean {
  return minute !== undefined || day !== undefined || concurrent !== undefined;
}

interface Denial { code: LimitCode; resumeAtMs: number }

function denyByBlock(quota: Quota, nowMs: number): Denial | null {
  const untilMs = quota.blocked_until_ms;
  if (untilMs <= nowMs || untilMs > nowMs + BELIEVED_MAX_MS) return null;
  return { code: quota.blocked_code as LimitCode, resumeAtMs: untilMs };
}

/**
 * Begins the next day when its time has come. The system may count what is under way at that moment in either day, so it
 * counts in both. A day that has begun for one worker has begun for all, however their clocks differ; only one that is more than a day
 * ahead was begun by a clock that was wrong.
 */
async function enterDay(trx: Transaction<Tables>, quota: Quota, { day }: Limits, nowMs: number): Promise<Quota> {
  if (!day) return quota;
  const startedMs = dayStart(day.windowMs, nowMs);
  if (startedMs <= quota.day_started_ms && quota.day_started_ms <= nowMs + day.windowMs) return quota;
  const { used } = await trx
    .selectFrom('quota_calls')
    .select((eb) => eb.fn.countAll<number>().as('used'))
    .where('quota_id', '=', quota.id)
    .where((eb) => eb.or([eb('ended_ms', 'is', null), eb('ended_ms', '>=', startedMs)]))
    .executeTakeFirstOrThrow();
  await trx.updateTable('quotas').set({ day_started_ms: startedMs, day_used: used }).where('id', '=', quota.id).execute();
  return { ...quota, day_started_ms: startedMs, day_used: used };
}

function dayStart(windowMs: number, nowMs: number): number {
  return Math.floor(nowMs / windowMs) * windowMs;
}

function denyByDay(used: number, { day, documentShare }: Limits, purpose: Purpose, nowMs: number): Denial | null {
  if (!day || used < forPurpose(day.calls, Math.floor(day.calls * (documentShare?.day ?? 0)), purpose)) return null;
  return { code: used < day.calls ? 'limit-share' : 'limit-day', resumeAtMs: dayStart(day.windowMs, nowMs) + day.windowMs };
}

/** How many of some calls a purpose may use: bulk work leaves the share of documents, but never stands still because of it. */
function forPurpose(calls: number, share: number, purpose: Purpose): number {
  return purpose === 'document' ? calls : Math.max(calls - share, Math.min(calls, 1));
}

async function denyByCalls(trx: Transaction<Tables>, id: string, limits: Limits, purpose: Purpose, { underWay, recent }: Calls, nowMs: number): Promise<Denial | null> {
  const { minute, concurrent, documentShare } = limits;
  if (concurrent !== undefined && underWay >= concurrent) return { code: 'limit-concurrent', resumeAtMs: nowMs + PAUSE_MIN_MS };
  if (minute === undefined) return null;
  const surplus = underWay + recent - forPurpose(minute.calls, Math.ceil(minute.calls * (documentShare?.minute ?? 0)), purpose);
  if (surplus < 0) return null;
  const frees = await trx
    .selectFrom('quota_calls')
    .select('ended_ms')
    .where('quota_id', '=', id)
    .where('ended_ms', '>=', sinceOf(limits, nowMs))
    .orderBy('ended_ms')
    .limit(1)
    .offset(surplus)
    .executeTakeFirst();
  return { code: 'limit-minute', resumeAtMs: Math.ceil((frees?.ended_ms ?? nowMs) + minute.windowMs * (1 + WINDOW_SLACK)) };
}

async function refused(
  trx: Transaction<Tables>,
  id: string,
  refusal: { code: LimitCode; resumeAtMs: number | null },
  nowMs: number,
): Promise<number> {
  const quota = await quotaRow(trx, id);
  const limits = JSON.parse(quota.limits) as Limits;
  // A system whose clock is behind names a time that is past here; to believe it would be to ask again without end.
  const namedMs = refusal.resumeAtMs ?? nowMs + defaultPauseMs(refusal.code, limits);
  const untilMs = Math.min(Math.max(namedMs, nowMs + PAUSE_MIN_MS), nowMs + BELIEVED_MAX_MS);
  // A refusal that says less than is known already changes neither the time nor its reason.
  const knownMs = denyByBlock(quota, nowMs)?.resumeAtMs ?? 0;
  const block = untilMs > knownMs ? { blocked_until_ms: untilMs, blocked_code: refusal.code } : {};
  const isOfDay = refusal.code === 'limit-day' || quota.probe !== null;
  await trx.updateTable('quotas').set({ ...block, ...(isOfDay && { probe: PROBE_DUE }), refused_total: quota.refused_total + 1 }).where('id', '=', id).execute();
  return Math.max(untilMs, knownMs);
}

function defaultPauseMs(code: LimitCode, limits: Limits): number {
  if (code === 'limit-day') return (limits.day?.windowMs ?? 86_400_000) / DAY_PROBES;
  if (code === 'limit-concurrent') return PAUSE_MIN_MS;
  return limits.minute?.windowMs ?? 60_000;
}
