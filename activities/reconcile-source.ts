import type { RemoteRecord } from '../connectors/resource.ts';
import { differencesOf } from '../domain/compare.ts';
import { BookbridgeError } from '../domain/errors.ts';
import { canonicalJson, type JsonObject } from '../domain/json.ts';
import { decimal } from '../domain/money.ts';
import { recordKey, type Expected, type Flow } from '../integrations/integration.ts';
import type { Difference, Standing, StoredRecord } from '../store/reports.ts';
import { addressText, otherSide, type Address, type Finding, type Link } from '../store/types.ts';
import { prepareBatch, recordOf } from './batch.ts';
import { address, finding, leftBehind, readOne, readSource, unreadable, type Compared, type Comparison } from './reconcile-findings.ts';

/** Looks for each record on the other side, and holds it against what was written there. */
export async function* compareSource(comparison: Comparison, records: readonly StoredRecord[]): AsyncGenerator<Compared> {
  const { deps: { store }, session: { stored }, flow, reportId, module } = comparison;
  const [links, standings] = await Promise.all([store.links(stored.id, records), store.reports.standings(stored.id, records)]);
  const side = otherSide(flow.side);
  const partners = await store.reports.recordsAt(reportId, module.name, [...links.values()].map((link) => link[side]));
  for (const record of records) {
    const link = links.get(addressText(record)) ?? null;
    const standing = standings.get(addressText(record)) ?? null;
    if (!link) yield await withoutLink(comparison, record, standing);
    else yield await withPartner(comparison, { record, link, standing, listed: partners.get(addressText(link[side])) ?? null });
  }
}

async function withoutLink(comparison: Comparison, record: StoredRecord, standing: Standing | null): Promise<Compared> {
  const { deps: { store }, session, flow, reportId, module } = comparison;
  const { context, stored } = session;
  const side = otherSide(flow.side);
  const [partner] = (await store.reports.recordsWith(reportId, module.name, { key: recordKey(stored.id, record) })).filter((other) => other.side === side);
  const leftOut = flow.accept({ id: record.id, modifiedAt: null, data: record.data }, context) ?? leftOutBefore(standing, record);
  if (leftOut) return withoutNeed(comparison, record, partner ?? null, leftOut);
  if (isLeftToPerson(standing)) return { record, result: 'left-out', findings: [] };
  if (partner) return { record, result: 'found', findings: [finding(module, 'unlinked', record, { partner: address(partner), detail: 'carries the key of this record' })] };
  // It may have been deleted since it was listed.
  if ((await readSource({ session, flow }, record, record.data)) === null) return { record, result: null, findings: [] };
  const reason = reasonOf(standing);
  const next = stored.importedAtMs === null ? 'initial import' : 'next sync';
  const detail = standing === null ? `was not read yet: the ${next} does` : reason === null ? `waits for the ${next}` : reason.detail;
  return { record, result: 'found', findings: [finding(module, 'missing', record, { missingIn: side, code: reason?.code ?? null, detail })] };
}

/** A person had deleted what was made of it, or nobody has asked for it. */
function isLeftToPerson(standing: Standing | null): boolean {
  return standing?.state === 'withdrawn' || standing?.state === 'observed';
}

/** Why nothing was to be made of a record as it is; null: that is not so, or it has changed since. */
function leftOutBefore(standing: Standing | null, record: StoredRecord): Finding | null {
  return standing?.state === 'skipped' && standing.code !== null && isAsCarried(standing, record) ? { code: standing.code, detail: standing.detail } : null;
}

/** Whether a record is still as it was when it was last read for being carried over. */
function isAsCarried(standing: Standing, { data }: StoredRecord): boolean {
  return canonicalJson(standing.change.data) === canonicalJson(data);
}

interface Pair {
  readonly record: StoredRecord;
  readonly link: Link;
  readonly standing: Standing | null;
  /** The partner as its listing had it. */
  readonly listed: StoredRecord | null;
}

async function withPartner(comparison: Comparison, pair: Pair): Promise<Compared> {
  const { session, flow, module, everyField } = comparison;
  const { record, link, listed, standing } = pair;
  const side = otherSide(flow.side);
  const partner = link[side];
  const settled = isSettled(pair) ? judgedBefore(comparison, pair) : null;
  // A listing that shows nothing wrong is enough where it shows the sum.
  if (settled?.kind === 'write' && !everyField && listed && (settled.expected === null || sumIn(listed, settled.expected) !== null) && compareWhole(flow, settled, listed).length === 0) {
    return { record, result: 'equal', findings: [] };
  }
  const judged = settled ?? await judgedNow(comparison, pair);
  if (judged === null) return { record, result: null, findings: [] };
  if (judged.kind === 'nothing') return withoutNeed(comparison, record, partner, judged.reason);
  const found = await readOne(session.connectors[side].readable(partner.resource), partner.id);
  if (found instanceof BookbridgeError) return { record, result: 'found', findings: [unreadable(module, partner, found.detail)] };
  if (found === null) return missing(comparison, pair);
  const differences = judged.kind === 'write' ? compareWhole(flow, judged, found) : [];
  const reason = judged.kind === 'error' ? judged.reason : reasonOf(standing);
  if (differences.length === 0 && reason === null) return { record, result: 'equal', findings: [] };
  const detail = reason?.detail ?? '';
  return { record, result: 'found', findings: [finding(module, 'different', record, { partner, code: reason?.code ?? null, detail, differences })] };
}

