import { CancellationScope, ContinueAsNew, continueAsNew, isCancellation, setCurrentDetails, setHandler, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { ReconcileStep } from '../activities/reconcile.ts';
import type { Report } from '../store/reports.ts';
import { failureOf } from './failure.ts';
import { describePause, throughLimits } from './pause.ts';
import { reconcileProgressQuery, type ReconcileInput, type ReconcileProgress } from './reconcile-messages.ts';
import { searchAttributes } from './search-attributes.ts';
import { bulkSteps, steps } from './steps.ts';

/** Reads both systems whole and reports, record by record, where they are not as they should be. */
export async function reconcile(input: ReconcileInput): Promise<Report> {
  const { integrationId, module = null, everyField = false, continued } = input;
  const reportId = continued?.reportId ?? workflowInfo().runId;
  let progress: ReconcileProgress = { step: 'Begin', records: 0, pause: null };
  const show = (change: Partial<ReconcileProgress>) => {
    progress = { ...progress, ...change };
    setCurrentDetails([progress.step, progress.pause].filter(Boolean).join(', '));
  };
  setHandler(reconcileProgressQuery, () => progress, { description: 'What the reconciliation is doing now' });
  try {
    const plan = await steps('Begin the reconciliation').beginReconcile({ integrationId, reportId, module });
    upsertSearchAttributes([
      { key: searchAttributes.integration, value: integrationId },
      { key: searchAttributes.organization, value: plan.organizationId },
      { key: searchAttributes.state, value: 'running' },
    ]);
    for (const [index, step] of plan.steps.entries()) {
      if (index < (continued?.step ?? 0)) continue;
      const title = titleOf(step);
      let place = index === continued?.step ? continued.place : null;
      show({ step: title, records: 0, pause: null });
      do {
        const result = await throughLimits(async () => {
          const result = await bulkSteps(title).reconcileStep({ integrationId, reportId, step, place, everyField });
          place = result.place;
          show({ records: progress.records + result.read, pause: null });
          return result;
        }, {
          integrationId,
          onPause: (pause) => show({ pause: describePause(pause) }),
          onResume: async (mayBeginAfresh) => {
            if (mayBeginAfresh) await freshHistory(input, { reportId, step: index, place });
          },
        });
        place = result.place;
        if (place !== null) await freshHistory(input, { reportId, step: index, place });
      } while (place !== null);
    }
    const report = await steps('End the reconciliation').endReconcile({ reportId, state: 'completed' });
    upsertSearchAttributes([{ key: searchAttributes.state, value: 'completed' }]);
    return report;
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    await CancellationScope.nonCancellable(() => steps('End the reconciliation').endReconcile({ reportId, state: 'failed' }));
    upsertSearchAttributes([{ key: searchAttributes.state, value: isCancellation(error) ? 'cancelled' : 'failed' }]);
    throw failureOf(error);
  }
}

function titleOf({ kind, module, resource }: ReconcileStep): string {
  if (kind === 'read') return `Read ${resource}`;
  return kind === 'compare-source' ? `Compare ${resource}` : `Look for ${resource} of ${module} that nobody has`;
}

async function freshHistory(input: ReconcileInput, continued: NonNullable<ReconcileInput['continued']>): Promise<void> {
  if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof reconcile>({ ...input, continued });
}
