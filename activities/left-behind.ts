import type { Flow } from '../integrations/integration.ts';
import type { Store } from '../store/store.ts';
import { addressText, otherSide, type Ending, type Link, type SeenRecord } from '../store/types.ts';
import type { Prepared } from './batch.ts';
import type { Session } from './session.ts';
import type { Listing } from './sources.ts';

/** Has those records looked at that are to be left out although a document was made of them before. Makes no call. */
export async function noticeLeftBehind(store: Store, integrationId: string, { place, flow }: Pick<Listing, 'place' | 'flow'>, records: readonly SeenRecord[]): Promise<readonly SeenRecord[]> {
  const leftOut = records.filter(({ state, finding }) => state === 'skipped' && flow?.leftBehind?.(finding)).map(({ id }) => ({ ...place, id }));
  if (leftOut.length === 0) return records;
  const links = await store.links(integrationId, leftOut);
  return records.map((record) => (record.state === 'skipped' && links.has(addressText({ ...place, id: record.id })) ? { ...record, state: 'pending', finding: null } : record));
}

/**
 * How a change ends that is not to be carried over, although a document was made of its record before: a person is told of one that stands.
 * Costs a call where there is one.
 *
 * @param link with that document, where the store has lost it
 */
export async function endLeftBehind({ connectors }: Session, flow: Flow, { record }: Prepared, ending: Ending, link: Link | null = record.link): Promise<Ending> {
  const look = ending.outcome === 'failed' ? null : flow.leftBehind?.(ending.finding);
  if (!look || !link) return ending;
  const { side, resource, id } = link[otherSide(flow.side)];
  const document = await connectors[side].readable(resource).get(id);
  const finding = document && look(document);
  // A person may void or delete it: nothing is known of what it comes to until it is looked at again.
  const unsure = { ...ending, link: { ...link, variance: null }, basis: record.link };
  return finding ? { ...unsure, outcome: 'failed', state: 'failed', finding } : unsure;
}
