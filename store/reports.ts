import type { Kysely, Selectable } from 'kysely';
import type { ErrorCode } from '../domain/errors.ts';
import { canonicalJson, type JsonObject } from '../domain/json.ts';
import type { Database } from './database.ts';
import { groupByPlace, toChange } from './changes.ts';
import { readJson } from './rows.ts';
import type { Tables } from './schema.ts';
import { addressText, type Address, type Change, type ChangeState, type Place, type Side } from './types.ts';

/** A record as a reconciliation read it. */
export interface ReadRecord extends Address {
  /** The key of ours that it carries; null where it carries none. */
  readonly key: string | null;
  /** By what a person tells it apart; null where there is no such field. */
  readonly identity: string | null;
  readonly data: JsonObject;
}

export interface StoredRecord extends ReadRecord {
  /** Grows from record to record: where to go on. */
  readonly position: number;
}

/** A field that is not as it was written. */
export interface Difference {
  readonly field: string;
  readonly expected: string;
  readonly found: string;
  /** Of an amount: what was found less what was expected, decimal text. */
  readonly by: string | null;
}

/**
 * missing: one side has no such record. doubled: the side has it twice. different: it is not as it was written. unlinked: both
 * sides have it, and nobody knows. unreadable: it cannot be compared.
 */
export const findingKinds = ['missing', 'doubled', 'different', 'unlinked', 'unreadable'] as const;
export type FindingKind = (typeof findingKinds)[number];

export interface ReportFinding {
  readonly module: string;
  readonly kind: FindingKind;
  /** The record that is there. */
  readonly record: Address;
  /** The record that it is, or should be, on the other side. */
  readonly partner: Address | null;
  /** Of a missing record: the side that does not have it. */
  readonly missingIn: Side | null;
  /** Why, where the error table knows. */
  readonly code: ErrorCode | null;
  readonly detail: string;
  readonly differences: readonly Difference[];
}

export type RecordResult = 'equal' | 'left-out' | 'found';

export interface ReportCounts {
  readonly equal: number;
  /** Nothing was to be carried over: the record is left out on purpose. */
  readonly leftOut: number;
  readonly found: Readonly<Partial<Record<FindingKind, number>>>;
}

export interface Report {
  readonly id: string;
  readonly integrationId: string;
  readonly state: 'running' | 'completed' | 'failed';
  readonly startedMs: number;
  readonly endedMs: number | null;
  /** By module. */
  readonly counts: Readonly<Record<string, ReportCounts>>;
}

/** How a record stands in the table of changes. */
export interface Standing {
  readonly change: Change;
  readonly state: ChangeState;
  readonly code: ErrorCode | null;
  readonly detail: string;
}

/** Reconciliations: every step can be repeated, and then finds what it wrote before. */
export interface Reports {
  begin(id: string, integrationId: string): Promise<void>;
  addRecords(reportId: string, module: string, records: readonly ReadRecord[]): Promise<void>;
  /** The records of one resource in the order in which they were read. */
  records(reportId: string, place: Place, after: number, limit: number): Promise<StoredRecord[]>;
  /** By {@link addressText}. */
  recordsAt(reportId: string, module: string, addresses: readonly Address[]): Promise<Map<string, StoredRecord>>;
  recordsWith(reportId: string, module: string, by: { readonly key: string } | { readonly identity: string }): Promise<StoredRecord[]>;
  standings(integrationId: string, addresses: readonly Address[]): Promise<Map<string, Standing>>;
  addResult(reportId: string, record: StoredRecord, result: RecordResult): Promise<void>;
  addFindings(reportId: string, findings: readonly ReportFinding[]): Promise<void>;
  /** Counts the results, forgets the records, and forgets earlier reports of the integration. */
  end(id: string, state: 'completed' | 'failed'): Promise<Report>;
  get(id: string): Promise<Report | null>;
  findings(reportId: string): Promise<ReportFinding[]>;
}

/** @param now milliseconds since the epoch */
export function createReports({ db }: Pick<Database, 'db'>, now: () => number): Reports {
  return {
    async begin(id, integrationId) {
      await db
        .insertInto('reports')
        .values({ id, integration_id: integrationId, state: 'running', started_ms: now(), ended_ms: null, counts: null })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
    },
    addRecords: (reportId, module, records) => addRecords(db, reportId, module, records),
    async records(reportId, { module, side, resource }, after, limit) {
      const rows = await recordsOf(db, reportId, module)
        .where('side', '=', side).where('resource', '=', resource).where('id', '>', after)
        .orderBy('id').limit(limit).execute();
      return rows.map(toRecord);
    },
    async recordsAt(reportId, module, addresses) {
      const found = new Map<string, StoredRecord>();
      for (const [{ side, resource }, ids] of groupByPlace(addresses)) {
        const rows = await recordsOf(db, reportId, module).where('side', '=', side).where('resource', '=', resource).where('record_id', 'in', ids).execute();
        for (const record of rows.map(toRecord)) found.set(addressText(record), record);
      }
      return found;
    },
    async recordsWith(reportId, module, by) {
      const query = recordsOf(db, reportId, module);
      const rows = await ('key' in by ? query.where('record_key', '=', by.key) : query.where('identity', '=', by.identity)).orderBy('id').execute();
      return rows.map(toRecord);
    },
    standings: (integrationId, addresses) => standingsOf(db, integrationId, addresses),
    async addResult(reportId, { position }, result) {
      await db.updateTable('report_records').set({ result }).where('report_id', '=', reportId).where('id', '=', position).execute();
    },
    addFindings: (reportId, findings) => addFindings(db, reportId, findings),
    end: (id, state) => endReport(db, id, state, now()),
    get: (id) => reportOf(db, id),
    async findings(reportId) {
      const rows = await db.selectFrom('report_findings').selectAll().where('report_id', '=', reportId).orderBy('id').execute();
      return rows.map(({ module, kind, side, resource, record_id: recordId, body }) => ({
        module, kind: kind as FindingKind, record: { side: side as Side, resource, id: recordId },
        ...(readJson(body) as unknown as Omit<ReportFinding, 'module' | 'kind' | 'record'>),
      }));
    },
  };
}

