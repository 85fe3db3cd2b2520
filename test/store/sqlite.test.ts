import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { openStore } from '../../store/store.ts';
import { describeStore } from '../contract/store.contract.ts';
import { key, type DatabaseUnderTest } from '../contract/store-under-test.ts';

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

it('says which databases there are where it is given another', async () => {
  await expect(openStore({ url: 'mysql://localhost/books', key, now: Date.now })).rejects.toMatchObject({ code: 'settings-invalid', detail: expect.stringContaining('sqlite:') });
});
