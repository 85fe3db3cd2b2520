import { Kysely, PostgresDialect, PostgresDriver, sql, type AbortableOperationOptions, type DatabaseConnection, type PostgresDialectConfig } from 'kysely';
import { Client, DatabaseError, Pool, types, TypeOverrides, type ClientConfig } from 'pg';
import type { Database } from './database.ts';
import type { Tables } from './schema.ts';
import { sayingUnavailable } from './unavailable.ts';

/** Connections of one process; what needs more waits for one. */
const CONNECTIONS_MAX = 10;
const CONNECT_MAX_MS = 10_000;
/** A worker that is gone without a word gives back after this long what its transaction holds. */
const IDLE_TRANSACTION_MAX_MS = 30_000;
/** https://www.postgresql.org/docs/current/errcodes-appendix.html: no connection, no resources, stopped, a broken disk, and a server that only reads. */
const UNAVAILABLE = /^(08|53|57P|58|25006$)/;
/** What the driver says of a connection that has ended; it has no code for it. */
const ENDED = /^Connection terminated|is not queryable$/;

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
    Client: EndingClient,
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
  const db = new Kysely<Tables>({ dialect: new SpeakingPostgresDialect({ pool }) });
  return {
    db,
    exclusive: (name, work) =>
      // Each statement has to see what was written while it waited for the lock.
      db.transaction().setIsolationLevel('read committed').execute(async (trx) => {
        await sql`select pg_advisory_xact_lock(hashtextextended(${`bookbridge ${name}`}, 0))`.execute(trx);
        return work(trx);
      }),
    addId: (table) => table.addColumn('id', 'bigint', (column) => column.generatedAlwaysAsIdentity().primaryKey()),
    tables: async () => (await sql<{ name: string }>`select tablename as name from pg_tables where schemaname = current_schema()`.execute(db)).rows.map(({ name }) => name),
  };
}

/** The driver keeps what failed halfway, as without a password, until the server ends it; for so long a command would not end. */
class EndingClient extends Client {
  constructor(config?: ClientConfig) {
    super(config);
    this.connection.once('error', () => this.connection.end());
  }
}

/** Kysely's dialect, which says in one way that the server is away. */
class SpeakingPostgresDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig;

  constructor(config: PostgresDialectConfig) {
    super(config);
    this.#config = config;
  }

  override createDriver() {
    return new SpeakingPostgresDriver(this.#config);
  }
}

class SpeakingPostgresDriver extends PostgresDriver {
  readonly #speaking = new WeakSet<DatabaseConnection>();

  override async acquireConnection(options?: AbortableOperationOptions) {
    const connection = await sayingUnavailable(() => true, () => connecting(() => super.acquireConnection(options)));
    if (!this.#speaking.has(connection)) {
      this.#speaking.add(connection);
      const executeQuery: DatabaseConnection['executeQuery'] = connection.executeQuery.bind(connection);
      connection.executeQuery = (query, more) => sayingUnavailable(isUnavailable, () => executeQuery(query, more));
    }
    return connection;
  }

  /** What broke the connection broke this too, and says more; such a connection is not used again. */
  override async rollbackTransaction(connection: Parameters<PostgresDriver['rollbackTransaction']>[0]) {
    await super.rollbackTransaction(connection).catch(() => {});
  }
}

/** @throws what the driver does, in words that a person has heard before */
async function connecting<T>(connect: () => Promise<T>): Promise<T> {
  try {
    return await connect();
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('client password must be')) throw error;
    throw new Error('it asks for a password, and there is none in the address', { cause: error });
  }
}

function isUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseError) return UNAVAILABLE.test(error.code ?? '');
  // What the operating system says of a connection names the call that failed.
  return error instanceof Error && ('syscall' in error || ENDED.test(error.message));
}
