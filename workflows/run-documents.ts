import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, startChild, workflowInfo, type ChildWorkflowHandle } from '@temporalio/workflow';
import type { DocumentRef } from '../activities/documents.ts';
import type { invoiceLoaner } from './invoice-loaner.ts';
import { steps } from './steps.ts';

interface DocumentRun {
  readonly integrationId: string;
  readonly organizationId: string;
  readonly kind: string;
  readonly runId: string;
  readonly module: string;
  /** Name of the workflow that carries one record. */
  readonly workflow: string;
  /** Told how often a document that has ended had to wait for a limit. */
  readonly onPauses: (pauses: number) => void;
  /** Events after which a fresh history is begun. */
  readonly historyLengthMax: number;
}

const PAGE_DOCUMENTS = 200;
/** So many documents are under way at once. More would only wait for the same limit, each with a timer of its own. */
const DOCUMENTS_AT_ONCE = 8;

/**
 * Starts a workflow for every record that wants one and waits for them, a few at a time.
 *
 * @returns `history-full` where there is more to do and it should be done in a fresh history
 */
export async function runDocuments(run: DocumentRun): Promise<'done' | 'history-full'> {
  let after = 0;
  const { integrationId, runId, module } = run;
  for (;;) {
    const page = await steps(`Find ${module} to invoice`).pendingDocuments({ integrationId, runId, module, after, limit: PAGE_DOCUMENTS });
    if (page.documents.length === 0) return 'done';
    if (after > 0 && isHistoryFull(run.historyLengthMax)) return 'history-full';
    after = page.after;
    const queue = [...page.documents];
    const lane = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) await runDocument(run, next);
    };
    await Promise.all(Array.from({ length: DOCUMENTS_AT_ONCE }, lane));
  }
}

function isHistoryFull(historyLengthMax: number): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength > historyLengthMax;
}

/** A document that fails has its own red line in Temporal's UI and its reason in the history: the others go on. */
async function runDocument(run: DocumentRun, document: DocumentRef): Promise<void> {
  const handle = await startDocument(run, document);
  const result = await handle?.result().catch(() => undefined);
  if (result) run.onPauses(result.pauses);
}

/** Null where a workflow for this very record is under way already. */
async function startDocument(run: DocumentRun, document: DocumentRef): Promise<ChildWorkflowHandle<typeof invoiceLoaner> | null> {
  const { integrationId, organizationId, runId, module } = run;
  try {
    return await startChild<typeof invoiceLoaner>(run.workflow, {
      workflowId: `invoice:${run.kind}:${integrationId}:${document.recordId}`,
      args: [{ integrationId, organizationId, runId, module, ...document }],
      // A document that has begun ends by itself, whatever becomes of the run that found it.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `Invoice for ${document.resource} ${document.recordId}`,
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}