/** A record that is left out is to have no partner. */
async function withoutNeed(comparison: Comparison, record: StoredRecord, partner: Address | null, reason: Finding): Promise<Compared> {
  const findings = partner ? await leftBehind(comparison, partner, reason, ({ code, detail }) => finding(comparison.module, 'different', record, { partner: address(partner), code, detail })) : [];
  return { record, result: findings.length > 0 ? 'found' : 'left-out', findings };
}

/** Whether a record is as it was when it was carried over, so that what was written then is what must be there now. */
function isSettled({ record, standing }: Pair): boolean {
  // One that is only observed and has a partner came in a newer version, which nobody has asked for yet.
  return standing !== null && !['failed', 'waiting', 'pending', 'observed'].includes(standing.state) && isAsCarried(standing, record);
}

/** Why a record failed or waits; null: it does not. */
function reasonOf(standing: Standing | null): Finding | null {
  return !standing || standing.code === null || standing.state === 'done' || standing.state === 'skipped' ? null : { code: standing.code, detail: standing.detail };
}

/** How a partner should be. */
interface Wanted {
  readonly kind: 'write';
  readonly fields: JsonObject;
  readonly expected: Expected | null;
}

/** How a partner should be, that there should be none, or why that cannot be told. */
type Judged = Wanted | { readonly kind: 'nothing' | 'error'; readonly reason: Finding };

/** As it was when it was carried over, or left out. */
function judgedBefore({ session, flow }: Comparison, { record, standing, link }: Pair): Judged {
  const reason = leftOutBefore(standing, record);
  if (reason) return { kind: 'nothing', reason };
  const fields = link.base[otherSide(flow.side)];
  // Of what was linked as it is, nobody knows how it was written.
  return { kind: 'write', fields: fields ?? {}, expected: (fields && flow.expected?.(fields, record.data, session.context)) ?? null };
}

/** How the record would be written now; null where it is gone. */
async function judgedNow({ deps: { store }, session, flow }: Comparison, { record, standing, link }: Pair): Promise<Judged | null> {
  const live = await readSource({ session, flow }, record, record.data);
  if (live === null) return null;
  if (live instanceof BookbridgeError) return { kind: 'error', reason: { code: live.code, detail: live.detail } };
  const { side, resource, id: recordId } = record;
  const change = { ...(standing?.change ?? { id: 0, module: link.module, attempts: 0, fingerprint: '', modifiedAt: null, deleted: false }), side, resource, recordId, data: flow.within ? record.data : live.data, deleted: false };
  const leftOut = flow.accept(recordOf(change), session.context);
  if (leftOut) return { kind: 'nothing', reason: leftOut };
  const { prepared: [prepared], known } = await prepareBatch(store, session, flow, [change]);
  try {
    if (!prepared) return null;
    if (prepared.error) throw prepared.error;
    const mapped = flow.map({ ...prepared.record, data: live.data }, known, session.context);
    return mapped.kind === 'skip' ? { kind: 'nothing', reason: mapped.finding } : mapped;
  } catch (error) {
    if (!(error instanceof BookbridgeError) || error.scope !== 'record') throw error;
    return { kind: 'error', reason: { code: error.code, detail: error.detail } };
  }
}

/** What the bookkeeper may have named otherwise is no difference. */
function differencesIn({ matching }: Flow, wanted: JsonObject, data: JsonObject) {
  return differencesOf(wanted, data).filter(({ field }) => !matching?.keeps?.includes(field));
}

/** The fields, and of a document what they add up to. */
function compareWhole(flow: Flow, { fields: wanted, expected }: Wanted, partner: Pick<RemoteRecord, 'data'>): Difference[] {
  const fields = differencesIn(flow, wanted, partner.data).map((difference): Difference => ({ ...difference, by: null }));
  const actual = expected && sumIn(partner, expected);
  if (!expected || actual === null) return fields;
  const by = decimal(actual).minus(expected.total);
  return by.isZero() ? fields : [{ field: expected.field, expected: expected.total, found: actual, by: by.toFixed() }, ...fields];
}

/** What a document comes to, as the target system shows it; null where it does not. */
function sumIn({ data }: Pick<RemoteRecord, 'data'>, { field }: Expected): string | null {
  const actual = data[field];
  return typeof actual === 'string' || typeof actual === 'number' ? String(actual) : null;
}

/** The partner is gone: the record is put where "retry" finds it and has it made anew. */
async function missing({ deps: { store }, session, flow, reportId, module }: Comparison, { record, link, standing }: Pair): Promise<Compared> {
  const side = otherSide(flow.side);
  const partner = link[side];
  const detail = `${partner.resource} ${partner.id}`;
  if (standing && standing.code !== 'record-missing' && !standing.change.deleted) {
    await store.endChanges({ integrationId: session.stored.id, runId: reportId }, [{
      change: standing.change, outcome: 'failed', state: 'failed', finding: { code: 'record-missing', detail }, notes: [], link: null, waitsFor: null,
    }]);
  }
  return { record, result: 'found', findings: [finding(module, 'missing', record, { partner, missingIn: side, code: 'record-missing', detail: `${detail} is gone` })] };
}
