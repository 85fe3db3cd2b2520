import type { JsonObject } from '../../../domain/json.ts';

/** One record as it is kept. Records are replaced, never changed in place. */
export interface BooksRecord {
  readonly id: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
  /** `active` or `inactive`; of an invoice `draft`, `sent` or `void`, of a credit note `draft`, `open` or `void`. */
  readonly status: string;
  /** The record's own fields in the API's names, without what is computed when it is read. */
  readonly fields: JsonObject;
  /** Custom fields: api_name → value. */
  readonly custom: Readonly<Record<string, string>>;
}

export interface Table {
  get(id: string): BooksRecord | undefined;
  /** The record with this value in a unique index. */
  find(index: string, value: string): BooksRecord | undefined;
  /** Adds a record, or replaces the one with the same id. */
  put(record: BooksRecord): void;
  remove(id: string): void;
  /** Forgets sorted lists, where they depend on another table that has changed. */
  touch(): void;
  readonly size: number;
  /** In the order they were added. */
  all(): readonly BooksRecord[];
  /** Sorted ascending, ties by id; kept until the next change. */
  sorted(column: string, valueOf: (record: BooksRecord) => string | number): readonly BooksRecord[];
}

/** Index name → the values of a record in it; each value leads to one record only. */
export type Indexes = Readonly<Record<string, (record: BooksRecord) => readonly string[]>>;

export function createTable(indexes: Indexes): Table {
  const records = new Map<string, BooksRecord>();
  const index = new Map<string, string>();
  const sortedBy = new Map<string, readonly BooksRecord[]>();
  let list: readonly BooksRecord[] | null = null;

  function keys(record: BooksRecord): string[] {
    return Object.entries(indexes).flatMap(([name, values]) => values(record).map((value) => `${name}\n${value}`));
  }
  function changed(): void {
    list = null;
    sortedBy.clear();
  }
  return {
    get: (id) => records.get(id),
    find: (name, value) => records.get(index.get(`${name}\n${value}`) ?? ''),
    put: (record) => {
      const before = records.get(record.id);
      if (before) for (const key of keys(before)) index.delete(key);
      for (const key of keys(record)) index.set(key, record.id);
      records.set(record.id, record);
      changed();
    },
    remove: (id) => {
      const before = records.get(id);
      if (!before) return;
      for (const key of keys(before)) index.delete(key);
      records.delete(id);
      changed();
    },
    touch: () => sortedBy.clear(),
    get size() {
      return records.size;
    },
    all: () => (list ??= [...records.values()]),
    sorted: (column, valueOf) => {
      const known = sortedBy.get(column);
      if (known) return known;
      const rows = [...records.values()].map((record) => ({ record, value: valueOf(record) }));
      rows.sort((one, other) => compare(one.value, other.value) || compare(one.record.id, other.record.id));
      const result = rows.map(({ record }) => record);
      sortedBy.set(column, result);
      return result;
    },
  };
}

function compare(left: string | number, right: string | number): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Names are compared without blanks around them and without regard to case. */
export function folded(text: string): string {
  return text.trim().toLowerCase();
}
