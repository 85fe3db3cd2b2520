import type { ErrorCode } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';

/** `books` is Zoho Books; `other` is the system the integration connects it with. */
export type Side = 'books' | 'other';

/** The side that a record of this one is carried over to. */
export function otherSide(side: Side): Side {
  return side === 'books' ? 'other' : 'books';
}

/** Where a record lives. */
export interface Address {
  readonly side: Side;
  readonly resource: string;
  readonly id: string;
}

/** An address as a key of a map, or of a column: `side/resource/id`. */
export function addressText({ side, resource, id }: Address): string {
  return `${side}/${resource}/${id}`;
}

/** Why a record ended the way it did: a code of the error table and the facts. */
export interface Finding {
  readonly code: ErrorCode;
  readonly detail: string;
}

/** How a change ends. */
export type Outcome = 'added' | 'updated' | 'deleted' | 'unchanged' | 'skipped' | 'failed';

/**
 * pending: to be carried over. done: carried over, or nothing to do. observed: kept for mapping, or until a person asks for it.
 * skipped: left out on purpose. waiting: for another record. failed: for a person. withdrawn: a person had its partner deleted, and
 * nothing is done about it, whatever becomes of the record, until a person asks for it again.
 */
export type ChangeState = 'pending' | 'done' | 'observed' | 'skipped' | 'waiting' | 'failed' | 'withdrawn';

/** The newest version of one record of one side; without data where it could not be read. */
export interface Change {
  readonly id: number;
  readonly module: string;
  readonly side: Side;
  readonly resource: string;
  readonly recordId: string;
  readonly modifiedAt: string | null;
  readonly fingerprint: string;
  readonly data: JsonObject;
  readonly deleted: boolean;
  readonly attempts: number;
}

/** A record as a pass met it, with what is to become of it. */
export interface SeenRecord {
  readonly id: string;
  readonly modifiedAt: string | null;
  readonly data: JsonObject;
  readonly deleted: boolean;
  readonly state: 'pending' | 'observed' | 'skipped' | 'failed';
  readonly finding: Finding | null;
}

/** Which two records are one and the same thing. */
export interface Link {
  readonly module: string;
  readonly other: Address;
  readonly books: Address;
  /** Per writing side, the fields as they were after the last sync: the third party of every comparison. */
  readonly base: Readonly<Partial<Record<Side, JsonObject>>>;
  /** Total in Books less the calculated one, decimal text; null where nothing is compared. */
  readonly variance: string | null;
}

export interface Integration {
  readonly id: string;
  readonly kind: string;
  readonly organizationId: string;
  readonly settings: JsonObject;
  readonly facts: JsonObject;
  readonly state: 'active' | 'paused' | 'disabled';
  readonly importedAtMs: number | null;
}

/** How one change ended, to be written in one piece. */
export interface Ending {
  readonly change: Change;
  readonly outcome: Outcome;
  readonly state: ChangeState;
  readonly finding: Finding | null;
  /** Remarks that do not change the outcome, such as a line that was left out. */
  readonly notes: readonly Finding[];
  /** The link to write; null leaves the links as they are. */
  readonly link: Link | null;
  /** The link the work began with, so that somebody else's work on the same record is noticed; undefined: nobody else works on it. */
  readonly basis?: Link | null;
  /** The record it waits for. */
  readonly waitsFor: Address | null;
  /** The document that was written, as the other system answered: a list shows its number and status. */
  readonly document?: Address & { readonly modifiedAt: string | null; readonly data: JsonObject };
}

export type RunCounts = Record<string, Partial<Record<Outcome, number>>>;

export interface Run {
  readonly id: string;
  readonly integrationId: string;
  readonly kind: string;
  readonly state: string;
  readonly startedMs: number;
  readonly endedMs: number | null;
}

/** The limits of one system for one tenant. A missing one is not enforced. */
export interface Limits {
  /** Calls in any `windowMs` milliseconds. */
  readonly minute?: { readonly calls: number; readonly windowMs: number };
  /** Calls in a day of `windowMs` milliseconds; `of`: so many the tenant has in all, where the others are left to somebody else. */
  readonly day?: { readonly calls: number; readonly windowMs: number; readonly of?: number };
  /** Calls under way at once. */
  readonly concurrent?: number;
  /** Part of both that only documents may use, 0 to 1. */
  readonly documentShare?: { readonly minute: number; readonly day: number };
}

export interface Usage {
  readonly id: string;
  readonly calls: number;
  readonly refused: number;
  readonly dayUsed: number;
  readonly blockedUntilMs: number;
}

/** One resource of one side, as a module of an integration uses it. */
export interface Place {
  readonly module: string;
  readonly side: Side;
  readonly resource: string;
}

/** A pass: one listing of one resource, from its first page to its last. */
export interface Pass {
  readonly number: number;
  /** ISO 8601; null lists everything. */
  readonly since: string | null;
  readonly startedMs: number;
  /** Where to go on; null: at the first page. */
  readonly page: string | null;
}

/** Records and where they belong. */
export interface PlacedRecords {
  readonly place: Place;
  readonly records: readonly SeenRecord[];
}

export interface PageToSave {
  readonly integrationId: string;
  readonly runId: string;
  readonly place: Place;
  readonly pass: Pass;
  readonly records: readonly SeenRecord[];
  /** What was wrong with rows that had no id: they are counted and noted, and nothing of them is kept. */
  readonly nameless?: readonly Finding[];
  /** What came inside those records: it is there before them. */
  readonly inner?: readonly PlacedRecords[];
  /** Where the next page begins; null ends the pass. */
  readonly next: string | null;
  /** From when the pass after this one lists; null: everything. */
  readonly nextSince: string | null;
  /** The listing is believed for a while: its end notes when it began. */
  readonly isKept?: true;
}
