import {
  ApplicationFailure, ScheduleAlreadyRunning, ScheduleNotFoundError, ScheduleOverlapPolicy, WorkflowExecutionAlreadyStartedError, WorkflowFailedError, WorkflowIdConflictPolicy, WorkflowNotFoundError, type WorkflowExecutionDescription, type WorkflowHandle,
} from '@temporalio/client';
import type { scheduledSync, sync } from '../workflows/index.ts';
import { runWorkflowId, type RunInput } from '../workflows/messages.ts';
import { searchAttributes } from '../workflows/search-attributes.ts';
import type { Bookbridge } from './open.ts';

/** Seconds between two syncs where nobody chose. */
export const SYNC_INTERVAL_SECONDS = 60;
/** A sync that was missed for longer than this is not made up for: the next one reads what it would have read. */
const CATCHUP_WINDOW = '1 minute';

/**
 * Sets the schedule of the sync up, or changes the one that is there. A run that takes longer than the interval is not
 * overtaken: the next one is skipped. Where there was a paused one, it goes on.
 *
 * @param everySeconds interval
 */
export async function scheduleSync({ temporal, config }: Bookbridge, integrationId: string, everySeconds: number): Promise<void> {
  const scheduleId = scheduleIdOf(integrationId);
  const spec = { intervals: [{ every: everySeconds * 1000 }] };
  const policies = { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCHUP_WINDOW };
  const action = {
    type: 'startWorkflow' as const, workflowType: 'scheduledSync', workflowId: scheduleId, taskQueue: config.taskQueue,
    args: [{ integrationId }] satisfies Parameters<typeof scheduledSync>,
    typedSearchAttributes: [{ key: searchAttributes.integration, value: integrationId }],
    staticSummary: `Sync of ${integrationId}, by schedule`,
  };
  try {
    await temporal.schedule.create({ scheduleId, spec, policies, action });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await temporal.schedule.getHandle(scheduleId).update(({ state }) => ({ spec, policies, action, state: { ...state, paused: false } }));
  }
}

/**
 * Stops the schedule, or lets it go on; a run that is under way ends as it would.
 *
 * @returns whether there is a schedule
 */
export async function pauseSchedule({ temporal }: Bookbridge, integrationId: string, paused: boolean, note: string): Promise<boolean> {
  const schedule = temporal.schedule.getHandle(scheduleIdOf(integrationId));
  try {
    await (paused ? schedule.pause(note) : schedule.unpause(note));
    return true;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false;
    throw error;
  }
}

export interface ScheduleState {
  readonly everyMs: number | null;
  readonly paused: boolean;
  /** Milliseconds since the epoch; null where none is planned. */
  readonly nextMs: number | null;
}

