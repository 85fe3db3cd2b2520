import type { RemoteRecord } from '../connectors/resource.ts';
import { BookbridgeError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Flow, FlowRecord, Known, Reference } from '../integrations/integration.ts';
import type { Store } from '../store/store.ts';
import { addressText, otherSide, type Address, type Change, type Link } from '../store/types.ts';
import { choicesOf } from './known.ts';
import { madeOf } from './reverse.ts';
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
  const { links, records } = await lookUp(store, session, wanted);
  const linkOf = (address: Address) => links.get(addressText(address)) ?? null;
  const there = await store.reports.standings(integrationId, [...wanted.filter(({ side }) => side !== flow.side), ...neededPartners(wanted, { link: linkOf })]);
  return {
    prepared,
    known: {
      link: linkOf,
      data: (address) => records.get(addressText(address)) ?? null,
      isGone: (address) => there.get(addressText(address))?.change.deleted ?? false,
      ...await choicesOf(store, integrationId, flow),
    },
  };
}

/** The links of what is referred to, and what is known of it and of its partners. */
async function lookUp(store: Store, session: Session, wanted: readonly Reference[]): Promise<{ links: Map<string, Link>; records: Map<string, JsonObject> }> {
  const integrationId = session.stored.id;
  const links = await store.links(integrationId, wanted);
  const records = await store.records(integrationId, [...wanted, ...[...links.values()].flatMap(({ books, other }) => [books, other])]);
  const former = wanted.flatMap((reference) => {
    const link = reference.required || links.has(addressText(reference)) ? null : formerLink(session, reference, records.get(addressText(reference)) ?? {});
    return link ? [{ reference, link, original: link[otherSide(reference.side)] }] : [];
  });
  const originals = await store.records(integrationId, former.map(({ original }) => original));
  for (const { reference, link, original } of former) if (originals.has(addressText(original))) links.set(addressText(reference), link);
  return { links, records: new Map([...records, ...originals]) };
}

/**
 * What a record was linked with that was made of one of the other side: its key says so. Where it was deleted and made anew, the link is the new
 * one's, and what refers to the old one means the same all the same.
 */
function formerLink(session: Session, { side, resource, id }: Address, data: JsonObject): Link | null {
  const there = otherSide(side);
  for (const { name: module, flows } of session.integration.modules) {
    const maker = flows.find((flow) => flow.side === there && flow.targets.includes(resource));
    const original = maker ? madeOf(session, maker, { side, resource, id, data }) : null;
    if (original) return bareLink({ module, side, resource, recordId: id }, { side: there, ...original });
  }
  return null;
}

/** The partners whose content a mapping needs, of those that are linked. */
export function neededPartners(references: readonly Reference[], known: Pick<Known, 'link'>): Address[] {
  return references.flatMap((reference) => (reference.needsPartner ? known.link(reference)?.[otherSide(reference.side)] ?? [] : []));
}

/** A link of which nothing is known but which two records it links. */
export function bareLink({ module, side, resource, recordId: id }: Pick<Change, 'module' | 'side' | 'resource' | 'recordId'>, there: Address): Link {
  const here = { side, resource, id };
  return { module, ...(there.side === 'books' ? { other: here, books: there } : { other: there, books: here }), base: {}, variance: null };
}

/** Where the record of a change lives. */
export function addressOf({ side, resource, recordId }: Change): Address {
  return { side, resource, id: recordId };
}

/** The record of a change, as its system gave it. */
export function recordOf({ recordId: id, modifiedAt, data }: Change): RemoteRecord {
  return { id, modifiedAt, data };
}
