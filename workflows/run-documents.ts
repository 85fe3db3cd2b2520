import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { CancellationScope, ChildWorkflowCancellationType, ParentClosePolicy, startChild, type ChildWorkflowHandle } from '@temporalio/workflow';
import type { DocumentRef } from '../activities/documents.ts';
import type { DocumentKind } from '../integrations/integration.ts';
import { failureOf, needsPersonForAll } from './failure.ts';
import { documentWorkflowId, type DocumentWorkflow } from './messages.ts';
import { throughLimits, type Watch } from './pause.ts';
import { bulkSteps } from './steps.ts';

/** What a document belongs to. */
export interface DocumentOwner {
  readonly integrationId: string;
  readonly organizationId: string;
  readonly kind: string;
  readonly runId: string;
  readonly module: string;
  /** What carries one record. */
  readonly document: DocumentKind;
}

interface DocumentRun extends DocumentOwner {
  /** How a limit is waited out that stops the search for them. */
  readonly watch: Watch;
  /** Told how often a document that has ended had to wait for a limit. */
  readonly onPauses: (pauses: number) => void;
  /** Called while no document is under way: the run may go on in a fresh history. */
  readonly checkpoint: () => Promise<void>;
}

const PAGE_DOCUMENTS = 200;
/** So many documents are under way at once: fewer than the calls Books takes at once in any plan. More would only wait, each with a timer of its own. */
const DOCUMENTS_AT_ONCE = 4;

/**
 * Starts a workflow for every record that wants one and waits for them, a few at a time.
 *
 * @throws ApplicationFailure where a document failed for a reason that holds for all of them
 */
export async function runDocuments(run: DocumentRun): Promise<void> {
  let after = 0;
  const { integrationId, runId, module } = run;
  for (;;) {
    const page = await throughLimits(() => bulkSteps(`Find ${module} to carry over`).pendingDocuments({ integrationId, runId, module, after, limit: PAGE_DOCUMENTS }), run.watch);
    if (page.documents.length === 0) return;
    if (after > 0) await run.checkpoint();
    after = page.after;
    const queue = [...page.documents];
    const lane = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        try {
          await runDocument(run, next);
        } catch (error) {
          queue.length = 0;
          throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: DOCUMENTS_AT_ONCE }, lane));
  }
}

/** A document that fails has its own red line in Temporal's UI and its reason in the history: the others go on. */
async function runDocument(run: DocumentRun, document: DocumentRef): Promise<void> {
  try {
    const handle = await startDocument(run, document);
    const result = await handle?.result();
    if (result) run.onPauses(result.pauses);
  } catch (error) {
    // Somebody cancelled the run; a document that was cancelled by itself is only that document's affair.
    if (CancellationScope.current().consideredCancelled) throw error;
    const failure = failureOf(error);
    if (needsPersonForAll(failure)) throw failure;
  }
}

/** Null where a workflow for this very record is under way already. */
export async function startDocument(run: DocumentOwner, document: DocumentRef): Promise<ChildWorkflowHandle<DocumentWorkflow> | null> {
  const { integrationId, organizationId, runId, module } = run;
  try {
    return await startChild<DocumentWorkflow>(run.document.workflow, {
      workflowId: documentWorkflowId(run, document.recordId),
      args: [{ integrationId, organizationId, runId, module, ...document }],
      // A document that has begun ends by itself, whatever becomes of the run that found it.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      staticSummary: `${run.document.makes} for ${document.resource} ${document.recordId}`,
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}
