import type { PlacedRecords } from '../store/types.ts';
import type { Deps } from './deps.ts';
import { noticeLeftBehind } from './left-behind.ts';
import { indexArrived } from './partners.ts';
import type { Session } from './session.ts';
import { innerOf, readById, type Listing } from './sources.ts';

/**
 * Reads one record by its id, with what came inside, and adds it as a change, whatever its time of change says.
 *
 * @returns what came inside; null where neither the system nor the store has such a record
 * @throws BookbridgeError as every call does
 */
export async function readAgain(deps: Deps, session: Session, listing: Listing, id: string): Promise<readonly PlacedRecords[] | null> {
  const { store } = deps;
  const { place } = listing;
  const { stored: { id: integrationId }, context } = session;
  const { here, remote } = await readById(session, listing, id);
  if (here.deleted && !(await store.change(integrationId, { ...place, id }))) return null;
  const inner = innerOf(listing, remote ? [remote] : [], context);
  const [noticed = here] = await noticeLeftBehind(store, integrationId, listing, [here]);
  await indexArrived(deps, session, listing, [noticed], inner);
  await store.operations.readAgain(integrationId, place, noticed, inner);
  return inner;
}
