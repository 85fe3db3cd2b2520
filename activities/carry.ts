import type { RemoteRecord } from '../connectors/resource.ts';
import { BookbridgeError } from '../domain/errors.ts';
import { changedFields, type JsonObject } from '../domain/json.ts';
import { decimal } from '../domain/money.ts';
import type { Flow, FlowRecord, Known, Reference, Write } from '../integrations/integration.ts';
import type { Store } from '../store/store.ts';
import { addressText, type Address, type Change, type Ending, type Finding, type Link, type Outcome, type Side } from '../store/types.ts';
import { closeCircle, originalOf } from './reverse.ts';
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
  return {
    prepared,
    known: { link: (address) => links.get(addressText(address)) ?? null, data: (address) => records.get(addressText(address)) ?? null },
  };
}

function addressOf({ side, resource, recordId }: Change): Address {
  return { side, resource, id: recordId };
}

/**
 * Carries one record over: maps it, compares it with what both sides had after the last sync, and writes what differs.
 * Safe to repeat at any point: a creation is an upsert by key, and a change writes the same fields again.
 *
 * @returns how the change ended; whatever concerns the whole connection is thrown
 */
export async function carry(session: Session, flow: Flow, prepared: Prepared, known: Known): Promise<Ending> {
  const { change, record } = prepared;
  try {
    // What was deleted keeps its partner: documents may refer to it. The history says so.
    if (change.deleted) return ending(change, record.link ? 'deleted' : 'skipped');
    // It was accepted when it was read, or a person wants it to be tried again; settings may have changed since.
    const leftOut = flow.accept({ id: change.recordId, modifiedAt: change.modifiedAt, data: change.data }, session.context);
    if (leftOut) return ending(change, 'skipped', leftOut);
    if (prepared.error) throw prepared.error;
    const missing = prepared.references.find((reference) => reference.required && !known.link(reference));
    if (missing) return waiting(change, missing);
    const mapped = flow.map(record, known, session.context);
    if (mapped.kind === 'skip') return { ...ending(change, 'skipped', mapped.finding), notes: mapped.notes };
    return await write(session, flow, change, record, mapped);
  } catch (error) {
    if (error instanceof BookbridgeError && error.scope === 'record') {
      return ending(change, 'failed', { code: error.code, detail: error.detail });
    }
    throw error;
  }
}

async function write(session: Session, flow: Flow, change: Change, record: FlowRecord, mapped: Write): Promise<Ending> {
  const side: Side = flow.side === 'books' ? 'other' : 'books';
  const resource = session.connectors[side].writable(mapped.resource);
  if (!record.link) {
    const originalId = await originalOf(session, flow, record, mapped);
    const original = originalId === null ? null : await session.connectors[side].readable(mapped.resource).get(originalId);
    if (original) return written(change, mapped, { partner: await resource.adopt(original.id, mapped.key, mapped.fields), side, outcome: 'updated', link: null });
    const { record: partner, created } = await resource.upsert(mapped.key, mapped.fields, mapped.initial);
    const added = written(change, mapped, { partner, side, outcome: created ? 'added' : 'updated', link: null });
    return added.link ? { ...added, link: await closeCircle(session, flow, record, partner, added.link) } : added;
  }
  const changed = changedFields(mapped.fields, record.link.base[side] ?? {});
  const partnerId = record.link[side].id;
  if (Object.keys(changed).length === 0) {
    if (!mapped.expected || !differs(record.link.variance)) return { ...ending(change, 'unchanged'), notes: mapped.notes };
    // A difference that was reported stands until the document itself says that it is gone.
    const partner = await partnerAt(session, { side, resource: mapped.resource, id: partnerId });
    return written(change, mapped, { partner, side, outcome: 'unchanged', link: record.link });
  }
  const refusal = flow.mayUpdate ? await mayUpdate(session, flow.mayUpdate, { side, resource: mapped.resource, id: partnerId }) : null;
  if (refusal) return ending(change, 'failed', refusal);
  const partner = await resource.update(partnerId, changed);
  return written(change, mapped, { partner, side, outcome: 'updated', link: record.link });
}

async function mayUpdate(session: Session, rule: (partner: RemoteRecord) => Finding | null, { side, resource, id }: Address): Promise<Finding | null> {
  return rule(await partnerAt(session, { side, resource, id }));
}

async function partnerAt(session: Session, { side, resource, id }: Address): Promise<RemoteRecord> {
  const partner = await session.connectors[side].readable(resource).get(id);
  if (!partner) throw new BookbridgeError('record-missing', { detail: `${resource} ${id}` });
  return partner;
}

interface Written {
  readonly partner: RemoteRecord;
  readonly side: Side;
  readonly outcome: 'added' | 'updated' | 'unchanged';
  readonly link: Link | null;
}

function written(change: Change, mapped: Write, { partner, side, outcome, link }: Written): Ending {
  const here = addressOf(change);
  const there: Address = { side, resource: mapped.resource, id: partner.id };
  const variance = mapped.expected && varianceOf(mapped.expected, partner.data);
  const newLink: Link = {
    module: change.module,
    other: side === 'books' ? here : there,
    books: side === 'books' ? there : here,
    base: { ...link?.base, [side]: mapped.fields },
    variance,
  };
  const finding: Finding | null = differs(variance) ? { code: 'total-differs', detail: `${mapped.resource} ${partner.id} differs by ${variance}` } : null;
  return { ...ending(change, finding ? 'failed' : outcome, finding), link: newLink, basis: link, notes: mapped.notes };
}

function differs(variance: string | null): boolean {
  return variance !== null && !decimal(variance).isZero();
}

/** The document's total in the target system less the one calculated: kept with the link, never rounded away. */
function varianceOf({ field, total }: { field: string; total: string }, data: JsonObject): string {
  const actual = data[field];
  if (typeof actual !== 'string' && typeof actual !== 'number') {
    throw new BookbridgeError('answer-unreadable', { detail: `the document came back without ${field}` });
  }
  return decimal(actual).minus(total).toString();
}

function waiting(change: Change, { side, resource, id }: Reference): Ending {
  const finding: Finding = { code: 'reference-missing', detail: `waits for ${resource} ${id}` };
  return { ...ending(change, 'failed', finding), state: 'waiting', waitsFor: { side, resource, id } };
}

function ending(change: Change, outcome: Outcome, finding: Finding | null = null): Ending {
  const state = outcome === 'failed' ? 'failed' : outcome === 'skipped' ? 'skipped' : 'done';
  return { change, outcome, state, finding, notes: [], link: null, waitsFor: null };
}
