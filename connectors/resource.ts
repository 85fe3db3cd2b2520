import type { JsonObject } from '../domain/json.ts';

/** One record as a system gave it, already through its zod schema. */
export interface RemoteRecord {
  /** The system's own id. Ids are strings. */
  readonly id: string;
  /** When the system last changed it: ISO 8601 with zone, or null where the system does not say. */
  readonly modifiedAt: string | null;
  /** The fields this connector reads, and no others. Decimals are strings. None where it is deleted: what was known of it stays known. */
  readonly data: JsonObject;
  /** The record no longer exists: some systems list deletions among the changes. */
  readonly deleted?: true;
}

/** A record that could not be read; it fails alone and the page goes on. */
export interface UnreadableRecord {
  /** Empty where it has none that can be read: nobody can ask for it then. */
  readonly id: string;
  /** Which field is wrong, and how. */
  readonly detail: string;
}

export interface Page {
  readonly records: readonly RemoteRecord[];
  readonly unreadable: readonly UnreadableRecord[];
  /** Where the next page begins, opaque and safe to store; null after the last page. */
  readonly next: string | null;
}

export interface ListRequest {
  /** Only what changed at or after this time (ISO 8601 with zone); null lists everything. */
  readonly since: string | null;
  /** `next` of the page before; null for the first page. */
  readonly page: string | null;
}

/**
 * What a system offers of one kind of record. Every implementation passes the same contract suite
 * (test/contract/resource.contract.ts). Every method makes exactly one API call unless it says otherwise, takes that call
 * from the quota first, and throws a BookbridgeError.
 */
export interface Resource {
  /** `changed`: `since` is honoured by the system. `full`: the system cannot filter, every listing is a full one. */
  readonly listing: 'changed' | 'full';
  list(request: ListRequest): Promise<Page>;
  /** Null where the record does not exist (any more). */
  get(id: string): Promise<RemoteRecord | null>;
}

export interface Upserted {
  readonly record: RemoteRecord;
  /** False where the record with this key was there already. */
  readonly created: boolean;
}

/** Whether a system can carry our keys: `unknown` where it does not say. */
export type KeyState = 'ready' | 'missing' | 'unknown';

/** A resource that Bookbridge may also write. */
export interface WritableResource extends Resource {
  /**
   * Whether the system is set up to carry our keys on this resource. At most one call, which can change nothing.
   *
   * @throws BookbridgeError `permission-missing` where the resource may not be written, as far as the system says so
   */
  keyState(): Promise<KeyState>;
  /** The key that a record of this resource carries; null where it carries none or does not show it. Makes no call. */
  keyOf(record: RemoteRecord): string | null;
  /**
   * Creates the record that carries `key`, or changes the one that already does: safe to repeat after a lost answer.
   *
   * One call; a second one only where the system's API needs it to find what an earlier attempt left behind.
   *
   * @param key the unique key of the record, the same in every attempt
   * @param fields the fields of the system's own API
   * @param initial fields that are set on creation and never touched afterwards, because they are the user's from then on
   */
  upsert(key: string, fields: JsonObject, initial?: JsonObject): Promise<Upserted>;
  /**
   * Gives a record that was there before a key, as if an upsert had made it, and changes the given fields.
   *
   * @throws BookbridgeError `record-missing` where the record is gone, `refused` where another record has the key
   */
  adopt(id: string, key: string, fields: JsonObject): Promise<RemoteRecord>;
  /**
   * Changes only the given fields.
   *
   * @throws BookbridgeError `record-missing` where the record is gone
   */
  update(id: string, fields: JsonObject): Promise<RemoteRecord>;
  /**
   * Deletes the record. One call. Absent where Bookbridge never deletes records of this kind.
   *
   * @throws BookbridgeError `record-missing` where it is gone already, `refused` where the system does not let it go
   */
  readonly remove?: (id: string) => Promise<void>;
}

/** Access to one system with one authorisation. */
export interface Connector {
  /** `zoho-books`, `hector` … */
  readonly system: string;
  /** @throws Error where the system has no resource of that name: a mistake in the code of an integration. */
  readable(resource: string): Resource;
  writable(resource: string): WritableResource;
}
