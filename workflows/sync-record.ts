import { CancellationScope, setHandler, sleep, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { DocumentRef } from '../activities/documents.ts';
import { failureOf } from './failure.ts';
import { changedSignal, type RecordInput } from './messages.ts';
import { throughLimits } from './pause.ts';
import { startDocument, type DocumentOwner } from './run-documents.ts';
import { searchAttributes } from './search-attributes.ts';
import { documentSteps, steps } from './steps.ts';
import { tellOfFailure } from './stops.ts';

/** What belongs together is announced together, such as that a record has changed and that it is completed. */
const TOGETHER_MS = 250;
/** Where a run is carrying the very record over, this one looks again after it; else the next sync does. */
const BUSY_PAUSE_MS = 3_000;
const BUSY_TIMES_MAX = 5;

/**
 * A record that was announced is read by its id and carried over, without a sync. One at a time for each record: what is
 * announced meanwhile makes it look once more, so that the newest version is never missed.
 */
export async function syncRecord(input: RecordInput): Promise<void> {
  let isAnnounced = true;
  setHandler(changedSignal, () => { isAnnounced = true; });
  upsertSearchAttributes([
    { key: searchAttributes.organization, value: input.organizationId },
    { key: searchAttributes.state, value: 'running' },
  ]);
  try {
    while (isAnnounced) {
      await sleep(TOGETHER_MS, { summary: 'What is announced together' });
      isAnnounced = false;
      await look(input);
    }
    upsertSearchAttributes([{ key: searchAttributes.state, value: 'completed' }]);
  } catch (error) {
    const failure = failureOf(error);
    const isCancelled = CancellationScope.current().consideredCancelled;
    upsertSearchAttributes([{ key: searchAttributes.state, value: isCancelled ? 'cancelled' : 'failed' }]);
    if (!isCancelled) await tellOfFailure(input.integrationId, failure);
    throw failure;
  }
}

async function look({ kind, organizationId, ...record }: RecordInput): Promise<void> {
  const { integrationId, recordId, resource } = record;
  const runId = workflowInfo().runId;
  const watch = { integrationId, onPause: () => undefined };
  const { isPending, documents } = await throughLimits(() => steps(`Read ${resource} ${recordId}`).fetchRecord({ ...record, runId }), watch);
  if (isPending) await throughLimits(() => documentSteps(`Carry ${resource} ${recordId} over`).carryAnnounced({ ...record, runId }), watch);
  for (const { document, ...one } of documents) {
    const request = { ...one, integrationId, runId };
    await throughLimits(() => steps(`Read what ${one.resource} ${one.recordId} refers to`).fetchReferences(request), watch);
    await carryDocument({ ...request, kind, organizationId, document });
  }
}

/** By the workflow that a sync would start for it, so that both at once make one document. */
async function carryDocument({ side, resource, recordId, ...owner }: DocumentOwner & DocumentRef): Promise<void> {
  for (let time = 0; time < BUSY_TIMES_MAX; time += 1) {
    const handle = await startDocument(owner, { side, resource, recordId });
    if (handle) {
      try {
        await handle.result();
      } catch (error) {
        // It has its own red line, and its reason in the history.
        if (CancellationScope.current().consideredCancelled) throw error;
      }
      return;
    }
    await sleep(BUSY_PAUSE_MS, { summary: 'Another workflow carries it over' });
  }
}
