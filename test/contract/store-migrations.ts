import { sql, type Kysely } from 'kysely';
import { expect, it } from 'vitest';
import type { Database } from '../../store/database.ts';
import { migrate } from '../../store/migrations.ts';
import { openPostgres } from '../../store/postgres.ts';
import type { Tables } from '../../store/schema.ts';
import { openSqlite } from '../../store/sqlite.ts';
import { openStore } from '../../store/store.ts';
import { addPage, contact, customer, ending, key, link, pendingChange, place, record, startMs, type DatabaseUnderTest } from './store-under-test.ts';

/** Every migration there is, in order; a new one is added here, and tested from every one before it. */
const versions = ['0001-first', '0002-notices', '0003-reports', '0004-match-keys', '0005-judgings', '0006-upkeep', '0007-beginnings'] as const;

const integrationId = 'hector';
const run = { integrationId, runId: 'run-1' };

function open(url: string): Database {
  return url.startsWith('sqlite:') ? openSqlite(url.slice('sqlite:'.length)) : openPostgres(url);
}

/** What an earlier version left: every table that it had, with a row as it wrote it. */
async function fill(db: Kysely<Tables>, version: number): Promise<void> {
  const data = JSON.stringify({ id: 'c-1', minute: 0 });
  await sql`insert into integrations (id, kind, organization_id, settings, facts, state, imported_at_ms) values (${integrationId}, 'hector', '10', '{"email":"ann@example.com"}', '{}', 'paused', ${startMs})`.execute(db);
  await sql`insert into cursors (integration_id, side, resource, since, pass, pass_started_ms, page) values (${integrationId}, 'other', 'customers', '2026-01-05T07:55:00.000Z', 3, null, null)`.execute(db);
  for (const [id, state, code] of [['c-1', 'done', null], ['c-2', 'failed', 'value-invalid'], ['c-3', 'skipped', 'customer-inactive']] as const) {
    await sql`insert into changes (integration_id, module, side, resource, record_id, modified_at, fingerprint, data, deleted, state, code, detail, attempts, due_ms, waits_for, pass)
      values (${integrationId}, 'customers', 'other', 'customers', ${id}, ${new Date(startMs).toISOString()}, ${id}, ${data}, 0, ${state}, ${code}, null, 0, 0, null, 3)`.execute(db);
  }
  await sql`insert into links (integration_id, module, other_resource, other_id, books_resource, books_id, base, variance) values (${integrationId}, 'customers', 'customers', 'c-1', 'contacts', '4711', '{"books":{"name":"c-1"}}', '0')`.execute(db);
  await sql`insert into runs (id, integration_id, kind, state, started_ms, ended_ms) values (${run.runId}, ${integrationId}, 'sync', 'completed', ${startMs}, ${startMs + 1})`.execute(db);
  for (const id of [run.runId, 'a webhook']) await sql`insert into run_counts (run_id, module, outcome, count) values (${id}, 'customers', 'added', 1)`.execute(db);
  await sql`insert into history (integration_id, run_id, module, side, resource, record_id, outcome, code, detail, at_ms) values (${integrationId}, ${run.runId}, 'customers', 'other', 'customers', 'c-2', 'failed', 'value-invalid', 'too long', ${startMs})`.execute(db);
  await sql`insert into quotas (id, limits, day_started_ms, day_used, blocked_until_ms, blocked_code, calls_total, refused_total)
    values ('zoho-books:10', '{"day":{"calls":10,"windowMs":86400000}}', ${Date.UTC(2026, 0, 5)}, 9, 0, null, 99, 1)`.execute(db);
  if (version >= 2) await sql`insert into notices (integration_id, kind, code, since_ms, until_ms, claimant, claimed_ms, told_ms, ended_ms) values (${integrationId}, 'limit', 'limit-day', ${startMs}, null, 'w', ${startMs}, ${startMs}, null)`.execute(db);
  if (version >= 3) await sql`insert into reports (id, integration_id, state, started_ms, ended_ms, counts) values ('report', ${integrationId}, 'completed', ${startMs}, ${startMs}, '{}')`.execute(db);
  if (version >= 4) await sql`insert into match_keys (integration_id, side, resource, record_id, key) values (${integrationId}, 'books', 'contacts', '4711', 'name:x')`.execute(db);
  if (version >= 5) await sql`insert into judgings (integration_id, settings, on_request) values (${integrationId}, 'digest', '[]')`.execute(db);
}

