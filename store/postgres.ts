import { Kysely, PostgresDialect, sql } from 'kysely';
import { Pool, types, TypeOverrides } from 'pg';
import type { Database } from './database.ts';
import type { Tables } from './schema.ts';

/** Connections of one process; what needs more waits for one. */
const CONNECTIONS_MAX = 10;
const CONNECT_MAX_MS = 10_000;
/** A worker that is gone without a word gives back after this long what its transaction holds. */
const IDLE_TRANSACTION_MAX_MS = 30_000;

/**
 * PostgreSQL, for several workers on several machines.
 *
 * `synchronous_commit=off` may forget the last half second when the server's machine dies; that is safe here, because what
 * is forgotten is repeated by key. (The same is asked of SQLite. `?options=-c%20synchronous_commit%3Don` asks for more.)
 *
 * @param url `postgres://user:password@host:port/database`, with the options of the driver (`?sslmode=require`)
 */
export function openPostgres(url: string): Database {
  const parsers = new TypeOverrides();
  // The driver gives `bigint` as text; no number here comes near 2^53.
  parsers.setTypeParser(types.builtins.INT8, Number);
  const pool = new Pool({
    connectionString: url,
    application_name: 'bookbridge',
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_MAX_MS,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_MAX_MS,
    keepAlive: true,
    options: '-c synchronous_commit=off',
    types: parsers,
  });
  // A connection that breaks between two statements tells nobody in particular, and unheard, its error would end the process.
  // An idle one is replaced; in a transaction, the next statement fails with the same error.
  pool.on('error', () => {});
  pool.on('connect', (client) => void client.on('error', () => {}));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return {
    db,
    exclusive: (name, work) =>
      // Each statement has to see what was written while it waited for the lock.
      db.transaction().setIsolationLevel('read committed').execute(async (trx) => {
        await sql`select pg_advisory_xact_lock(hashtextextended(${`bookbridge ${name}`}, 0))`.execute(trx);
        return work(trx);
      }),
    addId: (table) => table.addColumn('id', 'bigint', (column) => column.generatedAlwaysAsIdentity().primaryKey()),
  };
}
