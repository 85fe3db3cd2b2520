/** A record as Hector answers it; which fields there are depends on the resource. */
export interface HectorRecord {
  readonly id: string;
  /** ISO 8601 in UTC with milliseconds, so that text order is time order. */
  readonly updatedAt: string;
  readonly [field: string]: unknown;
}

export interface Tombstone {
  readonly id: string;
  readonly deleted: true;
  readonly updatedAt: string;
}

/** A place between two records of a listing: behind the one with this time and id. */
export interface Position {
  readonly updatedAt: string;
  readonly id: string;
}

interface ListOptions {
  readonly after: Position | null;
  /** Only what changed then or later, deletions included; null lists what there is now. */
  readonly since: string | null;
  readonly limit: number;
}

interface Listed {
  readonly records: (HectorRecord | Tombstone)[];
  readonly next: Position | null;
}

/** The records of one resource, always in the order (updatedAt, id): a page is a binary search and a slice. */
export interface Collection {
  readonly size: number;
  get(id: string): HectorRecord | undefined;
  put(record: HectorRecord): void;
  /** Leaves a tombstone. False where there is no such record. */
  remove(id: string, updatedAt: string): boolean;
  list(options: ListOptions): Listed;
  all(): HectorRecord[];
}

export function createCollection(): Collection {
  const records = new Map<string, HectorRecord>();
  const ordered: (HectorRecord | Tombstone)[] = [];
  /** Where the entry of an id stands, be it record or tombstone. */
  const entries = new Map<string, HectorRecord | Tombstone>();

  function place(entry: HectorRecord | Tombstone): void {
    const before = entries.get(entry.id);
    if (before) ordered.splice(firstAfter(before, 'at'), 1);
    ordered.splice(firstAfter(entry, 'at'), 0, entry);
    entries.set(entry.id, entry);
  }

  /** Index of the first entry at or behind the position. */
  function firstAfter(position: Position, bound: 'at' | 'behind'): number {
    let low = 0;
    let high = ordered.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = compare(ordered[middle], position);
      if (order < 0 || (order === 0 && bound === 'behind')) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    get size() {
      return records.size;
    },
    get: (id) => records.get(id),
    put: (record) => {
      records.set(record.id, record);
      place(record);
    },
    remove: (id, updatedAt) => {
      if (!records.delete(id)) return false;
      place({ id, deleted: true, updatedAt });
      return true;
    },
    list: ({ after, since, limit }) => {
      const fromAfter = after === null ? 0 : firstAfter(after, 'behind');
      const fromSince = since === null ? 0 : firstAfter({ updatedAt: since, id: '' }, 'at');
      const page: (HectorRecord | Tombstone)[] = [];
      for (let index = Math.max(fromAfter, fromSince); index < ordered.length; index += 1) {
        const entry = ordered[index];
        if (entry === undefined || (since === null && 'deleted' in entry)) continue;
        if (page.length === limit) {
          const last = page[limit - 1];
          return { records: page, next: last ? { updatedAt: last.updatedAt, id: last.id } : null };
        }
        page.push(entry);
      }
      return { records: page, next: null };
    },
    all: () => [...records.values()],
  };
}

function compare(entry: Position | undefined, position: Position): number {
  if (entry === undefined) return 1;
  if (entry.updatedAt !== position.updatedAt) return entry.updatedAt < position.updatedAt ? -1 : 1;
  if (entry.id === position.id) return 0;
  return entry.id < position.id ? -1 : 1;
}
