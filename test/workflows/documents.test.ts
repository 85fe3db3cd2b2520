import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Activities } from '../../activities/index.ts';
import type { DocumentResult } from '../../activities/documents.ts';
import { heartbeating } from '../../activities/heartbeat.ts';
import type { sync } from '../../workflows/index.ts';
import { runWorkflowId } from '../../workflows/messages.ts';
import { searchAttributes } from '../../workflows/search-attributes.ts';
import { documentPages, startFakeWorker, type FakeWorker } from '../support/fake-worker.ts';
import { until } from '../support/until.ts';

async function worker(activities: Partial<Activities>): Promise<FakeWorker> {
  const started = await startFakeWorker(activities);
  onTestFinished(() => started.stop());
  return started;
}

function startSync({ temporal, taskQueue, integrationId }: FakeWorker): Promise<WorkflowHandle<typeof sync>> {
  return temporal.workflow.start<typeof sync>('sync', { workflowId: runWorkflowId(integrationId), taskQueue, args: [{ integrationId }] });
}

const invoice = ({ temporal, integrationId }: FakeWorker, loanerId: string) => temporal.workflow.getHandle(`invoice:fake:${integrationId}:${loanerId}`);

const added: DocumentResult = { pause: null, outcome: 'added', documentId: '460', reason: null };

async function failureOf(handle: WorkflowHandle): Promise<unknown> {
  return handle.result().then(() => undefined, (error: unknown) => (error instanceof WorkflowFailedError ? error.cause : error));
}

describe('the invoices of a run', () => {
  it('have a workflow each, found by loaner', async () => {
    const fake = await worker({ pendingDocuments: documentPages(3), carryDocument: () => Promise.resolve(added) });
    await (await startSync(fake)).result();
    const { typedSearchAttributes: attributes, status } = await invoice(fake, 'l-2').describe();
    expect(status.name).toBe('COMPLETED');
    expect(attributes.get(searchAttributes.record)).toBe('l-2');
    expect(attributes.get(searchAttributes.state)).toBe('completed');
    expect(await invoice(fake, 'l-3').result()).toEqual({ outcome: 'added', documentId: '460', pauses: 0 });
  });

  it('fail each for itself, with the code of the reason as type', async () => {
    const reason = { code: 'document-locked', text: 'The document in Books is no longer a draft.' };
    const fake = await worker({
      pendingDocuments: documentPages(5),
      carryDocument: ({ recordId }) => Promise.resolve(recordId === 'l-2' ? { pause: null, outcome: 'failed', documentId: '460', reason } : added),
    });
    await (await startSync(fake)).result();
    expect(await failureOf(invoice(fake, 'l-2'))).toMatchObject({ type: 'document-locked', message: reason.text });
    for (const loaner of ['l-1', 'l-3', 'l-4', 'l-5']) expect(await invoice(fake, loaner).result()).toMatchObject({ outcome: 'added' });
  });

  it('wait out a limit each on its own, and the run tells of their pauses', async () => {
    const met = new Set<string>();
    const fake = await worker({
      pendingDocuments: documentPages(2),
      carryDocument: ({ recordId }) => {
        if (met.has(recordId)) return Promise.resolve(added);
        met.add(recordId);
        return Promise.resolve({ pause: { resumeAtMs: Date.now() + 100, code: 'limit-minute' }, outcome: 'unchanged', documentId: null, reason: null });
      },
    });
    expect(await (await startSync(fake)).result()).toMatchObject({ pauses: 2 });
    expect(await invoice(fake, 'l-1').result()).toEqual({ outcome: 'added', documentId: '460', pauses: 1 });
  });

  it('end the run where one failed for a reason that holds for all, and no further one is begun', async () => {
    const asked: string[] = [];
    const fake = await worker({
      pendingDocuments: documentPages(100),
      carryDocument: ({ recordId }) => {
        asked.push(recordId);
        return Promise.reject(ApplicationFailure.nonRetryable('Connect the integration again.', 'authorization-revoked'));
      },
    });
    expect(await failureOf(await startSync(fake))).toMatchObject({ type: 'authorization-revoked', message: 'Connect the integration again.' });
    expect(asked.length).toBeLessThan(10);
    expect(await failureOf(invoice(fake, 'l-1'))).toMatchObject({ type: 'authorization-revoked' });
    expect((await invoice(fake, 'l-1').describe()).typedSearchAttributes.get(searchAttributes.state)).toBe('failed');
  });

  it('are left alone where the run that found them is cancelled', async () => {
    let release: (result: DocumentResult) => void = () => undefined;
    const released = new Promise<DocumentResult>((resolve) => { release = resolve; });
    const begun: string[] = [];
    const ended: string[] = [];
    const fake = await worker({
      pendingDocuments: documentPages(20),
      carryDocument: ({ recordId }) => {
        begun.push(recordId);
        // However long it takes until they are released, nobody takes their worker for dead.
        return heartbeating(() => released);
      },
      endRun: ({ state }) => Promise.resolve({ loaners: { skipped: ended.push(state) } }),
    });
    const run = await startSync(fake);
    await until(() => begun.length >= 4);
    await run.cancel();
    await failureOf(run);
    expect((await run.describe()).status.name).toBe('CANCELLED');
    expect(ended).toEqual(['cancelled']);
    release(added);
    const [first = ''] = begun;
    expect(await invoice(fake, first).result()).toMatchObject({ outcome: 'added' });
    expect(begun).toHaveLength(4);
  });

  it('may be cancelled one by one: the run goes on with the others', async () => {
    let asked = 0;
    const fake = await worker({
      pendingDocuments: documentPages(2),
      carryDocument: ({ recordId }) => {
        asked += 1;
        return Promise.resolve(recordId === 'l-1' ? { ...added, pause: { resumeAtMs: Date.now() + 3_600_000, code: 'limit-day' } } : added);
      },
    });
    const run = await startSync(fake);
    await until(() => asked === 2);
    await until(async () => (await invoice(fake, 'l-1').describe()).typedSearchAttributes.get(searchAttributes.state) === 'paused');
    await invoice(fake, 'l-1').cancel();
    expect(await run.result()).toMatchObject({ idle: null });
    expect((await invoice(fake, 'l-1').describe()).typedSearchAttributes.get(searchAttributes.state)).toBe('cancelled');
  });
});
