import { sql, type Kysely } from 'kysely';
import { DEFAULT_MIGRATION_TABLE, Migrator, type Migration } from 'kysely/migration';
import { BookbridgeError } from '../domain/errors.ts';
import type { Database } from './database.ts';
import { createMatchKeys } from './matches.ts';
import { createReportTables } from './report-tables.ts';
import type { Tables } from './schema.ts';
import { DatabaseUnavailable } from './unavailable.ts';

type AddId = Database['addId'];

/** What the first migration makes. Where one of these is there and no migration was, somebody else made it. */
const firstTables: readonly (keyof Tables)[] = ['integrations', 'connections', 'cursors', 'changes', 'links', 'runs', 'run_counts', 'history', 'quotas', 'quota_calls'];

/** Migrations by name, in order. A released one is never edited: the next one mends it. */
function migrations(addId: AddId): Record<string, Migration> {
  return {
    '0001-first': {
      async up(db: Kysely<unknown>) {
        await createIntegrations(db);
        await createRecords(db, addId);
        await createRuns(db, addId);
        await createQuotas(db);
      },
    },
    '0002-notices': { up: createNotices },
    '0003-reports': { up: (db: Kysely<unknown>) => createReportTables(db, addId) },
    '0004-match-keys': { up: createMatchKeys },
    '0005-judgings': { up: createJudgings },
    '0006-upkeep': { up: createUpkeep },
    '0007-beginnings': { up: createBeginnings },
  };
}

/** With which settings records were left out, and how old the listings are that are believed for a while. */
async function createJudgings(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('judgings')
    .addColumn('integration_id', 'text', (c) => c.primaryKey())
    .addColumn('settings', 'text', (c) => c.notNull())
    .addColumn('on_request', 'text', (c) => c.notNull())
    .execute();
  await db.schema.alterTable('cursors').addColumn('listed_ms', 'bigint').execute();
}

/** From when a listing was listed that nobody needs whole. */
async function createBeginnings(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('cursors').addColumn('begins', 'text').execute();
}

/**
 * Brings the database to the newest schema. Safe to call from several processes at once.
 *
 * @param to only as far as this migration, by its name: how an earlier version left the database
 * @returns the names of those that were applied now
 * @throws BookbridgeError `settings-invalid` where it is the database of a newer version, or of another program
 */
export async function migrate(database: Database, to?: string): Promise<string[]> {
  const { db, addId } = database;
  const known = migrations(addId);
  await expectOwn(database, Object.keys(known));
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(known) } });
  const { error, results = [] } = await (to === undefined ? migrator.migrateToLatest() : migrator.migrateTo(to));
  if (error instanceof DatabaseUnavailable) throw error;
  if (error !== undefined) throw new Error(`it could not be brought to the newest schema: ${error instanceof Error ? error.message : 'nobody says why'}`, { cause: error });
  return results.map(({ migrationName }) => migrationName);
}

/** Looks whose database it is, before anything is made in it. */
async function expectOwn({ db, tables }: Database, known: readonly string[]): Promise<void> {
  const present = await tables();
  const rows = present.includes(DEFAULT_MIGRATION_TABLE) ? (await sql<{ name: string }>`select name from ${sql.table(DEFAULT_MIGRATION_TABLE)}`.execute(db)).rows : [];
  const applied = rows.map(({ name }) => name);
  const later = applied.filter((name) => !known.includes(name));
  if (later.length > 0 && known.every((name) => applied.includes(name))) {
    throw wrongDatabase(`is a database that a newer version of Bookbridge uses (it has ${later.join(', ')})`, 'Start that version here too.');
  }
  if (later.length > 0 || (applied.length === 0 && firstTables.some((table) => present.includes(table)))) {
    throw wrongDatabase('is the database of another program', 'Give Bookbridge one of its own.');
  }
}

function wrongDatabase(detail: string, remedy: string): BookbridgeError {
  const field = 'DATABASE_URL';
  return new BookbridgeError('settings-invalid', { detail: `${field} ${detail}`, problems: [{ field, code: 'settings-invalid', detail, remedy, severity: 'error' }] });
}

