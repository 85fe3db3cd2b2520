import type { RemoteRecord } from '../connectors/resource.ts';
import { BookbridgeError } from '../domain/errors.ts';
import { readRecordKey, type Flow, type FlowRecord, type Write } from '../integrations/integration.ts';
import { otherSide, type Link } from '../store/types.ts';
import { nothingKnown } from './known.ts';
import type { Session } from './session.ts';

/** The flow of the same module that brings records of this kind back. */
function reverseOf({ integration, context }: Session, flow: Flow, resource: string): Flow | null {
  const candidates = integration.modules.map((module) => module.flows).find((flows) => flows.includes(flow)) ?? [];
  return candidates.find((candidate) => candidate.side !== flow.side && candidate.resources(context).includes(resource)) ?? null;
}

/**
 * A record that was just made on the other side comes back with the next reading. It is told here already what it would bring
 * back, so that this changes nothing, and the record it was made of gets the key by which it would be found again.
 *
 * @param link of the two, as it is without this
 * @returns the link with a base for both sides
 */
export async function closeCircle(session: Session, flow: Flow, record: FlowRecord, partner: RemoteRecord, link: Link): Promise<Link> {
  const side = otherSide(flow.side);
  const reverse = reverseOf(session, flow, link[side].resource);
  if (!reverse) return link;
  try {
    // Nothing is asked of other records: what goes back was just made of this one.
    const back = reverse.map({ ...link[side], data: partner.data, link }, nothingKnown, session.context);
    if (back.kind === 'skip') return link;
    await session.connectors[flow.side].writable(record.resource).adopt(record.id, back.key, {});
    return { ...link, base: { ...link.base, [flow.side]: back.fields } };
  } catch (error) {
    // The two are one thing all the same; what the way back has to say about it, it says when it comes to it.
    if (error instanceof BookbridgeError && error.scope === 'record') return link;
    throw error;
  }
}

/**
 * The record a new one was made of by this very integration, which was interrupted before it could link the two, or has lost
 * its links since.
 */
export function originalOf(session: Session, flow: Flow, record: FlowRecord, mapped: Write): string | null {
  const reverse = session.integration.modules.flatMap(({ flows }) => flows).find(({ side, targets, onRequest }) => onRequest && side !== flow.side && targets.includes(record.resource));
  if (!reverse) return null;
  const made = madeOf(session, reverse, record);
  return made && made.resource === mapped.resource ? made.id : null;
}

/** The record of the other side that one was made of by a flow: its key says so. Null: it was not. */
export function madeOf({ stored, connectors, context }: Session, maker: Flow, { side, resource, id, data }: Pick<FlowRecord, 'side' | 'resource' | 'id' | 'data'>): ReturnType<typeof readRecordKey> {
  const key = connectors[side].writable(resource).keyOf({ id, modifiedAt: null, data });
  const made = key === null ? null : readRecordKey(stored.id, key);
  return made && maker.resources(context).includes(made.resource) ? made : null;
}
