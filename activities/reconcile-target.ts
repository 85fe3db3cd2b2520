import { BookbridgeError } from '../domain/errors.ts';
import { readRecordKey } from '../integrations/integration.ts';
import type { ReportFinding, StoredRecord } from '../store/reports.ts';
import { addressText, type Address, type Link } from '../store/types.ts';
import { address, finding, leftBehind, readSource, type Compared, type Comparison } from './reconcile-findings.ts';

/** Looks from the side that is written to: whose record is gone, and what is there twice. */
export async function* compareTarget(comparison: Comparison, records: readonly StoredRecord[]): AsyncGenerator<Compared> {
  const { deps: { store }, session: { stored } } = comparison;
  const links = await store.links(stored.id, records);
  for (const record of records) {
    const link = links.get(addressText(record));
    const findings = link ? await ofLinked(comparison, record, link) : await ofUnlinked(comparison, record);
    yield { record, result: null, findings };
  }
}

/** Linked records are compared from the other end; here it is only seen whether that end is still there. */
async function ofLinked(comparison: Comparison, record: StoredRecord, link: Link): Promise<ReportFinding[]> {
  const source = link[comparison.flow.side];
  return (await isThere(comparison, source)) ? [] : ofGone(comparison, record, source);
}

/** Documents are a concern only as long as syncs would tell of them. */
async function ofGone(comparison: Comparison, record: StoredRecord, source: Address): Promise<ReportFinding[]> {
  const { module, flow } = comparison;
  const missing = finding(module, 'missing', record, { partner: source, missingIn: source.side, detail: `${source.resource} ${source.id} is gone` });
  return flow.leftBehind ? leftBehind(comparison, record, null, ({ code }) => ({ ...missing, code })) : [missing];
}

async function ofUnlinked(comparison: Comparison, record: StoredRecord): Promise<ReportFinding[]> {
  const { deps: { store }, session: { stored }, flow, module } = comparison;
  const made = record.key === null ? null : readRecordKey(stored.id, record.key);
  if (made === null) return ofForeign(comparison, record);
  const source: Address = { side: flow.side, ...made };
  const link = (await store.links(stored.id, [source])).get(addressText(source));
  if (link) return [finding(module, 'doubled', record, { partner: source, detail: `${source.resource} ${source.id} is ${link[record.side].resource} ${link[record.side].id} already` })];
  // Where it is still there, this was found from its own end.
  return (await isThere(comparison, source)) ? [] : ofGone(comparison, record, source);
}

/** Records without a key of ours are none of our business, unless they look like one that is. */
async function ofForeign({ deps: { store }, session: { stored }, flow, module, reportId }: Comparison, record: StoredRecord): Promise<ReportFinding[]> {
  if (record.identity === null) return [];
  const namesakes = (await store.reports.recordsWith(reportId, module.name, { identity: record.identity })).filter(({ side, resource, id }) => side === record.side && resource === record.resource && id !== record.id);
  const links = await store.links(stored.id, namesakes);
  const ours = namesakes.find((namesake) => links.has(addressText(namesake)));
  // Two shops of one organization count their orders from one: what another integration made is no copy of ours.
  if (!ours || (record.side === 'books' && await store.isLinkedElsewhere(stored.id, record))) return [];
  return [finding(module, 'doubled', record, { partner: links.get(addressText(ours))?.[flow.side] ?? null, detail: `has the same ${flow.identifiedBy ?? 'name'} as ${ours.resource} ${ours.id}: ${record.identity}` })];
}

/** A record that was not listed may have come since, or its page may have shifted: only its id decides. */
async function isThere({ deps: { store }, session, flow, reportId, module }: Comparison, source: Address): Promise<boolean> {
  if ((await store.reports.recordsAt(reportId, module.name, [address(source)])).size > 0) return true;
  const known = await store.change(session.stored.id, source);
  const found = await readSource({ session, flow }, source, known?.data ?? {});
  return found instanceof BookbridgeError || found !== null;
}
