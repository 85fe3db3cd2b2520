import { booksQuotaId } from '../domain/credentials.ts';
import type { ChangeCount, QuotaStatus } from '../store/operations.ts';
import type { Integration, RunCounts } from '../store/types.ts';
import type { Progress as RunProgress } from '../workflows/messages.ts';
import { moduleNames } from './choose.ts';
import { exitCodes } from './command-error.ts';
import { progressOf } from './follow.ts';
import type { Bookbridge, Local } from './open.ts';
import { problemOf } from './problem.ts';
import { promptly } from './promptly.ts';
import { countWorkers, describeSchedule, failureOf, runUnderWay, type Failure, type RunUnderWay, type ScheduleState } from './runs.ts';
import { iso } from './time.ts';

const RUNS_SHOWN = 5;

/** Everything about one integration. */
export interface IntegrationStatus {
  readonly integration: Integration;
  readonly modules: readonly string[];
  readonly links: Readonly<Record<string, number>>;
  readonly changes: readonly ChangeCount[];
  readonly quota: QuotaStatus | null;
  readonly runs: readonly RunStatus[];
  /** What Temporal knows; null where it does not answer. */
  readonly live: LiveStatus | null;
  /** Why it does not, where it was asked. */
  readonly problem: Error | null;
}

interface LiveStatus {
  readonly workers: number;
  readonly schedule: ScheduleState | null;
  readonly running: (Pick<RunUnderWay, 'kind' | 'startedMs' | 'retrying'> & { readonly progress: RunProgress | null }) | null;
  /** Why the last run failed. */
  readonly failure: Failure | null;
  /** Why those of the runs failed that did, by their ids; without those that Temporal has forgotten. */
  readonly failures: ReadonlyMap<string, Failure>;
}

interface RunStatus {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly startedMs: number;
  readonly endedMs: number | null;
  readonly counts: RunCounts;
}

/**
 * @param bookbridge null where Temporal does not answer
 * @returns everything about one integration
 */
export async function statusOf({ store }: Local, bookbridge: Bookbridge | null, integration: Integration): Promise<IntegrationStatus> {
  const { id, organizationId } = integration;
  const runs = await lastRuns(store, id);
  return {
    integration, modules: moduleNames(integration),
    links: await store.countLinks(id),
    changes: await store.operations.counts(id),
    quota: await store.operations.quota(booksQuotaId(organizationId)),
    runs,
    ...(bookbridge ? await liveOf(bookbridge, id, runs).then((live) => ({ live, problem: null }), whereUnreachable) : { live: null, problem: null }),
  };
}

/** The last runs that did something, and the very last one in any case, with their counts. */
export async function lastRuns({ runs }: Local['store'], integrationId: string, limit = RUNS_SHOWN): Promise<RunStatus[]> {
  const shown: RunStatus[] = [];
  for (const { id, kind, state, startedMs, endedMs } of await runs.list(integrationId, limit)) shown.push({ id, kind, state, startedMs, endedMs, counts: await runs.counts(id) });
  return shown;
}

/** What is stored is shown also where Temporal ceases to answer. */
function whereUnreachable(problem: unknown): Pick<IntegrationStatus, 'live' | 'problem'> {
  if (!(problem instanceof Error) || problemOf(problem).exit !== exitCodes.unreachable) throw problem;
  return { live: null, problem };
}

async function liveOf(bookbridge: Bookbridge, integrationId: string, runs: readonly RunStatus[]): Promise<LiveStatus> {
  const { workers, schedule, underWay } = await promptly(bookbridge, async () => ({
    workers: await countWorkers(bookbridge), schedule: await describeSchedule(bookbridge, integrationId), underWay: await runUnderWay(bookbridge, integrationId),
  }));
  const running = underWay && { kind: underWay.kind, startedMs: underWay.startedMs, retrying: underWay.retrying, progress: await progressOf(bookbridge, underWay.handle, workers) };
  return { workers, schedule, running, ...(await promptly(bookbridge, () => failuresOf(bookbridge, integrationId, runs, underWay))) };
}

async function failuresOf(bookbridge: Bookbridge, integrationId: string, runs: readonly RunStatus[], underWay: RunUnderWay | null): Promise<Pick<LiveStatus, 'failure' | 'failures'>> {
  const failures = new Map<string, Failure>();
  for (const { id, state } of runs) {
    const failure = state === 'failed' ? await failureOf(bookbridge, integrationId, id) : null;
    if (failure) failures.set(id, failure);
  }
  return { failure: underWay ? null : await failureOf(bookbridge, integrationId), failures };
}

/** A run for JSON. */
export function runDocument({ startedMs, endedMs, ...run }: RunStatus) {
  return { ...run, started: iso(startedMs), ended: iso(endedMs) };
}

/** The same for JSON. */
export function statusDocument({ integration, links, changes, quota, runs, live }: IntegrationStatus) {
  const { id, kind, organizationId, state, importedAtMs, facts } = integration;
  const progress = live?.running?.progress;
  return {
    id, kind, organizationId, organization: facts['name'] ?? null, state, importedAt: iso(importedAtMs), links,
    changes: changes.map(({ dueMs, ...count }) => ({ ...count, due: dueMs.last === 0 ? null : iso(dueMs.last) })),
    quota: quota && {
      dayUsed: quota.dayUsed, dayLimit: quota.limits.day?.calls ?? null, organizationDayLimit: quota.limits.day?.of ?? quota.limits.day?.calls ?? null, dayEnds: iso(quota.dayEndsMs),
      blocked: quota.blocked && { until: iso(quota.blocked.untilMs), code: quota.blocked.code },
    },
    runs: runs.map(runDocument),
    workers: live?.workers ?? null,
    schedule: live?.schedule ? { everySeconds: live.schedule.everyMs === null ? null : live.schedule.everyMs / 1000, paused: live.schedule.paused, next: iso(live.schedule.nextMs) } : null,
    failure: live?.failure ?? null,
    running: live?.running ? {
      kind: live.running.kind, started: iso(live.running.startedMs), module: progress?.module ?? null, step: progress?.step ?? null,
      retrying: live.running.retrying,
      waits: progress?.pause ? { until: iso(progress.pause.resumeAtMs), code: progress.pause.code } : null,
    } : null,
  };
}
