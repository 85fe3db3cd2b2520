import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { Kysely, SqliteAdapter, SqliteDialect, type SqliteDatabase, type SqliteStatement } from 'kysely';
import type { Database } from './database.ts';
import type { Tables } from './schema.ts';

/** Prepared statements kept: Kysely sends the same few texts over and over, and preparing one costs more than running it. */
const STATEMENTS_MAX = 200;
/** How long a transaction waits for one of another process. */
const BUSY_MAX_MS = 10_000;

/**
 * The SQLite that comes with Node.
 *
 * WAL lets the console read while a worker writes. `synchronous=NORMAL` may forget the last transactions when the
 * machine (not the process) dies; that is safe here, because what is forgotten is repeated by key.
 *
 * @param file path of the database, or `:memory:`
 */
export function openSqlite(file: string): Database {
  // The timeout comes first: changing to WAL needs the file alone, and another process may be opening it at this moment.
  const database = new DatabaseSync(file, { timeout: BUSY_MAX_MS, enableForeignKeyConstraints: true });
  database.exec('pragma journal_mode = wal; pragma synchronous = normal');
  const db = new Kysely<Tables>({ dialect: new AtomicSqliteDialect({ database: adapt(database) }) });
  return {
    db,
    // There is one writer at a time, and every transaction begins as one.
    exclusive: (_name, work) => db.transaction().execute(work),
    addId: (table) => table.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement()),
  };
}

/**
 * Kysely runs migrations on SQLite outside a transaction. Here they run inside one, because several processes may open a
 * new database at once, and because half a schema could not be mended.
 */
class AtomicSqliteDialect extends SqliteDialect {
  override createAdapter() {
    return new AtomicSqliteAdapter();
  }
}

class AtomicSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
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
