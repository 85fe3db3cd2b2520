import { ApplicationFailure } from '@temporalio/common';
import { BookbridgeError, errorTable } from '../domain/errors.ts';
import type { Outcome, Side } from '../store/types.ts';
import { carry, prepareBatch } from './carry.ts';
import type { Deps } from './deps.ts';
import { pauseOf, type Pause } from './failures.ts';
import { moduleOf, withSession, type StepRequest } from './session.ts';

/** A record that is carried over by a workflow of its own. */
export interface DocumentRef {
  readonly side: Side;
  readonly resource: string;
  readonly recordId: string;
}

export interface DocumentRequest extends StepRequest, DocumentRef {}

export interface DocumentResult {
  /** Not null: no call was granted; everything else is as before. */
  readonly pause: Pause | null;
  readonly outcome: Outcome;
  /** Id of the document in the target system, where there is one. */
  readonly documentId: string | null;
  /** Why it was skipped or failed, for a person. */
  readonly reason: { readonly code: string; readonly text: string } | null;
}

interface PendingRequest extends StepRequest {
  /** Ids of changes up to this one were handed out before. */
  readonly after: number;
  readonly limit: number;
}

/** The next records that want a workflow of their own; `after` goes into the next request. */
export async function pendingDocuments(deps: Deps, request: PendingRequest): Promise<{ documents: DocumentRef[]; after: number }> {
  return withSession(deps, request.integrationId, 'document', async ({ integration }) => {
    const sides = moduleOf(integration, request.module).flows.map((flow) => flow.side);
    const found = (await Promise.all(sides.map((side) => deps.store.pending({ ...request, side })))).flat();
    // Cut after sorting, so that `after` leaves none of either side behind.
    const changes = found.sort((one, other) => one.id - other.id).slice(0, request.limit);
    return {
      documents: changes.map(({ side, resource, recordId }) => ({ side, resource, recordId })),
      after: changes.at(-1)?.id ?? request.after,
    };
  });
}

/** Carries one record over. Whatever may pass is thrown, so that Temporal repeats it; the reason a person needs is returned. */
export async function carryDocument(deps: Deps, request: DocumentRequest): Promise<DocumentResult> {
  return withSession(deps, request.integrationId, 'document', async (session) => {
    const { store } = deps;
    const module = moduleOf(session.integration, request.module);
    const flow = module.flows.find(({ side }) => side === request.side);
    const change = await store.change(request.integrationId, { side: request.side, resource: request.resource, id: request.recordId });
    if (!flow || !change) throw ApplicationFailure.nonRetryable(`There is no ${request.module} ${request.recordId}`, 'record-missing');
    const { prepared: [prepared], known } = await prepareBatch(store, session, flow, [change]);
    if (!prepared) throw new BookbridgeError('record-unreadable', { detail: request.recordId });
    try {
      const ending = await carry(session, flow, prepared, known);
      await store.endChanges(request, [ending]);
      const { finding } = ending;
      return {
        pause: null, outcome: ending.outcome,
        documentId: (ending.link ?? prepared.record.link)?.[flow.side === 'books' ? 'other' : 'books'].id ?? null,
        reason: finding && { code: finding.code, text: `${errorTable[finding.code].what} ${finding.detail}. ${errorTable[finding.code].remedy}` },
      };
    } catch (error) {
      const pause = pauseOf(error);
      if (!pause) throw error;
      return { pause, outcome: 'unchanged', documentId: null, reason: null };
    }
  });
}
