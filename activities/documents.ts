import { ApplicationFailure } from '@temporalio/common';
import { BookbridgeError, errorTable } from '../domain/errors.ts';
import type { Flow } from '../integrations/integration.ts';
import type { Standing } from '../store/reports.ts';
import { addressText, otherSide, type Finding, type Outcome, type Side } from '../store/types.ts';
import { prepareBatch } from './batch.ts';
import { carry, createFinders, readFindable } from './carry.ts';
import type { Deps } from './deps.ts';
import { orPaused, type Pause } from './failures.ts';
import { readKept } from './pull.ts';
import { flowOf, moduleOf, withSession, type Session, type StepRequest } from './session.ts';

/** A record that is carried over by itself. */
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

export interface PendingDocuments {
  /** Not null: no call was granted for what has to be known before the first one. */
  readonly pause: Pause | null;
  readonly documents: readonly DocumentRef[];
  /** Goes into the next request. */
  readonly after: number;
}

/** The next records that want a workflow of their own. What they are looked up in is read before the first of them. */
export async function pendingDocuments(deps: Deps, request: PendingRequest): Promise<PendingDocuments> {
  return withSession(deps, request.integrationId, 'document', async (session) => {
    const { integration, context } = session;
    const { flows } = moduleOf(integration, request.module);
    const found = (await Promise.all(flows.map((flow) => deps.store.pending({ ...request, side: flow.side, resources: flow.resources(context) })))).flat();
    return orPaused<PendingDocuments>(async () => {
      if (found.length > 0) await readKept(deps, session, request);
      for (const flow of flows) await readFindable(deps, session, request, flow);
      // Cut after sorting, so that `after` leaves none of either side behind.
      const changes = found.sort((one, other) => one.id - other.id).slice(0, request.limit);
      return {
        pause: null,
        documents: changes.map(({ side, resource, recordId }) => ({ side, resource, recordId })),
        after: changes.at(-1)?.id ?? request.after,
      };
    }, (pause) => ({ pause, documents: [], after: request.after }));
  });
}

/** Carries one document over. Whatever may pass is thrown, so that Temporal repeats it; the reason a person needs is returned. */
export async function carryDocument(deps: Deps, request: DocumentRequest): Promise<DocumentResult> {
  return withSession(deps, request.integrationId, 'document', (session) =>
    orPaused<DocumentResult>(() => carryOne(deps, session, request), (pause) => ({ pause, outcome: 'unchanged', documentId: null, reason: null })));
}

/**
 * Carries one record over, out of turn.
 *
 * @throws BookbridgeError of scope `connection`
 */
export async function carryOne(deps: Deps, session: Session, request: DocumentRequest): Promise<DocumentResult> {
  const { store } = deps;
  const { integrationId, side, resource, recordId: id } = request;
  const flow = flowOf(session, request);
  const standing = (await store.reports.standings(integrationId, [{ side, resource, id }])).get(addressText({ side, resource, id }));
  if (!flow || !standing) throw ApplicationFailure.nonRetryable(`There is no such record of ${request.module}`, 'record-missing');
  // This step was repeated after what it did was stored: it is not counted twice.
  if (standing.state !== 'pending') return endedBefore(deps, session, request, flow, standing);
  await readKept(deps, session, request);
  await readFindable(deps, session, request, flow);
  const { prepared: [prepared], known } = await prepareBatch(store, session, flow, [standing.change]);
  if (!prepared) throw new BookbridgeError('record-unreadable', { detail: resource });
  const ending = await carry(session, flow, prepared, known, await createFinders(deps, session, flow, request.module));
  await store.endChanges(request, [ending]);
  return resultOf(request, ending.outcome, ending.finding, (ending.link ?? prepared.record.link)?.[otherSide(flow.side)].id ?? null);
}

/** What an earlier attempt at this step came to. */
async function endedBefore({ store }: Deps, { stored }: Session, request: DocumentRequest, flow: Flow, { state, code }: Standing): Promise<DocumentResult> {
  const { runId, side, resource, recordId: id } = request;
  const here = { side, resource, id };
  const link = (await store.links(stored.id, [here])).get(addressText(here));
  const outcome = await store.runs.outcome({ integrationId: stored.id, runId }, here);
  const isFailed = state === 'failed' || state === 'waiting';
  return resultOf(request, outcome ?? (isFailed ? 'failed' : state === 'skipped' ? 'skipped' : 'unchanged'), code && { code }, link?.[otherSide(flow.side)].id ?? null);
}

/** Why, in the words of the error table: the details of a case may name customers, and what is returned here stands in Temporal's history. */
function resultOf({ integrationId, recordId }: DocumentRequest, outcome: Outcome, finding: Pick<Finding, 'code'> | null, documentId: string | null): DocumentResult {
  return {
    pause: null, outcome, documentId,
    reason: finding && {
      code: finding.code,
      text: `${errorTable[finding.code].what} ${errorTable[finding.code].remedy} The details: bookbridge history --integration ${integrationId} --record ${recordId}`,
    },
  };
}