async function createIntegrations(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('integrations')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('organization_id', 'text', (c) => c.notNull())
    .addColumn('settings', 'text', (c) => c.notNull())
    .addColumn('facts', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('imported_at_ms', 'bigint')
    .execute();
  await db.schema
    .createTable('connections')
    .addColumn('integration_id', 'text', (c) => c.notNull().references('integrations.id'))
    .addColumn('system', 'text', (c) => c.notNull())
    .addColumn('secret', 'text', (c) => c.notNull())
    .addColumn('lease_holder', 'text')
    .addColumn('lease_until_ms', 'bigint', (c) => c.notNull().defaultTo(0))
    .addPrimaryKeyConstraint('connections_pk', ['integration_id', 'system'])
    .execute();
}

async function createRecords(db: Kysely<unknown>, addId: AddId): Promise<void> {
  await db.schema
    .createTable('cursors')
    .addColumn('integration_id', 'text', (c) => c.notNull())
    .addColumn('side', 'text', (c) => c.notNull())
    .addColumn('resource', 'text', (c) => c.notNull())
    .addColumn('since', 'text')
    .addColumn('pass', 'integer', (c) => c.notNull())
    .addColumn('pass_started_ms', 'bigint')
    .addColumn('page', 'text')
    .addPrimaryKeyConstraint('cursors_pk', ['integration_id', 'side', 'resource'])
    .execute();
  await addId(db.schema.createTable('changes'))
    .addColumn('integration_id', 'text', (c) => c.notNull())
    .addColumn('module', 'text', (c) => c.notNull())
    .addColumn('side', 'text', (c) => c.notNull())
    .addColumn('resource', 'text', (c) => c.notNull())
    .addColumn('record_id', 'text', (c) => c.notNull())
    .addColumn('modified_at', 'text')
    .addColumn('fingerprint', 'text', (c) => c.notNull())
    .addColumn('data', 'text', (c) => c.notNull())
    .addColumn('deleted', 'integer', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('code', 'text')
    .addColumn('detail', 'text')
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('due_ms', 'bigint', (c) => c.notNull())
    .addColumn('waits_for', 'text')
    .addColumn('pass', 'integer', (c) => c.notNull())
    // The id of a record comes first here and below: what tells rows apart best finds them, even before PostgreSQL has
    // counted anything in a table that was empty a minute ago, and whoever knows an id finds the record by it alone.
    .addUniqueConstraint('changes_record', ['record_id', 'resource', 'side', 'integration_id'])
    .execute();
  // Only unfinished changes are ever searched for, so these stay small however many records there are.
  await sql`create index changes_pending on changes (integration_id, module, side, id) where state = 'pending'`.execute(db);
  await sql`create index changes_unfinished on changes (integration_id, id) where state in ('failed', 'waiting')`.execute(db);
  await sql`create index changes_waiting on changes (integration_id, waits_for) where waits_for is not null`.execute(db);
  await sql`create index changes_unmet on changes (integration_id, side, resource, pass) where deleted = 0`.execute(db);
  await db.schema
    .createTable('links')
    .addColumn('integration_id', 'text', (c) => c.notNull())
    .addColumn('module', 'text', (c) => c.notNull())
    .addColumn('other_resource', 'text', (c) => c.notNull())
    .addColumn('other_id', 'text', (c) => c.notNull())
    .addColumn('books_resource', 'text', (c) => c.notNull())
    .addColumn('books_id', 'text', (c) => c.notNull())
    .addColumn('base', 'text', (c) => c.notNull())
    .addColumn('variance', 'text')
    .addUniqueConstraint('links_other', ['other_id', 'other_resource', 'integration_id'])
    .addUniqueConstraint('links_books', ['books_id', 'books_resource', 'integration_id'])
    .execute();
  await db.schema.createIndex('links_module').on('links').columns(['integration_id', 'module']).execute();
}

async function createRuns(db: Kysely<unknown>, addId: AddId): Promise<void> {
  await db.schema
    .createTable('runs')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('integration_id', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('started_ms', 'bigint', (c) => c.notNull())
    .addColumn('ended_ms', 'bigint')
    .execute();
  await db.schema.createIndex('runs_started').on('runs').columns(['integration_id', 'started_ms']).execute();
  await db.schema
    .createTable('run_counts')
    .addColumn('run_id', 'text', (c) => c.notNull())
    .addColumn('module', 'text', (c) => c.notNull())
    .addColumn('outcome', 'text', (c) => c.notNull())
    .addColumn('count', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('run_counts_pk', ['run_id', 'module', 'outcome'])
    .execute();
  await addId(db.schema.createTable('history'))
    .addColumn('integration_id', 'text', (c) => c.notNull())
    .addColumn('run_id', 'text', (c) => c.notNull())
    .addColumn('module', 'text', (c) => c.notNull())
    .addColumn('side', 'text', (c) => c.notNull())
    .addColumn('resource', 'text', (c) => c.notNull())
    .addColumn('record_id', 'text', (c) => c.notNull())
    .addColumn('outcome', 'text', (c) => c.notNull())
    .addColumn('code', 'text')
    .addColumn('detail', 'text')
    .addColumn('at_ms', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('history_newest').on('history').columns(['integration_id', 'id']).execute();
}

async function createQuotas(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('quotas')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('limits', 'text', (c) => c.notNull())
    .addColumn('day_started_ms', 'bigint', (c) => c.notNull())
    .addColumn('day_used', 'integer', (c) => c.notNull())
    .addColumn('blocked_until_ms', 'bigint', (c) => c.notNull())
    .addColumn('blocked_code', 'text')
    .addColumn('calls_total', 'bigint', (c) => c.notNull())
    .addColumn('refused_total', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('quota_calls')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('quota_id', 'text', (c) => c.notNull())
    .addColumn('started_ms', 'bigint', (c) => c.notNull())
    .addColumn('ended_ms', 'bigint')
    .execute();
  await db.schema.createIndex('quota_calls_ended').on('quota_calls').columns(['quota_id', 'ended_ms', 'started_ms']).execute();
}

async function createNotices(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('notices')
    .addColumn('integration_id', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('code', 'text', (c) => c.notNull())
    .addColumn('since_ms', 'bigint', (c) => c.notNull())
    .addColumn('until_ms', 'bigint')
    .addColumn('claimant', 'text', (c) => c.notNull())
    .addColumn('claimed_ms', 'bigint', (c) => c.notNull())
    .addColumn('told_ms', 'bigint')
    .addColumn('ended_ms', 'bigint')
    .addPrimaryKeyConstraint('notices_pk', ['integration_id', 'kind'])
    .execute();
}

/** Finds what is old, and what is open, without going through everything. Forgets counts that belong to no run: nobody can ask for them. */
async function createUpkeep(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex('history_time').on('history').columns(['integration_id', 'at_ms']).execute();
  await sql`create index changes_open on changes (integration_id, module, state, code, due_ms) where state not in ('done', 'observed')`.execute(db);
  await sql`delete from run_counts where run_id not in (select id from runs)`.execute(db);
  await db.schema.alterTable('quotas').addColumn('probe', 'text').execute();
}
