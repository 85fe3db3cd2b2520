import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

/** Activities heartbeat by themselves; a worker that has not done so for this long is dead, and another one takes over. */
const heartbeatTimeout = '15 seconds';
/** Whoever is told that a run has been cancelled can rely on it: nothing of it is at work any more. */
const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;
const backoff = { initialInterval: '1 second', maximumInterval: '2 minutes' } as const;

/**
 * A document that meets one passing failure after another for about half an hour ends as failed. Its change is still to be
 * carried over, so the next run takes it up again; meanwhile it holds up nobody.
 */
const DOCUMENT_ATTEMPTS_MAX = 20;

/**
 * Steps that go through many records, repeated for as long as it takes, because a system that is down comes back.
 *
 * @param summary what Temporal's UI shows for the step
 */
export const bulkSteps = (summary: string) => proxyActivities<Activities>({
  summary, heartbeatTimeout, cancellationType, startToCloseTimeout: '10 minutes', retry: backoff,
});

/**
 * Steps of one or two calls.
 *
 * @param summary what Temporal's UI shows for the step
 */
export const steps = (summary: string) => proxyActivities<Activities>({
  summary, heartbeatTimeout, cancellationType, startToCloseTimeout: '2 minutes', retry: backoff,
});

/**
 * The step of one document.
 *
 * @param summary what Temporal's UI shows for the step
 */
export const documentSteps = (summary: string) => proxyActivities<Activities>({
  summary, heartbeatTimeout, cancellationType, startToCloseTimeout: '2 minutes', retry: { ...backoff, maximumAttempts: DOCUMENT_ATTEMPTS_MAX },
});
