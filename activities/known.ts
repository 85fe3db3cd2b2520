import type { Flow, Known } from '../integrations/integration.ts';
import type { Store } from '../store/store.ts';

/** Where nothing is asked of other records. */
export const nothingKnown: Known = { link: () => null, data: () => null, isGone: () => false, all: () => [] };

/** Loads the listings that a flow chooses from, once for many records. */
export async function choicesOf(store: Store, integrationId: string, { chooses = [] }: Flow): Promise<Pick<Known, 'all'>> {
  const listed = await Promise.all(chooses.map(async (place) => ({ ...place, records: await store.recordsOf(integrationId, place) })));
  return { all: (side, resource) => listed.find((one) => one.side === side && one.resource === resource)?.records ?? [] };
}
