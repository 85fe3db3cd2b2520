import {
  ActivityFailure, CancellationScope, ContinueAsNew, continueAsNew, isCancellation, setCurrentDetails, setHandler, upsertSearchAttributes, workflowInfo,
} from '@temporalio/workflow';
import type { RunPlan } from '../activities/runs.ts';
import { searchAttributes } from './search-attributes.ts';
import type { RunCounts } from '../store/types.ts';
import { progressQuery, type Progress, type RunInput, type RunResult } from './messages.ts';
import { describePause, throughLimits } from './pause.ts';
import { runDocuments } from './run-documents.ts';
import { bulkSteps, steps } from './steps.ts';
import type { Pause } from '../activities/failures.ts';

type Kind = 'initialImport' | 'sync';

/** One run over all modules of an integration, in dependency order: first what changed is read, then it is carried over. */
export async function run(input: RunInput, kind: Kind): Promise<RunResult> {
  const { integrationId, continued } = input;
  const runId = continued?.runId ?? workflowInfo().runId;
  const request = { integrationId, runId, kind };
  const show = createDisplay(runId, continued?.pauses ?? 0);
  const plan = await steps('Begin the run').beginRun(request);
  upsertSearchAttributes([
    { key: searchAttributes.integration, value: integrationId },
    { key: searchAttributes.organization, value: plan.organizationId },
    { key: searchAttributes.state, value: plan.idle === null ? 'running' : 'skipped' },
  ]);
  if (plan.idle !== null) return { runId, idle: plan.idle, counts: {}, pauses: 0 };
  try {
    if (kind === 'initialImport' && !continued) await throughLimits(() => steps('Prepare both systems').prepare(request), show.pause);
    for (let index = continued?.module ?? 0; index < plan.modules.length; index++) {
      const end = await runModule(plan, index, request, show, input.historyLengthMax);
      if (end === 'history-full') {
        return await continueAsNew<(input: RunInput) => Promise<RunResult>>({ ...input, continued: { runId, module: index, pauses: show.pauses() } });
      }
    }
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    const state = isCancellation(error) ? 'cancelled' : 'failed';
    await CancellationScope.nonCancellable(() => steps('End the run').endRun({ ...request, state }));
    upsertSearchAttributes([{ key: searchAttributes.state, value: 'failed' }]);
    throw error instanceof ActivityFailure && error.cause ? error.cause : error;
  }
  const counts = await steps('End the run').endRun({ ...request, state: 'completed' });
  upsertSearchAttributes([{ key: searchAttributes.state, value: 'completed' }]);
  show.done(counts);
  return { runId, idle: null, counts, pauses: show.pauses() };
}

/** @returns `history-full` where Temporal's history of this workflow has grown so long that a fresh one should go on */
async function runModule(
  plan: RunPlan, index: number, { integrationId, runId }: { integrationId: string; runId: string }, show: Display, historyLengthMax = Infinity,
): Promise<'done' | 'history-full'> {
  const module = plan.modules[index];
  if (!module) return 'done';
  const request = { integrationId, runId, module: module.name };
  show.step(module.name, 'reading');
  for (let source = 0; source < module.sources; source++) {
    await throughLimits(() => bulkSteps(`Read ${module.name}`).pull({ ...request, source }), show.pause);
  }
  show.step(module.name, 'carrying');
  if (module.document === null) {
    await throughLimits(() => bulkSteps(`Carry ${module.name} over`).push(request), show.pause);
    return 'done';
  }
  return runDocuments({
    ...request, organizationId: plan.organizationId, kind: plan.kind, workflow: module.document, historyLengthMax, onPauses: show.addPauses,
  });
}

interface Display {
  readonly step: (module: string, step: Progress['step']) => void;
  readonly pause: (pause: Pause) => void;
  readonly addPauses: (count: number) => void;
  readonly pauses: () => number;
  readonly done: (counts: RunCounts) => void;
}

/** Tells Temporal's UI and whoever asks by query what the run is doing. */
function createDisplay(runId: string, pausesBefore: number): Display {
  let progress: Progress = { runId, module: null, step: 'preparing', pause: null, pauses: pausesBefore };
  const update = (change: Partial<Progress>) => {
    progress = { ...progress, pause: null, ...change };
    const { module, step, pause } = progress;
    setCurrentDetails([module ? `${module}: ${step}` : step, pause?.text].filter(Boolean).join(', '));
  };
  setHandler(progressQuery, () => progress, { description: 'What the run is doing now' });
  return {
    step: (module, step) => {
      update({ module, step });
      upsertSearchAttributes([{ key: searchAttributes.module, value: module }]);
    },
    pause: (pause) => update({ pause: { ...pause, text: describePause(pause) }, pauses: progress.pauses + 1 }),
    addPauses: (count) => update({ pauses: progress.pauses + count }),
    pauses: () => progress.pauses,
    done: (counts) => {
      update({ module: null, step: 'done' });
      setCurrentDetails(describeCounts(counts));
    },
  };
}

function describeCounts(counts: RunCounts): string {
  const rows = Object.entries(counts).map(([module, outcomes]) => {
    const parts = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`);
    return `- ${module}: ${parts.join(', ') || 'nothing to do'}`;
  });
  return rows.join('\n') || 'Nothing had changed.';
}
