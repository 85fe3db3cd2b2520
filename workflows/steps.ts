import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

/**
 * Steps that go through many records. They heartbeat with every page or group, so that a worker that died is noticed soon;
 * and they are repeated for as long as it takes, because a system that is down comes back.
 *
 * @param summary what Temporal's UI shows for the step
 */
export const bulkSteps = (summary: string) => proxyActivities<Activities>({
  summary,
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '90 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '2 minutes' },
});

/**
 * Steps of one or two calls.
 *
 * @param summary what Temporal's UI shows for the step
 */
export const steps = (summary: string) => proxyActivities<Activities>({
  summary,
  startToCloseTimeout: '2 minutes',
  retry: { initialInterval: '1 second', maximumInterval: '2 minutes' },
});
