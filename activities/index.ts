import type { Deps } from './deps.ts';
import { carryDocument, pendingDocuments } from './documents.ts';
import { fetchRecord } from './fetch-record.ts';
import { heartbeating } from './heartbeat.ts';
import { pull } from './pull.ts';
import { push } from './push.ts';
import { beginRun, endRun, prepare, runCounts } from './runs.ts';

/** The steps of every workflow. Each is safe to repeat at any point. */
export function createActivities(deps: Deps) {
  return {
    beginRun: bind(beginRun, deps),
    prepare: bind(prepare, deps),
    pull: bind(pull, deps),
    fetchRecord: bind(fetchRecord, deps),
    push: bind(push, deps),
    pendingDocuments: bind(pendingDocuments, deps),
    carryDocument: bind(carryDocument, deps),
    runCounts: bind(runCounts, deps),
    endRun: bind(endRun, deps),
  };
}

export type Activities = ReturnType<typeof createActivities>;

function bind<Request, Result>(step: (deps: Deps, request: Request) => Promise<Result>, deps: Deps) {
  return (request: Request): Promise<Result> => heartbeating(() => step(deps, request));
}
