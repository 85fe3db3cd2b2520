import { carryAnnounced } from './carry-announced.ts';
import type { Deps } from './deps.ts';
import { carryDocument, pendingDocuments } from './documents.ts';
import { fetchRecord } from './fetch-record.ts';
import { fetchReferences } from './fetch-references.ts';
import type { Pause } from './failures.ts';
import { heartbeating } from './heartbeat.ts';
import { endStop, notifyStop } from './notify-stop.ts';
import { pull } from './pull.ts';
import { push } from './push.ts';
import { beginReconcile, endReconcile, reconcileStep } from './reconcile.ts';
import { judgeAnew } from './judge-anew.ts';
import { requestRecords } from './request-records.ts';
import { beginRun, endRun, prepare, runCounts } from './runs.ts';
import { withdrawRecords } from './withdraw-records.ts';

/** The steps of every workflow. Each is safe to repeat at any point. */
export function createActivities(deps: Deps) {
  return {
    beginRun: bind(beginRun, deps),
    prepare: bind(prepare, deps),
    pull: bind(pull, deps),
    fetchRecord: bind(fetchRecord, deps),
    fetchReferences: bind(fetchReferences, deps),
    carryAnnounced: bind(carryAnnounced, deps),
    push: bind(push, deps),
    pendingDocuments: bind(pendingDocuments, deps),
    carryDocument: bind(carryDocument, deps),
    runCounts: bind(runCounts, deps),
    endRun: bind(endRun, deps),
    notifyStop: bind(notifyStop, deps),
    endStop: bind(endStop, deps),
    judgeAnew: bind(judgeAnew, deps),
    requestRecords: bind(requestRecords, deps),
    withdrawRecords: bind(withdrawRecords, deps),
    beginReconcile: bind(beginReconcile, deps),
    reconcileStep: bind(reconcileStep, deps),
    endReconcile: bind(endReconcile, deps),
  };
}

export type Activities = ReturnType<typeof createActivities>;

function bind<Request, Result>(step: (deps: Deps, request: Request) => Promise<Result>, deps: Deps) {
  return async (request: Request): Promise<Result> => withMinimum(await heartbeating(() => step(deps, request)), deps);
}

/** Where a step pauses, its workflow is told how long a stop must be to be told of. */
function withMinimum<Result>(result: Result, { noticeAfterMs }: Deps): Result {
  return isPaused(result) ? { ...result, pause: { ...result.pause, noticeAfterMs } } : result;
}

function isPaused<Result>(result: Result): result is Result & { pause: Pause } {
  return typeof result === 'object' && result !== null && 'pause' in result && result.pause !== null;
}
