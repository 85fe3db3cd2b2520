import { defineQuery } from '@temporalio/workflow';

/** What a reconciliation is doing now. */
export interface ReconcileProgress {
  readonly step: string;
  /** Records it went through in this step. */
  readonly records: number;
  /** Why it waits; null while it works. */
  readonly pause: string | null;
}

export const reconcileProgressQuery = defineQuery<ReconcileProgress>('reconcileProgress');

export interface ReconcileInput {
  readonly integrationId: string;
  /** Only this module; otherwise all. */
  readonly module?: string;
  /** Reads each record by its id too, one call each, because listings show less. */
  readonly everyField?: boolean;
  /** Set when it goes on in a fresh history: which report, at which of its steps, and where in it. */
  readonly continued?: { readonly reportId: string; readonly step: number; readonly place: string | null };
}

/** One at a time for each integration; it changes nothing in either system, so syncs go on beside it. */
export function reconcileWorkflowId(integrationId: string): string {
  return `reconcile:${integrationId}`;
}
