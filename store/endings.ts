import type { Transaction } from 'kysely';
import { canonicalJson } from '../domain/json.ts';
import { carryAgain, leaveIn, recordsAt, wakeWaiting, type EndState } from './changes.ts';
import type { Database } from './database.ts';
import { linksOf, putLinks } from './links.ts';
import { recordPage } from './pages.ts';
import { addCounts, addHistory } from './runs.ts';
import type { Tables } from './schema.ts';
import { addressText, otherSide, type Change, type Ending, type Link, type Outcome, type Place, type PlacedRecords, type SeenRecord } from './types.ts';

/** What was written was met by no pass. */
const NO_PASS = 0;

/**
 * Ends changes in one transaction with all that belongs to it: the link, the counts, the history, and waking the changes
 * that waited for the records that have just arrived.
 */
export async function endChanges(
  { exclusive }: Database,
  run: { integrationId: string; runId: string },
  endings: readonly Ending[],
  nowMs: number,
): Promise<void> {
  if (endings.length === 0) return;
  await exclusive(`integration:${run.integrationId}`, async (trx) => {
    const crossed = await crossedEndings(trx, run.integrationId, endings);
    const links = endings.flatMap((ending) => (ending.link ? [crossed.has(ending) ? withoutBase(ending.link, ending.change) : ending.link] : []));
    await putLinks(trx, run.integrationId, links);
    for (const { end, changes } of await endStates(trx, run.integrationId, endings)) await leaveIn(trx, end, changes);
    await carryAgain(trx, [...crossed].map(({ change }) => change.id));
    const arrived = links.flatMap(({ other, books }) => [addressText(other), addressText(books)]);
    if (arrived.length > 0) await wakeWaiting(trx, run.integrationId, arrived);
    for (const [module, counts] of countByModule(endings)) await addCounts(trx, run.runId, module, counts);
    const entries = endings.flatMap(({ change, outcome, finding, notes }) => [
      { change, outcome, finding },
      ...notes.map((note) => ({ change, outcome: 'note' as const, finding: note })),
    ]);
    await addHistory(trx, run, entries, nowMs);
    for (const { place, records } of documentsOf(endings)) await recordPage(trx, run.integrationId, place, records, NO_PASS);
  });
}

/** The documents that were written, by where they belong. */
function documentsOf(endings: readonly Ending[]): PlacedRecords[] {
  const places = new Map<string, { place: Place; records: SeenRecord[] }>();
  for (const { change: { module }, document } of endings) {
    if (!document) continue;
    const { side, resource, id, modifiedAt, data } = document;
    const key = `${module}/${side}/${resource}`;
    const { place, records } = places.get(key) ?? { place: { module, side, resource }, records: [] };
    records.push({ id, modifiedAt, data, deleted: false, state: 'observed', finding: null });
    places.set(key, { place, records });
  }
  return [...places.values()];
}

/**
 * The endings of records that somebody else wrote meanwhile: a run and a webhook, or a worker that was taken for dead. Whose
 * values the other system has now, the old or the new, nobody knows.
 */
async function crossedEndings(trx: Transaction<Tables>, integrationId: string, endings: readonly Ending[]): Promise<Set<Ending>> {
  const guarded = endings.flatMap((ending) => (ending.link && ending.basis !== undefined ? [{ ending, link: ending.link, basis: ending.basis }] : []));
  const known = await linksOf(trx, integrationId, guarded.map(({ link }) => link.other));
  const crossed = guarded.filter(({ link, basis }) => {
    const base = baseOf(known.get(addressText(link.other)));
    return base !== baseOf(basis) && base !== baseOf(link);
  });
  return new Set(crossed.map(({ ending }) => ending));
}

function baseOf(link: Link | null | undefined): string {
  return canonicalJson(link?.base ?? null);
}

/** A link that says of the written side that nothing is known: every field is written once more. */
function withoutBase(link: Link, { side }: Change): Link {
  return { ...link, base: { ...link.base, [otherSide(side)]: {} } };
}

/** The changes by how they end: nearly always all of them in the same way, and so in one statement. */
async function endStates(trx: Transaction<Tables>, integrationId: string, endings: readonly Ending[]) {
  const arrived = await arrivedAmong(trx, integrationId, endings);
  const groups = new Map<string, { end: EndState; changes: Change[] }>();
  for (const { change, state, finding, waitsFor: address } of endings) {
    const waitsFor = address && addressText(address);
    const end: EndState = waitsFor !== null && arrived.has(waitsFor) ? { state: 'pending', finding: null, waitsFor: null } : { state, finding, waitsFor };
    const key = JSON.stringify(end);
    const group = groups.get(key) ?? { end, changes: [] };
    group.changes.push(change);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** What is waited for may have arrived since its absence was noticed, and then nothing would wake the one that waits: a link, or what can be read. */
async function arrivedAmong(trx: Transaction<Tables>, integrationId: string, endings: readonly Ending[]): Promise<Set<string>> {
  const waitedFor = (isToBeRead: boolean) => endings.flatMap(({ waitsFor, finding }) => (waitsFor && (finding?.code === 'record-unreadable') === isToBeRead ? [waitsFor] : []));
  const [linked, read] = [await linksOf(trx, integrationId, waitedFor(false)), await recordsAt(trx, integrationId, waitedFor(true))];
  return new Set([...linked.keys(), ...[...read].flatMap(([address, data]) => (Object.keys(data).length > 0 ? [address] : []))]);
}

function countByModule(endings: readonly Ending[]): Map<string, Partial<Record<Outcome, number>>> {
  const modules = new Map<string, Partial<Record<Outcome, number>>>();
  for (const { change, outcome } of endings) {
    const counts = modules.get(change.module) ?? {};
    counts[outcome] = (counts[outcome] ?? 0) + 1;
    modules.set(change.module, counts);
  }
  return modules;
}
