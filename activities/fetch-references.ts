import { addressText } from '../store/types.ts';
import { prepareBatch } from './batch.ts';
import type { Deps } from './deps.ts';
import type { DocumentRequest } from './documents.ts';
import { orPaused, type Pause } from './failures.ts';
import { flowOf, withSession, type Session } from './session.ts';
import { observedPlaces, readById } from './sources.ts';

/** Reads anew what a document refers to, in a step of its own: see {@link readReferences}. */
export async function fetchReferences(deps: Deps, request: DocumentRequest): Promise<{ pause: Pause | null }> {
  return withSession(deps, request.integrationId, 'document', (session) => orPaused<{ pause: Pause | null }>(async () => {
    await readReferences(deps, session, request);
    return { pause: null };
  }, (pause) => ({ pause })));
}

/**
 * Reads anew what one record refers to and what is only observed, such as the articles on a document.
 * A sync has just read all of that when it comes to the record; who comes out of turn has to look by id.
 *
 * @throws BookbridgeError as every call does
 */
export async function readReferences({ store }: Deps, session: Session, request: DocumentRequest): Promise<void> {
  const { integrationId, side, resource, recordId: id } = request;
  const flow = flowOf(session, request);
  const change = await store.change(integrationId, { side, resource, id });
  if (!flow || !change) return;
  const { prepared } = await prepareBatch(store, session, flow, [change]);
  const wanted = new Map(prepared.flatMap(({ references }) => references).map((reference) => [addressText(reference), reference]));
  const places = observedPlaces(session.integration, session.context);
  for (const reference of wanted.values()) {
    const place = places.find((candidate) => candidate.side === reference.side && candidate.resource === reference.resource);
    if (!place || reference.side !== side) continue;
    const { here, remote } = await readById(session, { place, flow: null }, reference.id);
    // Where it is gone, or cannot be read, what is known of it stays: the document may still refer to it.
    if (remote) await store.operations.readAgain(integrationId, place, here);
  }
}
