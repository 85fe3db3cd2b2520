import type { RemoteRecord } from '../connectors/resource.ts';
import { BookbridgeError } from '../domain/errors.ts';
import { changedFields, type JsonObject } from '../domain/json.ts';
import { decimal } from '../domain/money.ts';
import type { Flow, FlowRecord, Known, Reference, Write } from '../integrations/integration.ts';
import type { Store } from '../store/store.ts';
import { addressText, type Address, type Change, type Ending, type Finding, type Link, type Outcome, type Side } from '../store/types.ts';
import { describeAmbiguity, describeMatch, type Matcher } from './matcher.ts';
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
    known: { link: (address) => links.get(addressText(address)) ?? null, data: (address) => records.get(addressText(address)) ?? null, all: () => [] },
  };
}

function addressOf({ side, resource, recordId }: Change): Address {
  return { side, resource, id: recordId };
}

/**
 * Carries one record over: maps it, compares it with what both sides had after the last sync, and writes what differs.
 * Safe to repeat at any point: a creation is an upsert by key, and a change writes the same fields again.
 *
 * @param matcher finds what a record without partner is linked with; null: there is nobody, and it is created
 * @returns how the change ended; whatever concerns the whole connection is thrown
 */
export async function carry(session: Session, flow: Flow, prepared: Prepared, known: Known, matcher: Matcher | null = null): Promise<Ending> {
  const { change } = prepared;
  try {
    const judged = judge(session, flow, prepared, known);
    return judged.ending ?? await write(session, flow, prepared, judged.mapped, matcher);
  } catch (error) {
    if (error instanceof BookbridgeError && error.scope === 'record') {
      return ending(change, 'failed', { code: error.code, detail: error.detail });
    }
    throw error;
  }
}

/**
 * What is to be done about a change, without asking either system.
 *
 * @throws BookbridgeError of scope `record` where the record cannot be carried over
 */
export function judge(session: Session, flow: Flow, { change, record, references, error }: Prepared, known: Known): { ending: Ending } | { ending: null; mapped: Write } {
  // What was deleted keeps its partner: documents may refer to it. The history says so.
  if (change.deleted) return { ending: ending(change, record.link ? 'deleted' : 'skipped') };
  // It was accepted when it was read, or a person wants it to be tried again; settings may have changed since.
  const leftOut = flow.accept({ id: change.recordId, modifiedAt: change.modifiedAt, data: change.data }, session.context);
  if (leftOut) return { ending: ending(change, 'skipped', leftOut) };
  if (error) throw error;
  const missing = references.find((reference) => reference.required && !known.link(reference));
  if (missing) return { ending: waiting(change, missing) };
  const mapped = flow.map(record, known, session.context);
  if (mapped.kind === 'skip') return { ending: { ...ending(change, 'skipped', mapped.finding), notes: mapped.notes } };
  return { ending: null, mapped };
}

async function write(session: Session, flow: Flow, prepared: Prepared, mapped: Write, matcher: Matcher | null): Promise<Ending> {
  const { change, record: { link } } = prepared;
  const side: Side = flow.side === 'books' ? 'other' : 'books';
  if (!link) return create(session, flow, prepared, mapped, matcher);
  const changed = changedFields(mapped.fields, link.base[side] ?? {});
  const there: Address = { side, resource: mapped.resource, id: link[side].id };
  if (Object.keys(changed).length === 0) {
    if (!mapped.expected || !differs(link.variance)) return { ...ending(change, 'unchanged'), notes: mapped.notes };
    // A difference that was reported stands until the document itself says that it is gone.
    const partner = await partnerAt(session, there);
    return written(change, mapped, { partner, side, outcome: 'unchanged', link });
  }
  const refusal = flow.mayUpdate ? flow.mayUpdate(await partnerAt(session, there), changed) : null;
  if (refusal) return ending(change, 'failed', refusal);
  const fields = await completed(session, flow, there, changed, null);
  if (Object.keys(fields).length === 0) return written(change, mapped, { partner: there, side, outcome: 'unchanged', link });
  const partner = await session.connectors[side].writable(mapped.resource).update(there.id, fields);
  return written(change, mapped, { partner, side, outcome: 'updated', link });
}

/** Links a record with one that was there before, where there is one, and creates it where not. */
async function create(session: Session, flow: Flow, prepared: Prepared, mapped: Write, matcher: Matcher | null): Promise<Ending> {
  const { change, record } = prepared;
  const side: Side = flow.side === 'books' ? 'other' : 'books';
  const resource = session.connectors[side].writable(mapped.resource);
  const originalId = await originalOf(session, flow, record, mapped);
  const original = originalId === null ? null : await resource.get(originalId);
  if (original) return written(change, mapped, { partner: await resource.adopt(original.id, mapped.key, mapped.fields), side, outcome: 'updated', link: null });
  const match = await matcher?.find(prepared, mapped);
  if (match?.kind === 'ambiguous') return ending(change, 'failed', describeAmbiguity(match, change, mapped));
  const adopted = match?.kind === 'partner' ? await adopt(session, flow, { side, resource: mapped.resource, id: match.partner.id }, mapped, match.partner) : null;
  if (match?.kind === 'partner' && adopted) {
    const note: Finding = { code: 'matched', detail: describeMatch(match.partner, mapped) };
    return written(change, { ...mapped, notes: [note, ...mapped.notes] }, { partner: adopted, side, outcome: 'updated', link: null });
  }
  const { record: partner, created } = await resource.upsert(mapped.key, mapped.fields, mapped.initial);
  const added = written(change, mapped, { partner, side, outcome: created ? 'added' : 'updated', link: null });
  return added.link ? { ...added, link: await closeCircle(session, flow, record, partner, added.link) } : added;
}

/** @returns null where the partner is gone, and so is nobody's */
async function adopt(session: Session, flow: Flow, there: Address, mapped: Write, partner: PartnerData): Promise<RemoteRecord | null> {
  try {
    const fields = await completed(session, flow, there, changedFields(mapped.fields, partner.data), partner);
    return await session.connectors[there.side].writable(there.resource).adopt(there.id, mapped.key, fields);
  } catch (error) {
    if (error instanceof BookbridgeError && error.code === 'record-missing') return null;
    throw error;
  }
}

/** The fields to write to a partner, with what the target system would drop if it were not repeated. */
async function completed({ connectors }: Session, { complete }: Flow, there: Address, changed: JsonObject, partner: PartnerData | null): Promise<JsonObject> {
  if (!complete) return changed;
  const quick = complete(changed, partner);
  if (quick) return quick;
  const { data } = await partnerAt({ connectors }, there);
  return complete(changed, { data, isWhole: true }) ?? changed;
}

async function partnerAt(session: Pick<Session, 'connectors'>, { side, resource, id }: Address): Promise<RemoteRecord> {
  const partner = await session.connectors[side].readable(resource).get(id);
  if (!partner) throw new BookbridgeError('record-missing', { detail: `${resource} ${id}` });
  return partner;
}

/** What is known of a partner before it is written. */
interface PartnerData {
  readonly data: JsonObject;
  /** Whether it is the whole record, or what a listing shows. */
  readonly isWhole: boolean;
}

interface Written {
  readonly partner: { readonly id: string; readonly data?: JsonObject };
  readonly side: Side;
  readonly outcome: 'added' | 'updated' | 'unchanged';
  readonly link: Link | null;
}

function written(change: Change, mapped: Write, { partner, side, outcome, link }: Written): Ending {
  const here = addressOf(change);
  const there: Address = { side, resource: mapped.resource, id: partner.id };
  const variance = mapped.expected && varianceOf(mapped.expected, partner.data ?? {});
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
