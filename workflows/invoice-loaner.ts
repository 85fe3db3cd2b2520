import { ApplicationFailure, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { searchAttributes } from './search-attributes.ts';
import type { DocumentInput, DocumentOutcome } from './messages.ts';
import { describePause, throughLimits } from './pause.ts';
import { steps } from './steps.ts';

/**
 * One completed loaner becomes one invoice. Each has its own workflow, so that a person can see it, try it again or cancel
 * it; its id is the loaner's, and the key in Books keeps a second one from making a second invoice.
 */
export async function invoiceLoaner(input: DocumentInput): Promise<DocumentOutcome> {
  upsertSearchAttributes([
    { key: searchAttributes.integration, value: input.integrationId },
    { key: searchAttributes.organization, value: input.organizationId },
    { key: searchAttributes.module, value: input.module },
    { key: searchAttributes.loaner, value: input.recordId },
    { key: searchAttributes.state, value: 'running' },
  ]);
  let pauses = 0;
  const { outcome, documentId, reason } = await throughLimits(
    () => steps(`Invoice loaner ${input.recordId}`).carryDocument(input),
    (pause) => {
      pauses += 1;
      setCurrentDetails(describePause(pause));
    },
  );
  const state = outcome === 'failed' ? 'failed' : outcome === 'skipped' ? 'skipped' : 'completed';
  upsertSearchAttributes([{ key: searchAttributes.state, value: state }]);
  setCurrentDetails(reason ? reason.text : `Invoice ${documentId ?? ''} ${outcome}.`);
  if (outcome === 'failed' && reason) throw ApplicationFailure.nonRetryable(reason.text, reason.code);
  return { outcome, documentId, pauses };
}
