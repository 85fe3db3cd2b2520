import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { Requested } from '../activities/request-records.ts';
import type { DocumentKind } from '../integrations/integration.ts';
import type { RunCounts } from '../store/types.ts';

/** What a run is doing now. */
export interface Progress {
  /** Under this id the store keeps the counts and the history of the run. */
  readonly runId: string;
  /** Module it is at; null before the first and after the last. */
  readonly module: string | null;
  readonly step: 'preparing' | 'reading' | 'carrying' | 'done';
  /** Why it waits; null while it works. */
  readonly pause: { readonly resumeAtMs: number; readonly code: string; readonly text: string } | null;
  /** Pauses so far. */
  readonly pauses: number;
}

/** One run of an integration at a time: they share this workflow id, and Temporal starts no second one. */
export function runWorkflowId(integrationId: string): string {
  return `run:${integrationId}`;
}

export const progressQuery = defineQuery<Progress>('progress');

export interface RecordRef {
  readonly side: 'books' | 'other';
  readonly resource: string;
  readonly recordId: string;
}

export interface RunInput {
  readonly integrationId: string;
  /** Only this module, with those whose records come inside of its own; otherwise all. */
  readonly module?: string;
  /** Only this record of the module: it is read by its id, and nothing is listed. */
  readonly record?: RecordRef;
  /** Records of the module that are carried over only where a person asks for them, by their ids; null: all that never were. */
  readonly request?: { readonly ids: readonly string[] | null };
  /** Records of the module of which a person wants deleted what was made of them; nothing else is done. */
  readonly withdraw?: { readonly ids: readonly string[] };
  /** Set when a run goes on in a fresh history: which run, at which of its modules, with how many of its listings read, after how many pauses. */
  readonly continued?: {
    readonly runId: string;
    readonly module: number;
    readonly sourcesRead: number;
    readonly pauses: number;
    /** What was asked for is marked already. */
    readonly requested?: Requested;
  };
  /** Events after which a fresh history is begun, for tests; otherwise Temporal says when. */
  readonly historyLengthMax?: number;
}

export interface RunResult {
  readonly runId: string;
  /** Why there was nothing to do; null: the run went through. */
  readonly idle: string | null;
  /** Of a run for one record: false where there is no such record. */
  readonly recordFound?: boolean;
  /** Of a run that was asked for records: how many it took on, and which it could not. */
  readonly requested?: Requested;
  /** Of a run that was to delete: of how many records it did, and of which it could not. */
  readonly withdrawn?: Requested;
  readonly counts: RunCounts;
  readonly pauses: number;
}

/** A record that another system announced, and where it belongs. */
export interface RecordInput extends RecordRef {
  readonly integrationId: string;
  readonly kind: string;
  readonly organizationId: string;
  readonly module: string;
}

/** One at a time for each record. */
export function recordWorkflowId({ integrationId, resource, recordId }: Pick<RecordInput, 'integrationId' | 'resource' | 'recordId'>): string {
  return `record:${integrationId}:${resource}:${recordId}`;
}

/** The record was announced once more. */
export const changedSignal = defineSignal('changed');

/** The id of a document's workflow is the record's, so that there is one at a time. */
export function documentWorkflowId({ kind, integrationId, document }: { readonly kind: string; readonly integrationId: string; readonly document: DocumentKind }, recordId: string): string {
  return `${document.makes}:${kind}:${integrationId}:${recordId}`;
}

/** A workflow that carries one record over, so that a person can see, retry or cancel it by itself. */
export type DocumentWorkflow = (input: DocumentInput) => Promise<DocumentOutcome>;

export interface DocumentInput {
  readonly integrationId: string;
  readonly organizationId: string;
  readonly runId: string;
  readonly module: string;
  readonly side: 'books' | 'other';
  readonly resource: string;
  readonly recordId: string;
}

export interface DocumentOutcome {
  readonly outcome: string;
  /** Id of the document in the target system. */
  readonly documentId: string | null;
  readonly pauses: number;
}
