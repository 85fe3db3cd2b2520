import {
  ScheduleAlreadyRunning, ScheduleOverlapPolicy, WorkflowExecutionAlreadyStartedError, WorkflowIdConflictPolicy, type WorkflowHandle,
} from '@temporalio/client';
import type { initialImport, scheduledSync, sync } from '../workflows/index.ts';
import { runWorkflowId } from '../workflows/messages.ts';
import { searchAttributes } from '../workflows/search-attributes.ts';
import type { Bookbridge } from './open.ts';

/** A sync that was missed for longer than this is not made up for: the next one reads what it would have read. */
const CATCHUP_WINDOW = '1 minute';

/**
 * Sets the schedule of the sync up, or changes the one that is there. A run that takes longer than the interval is not
 * overtaken: the next one is skipped.
 *
 * @param everySeconds interval
 */
export async function scheduleSync({ temporal, config }: Bookbridge, integrationId: string, everySeconds: number): Promise<void> {
  const scheduleId = `sync:${integrationId}`;
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
    await temporal.schedule.getHandle(scheduleId).update(({ state }) => ({ spec, policies, action, state }));
  }
}

/** Stops the schedule, or lets it go on; a run that is under way ends as it would. */
export async function pauseSchedule({ temporal }: Bookbridge, integrationId: string, paused: boolean, note: string): Promise<void> {
  const schedule = temporal.schedule.getHandle(`sync:${integrationId}`);
  await (paused ? schedule.pause(note) : schedule.unpause(note));
}

/**
 * Starts the initial import, or finds the one that is under way.
 *
 * @throws WorkflowExecutionAlreadyStartedError while a sync of the integration is under way
 */
export async function startImport(bookbridge: Bookbridge, integrationId: string): Promise<WorkflowHandle<typeof initialImport>> {
  const { temporal } = bookbridge;
  try {
    return await temporal.workflow.start<typeof initialImport>('initialImport', {
      ...runOptions(bookbridge, integrationId), staticSummary: `Initial import of ${integrationId}`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const running = temporal.workflow.getHandle<typeof initialImport>(runWorkflowId(integrationId));
    if ((await running.describe()).type === 'initialImport') return running;
    throw error;
  }
}

/** Starts a sync now, or finds the run that is under way. */
export function startSync(bookbridge: Bookbridge, integrationId: string): Promise<WorkflowHandle<typeof sync>> {
  return bookbridge.temporal.workflow.start<typeof sync>('sync', {
    ...runOptions(bookbridge, integrationId),
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    staticSummary: `Sync of ${integrationId}, started by hand`,
  });
}

function runOptions({ config }: Bookbridge, integrationId: string) {
  return {
    workflowId: runWorkflowId(integrationId),
    taskQueue: config.taskQueue,
    args: [{ integrationId }] as [{ integrationId: string }],
    typedSearchAttributes: [{ key: searchAttributes.integration, value: integrationId }],
  };
}
