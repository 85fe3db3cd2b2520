import * as fc from 'fast-check';
import type { LimitCode, Purpose, Quotas, Taken } from '../../store/quotas.ts';
import type { Limits } from '../../store/types.ts';

/** One call a worker wants to make; times in milliseconds, in eighths, because a server does not count in whole ones. */
interface PlannedCall {
  readonly purpose: Purpose;
  /** How long the worker does something else before it asks for the call. */
  readonly idleMs: number;
  readonly toServerMs: number;
  readonly atServerMs: number;
  readonly backMs: number;
  /** The system refuses it, with a time to come back (less than 0: already past) or without one. */
  readonly refusal: { readonly code: LimitCode; readonly inMs: number | null } | null;
}

export interface Course {
  readonly limits: Limits;
  /** Per worker, its calls one after the other. */
  readonly workers: readonly (readonly PlannedCall[])[];
}

/** What a strict server saw, and what the workers were told. */
export interface Seen {
  readonly calls: readonly { readonly atMs: number; readonly purpose: Purpose }[];
  readonly mostAtOnce: number;
  readonly grants: readonly { readonly atMs: number; readonly blockedUntilMs: number }[];
  readonly denials: readonly { readonly worker: number; readonly atMs: number; readonly code: LimitCode; readonly resumeAtMs: number; readonly inARow: number }[];
}

const eighths = (maxMs: number) => fc.integer({ min: 0, max: maxMs * 8 }).map((eighth) => eighth / 8);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const share = fc.constantFrom(0, 0.03, 0.25, 0.5, 1);

const plannedCall = (withRefusals: boolean): fc.Arbitrary<PlannedCall> => fc.record({
  purpose: fc.constantFrom<Purpose>('bulk', 'document'),
  idleMs: fc.oneof(fc.constant(0), eighths(300)),
  toServerMs: eighths(200),
  atServerMs: eighths(200),
  backMs: eighths(100),
  refusal: withRefusals
    ? fc.option(fc.record({ code: fc.constantFrom<LimitCode>('limit-minute', 'limit-concurrent', 'limit-day'), inMs: fc.option(fc.integer({ min: -500, max: 2_000 })) }), { freq: 9 })
    : fc.constant(null),
});

const limits: fc.Arbitrary<Limits> = fc.record({
  minute: optional(fc.record({ calls: fc.integer({ min: 1, max: 8 }), windowMs: fc.integer({ min: 1, max: 600 }) })),
  day: optional(fc.record({ calls: fc.integer({ min: 2, max: 30 }), windowMs: fc.integer({ min: 400, max: 3_000 }) })),
  concurrent: optional(fc.integer({ min: 1, max: 3 })),
  documentShare: optional(fc.record({ minute: share, day: share })),
}).map((drawn) => Object.fromEntries(Object.entries(drawn).filter(([, value]) => value !== undefined)));

/** Any limits, and any course of calls of so many workers. */
export function anyCourse({ workers, refusals }: { workers: number; refusals: boolean }): fc.Arbitrary<Course> {
  const calls = fc.array(plannedCall(refusals), { minLength: 1, maxLength: 15 });
  return fc.record({ limits, workers: fc.array(calls, { minLength: workers, maxLength: workers }) });
}

interface Event { readonly atMs: number; readonly run: () => Promise<void> | void }

/** More events than any course needs: beyond them, somebody asks without end. */
const EVENTS_MAX = 20_000;

/** Runs a course: workers in front of the quota, a server behind it, and a clock that only this moves. */
export async function runCourse(quotas: Quotas, clock: { nowMs: number }, quotaId: string, { limits, workers }: Course): Promise<Seen> {
  await quotas.configure(quotaId, limits);
  const events: Event[] = [];
  const seen = { calls: [] as Seen['calls'][number][], grants: [] as Seen['grants'][number][], denials: [] as Seen['denials'][number][], mostAtOnce: 0 };
  let atOnce = 0;
  let blockedUntilMs = 0;
  const later = (ms: number, run: Event['run']) => { events.push({ atMs: clock.nowMs + ms, run }); };
  const work = (worker: number, calls: readonly PlannedCall[]) => {
    const [call, ...rest] = calls;
    if (call) later(call.idleMs, () => ask(worker, call, rest, 0));
  };
  const ask = async (worker: number, call: PlannedCall, rest: readonly PlannedCall[], inARow: number): Promise<void> => {
    const atMs = clock.nowMs;
    const taken: Taken = await quotas.take(quotaId, call.purpose);
    if (!taken.granted) {
      seen.denials.push({ worker, atMs, code: taken.code, resumeAtMs: taken.resumeAtMs, inARow });
      later(taken.resumeAtMs - atMs, () => ask(worker, call, rest, inARow + 1));
      return;
    }
    seen.grants.push({ atMs, blockedUntilMs });
    later(call.toServerMs, () => {
      seen.calls.push({ atMs: clock.nowMs, purpose: call.purpose });
      atOnce += 1;
      seen.mostAtOnce = Math.max(seen.mostAtOnce, atOnce);
      later(call.atServerMs, () => {
        atOnce -= 1;
        later(call.backMs, () => answered(worker, call, rest, taken.callId));
      });
    });
  };
  const answered = async (worker: number, { refusal }: PlannedCall, rest: readonly PlannedCall[], callId: string): Promise<void> => {
    if (refusal) {
      const resumeAtMs = refusal.inMs === null ? null : Math.floor(clock.nowMs) + refusal.inMs;
      blockedUntilMs = await quotas.refused(quotaId, refusal.code, resumeAtMs);
    }
    await quotas.end(callId);
    work(worker, rest);
  };
  for (const [worker, calls] of workers.entries()) work(worker, calls);
  for (let count = 0; events.length > 0; count++) {
    if (count > EVENTS_MAX) throw new Error('the workers ask without end');
    const next = events.reduce((first, event) => (event.atMs < first.atMs ? event : first));
    events.splice(events.indexOf(next), 1);
    clock.nowMs = next.atMs;
    await next.run();
  }
  return seen;
}
