import { WorkflowFailedError, type WorkflowHandle, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { Context } from '@temporalio/activity';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Activities } from '../../activities/index.ts';
import type { initialImport, sync } from '../../workflows/index.ts';
import { progressQuery, runWorkflowId, type RunInput } from '../../workflows/messages.ts';
import { searchAttributes } from '../../workflows/search-attributes.ts';
import { documentPages, plan, startFakeWorker, type FakeWorker } from '../support/fake-worker.ts';
import { eventsOf, timersMs, timerSummaries } from '../support/histories.ts';
import { until } from '../support/until.ts';

async function worker(activities: Partial<Activities>): Promise<FakeWorker> {
  const started = await startFakeWorker(activities);
  onTestFinished(() => started.stop());
  return started;
}

function startRun({ temporal, taskQueue, integrationId }: FakeWorker, type: 'initialImport' | 'sync' = 'sync', input: Partial<RunInput> = {}): Promise<WorkflowHandleWithFirstExecutionRunId<typeof sync>> {
  return temporal.workflow.start<typeof initialImport>(type, { workflowId: runWorkflowId(integrationId), taskQueue, args: [{ integrationId, ...input }] });
}

async function stateOf(handle: WorkflowHandle): Promise<string | undefined> {
  return (await handle.describe()).typedSearchAttributes.get(searchAttributes.state);
}

/** What Temporal's UI shows as the current details of a workflow. */
async function detailsOf(handle: WorkflowHandle): Promise<string | undefined> {
  const metadata = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails;
}

