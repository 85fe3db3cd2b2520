import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { refusalOf } from '../../client/api/refusal.ts';
import { problemOf } from '../../client/problem.ts';
import { openPostgres } from '../../store/postgres.ts';
import { openStore } from '../../store/store.ts';
import { DatabaseUnavailable } from '../../store/unavailable.ts';
import { describeStore } from '../contract/store.contract.ts';
import { key, mistakes, place, type DatabaseUnderTest } from '../contract/store-under-test.ts';
import { findPostgres, startPostgres, type PostgresServer } from '../support/postgres.ts';

const { folder, reason } = await findPostgres();
if (folder === null) console.log(`The store is not tested on PostgreSQL: ${reason}.`);

describe.skipIf(folder === null)('a real server', () => {
  let started: Promise<PostgresServer> | undefined;
  const server = () => (started ??= startPostgres(folder ?? ''));
  afterAll(async () => {
    await (await started)?.stop();
  });

  const createDatabase = async (): Promise<DatabaseUnderTest> => {
    const { createDatabase: create, dropDatabase, dataFolder, flush } = await server();
    const url = await create();
    return {
      url,
      async files() {
        await flush();
        const entries = await readdir(dataFolder, { recursive: true, withFileTypes: true });
        return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      },
      remove: () => dropDatabase(url),
    };
  };

  describeStore('PostgreSQL', createDatabase, 25);

  it('goes on after the server broke every connection, idle or in a transaction', async () => {
    const database = await createDatabase();
    const { breakConnections } = await server();
    const { db, exclusive } = openPostgres(database.url);
    const statement = sql<{ one: number }>`select 1 as one`;
    await statement.execute(db);
    await breakConnections(database.url);
    await expect(exclusive('test', async (trx) => {
      await breakConnections(database.url);
      return statement.execute(trx);
    })).rejects.toThrow(DatabaseUnavailable);
    // One that is only found broken when it is used costs a step; the engine repeats it.
    await vi.waitFor(async () => expect((await exclusive('test', (trx) => statement.execute(trx))).rows).toEqual([{ one: 1 }]), { timeout: 20_000 });
    await db.destroy();
    await database.remove();
  });

  it('says in one way that it went away after it was opened, and commands and the JSON API say it in words', async () => {
    const database = await createDatabase();
    const store = await openStore({ url: database.url, key, now: Date.now });
    const { db } = openPostgres(database.url);
    for (const mistake of mistakes) await expect(sql.raw(mistake).execute(db)).rejects.not.toBeInstanceOf(DatabaseUnavailable);
    await db.destroy();
    await database.remove();
    const error = await store.integrations.list().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DatabaseUnavailable);
    await expect(store.currentPass('hector', place)).rejects.toThrow(DatabaseUnavailable);
    expect(problemOf(error)).toMatchObject({ exit: 3, message: expect.stringMatching(/^The database cannot be used: .*does not exist\.$/), stack: null });
    expect(refusalOf(error)).toMatchObject({ status: 503, error: { code: 'unreachable' } });
    await store.close();
  });

  it('says that it asks for a password where the address has none', async () => {
    const database = await createDatabase();
    const address = new URL(database.url);
    address.password = '';
    await expect(openStore({ url: address.href, key, now: Date.now })).rejects.toMatchObject({ reason: 'it asks for a password, and there is none in the address' });
    await database.remove();
  });

  it('fails at once, and leaves nothing open, where there is no such database', async () => {
    const database = await createDatabase();
    await database.remove();
    await expect(openStore({ url: database.url, key, now: Date.now })).rejects.toThrow('does not exist');
  });
});
