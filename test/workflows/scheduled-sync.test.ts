import { describe, expect, it, onTestFinished } from 'vitest';
import { heartbeating } from '../../activities/heartbeat.ts';
import type { scheduledSync, sync } from '../../workflows/index.ts';
import { runWorkflowId } from '../../workflows/messages.ts';
import { startFakeWorker } from '../support/fake-worker.ts';
import { until } from '../support/until.ts';

describe('what the schedule starts', () => {
  it('is a sync under the id that all runs of the integration share', async () => {
    const { temporal, taskQueue, integrationId, ...fake } = await startFakeWorker({ endRun: () => Promise.resolve({ customers: { updated: 1 } }) });
    onTestFinished(() => fake.stop());
    const result = await temporal.workflow.execute<typeof scheduledSync>('scheduledSync', { workflowId: `sync:${integrationId}`, taskQueue, args: [{ integrationId }] });
    expect(result?.counts).toEqual({ customers: { updated: 1 } });
    expect(await temporal.workflow.getHandle(runWorkflowId(integrationId)).result()).toEqual(result);
  });

  it('does nothing while a run of the integration is under way', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => { release = resolve; });
    let pushes = 0;
    const { temporal, taskQueue, integrationId, ...fake } = await startFakeWorker({
      push: () => {
        pushes += 1;
        // However long it takes until it is released, nobody takes its worker for dead.
        return heartbeating(async () => {
          await released;
          return { pause: null, carried: 0 };
        });
      },
    });
    onTestFinished(() => fake.stop());
    const running = await temporal.workflow.start<typeof sync>('sync', { workflowId: runWorkflowId(integrationId), taskQueue, args: [{ integrationId }] });
    await until(() => pushes === 1);
    const result = await temporal.workflow.execute<typeof scheduledSync>('scheduledSync', { workflowId: `sync:${integrationId}`, taskQueue, args: [{ integrationId }] });
    expect(result).toBeNull();
    release();
    await running.result();
    expect(pushes).toBe(1);
  });
});
