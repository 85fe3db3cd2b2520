import { CancellationScope, ContinueAsNew, continueAsNew, isCancellation, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { Requested } from '../activities/request-records.ts';
import type { ModulePlan, RunPlan, RunRequest } from '../activities/runs.ts';
import { createDisplay, type Display } from './display.ts';
import { failureOf } from './failure.ts';
import { searchAttributes } from './search-attributes.ts';
import type { RecordRef, RunInput, RunResult } from './messages.ts';
import { throughLimits } from './pause.ts';
import { runDocuments } from './run-documents.ts';
import { bulkSteps, steps } from './steps.ts';
import { tellOfFailure } from './stops.ts';

type Kind = 'initialImport' | 'sync';

/** One run over all modules of an integration, in dependency order: first what changed is read, then it is carried over. */
export async function run(input: RunInput, kind: Kind): Promise<RunResult> {
  const { integrationId, continued, record = null } = input;
  const runId = continued?.runId ?? workflowInfo().runId;
  const request = { integrationId, runId, kind };
  const show = createDisplay(runId, continued?.pauses ?? 0);
  const plan = await begin(request);
  const { organizationId } = plan;
  upsertSearchAttributes([
    { key: searchAttributes.integration, value: integrationId },
    { key: searchAttributes.organization, value: organizationId },
    { key: searchAttributes.state, value: plan.idle === null ? 'running' : 'skipped' },
  ]);
  if (plan.idle !== null) return { runId, idle: plan.idle, counts: {}, pauses: 0 };
  let recordFound = true;
  const taken: { requested?: Requested } = {};
  try {
    if (kind === 'initialImport' && !continued) {
      await throughLimits(() => steps('Prepare both systems').prepare(request), { integrationId, onPause: show.pause, onResume: async () => show.resume() });
    }
    for (const [index, module] of plan.modules.entries()) {
      if (index < (continued?.module ?? 0) || (input.module !== undefined && input.module !== module.name)) continue;
      const sourcesRead = index === continued?.module ? continued.sourcesRead : 0;
      const checkpoint = (read: number) => freshHistory(input, { runId, module: index, sourcesRead: read, pauses: show.pauses() });
      recordFound = await runModule({ integrationId, runId, kind: plan.kind, organizationId, show, module, sourcesRead, record, checkpoint, asked: input.request ?? null, onAsked: (requested) => { taken.requested = requested; } });
    }
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    const state = isCancellation(error) ? 'cancelled' : 'failed';
    await CancellationScope.nonCancellable(async () => {
      await steps('End the run').endRun({ ...request, state });
      await tellOfFailure(integrationId, failureOf(error));
    });
    upsertSearchAttributes([{ key: searchAttributes.state, value: state }]);
    throw failureOf(error);
  }
  const counts = await steps('End the run').endRun({ ...request, state: 'completed' });
  upsertSearchAttributes([{ key: searchAttributes.state, value: 'completed' }]);
  show.done(counts);
  return { runId, idle: null, counts, pauses: show.pauses(), ...(record && { recordFound }), ...taken };
}

async function begin(request: RunRequest): Promise<RunPlan> {
  try {
    return await steps('Begin the run').beginRun(request);
  } catch (error) {
    const failure = failureOf(error);
    await tellOfFailure(request.integrationId, failure);
    throw failure;
  }
}

/** Goes on in a fresh history where Temporal's history of this workflow has grown long; returns otherwise. */
async function freshHistory(input: RunInput, continued: NonNullable<RunInput['continued']>): Promise<void> {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  if (!continueAsNewSuggested && historyLength <= (input.historyLengthMax ?? Infinity)) return;
  await continueAsNew<(input: RunInput) => Promise<RunResult>>({ ...input, continued });
}

interface ModuleRun {
  readonly integrationId: string;
  readonly organizationId: string;
  readonly runId: string;
  /** Of the integration. */
  readonly kind: string;
  readonly module: ModulePlan;
  /** How many of its resources were read before, in a history that was full. */
  readonly sourcesRead: number;
  /** The only record that is asked for: it is read by its id, and no resource is listed. */
  readonly record: RecordRef | null;
  /** What a person asks for that is not carried over otherwise; null: nothing. */
  readonly asked: RunInput['request'] | null;
  readonly onAsked: (taken: Requested) => void;
  readonly show: Display;
  /** Called where the run can go on in a fresh history; told how many of the module's resources are read. */
  readonly checkpoint: (sourcesRead: number) => Promise<void>;
}

/** @returns false where the only record that is asked for does not exist */
async function runModule({ module: { name: module, sources: all, document }, show, sourcesRead, record, asked, onAsked, checkpoint, ...run }: ModuleRun): Promise<boolean> {
  const sources = record ? 1 : all;
  const { integrationId, runId } = run;
  const watch = (read: number) => ({
    integrationId,
    onPause: show.pause,
    onResume: async (mayBeginAfresh: boolean) => {
      show.resume();
      if (mayBeginAfresh) await checkpoint(read);
    },
  });
  show.step(module, 'reading');
  for (let source = sourcesRead; source < sources; source++) {
    if (record) {
      const { found } = await throughLimits(() => steps(`Read ${record.resource} ${record.recordId}`).fetchRecord({ integrationId, runId, module, ...record }), watch(source));
      if (!found) return false;
    } else {
      await throughLimits(() => bulkSteps(`Read ${module}`).pull({ integrationId, runId, module, source }), watch(source));
    }
  }
  if (asked) onAsked(await steps(`Find the ${module} that were asked for`).requestRecords({ integrationId, runId, module, ids: asked.ids }));
  show.step(module, 'carrying');
  if (document === null) {
    await throughLimits(() => bulkSteps(`Carry ${module} over`).push({ integrationId, runId, module }), watch(sources));
  } else {
    await runDocuments({ ...run, module, workflow: document, onPauses: show.addPauses, checkpoint: () => checkpoint(sources) });
  }
  return true;
}
