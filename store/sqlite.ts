import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { Kysely, sql, SqliteAdapter, SqliteDialect, SqliteDriver, type AbortableOperationOptions, type DatabaseConnection, type SqliteDatabase, type SqliteDialectConfig, type SqliteStatement } from 'kysely';
import type { Database } from './database.ts';
import type { Tables } from './schema.ts';
import { sayingUnavailable } from './unavailable.ts';

/** Prepared statements kept: Kysely sends the same few texts over and over, and preparing one costs more than running it. */
const STATEMENTS_MAX = 200;
/** How long a transaction waits for those of others. */
const BUSY_MAX_MS = 30_000;
/** The longest pause before it tries again; the first are shorter. */
const BUSY_PAUSE_MAX_MS = 16;
/** https://www.sqlite.org/rescode.html; the codes that say more have these in their lowest byte. */
const SQLITE_BUSY = 5;
/** Not permitted, taken for too long, only to be read, not readable, damaged, full, not to be opened, and no database. */
const UNAVAILABLE: ReadonlySet<number> = new Set([3, SQLITE_BUSY, 8, 10, 11, 13, 14, 26]);

/**
 * The SQLite that comes with Node.
 *
 * WAL lets the console read while a worker writes. `synchronous=NORMAL` may forget the last transactions when the
 * machine (not the process) dies; that is safe here, because what is forgotten is repeated by key.
 *
 * @param file path of the database, or `:memory:`
 */
export function openSqlite(file: string): Database {
  const db = new Kysely<Tables>({ dialect: new SharedSqliteDialect({ database: async () => adapt(await openFile(file)) }) });
  return {
    db,
    // There is one writer at a time, and every transaction begins as one.
    exclusive: (_name, work) => db.transaction().execute(work),
    addId: (table) => table.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement()),
    tables: async () => (await sql<{ name: string }>`select name from sqlite_master where type = 'table'`.execute(db)).rows.map(({ name }) => name),
  };
}

async function openFile(file: string): Promise<DatabaseSync> {
  // Nothing waits inside SQLite: that would stop this whole process, and with it perhaps the one it waits for.
  const database = new DatabaseSync(file, { timeout: 0, enableForeignKeyConstraints: true });
  // Changing to WAL needs the file alone, and several processes may open a new one at this moment.
  await patiently(() => database.exec('pragma journal_mode = wal; pragma synchronous = normal'));
  return database;
}

/** Kysely's dialect for a file that several workers share, in one process or in many. */
class SharedSqliteDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig;

  constructor(config: SqliteDialectConfig) {
    super(config);
    this.#config = config;
  }

  override createDriver() {
    return new PatientSqliteDriver(this.#config);
  }

  override createAdapter() {
    return new AtomicSqliteAdapter();
  }
}

/** Half a schema could not be mended, and two processes may open a new file at once: migrations run in a transaction. */
class AtomicSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class PatientSqliteDriver extends SqliteDriver {
  #patient: DatabaseConnection | null = null;

  override init(options?: AbortableOperationOptions) {
    return sayingUnavailable(isUnavailable, () => super.init(options));
  }

  override async acquireConnection() {
    return (this.#patient ??= patient(await super.acquireConnection()));
  }

  /** A full disk ends a transaction by itself; then this fails too, and would be told in place of the reason. */
  override async rollbackTransaction(connection: DatabaseConnection) {
    await super.rollbackTransaction(connection).catch(() => {});
  }
}

function patient(connection: DatabaseConnection): DatabaseConnection {
  return {
    executeQuery: (query) => sayingUnavailable(isUnavailable, () => patiently(() => connection.executeQuery(query))),
    streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
  };
}

/** What finds the database taken is tried again until it is free; it has changed nothing by then. */
async function patiently<T>(work: () => T | Promise<T>): Promise<T> {
  const untilMs = performance.now() + BUSY_MAX_MS;
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, BUSY_PAUSE_MAX_MS)) {
    try {
      return await work();
    } catch (error) {
      if (codeOf(error) !== SQLITE_BUSY || performance.now() > untilMs) throw error;
    }
    // Two that wait in step would only meet again.
    await delay(pauseMs * (0.5 + Math.random()));
  }
}

function isUnavailable(error: unknown): boolean {
  const code = codeOf(error);
  return code !== null && UNAVAILABLE.has(code);
}

/** Null: it is none of SQLite's. */
function codeOf(error: unknown): number | null {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : null;
}

function adapt(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(sql) {
      // A transaction that begins as a reader fails when it turns writer while another process writes; as a writer it waits.
      const statement = statements.get(sql) ?? adaptStatement(database.prepare(sql === 'begin' ? 'begin immediate' : sql));
      // Whatever was used longest ago is the first in the map, and the first to go.
      statements.delete(sql);
      statements.set(sql, statement);
      const [oldest] = statements.keys();
      if (statements.size > STATEMENTS_MAX && oldest !== undefined) statements.delete(oldest);
      return statement;
    },
  };
}

function adaptStatement(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...inputs(parameters)),
    run: (parameters) => statement.run(...inputs(parameters)),
    iterate: (parameters) => statement.iterate(...inputs(parameters)),
  };
}

function inputs(parameters: readonly unknown[]): SQLInputValue[] {
  return parameters.map((value) => {
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return value;
    if (typeof value === 'boolean') return value ? 1 : 0;
    if (value instanceof Uint8Array) return value;
    throw new TypeError(`SQLite cannot store a value of type ${typeof value}`);
  });
}