export function itMovesForward(create: () => Promise<DatabaseUnderTest>): void {
  it('says that a newer version has brought it to its schema', async () => {
    const database = await create();
    const under = open(database.url);
    await migrate(under);
    await sql`insert into kysely_migration (name, timestamp) values ('9999-future', '2099-01-01T00:00:00.000Z')`.execute(under.db);
    await expect(openStore({ url: database.url, key, now: Date.now })).rejects.toMatchObject({ code: 'settings-invalid', detail: expect.stringMatching(/newer version of Bookbridge.*9999-future/) });
    await under.db.destroy();
    await database.remove();
  });

  it.each([
    { what: 'has migrations of its own', statements: ['create table kysely_migration (name varchar(255) primary key, timestamp varchar(255) not null)', "insert into kysely_migration values ('2024-users', '2024-01-01T00:00:00.000Z')"] },
    { what: 'has a table of the same name', statements: ['create table runs (distance integer)'] },
  ])('says that another program has made it that $what, and leaves nothing in it', async ({ statements }) => {
    const database = await create();
    const under = open(database.url);
    for (const statement of statements) await sql.raw(statement).execute(under.db);
    const before = await under.tables();
    await expect(openStore({ url: database.url, key, now: Date.now })).rejects.toMatchObject({ code: 'settings-invalid', detail: expect.stringContaining('another program') });
    expect(await under.tables()).toEqual(before);
    await under.db.destroy();
    await database.remove();
  });

  it('knows all migrations that there are', async () => {
    const database = await create();
    const under = open(database.url);
    expect(await migrate(under)).toEqual(versions);
    expect(await migrate(under)).toEqual([]);
    await under.db.destroy();
    await database.remove();
  });

  it.each(versions.map((name, index) => ({ name, number: index + 1 })))('takes a database that $name left, with all that is in it', async ({ name, number }) => {
    const database = await create();
    const before = open(database.url);
    await migrate(before, name);
    await fill(before.db, number);
    await before.db.destroy();

    const store = await openStore({ url: database.url, key, now: () => startMs + 60_000 });
    expect(await store.integrations.get(integrationId)).toEqual({
      id: integrationId, kind: 'hector', organizationId: '10', settings: { email: 'ann@example.com' }, facts: {}, state: 'paused', importedAtMs: startMs,
    });
    expect(await store.operations.counts(integrationId)).toMatchObject([{ state: 'failed', code: 'value-invalid', count: 1 }, { state: 'skipped', code: 'customer-inactive', count: 1 }]);
    expect(await store.links(integrationId, [customer('c-1'), contact('4711')])).toEqual(new Map([['other/customers/c-1', link('c-1', '4711', { variance: '0' })], ['books/contacts/4711', link('c-1', '4711', { variance: '0' })]]));
    expect(await store.runs.list(integrationId, 10)).toMatchObject([{ id: run.runId, state: 'completed' }]);
    expect([await store.runs.counts(run.runId), await store.runs.counts('a webhook')]).toEqual([{ customers: { added: 1 } }, number < 6 ? {} : { customers: { added: 1 } }]);
    expect(await store.operations.history(integrationId, { limit: 10 })).toMatchObject([{ recordId: 'c-2', detail: 'too long' }]);
    expect(await store.currentPass(integrationId, place)).toMatchObject({ number: 4, since: '2026-01-05T07:55:00.000Z' });
    expect((await store.reports.get('report'))?.state).toBe(number < 3 ? undefined : 'completed');
    // The last call of the day is granted, and none after it.
    expect([(await store.quotas.take('zoho-books:10', 'document')).granted, (await store.quotas.take('zoho-books:10', 'document')).granted]).toEqual([true, false]);

    // And it goes on from there.
    await store.runs.begin({ id: 'run-2', integrationId, kind: 'sync' });
    await addPage({ store, run }, [record('c-2', 1), record('c-4', 1)]);
    await store.endChanges({ integrationId, runId: 'run-2' }, [ending(await pendingChange({ store, integrationId }, 'c-2'), { link: link('c-2', '4712') })]);
    expect(await store.runs.counts('run-2')).toEqual({ customers: { updated: 1 } });
    expect((await store.pending({ integrationId, module: 'customers', side: 'other', after: 0, limit: 10 })).map(({ recordId }) => recordId)).toEqual(['c-4']);
    await store.close();
    await database.remove();
  });
}
