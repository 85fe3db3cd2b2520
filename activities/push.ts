import { BookbridgeError } from '../domain/errors.ts';
import type { Flow } from '../integrations/integration.ts';
import type { Change, Ending } from '../store/types.ts';
import { prepareBatch, type Batch, type Prepared } from './batch.ts';
import { carry, createFinders, readFindable, type Finders } from './carry.ts';
import type { Deps } from './deps.ts';
import { HAND_OVER, orPaused, pauseOf, type Pause } from './failures.ts';
import { readKept } from './pull.ts';
import { moduleOf, withSession, type Session, type StepRequest } from './session.ts';
import { placesOf } from './sources.ts';

export interface PushResult {
  /** Null: nothing is left to carry over. */
  readonly pause: Pause | null;
  /** How many records were written: calls went through. */
  readonly carried: number;
}

const BATCH_RECORDS = 200;
/** Endings are written together, and so often while records end: a crash repeats the calls of this time, which at Zoho's pace is one or two. */
const ENDINGS_MS = 250;
/** After this long the activity hands over to a fresh one, so that a worker can be replaced. */
const ACTIVITY_MAX_MS = 120_000;
/** So many passing failures in a row mean that the system is down, not that a record is unlucky. */
const FAILURES_IN_A_ROW_MAX = 5;
/** After so many attempts a passing failure is shown to a person; the next run begins anew with it. */
const ATTEMPTS_MAX = 8;
const RETRY_FIRST_MS = 1_000;

/**
 * Carries the pending changes of one module over, several at a time, until none is left or the quota grants no call. Then
 * it stops at once and says when to go on: waiting is the workflow's business.
 */
export async function push(deps: Deps, request: StepRequest): Promise<PushResult> {
  return withSession(deps, request.integrationId, 'bulk', async (session) => {
    const until = deps.now() + ACTIVITY_MAX_MS;
    let carried = 0;
    const { flows } = moduleOf(session.integration, request.module);
    const places = flows.flatMap((flow) => placesOf(flow, session.context));
    const { count } = await deps.store.pendingSummary(request.integrationId, request.module, places);
    const stopped = await orPaused<Pause | null>(() => readFirst(deps, session, request, flows, count).then(() => null), (pause) => pause);
    if (stopped || count === 0) return { pause: stopped, carried };
    for (const flow of flows) {
      let after = 0;
      for (;;) {
        const changes = await deps.store.pending({ ...request, side: flow.side, resources: flow.resources(session.context), after, limit: BATCH_RECORDS });
        const last = changes.at(-1);
        if (!last) break;
        const result = await pushBatch(deps, session, request, flow, changes);
        carried += result.carried;
        if (result.pause) return { pause: result.pause, carried };
        if (deps.now() > until) return { pause: { resumeAtMs: deps.now(), code: HAND_OVER }, carried };
        after = last.id;
      }
    }
    const left = await deps.store.pendingSummary(request.integrationId, request.module, places);
    return { pause: left.count > 0 ? { resumeAtMs: left.dueMs, code: 'system-fault' } : null, carried };
  });
}

/** What has to be known before the first record is carried over. */
async function readFirst(deps: Deps, session: Session, request: StepRequest, flows: readonly Flow[], pending: number): Promise<void> {
  if (pending > 0) await readKept(deps, session, request);
  for (const flow of flows) await readFindable(deps, session, request, flow);
}

interface BatchState {
  /** Lanes at work. */
  lanes: number;
  readonly queue: Prepared[];
  readonly endings: Ending[];
  /** When they are to be written, milliseconds since the epoch. */
  flushMs: number;
  pause: Pause | null;
  error: Error | null;
  failuresInARow: number;
  carried: number;
}

async function pushBatch(deps: Deps, session: Session, request: StepRequest, flow: Flow, changes: readonly Change[]) {
  const finders = await createFinders(deps, session, flow, request.module);
  const batch = { ...await prepareBatch(deps.store, session, flow, changes), finders };
  const state: BatchState = { lanes: deps.lanes, queue: [...batch.prepared], endings: [], flushMs: deps.now() + ENDINGS_MS, pause: null, error: null, failuresInARow: 0, carried: 0 };
  // What one lane meets stops the others at their next record; nobody is left at work when it is thrown.
  await Promise.all(Array.from({ length: deps.lanes }, () => lane(deps, session, request, flow, batch, state).catch((error: unknown) => { state.error ??= asError(error); })));
  await flush(deps, request, state);
  if (state.error !== null) throw state.error;
  return { pause: state.pause, carried: state.carried };
}

async function lane(deps: Deps, session: Session, request: StepRequest, flow: Flow, batch: Batch & { finders: Finders }, state: BatchState): Promise<void> {
  for (;;) {
    if (session.signal.aborted) state.error ??= asError(session.signal.reason);
    if (state.pause || state.error !== null) return;
    const next = state.queue.shift();
    if (!next) {
      state.lanes -= 1;
      return;
    }
    try {
      const ending = await carry(session, flow, next, batch.known, batch.finders);
      state.endings.push(ending);
      state.failuresInARow = 0;
      if (ending.outcome === 'added' || ending.outcome === 'updated') state.carried += 1;
    } catch (error) {
      if (isBusy(error) && state.lanes > 1) {
        state.lanes -= 1;
        state.queue.unshift(next);
        return;
      }
      await interrupted(deps, state, next, error);
    }
    if (deps.now() >= state.flushMs) await flush(deps, request, state);
  }
}

/** As many calls are under way as the system takes at once: one lane fewer is enough, the others go on. */
function isBusy(error: unknown): boolean {
  return error instanceof BookbridgeError && error.code === 'limit-concurrent';
}

/** A call that did not succeed through no fault of the record: decides whether the record, the lane or everything stops. */
async function interrupted(deps: Deps, state: BatchState, { change }: Prepared, error: unknown): Promise<void> {
  const pause = pauseOf(error);
  if (pause) {
    // Several lanes may be told different times; the last one to come holds for all.
    state.pause = state.pause && state.pause.resumeAtMs > pause.resumeAtMs ? state.pause : pause;
    return;
  }
  if (!(error instanceof BookbridgeError) || error.action !== 'retry') {
    state.error = asError(error);
    return;
  }
  state.failuresInARow += 1;
  if (state.failuresInARow >= FAILURES_IN_A_ROW_MAX) state.error = error;
  if (change.attempts + 1 >= ATTEMPTS_MAX) {
    state.endings.push({
      change, outcome: 'failed', state: 'failed', finding: { code: error.code, detail: error.detail }, notes: [], link: null, waitsFor: null,
    });
  } else {
    await deps.store.postpone(change, deps.now() + RETRY_FIRST_MS * 2 ** change.attempts);
  }
}

async function flush(deps: Deps, { integrationId, runId }: StepRequest, state: BatchState): Promise<void> {
  const endings = state.endings.splice(0);
  state.flushMs = deps.now() + ENDINGS_MS;
  try {
    await deps.store.endChanges({ integrationId, runId }, endings);
  } catch (error) {
    state.endings.unshift(...endings);
    throw error;
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('something that is no error was thrown', { cause: thrown });
}
