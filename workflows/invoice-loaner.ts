import { ApplicationFailure, isCancellation, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { DocumentResult } from '../activities/documents.ts';
import { failureOf } from './failure.ts';
import { searchAttributes, type WorkflowState } from './search-attributes.ts';
import type { DocumentInput, DocumentOutcome } from './messages.ts';
import { describePause, throughLimits } from './pause.ts';
import { documentSteps } from './steps.ts';
import { tellOfFailure } from './stops.ts';

/**
 * One completed loaner becomes one invoice. Each has its own workflow, so that a person can see it, try it again or cancel
 * it; its id is the loaner's, and the key in Books keeps a second one from making a second invoice.
 *
 * @throws ApplicationFailure whose type is a code of the error table
 */
export async function invoiceLoaner(input: DocumentInput): Promise<DocumentOutcome> {
  upsertSearchAttributes([
    { key: searchAttributes.integration, value: input.integrationId },
    { key: searchAttributes.organization, value: input.organizationId },
    { key: searchAttributes.module, value: input.module },
    { key: searchAttributes.record, value: input.recordId },
    { key: searchAttributes.state, value: 'running' },
  ]);
  let pauses = 0;
  const { outcome, documentId, reason } = await carry(input, () => { pauses += 1; });
  showState(outcome === 'failed' ? 'failed' : outcome === 'skipped' ? 'skipped' : 'completed');
  setCurrentDetails(reason ? reason.text : `Invoice ${documentId ?? ''} ${outcome}.`);
  if (outcome === 'failed' && reason) throw ApplicationFailure.nonRetryable(reason.text, reason.code);
  return { outcome, documentId, pauses };
}

async function carry(input: DocumentInput, countPause: () => void): Promise<DocumentResult> {
  try {
    return await throughLimits(() => documentSteps(`Invoice loaner ${input.recordId}`).carryDocument(input), {
      integrationId: input.integrationId,
      onPause(pause) {
        countPause();
        setCurrentDetails(describePause(pause));
      },
    });
  } catch (error) {
    const failure = failureOf(error);
    showState(isCancellation(error) ? 'cancelled' : 'failed');
    if (failure instanceof ApplicationFailure) setCurrentDetails(failure.message);
    await tellOfFailure(input.integrationId, failure);
    throw failure;
  }
}

function showState(state: WorkflowState): void {
  upsertSearchAttributes([{ key: searchAttributes.state, value: state }]);
}