/** Null where there is no schedule. */
export async function describeSchedule({ temporal }: Bookbridge, integrationId: string): Promise<ScheduleState | null> {
  try {
    const { spec, state, info } = await temporal.schedule.getHandle(scheduleIdOf(integrationId)).describe();
    return { everyMs: spec.intervals?.[0]?.every ?? null, paused: state.paused, nextMs: state.paused ? null : (info.nextActionTimes[0]?.getTime() ?? null) };
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

/** Starts the initial import as soon as no run is under way. */
export async function startImport(bookbridge: Bookbridge, integrationId: string): Promise<RunHandle> {
  for (;;) {
    const handle = await startImportAlone(bookbridge, integrationId);
    if (handle) return handle;
    // How that run ends is its own affair; the import only needs its place.
    await (await runUnderWay(bookbridge, integrationId))?.handle.result().catch(() => undefined);
  }
}

/**
 * Starts the initial import, unless a run is under way.
 *
 * @returns null where one is
 */
export function startImportAlone(bookbridge: Bookbridge, integrationId: string): Promise<RunHandle | null> {
  return startAlone(bookbridge, 'initialImport', { integrationId }, `Initial import of ${integrationId}`);
}

/** Starts a sync now, or finds the run that is under way. */
export function startSync(bookbridge: Bookbridge, integrationId: string): Promise<RunHandle> {
  return bookbridge.temporal.workflow.start<typeof sync>('sync', {
    ...runOptions(bookbridge, { integrationId }),
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    staticSummary: `Sync of ${integrationId}, started by hand`,
  });
}

/**
 * Starts a sync of all or of a part, unless a run is under way.
 *
 * @returns null where one is
 */
export function startSyncAlone(bookbridge: Bookbridge, input: SyncInput): Promise<RunHandle | null> {
  const { integrationId, module, record } = input;
  const part = record ? `${record.resource} ${record.recordId} of ` : module === undefined ? '' : `${module} of `;
  return startAlone(bookbridge, 'sync', input, `Sync of ${part}${integrationId}, started by hand`);
}

async function startAlone(bookbridge: Bookbridge, workflow: RunUnderWay['kind'], input: SyncInput, staticSummary: string): Promise<RunHandle | null> {
  try {
    return await bookbridge.temporal.workflow.start<typeof sync>(workflow, { ...runOptions(bookbridge, input), staticSummary });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}

export interface RunUnderWay {
  readonly kind: 'initialImport' | 'sync';
  /** Milliseconds since the epoch. */
  readonly startedMs: number;
  readonly handle: RunHandle;
  /** A step that fails and is repeated, with what it failed of last; null: none does. */
  readonly retrying: Retrying | null;
}

export interface Retrying extends Failure {
  readonly attempts: number;
}

/** In words, with the remedy. */
export interface Failure {
  readonly code: string | null;
  readonly message: string;
}

/** The run of an integration that is under way. */
export async function runUnderWay({ temporal }: Bookbridge, integrationId: string): Promise<RunUnderWay | null> {
  try {
    const workflowId = runWorkflowId(integrationId);
    const described = await temporal.workflow.getHandle(workflowId).describe();
    const { type, status, startTime, runId } = described;
    if (status.name !== 'RUNNING') return null;
    // Bound to this very run: the schedule may have started another under the same id by the time it is asked.
    const handle = temporal.workflow.getHandle<typeof sync>(workflowId, runId);
    return { kind: type === 'initialImport' ? 'initialImport' : 'sync', startedMs: startTime.getTime(), handle, retrying: retryingOf(described) };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** The step of a run that is repeated, with what it failed of last; null: none is. */
export function retryingOf({ raw }: Pick<WorkflowExecutionDescription, 'raw'>): Retrying | null {
  const step = raw.pendingActivities?.find(({ lastFailure }) => lastFailure);
  // The attempt that is under way, or waits, has not failed.
  return step ? { attempts: (step.attempt ?? 1) - 1, code: step.lastFailure?.applicationFailureInfo?.type ?? null, message: step.lastFailure?.message ?? '' } : null;
}

/**
 * Why a run of an integration failed.
 *
 * @param runId absent: the last one
 * @returns null where it did not, is under way, or Temporal has forgotten it
 */
export async function failureOf({ temporal }: Bookbridge, integrationId: string, runId?: string): Promise<Failure | null> {
  try {
    const described = await temporal.workflow.getHandle(runWorkflowId(integrationId), runId).describe();
    // A run that went on in a fresh history failed in that one.
    if (!['FAILED', 'CONTINUED_AS_NEW'].includes(described.status.name)) return null;
    await temporal.workflow.getHandle(runWorkflowId(integrationId), described.runId).result();
    return null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { code: error.cause instanceof ApplicationFailure ? (error.cause.type ?? null) : null, message: error.cause?.message ?? error.message };
  }
}

/** A worker that asked for work within this time is there: it asks anew at least once a minute. */
const POLLED_WITHIN_MS = 90_000;

/** How many workers take work of our task queue. */
export async function countWorkers({ temporal, config }: Bookbridge): Promise<number> {
  const { pollers } = await temporal.workflowService.describeTaskQueue({
    namespace: temporal.options.namespace, taskQueue: { name: config.taskQueue },
  });
  const sinceMs = Date.now() - POLLED_WITHIN_MS;
  const alive = (pollers ?? []).filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 >= sinceMs);
  return new Set(alive.map(({ identity }) => identity)).size;
}

/** A run, whether it imports or syncs: both go through the same steps. */
export type RunHandle = WorkflowHandle<typeof sync>;
type SyncInput = Pick<RunInput, 'integrationId' | 'module' | 'record' | 'request' | 'withdraw'>;

function runOptions({ config }: Bookbridge, input: SyncInput) {
  const { integrationId } = input;
  return {
    workflowId: runWorkflowId(integrationId),
    taskQueue: config.taskQueue,
    args: [input] as [SyncInput],
    typedSearchAttributes: [{ key: searchAttributes.integration, value: integrationId }],
  };
}

function scheduleIdOf(integrationId: string): string {
  return `sync:${integrationId}`;
}
