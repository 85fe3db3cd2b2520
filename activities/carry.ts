import type { RemoteRecord } from '../connectors/resource.ts';
import { differencesOf } from '../domain/compare.ts';
import { BookbridgeError } from '../domain/errors.ts';
import { changedFields, type JsonObject } from '../domain/json.ts';
import type { Flow, Known, Write } from '../integrations/integration.ts';
import { otherSide, type Address, type Ending, type Finding } from '../store/types.ts';
import { bareLink, type Prepared } from './batch.ts';
import type { Deps } from './deps.ts';
import { endingOf, failedEnding, judge, mapRecord, readWhole } from './judge.ts';
import { endLeftBehind } from './left-behind.ts';
import { createMatcher, describeAmbiguity, describeMatch, type Matcher, type Partner } from './matcher.ts';
import { createOwned, readOwned, type Owned } from './owned.ts';
import { isMatched, readPartners } from './partners.ts';
import { closeCircle, originalOf } from './reverse.ts';
import type { Session, StepRequest } from './session.ts';
import { withPartners } from './unread-partners.ts';
import { differs, withDifference, written } from './written.ts';

/** What finds the record of the target system that one without link is linked with, instead of being created. */
export interface Finders {
  /** By what both say of themselves; null: there is nobody to be found. */
  readonly matcher: Matcher | null;
  /** By our own key. */
  readonly owned: Owned;
}

/**
 * Reads what the finders of a flow rely on, where that was not done.
 *
 * @throws BookbridgeError as every call does
 */
export async function readFindable(deps: Deps, session: Session, request: StepRequest, flow: Flow): Promise<void> {
  if (isMatched(flow)) await readPartners(deps, session, request, flow);
  await readOwned(deps, session, request, flow);
}

/** @param module of the flow */
export async function createFinders(deps: Deps, session: Session, flow: Flow, module: string): Promise<Finders> {
  return { matcher: await createMatcher(deps, session, flow, module), owned: createOwned(deps, session, flow) };
}

/**
 * Carries one record over: maps it, compares it with what both sides had after the last sync, and writes what differs.
 * Safe to repeat at any point: a creation is an upsert by key, and a change writes the same fields again.
 *
 * @returns how the change ended; whatever concerns the whole connection is thrown
 */
export async function carry(session: Session, flow: Flow, prepared: Prepared, known: Known, finders: Finders): Promise<Ending> {
  const { change } = prepared;
  try {
    const ending = judge(session, flow, prepared, known);
    if (ending) return await leave(session, flow, prepared, known, ending, finders);
    const record = await readWhole(session, flow, prepared.record);
    const all = await withPartners(session, prepared, known);
    const judged = mapRecord(session, flow, change, record, all);
    if (judged.ending) return await leave(session, flow, prepared, all, judged.ending, finders);
    const relinked = record.link ? null : await relink(session, flow, prepared, judged.mapped, all, finders.owned);
    return relinked ?? await write(session, flow, prepared, judged.mapped, finders);
  } catch (error) {
    if (error instanceof BookbridgeError && error.scope === 'record') {
      return failedEnding(flow, prepared, known, error);
    }
    throw error;
  }
}

/** How a change ends that is not to be carried over now. What was made of its record before the store was lost is linked with it as it is. */
async function leave(session: Session, flow: Flow, prepared: Prepared, known: Known, ending: Ending, { owned }: Finders): Promise<Ending> {
  const { change, record } = prepared;
  const found = record.link || change.deleted ? null : await owned.findLeft(prepared, known, ending);
  if (!found) return endLeftBehind(session, flow, prepared, ending);
  const link = bareLink(change, { side: otherSide(flow.side), resource: found.resource, id: found.record.id });
  return ending.waitsFor ? { ...endingOf(change, 'unchanged'), link, basis: null } : endLeftBehind(session, flow, prepared, ending, link);
}

async function write(session: Session, flow: Flow, prepared: Prepared, mapped: Write, finders: Finders): Promise<Ending> {
  const { change, record: { link } } = prepared;
  const side = otherSide(flow.side);
  if (!link) return create(session, flow, prepared, mapped, finders);
  const base = link.base[side] ?? {};
  const changed = changedFields(mapped.fields, base);
  const there: Address = { side, resource: mapped.resource, id: link[side].id };
  if (Object.keys(changed).length === 0) {
    if (!mapped.expected || (link.variance !== null && !differs(link.variance))) return { ...endingOf(change, 'unchanged'), notes: mapped.notes };
    // A difference that was reported stands until the document itself says that it is gone, and of one that was left behind nothing is known.
    const partner = await partnerAt(session, there);
    const refusal = link.variance === null ? flow.mayUpdate?.(partner, changed, base) : null;
    return refusal ? endingOf(change, 'failed', refusal) : written(change, mapped, { partner, side, outcome: 'unchanged', link });
  }
  if (flow.mayUpdate) {
    const partner = await partnerAt(session, there);
    const refusal = flow.mayUpdate(partner, changed, base);
    // What may not be written any more may have been put right by hand.
    if (refusal && differencesOf(changed, partner.data).length === 0) return written(change, mapped, { partner, side, outcome: 'unchanged', link });
    if (refusal) return endingOf(change, 'failed', withDifference(refusal, { changed, expected: mapped.expected, found: partner.data }));
  }
  const fields = await completed(session, flow, there, changed, null);
  if (Object.keys(fields).length === 0) return written(change, mapped, { partner: there, side, outcome: 'unchanged', link });
  const resource = session.connectors[side].writable(mapped.resource);
  const { result: partner, mapped: asWritten } = await named(mapped, (naming) => resource.update(there.id, { ...fields, ...naming }));
  return written(change, asWritten, { partner, side, outcome: 'updated', link });
}

