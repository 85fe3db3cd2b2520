import type { CreateTableBuilder, Kysely, Transaction } from 'kysely';
import type { Tables } from './schema.ts';

/** A database, with the few things in which SQLite and PostgreSQL differ. */
export interface Database {
  readonly db: Kysely<Tables>;
  /**
   * Runs `work` in a transaction while no other worker, in whatever process, is in one of the same name. So it may read,
   * decide and write as if it were alone, and two workers never wait for each other in a circle.
   *
   * A transaction takes one name only: `integration:ID` for changes, links, cursors and counts, `quota:ID` for calls.
   */
  readonly exclusive: <T>(name: string, work: (trx: Transaction<Tables>) => Promise<T>) => Promise<T>;
  /** Adds the column `id`, a number that grows from row to row and is never given twice. */
  readonly addId: <Table extends string>(table: CreateTableBuilder<Table>) => CreateTableBuilder<Table, 'id'>;
  /** The names of all tables that are where its own are, or are to be. */
  readonly tables: () => Promise<readonly string[]>;
}
