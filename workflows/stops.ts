import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ChildWorkflowCancellationType, ParentClosePolicy, proxyActivities, startChild, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { Pause } from '../activities/failures.ts';
import type { StopNotice } from '../activities/notify-stop.ts';
import type { ErrorCode } from '../domain/errors.ts';
import { personCodeOf } from './failure.ts';
import { searchAttributes } from './search-attributes.ts';
import { steps } from './steps.ts';

/**
 * Tells a person that an integration stands still: a workflow of its own, so that a mail server that does not answer holds
 * nothing up. How often it is tried, the step itself decides.
 */
export async function tellOfStop(notice: StopNotice): Promise<void> {
  await proxyActivities<Activities>({
    summary: `Tell that ${notice.integrationId} stands still`, startToCloseTimeout: '2 minutes', heartbeatTimeout: '15 seconds',
    retry: { initialInterval: '1 second', backoffCoefficient: 5, maximumInterval: '2 minutes' },
  }).notifyStop(notice);
}

/** What one step has met of limits since it last got anywhere. */
export interface LimitWatch {
  /** Has a person told once it is clear that the stop is a long one: then {@link LimitWatch.goesOn} has to follow. */
  readonly pauses: (pause: Pause) => Promise<void>;
  /** The step got somewhere: the stop is over. */
  readonly goesOn: () => Promise<void>;
  /** Whether a stop was told of that is not over. */
  readonly isOpen: () => boolean;
}

/** Watches one step of an integration, from its first attempt to its last. */
export function watchLimits(integrationId: string): LimitWatch {
  let sinceMs: number | null = null;
  const codes = new Set<ErrorCode>();
  return {
    async pauses({ code, resumeAtMs, noticeAfterMs = Infinity }) {
      if (!isLimit(code)) return;
      sinceMs ??= Date.now();
      if (resumeAtMs - sinceMs < noticeAfterMs) return;
      codes.add(code);
      await tell({ integrationId, code, sinceMs, untilMs: resumeAtMs });
    },
    async goesOn() {
      sinceMs = null;
      if (codes.size === 0) return;
      await steps('Note that work goes on').endStop({ integrationId, codes: [...codes] });
      codes.clear();
    },
    isOpen: () => codes.size > 0,
  };
}

function isLimit(code: string): code is ErrorCode {
  return code.startsWith('limit-');
}

/** Tells a person where a failure needs one before anything of the integration can go on; else it does nothing. */
export async function tellOfFailure(integrationId: string, failure: unknown): Promise<void> {
  const code = personCodeOf(failure);
  if (code) await tell({ integrationId, code, sinceMs: Date.now(), untilMs: null });
}

async function tell(notice: Omit<StopNotice, 'runId'>): Promise<void> {
  const { integrationId, code } = notice;
  try {
    await startChild(tellOfStop, {
      workflowId: `tell:${integrationId}:${code}`,
      args: [{ ...notice, runId: workflowInfo().runId }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      typedSearchAttributes: [{ key: searchAttributes.integration, value: integrationId }],
      staticSummary: `Tell that ${integrationId} stands still: ${code}`,
    });
  } catch (error) {
    // Another workflow has met the same and is telling of it.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
