import { booksQuotaId } from '../domain/credentials.ts';
import type { ChangeCount, QuotaStatus } from '../store/operations.ts';
import type { Integration, RunCounts } from '../store/types.ts';
import type { Progress as RunProgress } from '../workflows/messages.ts';
import { moduleNames } from './choose.ts';
import { exitCodes } from './command-error.ts';
import { progressOf } from './follow.ts';
import type { Bookbridge, Local } from './open.ts';
import { problemOf } from './problem.ts';
import { countWorkers, describeSchedule, lastFailure, runUnderWay, type RunUnderWay, type ScheduleState } from './runs.ts';
import { iso } from './time.ts';

const RUNS_SHOWN = 5;
/** More runs are looked through than shown: those that found nothing to do come one a minute. */
const RUNS_READ = 50;

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
}

interface LiveStatus {
  readonly workers: number;
  readonly schedule: ScheduleState | null;
  readonly running: (Pick<RunUnderWay, 'kind' | 'startedMs'> & { readonly progress: RunProgress | null }) | null;
  /** Why the last run failed. */
  readonly failure: { readonly code: string | null; readonly message: string } | null;
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
  return {
    integration, modules: moduleNames(integration),
    links: await store.countLinks(id),
    changes: await store.operations.counts(id),
    quota: await store.operations.quota(booksQuotaId(organizationId)),
    runs: await lastRuns(store, id),
    live: bookbridge && (await liveOf(bookbridge, id).catch(whereUnreachable)),
  };
}

/** The last runs that did something, and the very last one in any case. */
export async function lastRuns(store: Local['store'], integrationId: string, shownMax = RUNS_SHOWN): Promise<RunStatus[]> {
  const shown: RunStatus[] = [];
  for (const [index, run] of (await store.runs.list(integrationId, RUNS_READ)).entries()) {
    if (shown.length === shownMax) break;
    const counts = await store.runs.counts(run.id);
    const isIdle = run.state === 'completed' && Object.values(counts).every((module) => Object.entries(module).every(([outcome, count]) => outcome === 'unchanged' || count === 0));
    if (index === 0 || !isIdle) shown.push({ id: run.id, kind: run.kind, state: run.state, startedMs: run.startedMs, endedMs: run.endedMs, counts });
  }
  return shown;
}

/** What is stored is shown also where Temporal ceases to answer. */
function whereUnreachable(error: unknown): null {
  if (problemOf(error).exit !== exitCodes.unreachable) throw error;
  return null;
}

async function liveOf(bookbridge: Bookbridge, integrationId: string): Promise<LiveStatus> {
  const [workers, schedule, underWay] = await Promise.all([countWorkers(bookbridge), describeSchedule(bookbridge, integrationId), runUnderWay(bookbridge, integrationId)]);
  const running = underWay && { kind: underWay.kind, startedMs: underWay.startedMs, progress: await progressOf(bookbridge, underWay.handle, workers) };
  return { workers, schedule, running, failure: underWay ? null : await lastFailure(bookbridge, integrationId) };
}

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
      waits: progress?.pause ? { until: iso(progress.pause.resumeAtMs), code: progress.pause.code } : null,
    } : null,
  };
}
