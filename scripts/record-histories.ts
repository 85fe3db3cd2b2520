/**
 * Records what Temporal keeps of each workflow in a real run, so that a test can hold every later version of the workflows
 * against it: `node scripts/record-histories.ts` writes `test/histories/<version>/*.json`. Those of a released version are
 * never recorded again; a change that does not replay them needs `patched()`.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { WorkflowExecutionInfo, WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { z } from 'zod';
import { connectSystem } from '../client/connect.ts';
import { pauseSchedule, startSync, startSyncAlone } from '../client/runs.ts';
import { registerWebhook } from '../client/webhooks.ts';
import { loadDataSet, type DataSet } from '../simulators/data/index.ts';
import type { reconcile } from '../workflows/index.ts';
import { runWorkflowId, type RunInput } from '../workflows/messages.ts';
import { reconcileWorkflowId } from '../workflows/reconcile-messages.ts';
import { pressAccept } from './person.ts';
import { hectorSetup } from './setup.ts';
import { makeLoaners, readBooks } from './simulated.ts';
import { stopOnSignals } from './processes.ts';
import { startSystems, type Systems } from './systems.ts';

const INTEGRATION = 'hector';
/** Few calls in a short window: every kind of workflow meets a pause. */
const limits = { minute: { calls: 6, windowMs: 2_500 }, day: { calls: 5_000, windowMs: 86_400_000 }, concurrent: 10 };
const storedSchema = z.looseObject({ events: z.array(z.looseObject({})) });
type StoredHistory = z.output<typeof storedSchema>;
const root = fileURLToPath(new URL('..', import.meta.url));

let systems: Systems | undefined;
stopOnSignals(async () => systems?.stop());
systems = await startSystems({
  folder: join(root, '.bookbridge'), dataFile: null, booksLimits: limits, tokenLifeMs: 3_600_000,
  ports: {},
  log: (line) => console.log(line), onUnexpectedEnd: (message) => { console.error(message); process.exitCode = 1; },
});
try {
  const recorded = await record(systems);
  const folder = join(root, 'test', 'histories', version());
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, history] of recorded) {
    writeFileSync(join(folder, `${name}.json`), `{"events":[\n${history.events.map((event) => JSON.stringify(event)).join(',\n')}\n]}\n`);
    console.log(`${name}: ${history.events.length} events`);
  }
} finally {
  await systems.stop();
}

function version(): string {
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).version;
}

