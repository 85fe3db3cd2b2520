import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { executeChild } from '@temporalio/workflow';
import { runWorkflowId, type RunInput, type RunResult } from './messages.ts';
import { run } from './run.ts';

export { invoiceLoaner } from './invoice-loaner.ts';
export { reconcile } from './reconcile.ts';
export { tellOfStop } from './stops.ts';
export { syncRecord } from './sync-record.ts';

/** Everything there is, once, when an integration is connected. */
export function initialImport(input: RunInput): Promise<RunResult> {
  return run(input, 'initialImport');
}

/** What changed since the last run. */
export function sync(input: RunInput): Promise<RunResult> {
  return run(input, 'sync');
}

/** What the schedule starts: a sync, unless a run of the integration is under way already. */
export async function scheduledSync(input: RunInput): Promise<RunResult | null> {
  try {
    return await executeChild(sync, { workflowId: runWorkflowId(input.integrationId), args: [input], staticSummary: `Sync of ${input.integrationId}` });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}
