import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql, type Kysely } from 'kysely';
import { afterEach, expect, it } from 'vitest';
import type { JsonObject } from '../../domain/json.ts';
import { createIntegrations } from '../../store/integrations.ts';
import { migrate } from '../../store/migrations.ts';
import type { Tables } from '../../store/schema.ts';
import { openSqlite } from '../../store/sqlite.ts';
import { openStore } from '../../store/store.ts';
import { DatabaseUnavailable } from '../../store/unavailable.ts';
import { describeStore } from '../contract/store.contract.ts';
import { key, mistakes, type DatabaseUnderTest } from '../contract/store-under-test.ts';

async function createDatabase(): Promise<DatabaseUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'bookbridge-store-'));
  return {
    url: `sqlite:${join(folder, 'store.sqlite')}`,
    files: async () => (await readdir(folder)).map((name) => join(folder, name)),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

describeStore('SQLite', createDatabase);

const databases: DatabaseUnderTest[] = [];
afterEach(() => Promise.all(databases.splice(0).map((database) => database.remove())));

it('opens a new file from many sides at once, and an old one again', async () => {
  const database = await createDatabase();
  databases.push(database);
  const open = () => openStore({ url: database.url, key, now: Date.now });
  const stores = await Promise.all(Array.from({ length: 8 }, open));
  expect(await Promise.all(stores.map((store) => store.integrations.list()))).toEqual(stores.map(() => []));
  await Promise.all(stores.map((store) => store.close()));
  const again = await open();
  expect(await again.integrations.list()).toEqual([]);
  await again.close();
});

it('keeps a store in memory to itself', async () => {
  const store = await openStore({ url: 'sqlite::memory:', key, now: Date.now });
  expect(await store.quotas.usage()).toEqual([]);
  await store.close();
});

it('says in one way that it may only read, or that its disk is full, and goes on when that is over', async () => {
  const database = await createDatabase();
  databases.push(database);
  const opened = openSqlite(database.url.slice('sqlite:'.length));
  await migrate(opened);
  const { db, exclusive } = opened;
  const says = (reason: string) => expect.objectContaining({ name: 'DatabaseUnavailable', reason });
  const save = (settings: JsonObject, within: Kysely<Tables> = db) => createIntegrations(within).save({ id: 'hector', kind: 'hector', organizationId: '10', settings, facts: {} });
  const large = { text: 'x'.repeat(1_000_000) };

  await sql`pragma query_only = 1`.execute(db);
  await expect(save({})).rejects.toEqual(says('attempt to write a readonly database'));
  await sql`pragma query_only = 0`.execute(db);
  // Not a page more than it has.
  await sql`pragma max_page_count = 1`.execute(db);
  await expect(save(large)).rejects.toEqual(says('database or disk is full'));
  // SQLite ends such a transaction by itself, and then there is none to roll back.
  await expect(exclusive('test', (trx) => save(large, trx))).rejects.toEqual(says('database or disk is full'));
  await sql`pragma max_page_count = 1000000`.execute(db);
  await exclusive('test', () => Promise.resolve());
  await save(large);
  expect((await createIntegrations(db).get('hector')).settings).toEqual(large);
  // Nothing of the kind is said of mistakes.
  for (const mistake of mistakes) await expect(sql.raw(mistake).execute(db)).rejects.not.toBeInstanceOf(DatabaseUnavailable);
  await db.destroy();
});

it('says which databases there are where it is given another', async () => {
  await expect(openStore({ url: 'mysql://localhost/books', key, now: Date.now })).rejects.toMatchObject({ code: 'settings-invalid', detail: expect.stringContaining('sqlite:') });
});
