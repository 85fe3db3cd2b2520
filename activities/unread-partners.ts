import type { JsonObject } from '../domain/json.ts';
import type { Known } from '../integrations/integration.ts';
import { addressText } from '../store/types.ts';
import { neededPartners, type Prepared } from './batch.ts';
import type { Session } from './session.ts';

/**
 * What is known, and beside it the partners that a mapping needs and no listing has brought yet, such as an item that was made a moment ago. One
 * call for each of those: as a rule there is none.
 */
export async function withPartners({ connectors }: Pick<Session, 'connectors'>, { references }: Prepared, known: Known): Promise<Known> {
  const unread = new Map(neededPartners(references, known).filter((partner) => known.data(partner) === null).map((partner) => [addressText(partner), partner]));
  if (unread.size === 0) return known;
  const read = new Map<string, JsonObject | null>();
  for (const [text, { side, resource, id }] of unread) read.set(text, (await connectors[side].readable(resource).get(id))?.data ?? null);
  return {
    ...known,
    data: (address) => read.get(addressText(address)) ?? known.data(address),
    isGone: (address) => read.get(addressText(address)) === null || known.isGone(address),
  };
}