describe('a run', () => {
  it('reads and carries module by module, in the order of the plan', async () => {
    const steps: string[] = [];
    const note = <Result>(name: string, result: Result) => (request: object) => {
      steps.push('module' in request ? `${name} ${String(request.module)}` : name);
      return Promise.resolve(result);
    };
    const fake = await worker({
      prepare: note('prepare', { pause: null }), pull: note('pull', { pause: null, read: 0, changed: 0 }), push: note('push', { pause: null, carried: 0 }),
      pendingDocuments: note('documents', { pause: null, documents: [], after: 0 }), endRun: note('end', { customers: { added: 2 } }),
    });
    const handle = await startRun(fake, 'initialImport');
    expect(await handle.result()).toEqual({ runId: handle.firstExecutionRunId, idle: null, counts: { customers: { added: 2 } }, pauses: 0 });
    expect(steps).toEqual(['prepare', 'pull customers', 'push customers', 'pull loaners', 'documents loaners', 'end']);
  });

  it('shows what it did in Temporal\'s UI: by search attributes and as current details', async () => {
    const fake = await worker({ endRun: () => Promise.resolve({ customers: { added: 2, failed: 1 }, loaners: {} }) });
    const handle = await startRun(fake);
    await handle.result();
    const { typedSearchAttributes: attributes } = await handle.describe();
    expect(attributes.get(searchAttributes.integration)).toBe(fake.integrationId);
    expect(attributes.get(searchAttributes.organization)).toBe(plan.organizationId);
    expect(attributes.get(searchAttributes.module)).toBe('loaners');
    expect(attributes.get(searchAttributes.state)).toBe('completed');
    expect(await detailsOf(handle)).toBe('- customers: 2 added, 1 failed\n- loaners: nothing to do');
  });

  it('does nothing where the integration is not to run now', async () => {
    let pulls = 0;
    const fake = await worker({ beginRun: () => Promise.resolve({ ...plan, idle: 'The integration is paused.' }), pull: () => Promise.reject(new Error(`pull ${++pulls}`)) });
    const handle = await startRun(fake);
    expect(await handle.result()).toMatchObject({ idle: 'The integration is paused.' });
    expect(await stateOf(handle)).toBe('skipped');
    expect(pulls).toBe(0);
  });

  it('waits a limit out on a timer that says why', async () => {
    let resumeAtMs = 0;
    const fake = await worker({
      push: () => {
        const isFirst = resumeAtMs === 0;
        if (isFirst) resumeAtMs = Date.now() + 500;
        return Promise.resolve({ pause: isFirst ? { resumeAtMs, code: 'limit-minute' } : null, carried: 5 });
      },
    });
    const handle = await startRun(fake);
    expect(await handle.result()).toMatchObject({ pauses: 1 });
    expect(Date.now()).toBeGreaterThanOrEqual(resumeAtMs);
    expect(timerSummaries(await eventsOf(fake.temporal, handle.workflowId))).toEqual([expect.stringMatching(/^Books allows no call until /)]);
    expect(await handle.query(progressQuery)).toMatchObject({ pause: null, step: 'done', pauses: 1 });
  });

  it('says that it waits for a limit when it is asked', async () => {
    const pause = { resumeAtMs: Date.now() + 90_000, code: 'limit-minute' };
    const fake = await worker({ push: () => Promise.resolve({ pause, carried: 5 }) });
    const handle = await startRun(fake);
    await until(async () => (await handle.query(progressQuery)).pause !== null);
    expect(await handle.query(progressQuery)).toMatchObject({ module: 'customers', step: 'carrying', pauses: 1, pause });
    expect(await detailsOf(handle)).toMatch(/^customers: carrying, Books allows no call until \d\d:\d\d:\d\d UTC$/);
    await handle.terminate();
  });

  it('names the system whose limit it waits for', async () => {
    let pulls = 0;
    const fake = await worker({
      pull: () => {
        pulls += 1;
        return Promise.resolve({ pause: pulls === 1 ? { resumeAtMs: Date.now() + 50, code: 'limit-minute', system: 'hector' } : null, read: 0, changed: 0 });
      },
    });
    const handle = await startRun(fake);
    await handle.result();
    expect(timerSummaries(await eventsOf(fake.temporal, handle.workflowId))).toEqual([expect.stringMatching(/^Hector allows no call until /)]);
  });

  it('takes a step that has worked for long up again without a pause', async () => {
    let pushes = 0;
    const fake = await worker({
      push: () => {
        pushes += 1;
        return Promise.resolve({ pause: pushes < 3 ? { resumeAtMs: Date.now(), code: 'hand-over' } : null, carried: 5 });
      },
    });
    const handle = await startRun(fake);
    expect(await handle.result()).toMatchObject({ pauses: 0 });
    expect(pushes).toBe(3);
    expect(timerSummaries(await eventsOf(fake.temporal, handle.workflowId))).toEqual([]);
  });

  it.each([
    { often: 'less and less often', where: 'got nowhere', carried: 0, sleepsMs: [1, 500, 1_000] },
    { often: 'at once', where: 'got somewhere', carried: 1, sleepsMs: [1, 1, 1] },
  ])('asks $often where it $where and its pause is over already, as on a worker whose clock is behind', async ({ carried, sleepsMs }) => {
    let pushes = 0;
    const fake = await worker({
      push: () => {
        pushes += 1;
        return Promise.resolve({ pause: pushes < 4 ? { resumeAtMs: Date.now() - 5_000, code: 'limit-minute' } : null, carried });
      },
    });
    const handle = await startRun(fake);
    await handle.result();
    expect(timersMs(await eventsOf(fake.temporal, handle.workflowId))).toEqual(sleepsMs);
  });

  it('is found as paused where a limit lasts', async () => {
    const fake = await worker({ push: () => Promise.resolve({ pause: { resumeAtMs: Date.now() + 3_600_000, code: 'limit-day' }, carried: 0 }) });
    const handle = await startRun(fake);
    await until(async () => (await stateOf(handle)) === 'paused');
    expect(await detailsOf(handle)).toMatch(/^customers: carrying, Books allows no call today until /);
    await handle.terminate();
  });

  it('goes on in a fresh history before the old one is full, under the same run id and with the pauses so far', async () => {
    const runIds = new Set<string>();
    const calls = { pull: 0, push: 0, prepare: 0 };
    const fake = await worker({
      prepare: () => Promise.resolve({ pause: null, calls: calls.prepare++ }),
      pull: ({ runId }) => Promise.resolve({ pause: null, read: 0, changed: 0, calls: calls.pull++, ids: runIds.add(runId).size }),
      push: ({ runId }) => {
        runIds.add(runId);
        return Promise.resolve({ pause: calls.push++ < 6 ? { resumeAtMs: Date.now(), code: 'limit-minute' } : null, carried: 1 });
      },
    });
    const handle = await startRun(fake, 'initialImport', { historyLengthMax: 40 });
    const result = await handle.result();
    const { runId: lastRunId } = await handle.describe();
    expect(lastRunId).not.toBe(handle.firstExecutionRunId);
    expect(result).toMatchObject({ runId: handle.firstExecutionRunId, pauses: 6 });
    expect([...runIds]).toEqual([handle.firstExecutionRunId]);
    // What was read before is not read again.
    expect(calls).toEqual({ pull: 2, push: 7, prepare: 1 });
  });

  it('goes on in a fresh history between the pages of its documents, too', async () => {
    const carried: string[] = [];
    const done = new Set<string>();
    const fake = await worker({
      // As the store does: what is done is not pending any more.
      pendingDocuments: async (request) => {
        const { documents, after } = await documentPages(12, 4)(request);
        const left = documents.filter(({ recordId }) => !done.has(recordId));
        return left.length === 0 && documents.length > 0 ? documentPages(12, 4)({ ...request, after }) : { pause: null, documents: left, after };
      },
      carryDocument: ({ recordId }) => {
        carried.push(recordId);
        done.add(recordId);
        return Promise.resolve({ pause: null, outcome: 'added', documentId: recordId, reason: null });
      },
    });
    const handle = await startRun(fake, 'sync', { historyLengthMax: 60 });
    await handle.result();
    expect((await handle.describe()).runId).not.toBe(handle.firstExecutionRunId);
    expect(new Set(carried).size).toBe(12);
    expect(carried).toHaveLength(12);
  });

  it('fails with the code and the remedy of what a person has to mend', async () => {
    const ended: string[] = [];
    const fake = await worker({
      push: () => Promise.reject(ApplicationFailure.nonRetryable('Connect the integration again.', 'authorization-revoked')),
      endRun: ({ state }) => Promise.resolve({ customers: { failed: ended.push(state) } }),
    });
    const handle = await startRun(fake);
    const failure = await handle.result().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(WorkflowFailedError);
    expect(failure).toMatchObject({ cause: { type: 'authorization-revoked', message: 'Connect the integration again.' } });
    expect(ended).toEqual(['failed']);
    expect(await stateOf(handle)).toBe('failed');
  });

  it('that is cancelled ends as cancelled, whatever it was doing', async () => {
    const ended: string[] = [];
    const fake = await worker({
      pull: async () => {
        const heartbeat = setInterval(() => Context.current().heartbeat(), 100);
        try {
          await Context.current().cancelled;
        } finally {
          clearInterval(heartbeat);
        }
        return { pause: null, read: 0, changed: 0 };
      },
      endRun: ({ state }) => Promise.resolve({ customers: { skipped: ended.push(state) } }),
    });
    const handle = await startRun(fake);
    await until(async () => (await handle.query(progressQuery)).step === 'reading');
    await handle.cancel();
    const failure = await handle.result().catch((error: unknown) => error);
    expect(failure).toMatchObject({ cause: expect.any(CancelledFailure) as unknown });
    expect(ended).toEqual(['cancelled']);
    expect(await stateOf(handle)).toBe('cancelled');
    expect((await handle.describe()).status.name).toBe('CANCELLED');
  });
});
