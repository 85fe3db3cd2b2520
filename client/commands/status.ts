import type { RunUnderWay, ScheduleState } from '../runs.ts';
import type { ChangeCount, QuotaStatus } from '../../store/operations.ts';
import type { Integration, RunCounts } from '../../store/types.ts';
import { booksQuotaId } from '../../domain/credentials.ts';
import type { Progress as RunProgress } from '../../workflows/messages.ts';
import { chooseIntegration, moduleNames } from '../choose.ts';
import { CommandError, exitCodes, type ExitCode } from '../command-error.ts';
import { progressOf } from '../follow.ts';
import { openBookbridge, openLocal, type Bookbridge, type Local } from '../open.ts';
import { print } from '../print.ts';
import type { CommonOptions } from '../program.ts';
import { countWorkers, describeSchedule, lastFailure, runUnderWay } from '../runs.ts';
import { iso } from '../time.ts';
import { describeStatus } from '../status-report.ts';

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

/** Shows one integration, or all. Where Temporal does not answer, what is stored is shown all the same. */
export async function status(options: CommonOptions): Promise<ExitCode> {
  const { local, bookbridge, problem } = await openWhatAnswers();
  try {
    const chosen = options.integration === undefined ? await local.store.integrations.list() : [await chooseIntegration(local, options)];
    if (chosen.length === 0) await chooseIntegration(local, options);
    const all: IntegrationStatus[] = [];
    for (const integration of chosen) all.push(await statusOf(local, bookbridge, integration));
    print(options.json, { taskQueue: local.config.taskQueue, integrations: all.map(toDocument) }, () => all.map((one) => describeStatus(one, local.config.taskQueue)).join('\n\n'));
    if (problem) throw problem;
    return exitCodes.ok;
  } finally {
    await local.close();
  }
}

async function openWhatAnswers(): Promise<{ local: Local; bookbridge: Bookbridge | null; problem: CommandError | null }> {
  try {
    const bookbridge = await openBookbridge(process.env, { create: false });
    return { local: bookbridge, bookbridge, problem: null };
  } catch (error) {
    if (!(error instanceof CommandError) || error.exit !== exitCodes.unreachable) throw error;
    // Where it was the database that did not open, this fails the same way.
    return { local: await openLocal(process.env, { create: false }), bookbridge: null, problem: error };
  }
}

async function statusOf({ store }: Local, bookbridge: Bookbridge | null, integration: Integration): Promise<IntegrationStatus> {
  const { id, organizationId } = integration;
  return {
    integration, modules: moduleNames(integration),
    links: await store.countLinks(id),
    changes: await store.operations.counts(id),
    quota: await store.operations.quota(booksQuotaId(organizationId)),
    runs: await lastRuns(store, id),
    live: bookbridge && (await liveOf(bookbridge, id)),
  };
}

/** The last runs that did something, and the very last one in any case. */
async function lastRuns(store: Local['store'], integrationId: string): Promise<RunStatus[]> {
  const shown: RunStatus[] = [];
  for (const [index, run] of (await store.runs.list(integrationId, RUNS_READ)).entries()) {
    if (shown.length === RUNS_SHOWN) break;
    const counts = await store.runs.counts(run.id);
    const isIdle = run.state === 'completed' && Object.values(counts).every((module) => Object.entries(module).every(([outcome, count]) => outcome === 'unchanged' || count === 0));
    if (index === 0 || !isIdle) shown.push({ id: run.id, kind: run.kind, state: run.state, startedMs: run.startedMs, endedMs: run.endedMs, counts });
  }
  return shown;
}

async function liveOf(bookbridge: Bookbridge, integrationId: string): Promise<LiveStatus> {
  const [workers, schedule, underWay] = await Promise.all([countWorkers(bookbridge), describeSchedule(bookbridge, integrationId), runUnderWay(bookbridge, integrationId)]);
  const running = underWay && { kind: underWay.kind, startedMs: underWay.startedMs, progress: await progressOf(bookbridge, underWay.handle, workers) };
  return { workers, schedule, running, failure: underWay ? null : await lastFailure(bookbridge, integrationId) };
}

function toDocument({ integration, links, changes, quota, runs, live }: IntegrationStatus) {
  const { id, kind, organizationId, state, importedAtMs, facts } = integration;
  const progress = live?.running?.progress;
  return {
    id, kind, organizationId, organization: facts['name'] ?? null, state, importedAt: iso(importedAtMs), links,
    changes: changes.map(({ dueMs, ...count }) => ({ ...count, due: dueMs.last === 0 ? null : iso(dueMs.last) })),
    quota: quota && {
      dayUsed: quota.dayUsed, dayLimit: quota.limits.day?.calls ?? null, organizationDayLimit: quota.limits.day?.of ?? quota.limits.day?.calls ?? null, dayEnds: iso(quota.dayEndsMs),
      blocked: quota.blocked && { until: iso(quota.blocked.untilMs), code: quota.blocked.code },
    },
    runs: runs.map(({ startedMs, endedMs, ...run }) => ({ ...run, started: iso(startedMs), ended: iso(endedMs) })),
    workers: live?.workers ?? null,
    schedule: live?.schedule ? { everySeconds: live.schedule.everyMs === null ? null : live.schedule.everyMs / 1000, paused: live.schedule.paused, next: iso(live.schedule.nextMs) } : null,
    failure: live?.failure ?? null,
    running: live?.running ? {
      kind: live.running.kind, started: iso(live.running.startedMs), module: progress?.module ?? null, step: progress?.step ?? null,
      waits: progress?.pause ? { until: iso(progress.pause.resumeAtMs), code: progress.pause.code } : null,
    } : null,
  };
}
