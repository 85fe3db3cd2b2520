import type { Generated, Kysely } from 'kysely';
import type { Database } from './database.ts';

/** What a reconciliation reads and finds. The records are kept only until it has ended, the findings until the next one has. */
export interface ReportTables {
  reports: {
    id: string;
    integration_id: string;
    state: 'running' | 'completed' | 'failed';
    started_ms: number;
    ended_ms: number | null;
    /** Per module, how many records were compared and with what result, as JSON; null before the end. */
    counts: string | null;
  };
  report_records: {
    id: Generated<number>;
    report_id: string;
    module: string;
    side: string;
    resource: string;
    record_id: string;
    /** The key of ours that it carries. */
    record_key: string | null;
    /** By what a person tells it apart. */
    identity: string | null;
    data: string;
    /** What became of its comparison; null before that, and for records that nothing is carried over from. */
    result: string | null;
  };
  report_findings: {
    id: Generated<number>;
    report_id: string;
    module: string;
    kind: string;
    side: string;
    resource: string;
    record_id: string;
    /** The rest of the finding, as JSON. */
    body: string;
  };
}

/** A migration: what changes later is one of its own. */
export async function createReportTables(db: Kysely<unknown>, addId: Database['addId']): Promise<void> {
  await db.schema
    .createTable('reports')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('integration_id', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('started_ms', 'bigint', (c) => c.notNull())
    .addColumn('ended_ms', 'bigint')
    .addColumn('counts', 'text')
    .execute();
  await db.schema.createIndex('reports_started').on('reports').columns(['integration_id', 'started_ms']).execute();
  await addId(db.schema.createTable('report_records'))
    .addColumn('report_id', 'text', (c) => c.notNull())
    .addColumn('module', 'text', (c) => c.notNull())
    .addColumn('side', 'text', (c) => c.notNull())
    .addColumn('resource', 'text', (c) => c.notNull())
    .addColumn('record_id', 'text', (c) => c.notNull())
    .addColumn('record_key', 'text')
    .addColumn('identity', 'text')
    .addColumn('data', 'text', (c) => c.notNull())
    .addColumn('result', 'text')
    .addUniqueConstraint('report_records_record', ['report_id', 'module', 'side', 'resource', 'record_id'])
    .execute();
  await db.schema.createIndex('report_records_key').on('report_records').columns(['report_id', 'record_key']).execute();
  await db.schema.createIndex('report_records_identity').on('report_records').columns(['report_id', 'identity']).execute();
  await addId(db.schema.createTable('report_findings'))
    .addColumn('report_id', 'text', (c) => c.notNull())
    .addColumn('module', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('side', 'text', (c) => c.notNull())
    .addColumn('resource', 'text', (c) => c.notNull())
    .addColumn('record_id', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addUniqueConstraint('report_findings_record', ['report_id', 'kind', 'side', 'resource', 'record_id'])
    .execute();
}
