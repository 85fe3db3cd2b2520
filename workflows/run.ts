import { CancellationScope, ContinueAsNew, continueAsNew, isCancellation, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { Requested } from '../activities/request-records.ts';
import type { BeginRequest, ModulePlan, RunPlan, RunRequest } from '../activities/runs.ts';
import { createDisplay, type Display } from './display.ts';
import { failureOf } from './failure.ts';
import { searchAttributes } from './search-attributes.ts';
import type { RunInput, RunResult } from './messages.ts';
import { throughLimits } from './pause.ts';
import { runDocuments } from './run-documents.ts';
import { bulkSteps, steps } from './steps.ts';
import { tellOfFailure } from './stops.ts';

type Kind = 'initialImport' | 'sync';

/** One run over the modules of its plan, in dependency order: first what changed is read, then it is carried over. */
export async function run(input: RunInput, kind: Kind): Promise<RunResult> {
  const { integrationId, continued } = input;
  const runId = continued?.runId ?? workflowInfo().runId;
  const request = { integrationId, runId, kind };
  const show = createDisplay(runId, continued?.pauses ?? 0);
  const plan = await begin({ ...request, module: input.module ?? null, isAlone: input.withdraw !== undefined });
  upsertSearchAttributes([
    { key: searchAttributes.integration, value: integrationId },
    { key: searchAttributes.organization, value: plan.organizationId },
    { key: searchAttributes.state, value: plan.idle === null ? 'running' : 'skipped' },
  ]);
  if (plan.idle !== null) return { runId, idle: plan.idle, counts: {}, pauses: 0 };
  let done: Done;
  try {
    if (plan.judgesAnew) await bulkSteps('Judge anew what was left out').judgeAnew({ integrationId });
    done = input.withdraw ? await withdraw(input.withdraw.ids, plan, { integrationId, runId, show }) : await runModules(input, plan, request, show);
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
  return { runId, idle: null, counts, pauses: show.pauses(), ...done };
}

async function begin(request: BeginRequest): Promise<RunPlan> {
  try {
    return await steps('Begin the run').beginRun(request);
  } catch (error) {
    const failure = failureOf(error);
    await tellOfFailure(request.integrationId, failure);
    throw failure;
  }
}

/** What a run of a part came to, beside its counts. */
type Done = Pick<RunResult, 'recordFound' | 'requested' | 'withdrawn'>;

async function runModules(input: RunInput, plan: RunPlan, request: RunRequest, show: Display): Promise<Done> {
  const { integrationId, continued, record } = input;
  const { runId, kind } = request;
  const wait = { integrationId, onPause: show.pause, onResume: async () => show.resume() };
  if (kind === 'initialImport' && !continued) await throughLimits(() => steps('Prepare both systems').prepare(request), wait);
  if (record && !continued) {
    const module = input.module ?? '';
    const { found } = await throughLimits(() => steps(`Read ${record.resource} ${record.recordId}`).fetchRecord({ integrationId, runId, module, ...record }), wait);
    if (!found) return { recordFound: false };
  }
  let requested = continued?.requested;
  for (const [index, module] of plan.modules.entries()) {
    if (index < (continued?.module ?? 0)) continue;
    const checkpoint = (sourcesRead: number) => freshHistory(input, { runId, module: index, sourcesRead, pauses: show.pauses(), ...(requested && { requested }) });
    await runModule({
      integrationId, runId, kind: plan.kind, organizationId: plan.organizationId, show, module, checkpoint,
      // The one record was read by its id.
      sourcesRead: record ? module.sources : index === continued?.module ? continued.sourcesRead : 0,
      // The first module reads what the others' records come in, so whatever is asked for is there by then.
      afterReading: async () => { if (input.request) requested ??= await steps(`Find the ${input.module ?? 'records'} that were asked for`).requestRecords({ integrationId, runId, module: input.module ?? '', ids: input.request.ids }); },
    });
  }
  return { ...(record && { recordFound: true }), ...(requested && { requested }) };
}

/** A person wants deleted what was made of some records. */
async function withdraw(ids: readonly string[], { modules: [module] }: RunPlan, { integrationId, runId, show }: { integrationId: string; runId: string; show: Display }): Promise<Done> {
  let left = ids;
  let count = 0;
  const refused: Requested['refused'][number][] = [];
  if (module) {
    show.step(module.name, 'carrying');
    await throughLimits(async () => {
      const result = await bulkSteps(`Delete what was made of ${module.name}`).withdrawRecords({ integrationId, runId, module: module.name, ids: left });
      left = result.left;
      count += result.count;
      refused.push(...result.refused);
      return { pause: result.pause, carried: result.count };
    }, { integrationId, onPause: show.pause, onResume: async () => show.resume() });
  }
  return { withdrawn: { count, refused } };
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
  /** How many of its listings were read before, in a history that was full. */
  readonly sourcesRead: number;
  readonly afterReading: () => Promise<void>;
  readonly show: Display;
  /** Called where the run can go on in a fresh history; told how many of the module's listings are read. */
  readonly checkpoint: (sourcesRead: number) => Promise<void>;
}

async function runModule({ module: { name: module, sources, document }, show, sourcesRead, afterReading, checkpoint, ...run }: ModuleRun): Promise<void> {
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
    await throughLimits(() => bulkSteps(`Read ${module}`).pull({ integrationId, runId, module, source }), watch(source));
  }
  await afterReading();
  show.step(module, 'carrying');
  if (document === null) {
    await throughLimits(() => bulkSteps(`Carry ${module} over`).push({ integrationId, runId, module }), watch(sources));
  } else {
    await runDocuments({ ...run, module, document, watch: watch(sources), onPauses: show.addPauses, checkpoint: () => checkpoint(sources) });
  }
}
