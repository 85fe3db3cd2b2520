import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { z } from 'zod';
import type { Activities } from '../../activities/index.ts';
import type { ReportFinding } from '../../store/reports.ts';
import type { Store } from '../../store/store.ts';

/** Temporal repeats a step for as long as it takes; what takes longer here is no fault any more that passes. */
const ATTEMPTS_MAX = 25;
const PAUSES_MAX = 200;

/** Takes a step of the engine, and repeats it as Temporal does; its pauses are waited out as its workflow does. */
export type Step = <Request, Result>(work: (request: Request) => Promise<Result>, request: () => Request) => Promise<Result>;

/** @param advance lets so many milliseconds pass, for which nobody waits */
export function createStep(advance: (ms: number) => void): Step {
  return async <Request, Result>(work: (request: Request) => Promise<Result>, request: () => Request) => {
    let attempts = 0;
    for (let pauses = 0; pauses < PAUSES_MAX; pauses += 1) {
      try {
        const result: Result = await new MockActivityEnvironment().run(work, request());
        const pause = pauseIn(result);
        if (pause === null) return result;
        advance(Math.max(1_000, pause.resumeAtMs - Date.now() + 1));
      } catch (error) {
        attempts += 1;
        if (!(error instanceof ApplicationFailure) || error.nonRetryable === true || attempts === ATTEMPTS_MAX) throw error;
        advance(1_000 * 2 ** Math.min(attempts, 7));
      }
    }
    throw new Error(`a step paused ${PAUSES_MAX} times`);
  };
}

function pauseIn(result: unknown): { readonly resumeAtMs: number } | null {
  return z.object({ pause: z.object({ resumeAtMs: z.number() }) }).safeParse(result).data?.pause ?? null;
}

interface Reconciling {
  readonly does: Activities;
  readonly step: Step;
  readonly store: Store;
  readonly integrationId: string;
  readonly reportId: string;
}

/** Takes the steps of a reconciliation that looks at every field. */
export async function reconciled({ does, step, store, integrationId, reportId }: Reconciling): Promise<ReportFinding[]> {
  const { steps } = await step(does.beginReconcile, () => ({ integrationId, reportId, module: null }));
  for (const one of steps) {
    let place: string | null = null;
    do {
      const at: string | null = place;
      ({ place } = await step(does.reconcileStep, () => ({ integrationId, reportId, step: one, place: at, everyField: true })));
    } while (place !== null);
  }
  await step(does.endReconcile, () => ({ reportId, state: 'completed' as const }));
  return store.reports.findings(reportId);
}