/** Writes a record, and where its name belongs to another one, by the name it has then. */
async function named<Result>(mapped: Write, write: (naming: JsonObject) => Promise<Result>): Promise<{ result: Result; mapped: Write }> {
  try {
    return { result: await write({}), mapped };
  } catch (error) {
    const { whenNameIsTaken: naming } = mapped;
    if (naming === undefined || !(error instanceof BookbridgeError) || error.code !== 'name-collision') throw error;
    return { result: await write(naming), mapped: { ...mapped, fields: { ...mapped.fields, ...naming } } };
  }
}

/** Links a record with one that was there before, where there is one, and creates it where not. */
async function create(session: Session, flow: Flow, prepared: Prepared, mapped: Write, finders: Finders): Promise<Ending> {
  const { change, record } = prepared;
  const side = otherSide(flow.side);
  const resource = session.connectors[side].writable(mapped.resource);
  const originalId = originalOf(session, flow, record, mapped);
  const original = originalId === null ? null : await resource.get(originalId);
  if (original) return written(change, mapped, { partner: await resource.adopt(original.id, mapped.key, mapped.fields), side, outcome: 'updated', link: null });
  const match = await finders.matcher?.find(prepared, mapped);
  if (match?.kind === 'ambiguous') return endingOf(change, 'failed', describeAmbiguity(match, change, mapped));
  const adopted = match?.kind === 'partner' ? await adopt(session, flow, { side, resource: mapped.resource, id: match.partner.id }, mapped, match.partner) : null;
  if (match?.kind === 'partner' && adopted) {
    const note: Finding = { code: 'matched', detail: describeMatch(match.partner, mapped) };
    return written(change, { ...mapped, notes: [note, ...mapped.notes] }, { partner: adopted, side, outcome: 'updated', link: null });
  }
  const { result: { record: partner, created }, mapped: asWritten } = await named(mapped, (naming) => resource.upsert(mapped.key, { ...mapped.fields, ...naming }, mapped.initial));
  const added = written(change, asWritten, { partner, side, outcome: created ? 'added' : 'updated', link: null });
  return added.link ? { ...added, link: await closeCircle(session, flow, record, partner, added.link) } : added;
}

/**
 * Links a record with one that carries its key already: it was made before the store was lost. What may not be changed any more is not
 * written, and is then as it was when it was last carried over, as far as its sum says so.
 */
async function relink(session: Session, flow: Flow, { change, record }: Prepared, wanted: Write, known: Known, owned: Owned): Promise<Ending | null> {
  const side = otherSide(flow.side);
  // What may be written at any time is found by its key when it is, unless it is to be made as something else by now.
  const found = await owned.find(flow.mayUpdate ? flow.targets : flow.targets.filter((name) => name !== wanted.resource), wanted);
  if (!found) return null;
  const { record: partner, resource } = found;
  // What it was made as, it stays.
  const judged = resource === wanted.resource ? null : mapRecord(session, flow, change, { ...record, link: bareLink(change, { side, resource, id: partner.id }) }, known);
  if (judged?.ending) return judged.ending;
  const mapped = judged?.mapped ?? wanted;
  const different = new Set(differencesOf(mapped.fields, partner.data).map(({ field }) => field.split('.', 1)[0]));
  const changed = Object.fromEntries(Object.entries(mapped.fields).filter(([field]) => different.has(field)));
  if (different.size === 0 || flow.mayUpdate?.(partner, changed, {})) return written(change, mapped, { partner, side, outcome: 'unchanged', link: null });
  const fields = await completed(session, flow, { side, resource: mapped.resource, id: partner.id }, changed, { data: partner.data, isWhole: true });
  return written(change, mapped, { partner: await session.connectors[side].writable(mapped.resource).update(partner.id, fields), side, outcome: 'updated', link: null });
}

/**
 * Gives a record that was found our key and what differs; one that belongs to another integration too keeps its key, by which that one
 * finds it.
 *
 * @returns null where the partner is gone, and so is nobody's
 */
async function adopt(session: Session, flow: Flow, there: Address, mapped: Write, partner: Partner): Promise<Pick<RemoteRecord, 'id' | 'data'> | null> {
  try {
    const changed = Object.entries(changedFields(mapped.fields, partner.data)).filter(([field]) => !flow.matching?.keeps?.includes(field));
    const fields = await completed(session, flow, there, Object.fromEntries(changed), partner);
    const resource = session.connectors[there.side].writable(there.resource);
    if (!partner.isShared) return await resource.adopt(there.id, mapped.key, fields);
    return Object.keys(fields).length === 0 ? partner : await resource.update(there.id, fields);
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
type PartnerData = Pick<Partner, 'data' | 'isWhole'>;
