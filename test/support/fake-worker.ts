import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { Activities } from '../../activities/index.ts';
import type { RunPlan } from '../../activities/runs.ts';
import { ensureSearchAttributes } from '../../worker/search-attributes.ts';
import { temporalEnvironment } from './temporal-environment.ts';

/** The real workflows on a real server, with activities that do what a test says. */
export interface FakeWorker {
  readonly temporal: Client;
  readonly taskQueue: string;
  /** Names an integration that no other test uses. */
  readonly integrationId: string;
  stop(): Promise<void>;
}

/** One module that is carried in bulk, and one whose records have a workflow each. */
export const plan: RunPlan = {
  kind: 'fake', organizationId: '60012345678', idle: null, judgesAnew: false,
  modules: [{ name: 'customers', sources: 1, document: null }, { name: 'loaners', sources: 1, document: { workflow: 'invoiceLoaner', makes: 'invoice' } }],
};

/** Everything succeeds at once, and there is nothing to do. */
const idle: Activities = {
  beginRun: () => Promise.resolve(plan),
  prepare: () => Promise.resolve({ pause: null }),
  pull: () => Promise.resolve({ pause: null, read: 0, changed: 0 }),
  fetchRecord: () => Promise.resolve({ pause: null, found: true, isPending: false, documents: [] }),
  fetchReferences: () => Promise.resolve({ pause: null }),
  carryAnnounced: () => Promise.resolve({ pause: null }),
  push: () => Promise.resolve({ pause: null, carried: 0 }),
  pendingDocuments: ({ after }) => Promise.resolve({ pause: null, documents: [], after }),
  carryDocument: () => Promise.resolve({ pause: null, outcome: 'added', documentId: '1', reason: null }),
  runCounts: () => Promise.resolve({}),
  endRun: () => Promise.resolve({}),
  notifyStop: () => Promise.resolve(),
  endStop: () => Promise.resolve(),
  judgeAnew: () => Promise.resolve(),
  withdrawRecords: () => Promise.resolve({ pause: null, count: 0, refused: [], left: [] }),
  requestRecords: () => Promise.resolve({ count: 0, refused: [] }),
  beginReconcile: () => Promise.resolve({ organizationId: plan.organizationId, steps: [] }),
  reconcileStep: () => Promise.resolve({ pause: null, place: null, read: 0 }),
  endReconcile: ({ reportId }) => Promise.resolve({ id: reportId, integrationId: 'fake', state: 'completed', startedMs: 0, endedMs: 0, counts: {} }),
};

/** @param activities those the test cares about */
export async function startFakeWorker(activities: Partial<Activities>): Promise<FakeWorker> {
  const { address, namespace, taskQueue, bundlePath } = temporalEnvironment();
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  await ensureSearchAttributes(native, namespace);
  const worker = await Worker.create({ connection: native, namespace, taskQueue, workflowBundle: { codePath: bundlePath }, activities: { ...idle, ...activities } });
  const ended = worker.run();
  return {
    temporal: new Client({ connection, namespace }), taskQueue, integrationId: `fake-${randomUUID().slice(0, 8)}`,
    async stop() {
      worker.shutdown();
      await ended;
      await native.close();
      await connection.close();
    },
  };
}

/** `pendingDocuments` of so many loaners, in pages. */
export function documentPages(count: number, pageSize = 200): Activities['pendingDocuments'] {
  return ({ after }) => {
    const ids = Array.from({ length: Math.max(0, Math.min(pageSize, count - after)) }, (_, index) => after + index + 1);
    return Promise.resolve({ pause: null, documents: ids.map((id) => ({ side: 'other', resource: 'loaners', recordId: `l-${id}` })), after: ids.at(-1) ?? after });
  };
}
