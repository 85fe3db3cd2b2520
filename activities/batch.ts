import type { RemoteRecord } from '../connectors/resource.ts';
import { BookbridgeError } from '../domain/errors.ts';
import type { Flow, FlowRecord, Known, Reference } from '../integrations/integration.ts';
import type { Store } from '../store/store.ts';
import { addressText, otherSide, type Address, type Change } from '../store/types.ts';
import { choicesOf } from './known.ts';
import type { Session } from './session.ts';

/** A change with everything that is stored about it and about what it refers to. */
export interface Prepared {
  readonly change: Change;
  readonly record: FlowRecord;
  /** What makes it impossible to carry the record over; found while reading its references. */
  readonly error: BookbridgeError | null;
  readonly references: readonly Reference[];
}

export interface Batch {
  readonly prepared: readonly Prepared[];
  readonly known: Known;
}

/** Looks up links and records for a batch of changes at once, so that a batch costs a handful of queries. */
export async function prepareBatch(store: Store, session: Session, flow: Flow, changes: readonly Change[]): Promise<Batch> {
  const { id: integrationId } = session.stored;
  const own = await store.links(integrationId, changes.map(addressOf));
  const prepared = changes.map((change): Prepared => {
    const here = addressOf(change);
    const record = { ...here, data: change.data, link: own.get(addressText(here)) ?? null };
    try {
      return { change, record, references: change.deleted ? [] : flow.references(record, session.context), error: null };
    } catch (error) {
      if (!(error instanceof BookbridgeError)) throw error;
      return { change, record, references: [], error };
    }
  });
  const wanted = prepared.flatMap(({ references }) => references);
  const links = await store.links(integrationId, wanted);
  const partners = [...links.values()].flatMap(({ books, other }) => [books, other]);
  const records = await store.records(integrationId, [...wanted, ...partners]);
  const linkOf = (address: Address) => links.get(addressText(address)) ?? null;
  const needed = await store.reports.standings(integrationId, neededPartners(wanted, { link: linkOf }));
  return {
    prepared,
    known: {
      link: linkOf,
      data: (address) => records.get(addressText(address)) ?? null,
      isGone: (address) => needed.get(addressText(address))?.change.deleted ?? false,
      ...await choicesOf(store, integrationId, flow),
    },
  };
}

/** The partners whose content a mapping needs, of those that are linked. */
export function neededPartners(references: readonly Reference[], known: Pick<Known, 'link'>): Address[] {
  return references.flatMap((reference) => (reference.needsPartner ? known.link(reference)?.[otherSide(reference.side)] ?? [] : []));
}

/** Where the record of a change lives. */
export function addressOf({ side, resource, recordId }: Change): Address {
  return { side, resource, id: recordId };
}

/** The record of a change, as its system gave it. */
export function recordOf({ recordId: id, modifiedAt, data }: Change): RemoteRecord {
  return { id, modifiedAt, data };
}