/** Runs everything once, and gives the history of each kind of workflow by name. */
async function record({ bookbridge, zohoUrl, hectorUrl, webhookUrl }: Systems): Promise<Map<string, StoredHistory>> {
  const dataSet = await loadDataSet(null);
  const setup = hectorSetup({ id: INTEGRATION, dataSet, hectorUrl, zohoState: await readBooks(zohoUrl, dataSet.books.organization.id) });
  await connectSystem(bookbridge, 'hector', { ...setup, limits }, { show: ({ authorizeUrl }) => void pressAccept(authorizeUrl), timeoutMs: 30_000 });
  await pauseSchedule(bookbridge, INTEGRATION, true, 'recording');
  const { workflow } = bookbridge.temporal;
  const recorded = new Map<string, StoredHistory>();
  const keep = async (name: string, handle: Pick<WorkflowHandle, 'fetchHistory'>) => recorded.set(name, withoutOrigin(historyToJSON(await handle.fetchHistory())));

  const imported: RunInput = { integrationId: INTEGRATION, historyLengthMax: 30 };
  const importing = await workflow.start('initialImport', { ...options(bookbridge), workflowId: runWorkflowId(INTEGRATION), args: [imported] });
  await importing.result();
  await keep('initial-import', workflow.getHandle(runWorkflowId(INTEGRATION), importing.firstExecutionRunId));
  await keep('initial-import-continued', workflow.getHandle(runWorkflowId(INTEGRATION), (await importing.describe()).runId));
  await makeLoaners(hectorUrl);
  const { runId: syncId } = await (await startSync(bookbridge, INTEGRATION)).result();
  await keep('sync', workflow.getHandle(runWorkflowId(INTEGRATION), syncId));
  await keep('invoice-loaner', await longest(bookbridge, "WorkflowType = 'invoiceLoaner' and ExecutionStatus = 'Completed'"));

  await editSentLoaner(zohoUrl, hectorUrl, dataSet);
  const scheduled = await workflow.start('scheduledSync', { ...options(bookbridge), workflowId: `sync:${INTEGRATION}`, args: [{ integrationId: INTEGRATION }] });
  await scheduled.result();
  await keep('scheduled-sync', scheduled);
  await keep('invoice-loaner-failed', await longest(bookbridge, "WorkflowType = 'invoiceLoaner' and ExecutionStatus = 'Failed'"));

  const part = async (name: string, input: Partial<RunInput>) => {
    const handle = await startSyncAlone(bookbridge, { integrationId: INTEGRATION, ...input });
    if (!handle) throw new Error(`a run is under way before ${name}`);
    await handle.result();
    await keep(name, handle);
  };
  await part('sync-request', { module: 'items', request: { ids: ['nowhere'] } });
  await part('sync-withdraw', { module: 'loaners', withdraw: { ids: ['nowhere'] } });
  const reconciling = await workflow.start<typeof reconcile>('reconcile', { ...options(bookbridge), workflowId: reconcileWorkflowId(INTEGRATION), args: [{ integrationId: INTEGRATION }] });
  await reconciling.result();
  await keep('reconcile', reconciling);

  await registerWebhook(bookbridge, INTEGRATION, webhookUrl);
  await makeLoaners(hectorUrl, { count: 1, again: true });
  await keep('sync-record', await longest(bookbridge, "WorkflowType = 'syncRecord' and ExecutionStatus = 'Completed'"));
  await post(`${zohoUrl}/_simulator/tokens/revoke`, {});
  await (await startSync(bookbridge, INTEGRATION)).result().catch(() => undefined);
  await keep('sync-failed', await longest(bookbridge, "WorkflowType = 'sync' and ExecutionStatus = 'Failed'"));
  await keep('tell-of-stop', await longest(bookbridge, "WorkflowType = 'tellOfStop' and ExecutionStatus = 'Completed'"));
  return recorded;
}

/** An invoice is sent, and then its loaner is edited: that fails for a person. */
async function editSentLoaner(zohoUrl: string, hectorUrl: string, { books, hector }: DataSet): Promise<void> {
  const { invoices } = await readBooks(zohoUrl, books.organization.id);
  const loaner = hector.loaners.find(({ number }) => number === invoices[0]?.reference_number);
  await post(`${zohoUrl}/_simulator/person`, { method: 'POST', path: `/invoices/${invoices[0]?.invoice_id}/status/sent` });
  await post(`${hectorUrl}/_simulator/records`, { resource: 'loaners', id: loaner?.id, fields: { notes: 'Came back with a scratch' } });
}

async function post(url: string, body: unknown): Promise<void> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url}: ${await response.text()}`);
}

function options({ config }: Systems['bookbridge']) {
  return { taskQueue: config.taskQueue };
}

/** The workflow with the longest history, which is the one that had to wait. */
async function longest({ temporal }: Systems['bookbridge'], query: string): Promise<WorkflowHandle> {
  let found: WorkflowExecutionInfo[] = [];
  // The list of workflows follows what happens a little later.
  for (let look = 0; look < 40 && found.length === 0; look += 1) {
    await delay(250);
    found = await Array.fromAsync(temporal.workflow.list({ query }));
  }
  const [first] = found.sort((one, other) => (other.historyLength ?? 0) - (one.historyLength ?? 0));
  if (!first) throw new Error(`No workflow has come about: ${query}`);
  return temporal.workflow.getHandle(first.workflowId, first.runId);
}

/** Where a history was recorded and by which process is nobody's business. */
function withoutOrigin(json: string): StoredHistory {
  return storedSchema.parse(JSON.parse(json, (key, value: unknown) => {
    if (key === 'identity' || key === 'stackTrace') return '';
    // Of the queue of one worker only that it is one.
    return key === 'name' && typeof value === 'string' && value.includes('@') ? 'sticky' : value;
  }));
}