function recordsOf(db: Kysely<Tables>, reportId: string, module: string) {
  return db.selectFrom('report_records').selectAll().where('report_id', '=', reportId).where('module', '=', module);
}

function toRecord(row: Selectable<Tables['report_records']>): StoredRecord {
  return {
    position: row.id, side: row.side as Side, resource: row.resource, id: row.record_id, key: row.record_key, identity: row.identity, data: readJson(row.data),
  };
}

async function addRecords(db: Kysely<Tables>, reportId: string, module: string, records: readonly ReadRecord[]): Promise<void> {
  // A page that shifted has a record twice; one statement takes it once.
  const rows = new Map(records.map(({ side, resource, id, key, identity, data }) => [addressText({ side, resource, id }), {
    report_id: reportId, module, side, resource, record_id: id, record_key: key, identity, data: canonicalJson(data), result: null,
  }]));
  if (rows.size === 0) return;
  await db
    .insertInto('report_records')
    .values([...rows.values()])
    .onConflict((conflict) => conflict.columns(['report_id', 'module', 'side', 'resource', 'record_id']).doUpdateSet((eb) => ({
      record_key: eb.ref('excluded.record_key'), identity: eb.ref('excluded.identity'), data: eb.ref('excluded.data'),
    })))
    .execute();
}

async function standingsOf(db: Kysely<Tables>, integrationId: string, addresses: readonly Address[]): Promise<Map<string, Standing>> {
  const found = new Map<string, Standing>();
  for (const [{ side, resource }, ids] of groupByPlace(addresses)) {
    const rows = await db
      .selectFrom('changes').selectAll()
      .where('integration_id', '=', integrationId).where('side', '=', side).where('resource', '=', resource).where('record_id', 'in', ids)
      .execute();
    for (const row of rows) {
      found.set(addressText({ side, resource, id: row.record_id }), {
        change: toChange(row), state: row.state as ChangeState, code: row.code as ErrorCode | null, detail: row.detail ?? '',
      });
    }
  }
  return found;
}

async function addFindings(db: Kysely<Tables>, reportId: string, findings: readonly ReportFinding[]): Promise<void> {
  for (const { module, kind, record: { side, resource, id }, ...body } of findings) {
    await db
      .insertInto('report_findings')
      .values({ report_id: reportId, module, kind, side, resource, record_id: id, body: JSON.stringify(body) })
      .onConflict((conflict) => conflict.columns(['report_id', 'kind', 'side', 'resource', 'record_id']).doUpdateSet((eb) => ({ body: eb.ref('excluded.body') })))
      .execute();
  }
}

async function endReport(db: Kysely<Tables>, id: string, state: 'completed' | 'failed', nowMs: number): Promise<Report> {
  const counts: Record<string, { equal: number; leftOut: number; found: Partial<Record<FindingKind, number>> }> = {};
  const of = (module: string) => (counts[module] ??= { equal: 0, leftOut: 0, found: {} });
  const results = await db
    .selectFrom('report_records').select((eb) => ['module', 'result', eb.fn.countAll<number>().as('count')])
    .where('report_id', '=', id).where('result', 'is not', null).groupBy(['module', 'result']).execute();
  for (const { module, result, count: records } of results) {
    if (result === 'equal') of(module).equal = records;
    if (result === 'left-out') of(module).leftOut = records;
  }
  const kinds = await db
    .selectFrom('report_findings').select((eb) => ['module', 'kind', eb.fn.countAll<number>().as('count')])
    .where('report_id', '=', id).groupBy(['module', 'kind']).execute();
  for (const { module, kind, count: found } of kinds) of(module).found[kind as FindingKind] = found;
  const report = await reportOf(db, id);
  if (!report) throw new Error(`There is no report ${id}`);
  // A repeated end has no records left to count.
  if (report.state !== 'running') return report;
  await db.transaction().execute(async (trx) => {
    await trx.updateTable('reports').set({ state, ended_ms: nowMs, counts: JSON.stringify(counts) }).where('id', '=', id).execute();
    const earlier = trx.selectFrom('reports').select('id').where('integration_id', '=', report.integrationId).where('id', '!=', id);
    await trx.deleteFrom('report_records').where('report_id', 'in', [id]).execute();
    await trx.deleteFrom('report_records').where('report_id', 'in', earlier).execute();
    await trx.deleteFrom('report_findings').where('report_id', 'in', earlier).execute();
    await trx.deleteFrom('reports').where('integration_id', '=', report.integrationId).where('id', '!=', id).execute();
  });
  return { ...report, state, endedMs: nowMs, counts };
}

async function reportOf(db: Kysely<Tables>, id: string): Promise<Report | null> {
  const row = await db.selectFrom('reports').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) return null;
  return {
    id: row.id, integrationId: row.integration_id, state: row.state, startedMs: row.started_ms, endedMs: row.ended_ms,
    counts: row.counts === null ? {} : readJson(row.counts) as unknown as Report['counts'],
  };
}
