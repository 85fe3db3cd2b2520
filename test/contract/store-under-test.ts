import { randomUUID } from 'node:crypto';
import type { Store } from '../../store/store.ts';
import type { Address, Change, Ending, Link, Pass, Place, SeenRecord } from '../../store/types.ts';

/** A database of its own, empty at first. */
export interface DatabaseUnderTest {
  readonly url: string;
  /** Every file in which it keeps anything. */
  files(): Promise<readonly string[]>;
  remove(): Promise<void>;
}

/** What every test works with: two workers on one database, at a time the test decides. */
export interface Context {
  readonly database: DatabaseUnderTest;
  readonly store: Store;
  /** Another worker: it shares nothing with the first but the database. */
  readonly other: Store;
  /** Milliseconds since the epoch, for both. */
  readonly clock: { nowMs: number };
  /** An integration that no other test knows. */
  readonly integrationId: string;
  readonly run: { readonly integrationId: string; readonly runId: string };
}
export type Current = () => Context;

export const key = Buffer.alloc(32, 7).toString('base64');
export const startMs = Date.UTC(2026, 0, 5, 8);

/** Statements that no database is to blame for: no such column, and a row without what it must have. */
export const mistakes = ['select nothing', 'insert into runs (id) values (null)'];

export const place: Place = { module: 'customers', side: 'other', resource: 'customers' };

export function newId(name: string): string {
  return `${name}-${randomUUID()}`;
}

/** A record as a pass met it, changed `minute` minutes after eight. */
export function record(id: string, minute: number, more: Partial<SeenRecord> = {}): SeenRecord {
  return { id, modifiedAt: new Date(startMs + minute * 60_000).toISOString(), data: { id, minute }, deleted: false, state: 'pending', finding: null, ...more };
}

/** A record as a pass met it that could not be read. */
export function unreadable(id: string): SeenRecord {
  return { id, modifiedAt: null, data: {}, deleted: false, state: 'failed', finding: { code: 'record-unreadable', detail: 'name: missing' } };
}

export function customer(id: string): Address {
  return { side: 'other', resource: 'customers', id };
}

export function contact(id: string): Address {
  return { side: 'books', resource: 'contacts', id };
}

export function link(customerId: string, contactId: string, more: Partial<Link> = {}): Link {
  return { module: 'customers', other: customer(customerId), books: contact(contactId), base: { books: { name: customerId } }, variance: null, ...more };
}

/** A change that was carried over, unless told otherwise. */
export function ending(change: Change, more: Partial<Ending> = {}): Ending {
  return { change, outcome: 'updated', state: 'done', finding: null, notes: [], link: null, waitsFor: null, ...more };
}

/** Adds records as a page of a pass does; the pass goes on. */
export async function addPage({ store, run }: Pick<Context, 'store' | 'run'>, records: readonly SeenRecord[], more: { next?: string | null; pass?: Pass; place?: Place } = {}) {
  const at = more.place ?? place;
  const pass = more.pass ?? (await store.currentPass(run.integrationId, at));
  return store.savePage({ ...run, place: at, pass, records, next: more.next === undefined ? 'more' : more.next, nextSince: null });
}

export function pendingOf({ store, integrationId }: Pick<Context, 'store' | 'integrationId'>, more: { after?: number; limit?: number } = {}): Promise<Change[]> {
  return store.pending({ integrationId, module: place.module, side: place.side, after: 0, limit: 1_000, ...more });
}

/** The one pending change of a record. */
export async function pendingChange(context: Pick<Context, 'store' | 'integrationId'>, recordId: string): Promise<Change> {
  const found = (await pendingOf(context)).find((change) => change.recordId === recordId);
  if (!found) throw new Error(`${recordId} is not pending`);
  return found;
}
