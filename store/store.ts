import type { JsonObject } from '../domain/json.ts';
import { BookbridgeError } from '../domain/errors.ts';
import { changeAt, failedChanges, pendingChanges, pendingSummary, postpone, recordsAt, recordsOf, unmetRecords, type PendingRequest } from './changes.ts';
import type { Database } from './database.ts';
import { endChanges } from './endings.ts';
import { createConnections, createIntegrations, type Connections, type Integrations } from './integrations.ts';
import { createJudgings, type Judgings } from './judgings.ts';
import { countLinks, isLinkedElsewhere, linksOf } from './links.ts';
import { createMatches, type Matches } from './matches.ts';
import { migrate } from './migrations.ts';
import { createNotices, type Notices } from './notices.ts';
import { recordPage, type PageCounts } from './pages.ts';
import { createOperations, type Operations } from './operations.ts';
import { createOverview, type Overview } from './overview.ts';
import { currentPass, isListed, savePage } from './passes.ts';
import { createQuotas, type Quotas } from './quotas.ts';
import { createReports, type Reports } from './reports.ts';
import { createRequests, type Requests } from './requests.ts';
import { createRuns, type Runs } from './runs.ts';
import { createSealer, type Sealer } from './secrets.ts';
import { openPostgres } from './postgres.ts';
import { openSqlite } from './sqlite.ts';
import type { Address, Change, Ending, Link, PageToSave, Pass, Place, PlacedRecords, SeenRecord } from './types.ts';

/** Everything Bookbridge remembers. One contract suite runs on every database (test/contract/store.contract.ts). */
export interface Store {
  readonly integrations: Integrations;
  readonly connections: Connections;
  readonly quotas: Quotas;
  readonly runs: Runs;
  readonly operations: Operations;
  readonly overview: Overview;
  readonly matches: Matches;
  readonly notices: Notices;
  readonly reports: Reports;
  readonly requests: Requests;
  readonly judgings: Judgings;
  /**
   * Goes on with the pass under way, or begins a new one.
   *
   * @param begins ISO 8601: what changed before need not be listed, also by the first pass; absent or null: everything is to be
   */
  currentPass(integrationId: string, place: Place, begins?: string | null): Promise<Pass>;
  /** Writes a page and keeps the place, both or neither. */
  savePage(request: PageToSave): Promise<PageCounts>;
  /** Whether a listing that is believed for a while was listed later than this (milliseconds since the epoch), and nobody wanted it listed again since. */
  isListed(integrationId: string, place: Pick<Place, 'side' | 'resource'>, sinceMs: number): Promise<boolean>;
  /** Records this full pass did not meet. */
  unmet(integrationId: string, place: Place, pass: number, limit: number): Promise<string[]>;
  /** Adds records outside a pass: a hint by webhook, or one that was asked for by id; and before them what came inside. */
  addRecords(integrationId: string, place: Place, pass: number, records: readonly SeenRecord[], inner?: readonly PlacedRecords[]): Promise<void>;
  pending(request: PendingRequest): Promise<Change[]>;
  pendingSummary(integrationId: string, module: string, places?: readonly Omit<Address, 'id'>[]): Promise<{ count: number; dueMs: number }>;
  change(integrationId: string, address: Address): Promise<Change | null>;
  /** By `addressText`. */
  links(integrationId: string, addresses: readonly Address[]): Promise<Map<string, Link>>;
  /** Whether another integration of the same organization is linked with a record of Books: then its key there is not ours to replace. */
  isLinkedElsewhere(integrationId: string, record: Pick<Address, 'resource' | 'id'>): Promise<boolean>;
  countLinks(integrationId: string): Promise<Record<string, number>>;
  /** The newest data of each that could be read, by `addressText`; empty where none could yet, absent where it is gone. */
  records(integrationId: string, addresses: readonly Address[]): Promise<Map<string, JsonObject>>;
  /** Every record of one resource that is not deleted and was ever read. */
  recordsOf(integrationId: string, place: Omit<Address, 'id'>): Promise<{ id: string; data: JsonObject }[]>;
  /** Ends changes with all that belongs to it: link, counts, history, and waking those that waited for them. */
  endChanges(run: { integrationId: string; runId: string }, endings: readonly Ending[]): Promise<void>;
  /** Puts a change off after a failure that may pass. */
  postpone(change: Change, dueMs: number): Promise<void>;
  failures(integrationId: string, limit: number): ReturnType<typeof failedChanges>;
  close(): Promise<void>;
}

interface StoreOptions {
  /** `sqlite:FILE`, `sqlite::memory:` or `postgres://user:password@host:port/database` (DATABASE_URL). */
  readonly url: string;
  /** 32 bytes in base64 (BOOKBRIDGE_KEY); encrypts credentials. */
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Opens the store and brings its schema up to date.
 *
 * @throws BookbridgeError `settings-invalid` for an unknown database, one of a newer version or of another program, or a key that is not the one
 *   its credentials were encrypted with; DatabaseUnavailable, as everything that the store is asked for
 */
export async function openStore({ url, key, now }: StoreOptions): Promise<Store> {
  const sealer = createSealer(key);
  const database = openDatabase(url);
  const { db, exclusive } = database;
  try {
    await migrate(database);
    await expectKey(database, sealer);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  const quotas = createQuotas(database, now);
  return {
    integrations: createIntegrations(db),
    connections: createConnections(db, sealer, now),
    quotas,
    runs: createRuns(db, now),
    operations: createOperations(database, now),
    overview: createOverview(db),
    matches: createMatches(database),
    notices: createNotices(database, now),
    reports: createReports(database, now),
    requests: createRequests(database, now),
    judgings: createJudgings(database),
    currentPass: (integrationId, place, begins = null) => currentPass(database, integrationId, place, begins, now()),
    savePage: (request) => savePage(database, request, now()),
    isListed: (integrationId, place, sinceMs) => isListed(database, integrationId, place, sinceMs),
    unmet: (integrationId, place, pass, limit) => unmetRecords(db, integrationId, place, pass, limit),
    async addRecords(integrationId, place, pass, records, inner = []) {
      await exclusive(`integration:${integrationId}`, async (trx) => {
        for (const within of inner) await recordPage(trx, integrationId, within.place, within.records, pass);
        await recordPage(trx, integrationId, place, records, pass);
      });
    },
    pending: (request) => pendingChanges(db, { ...request, nowMs: now() }),
    pendingSummary: (integrationId, module, places) => pendingSummary(db, integrationId, module, places),
    change: (integrationId, address) => changeAt(db, integrationId, address),
    links: (integrationId, addresses) => linksOf(db, integrationId, addresses),
    isLinkedElsewhere: (integrationId, record) => isLinkedElsewhere(db, integrationId, record),
    countLinks: (integrationId) => countLinks(db, integrationId),
    records: (integrationId, addresses) => recordsAt(db, integrationId, addresses),
    recordsOf: (integrationId, place) => recordsOf(db, integrationId, place),
    endChanges: (run, endings) => endChanges(database, run, endings, now()),
    postpone: (change, dueMs) => postpone(db, change, dueMs),
    failures: (integrationId, limit) => failedChanges(db, integrationId, limit),
    async close() {
      try {
        await quotas.close();
      } finally {
        await db.destroy();
      }
    },
  };
}

/** Credentials of two keys in one database could be read with neither: what is there must open before anything is added. */
async function expectKey({ db }: Database, sealer: Sealer): Promise<void> {
  const stored = await db.selectFrom('connections').select('secret').limit(1).executeTakeFirst();
  if (stored) sealer.open(stored.secret);
}

function openDatabase(url: string): Database {
  if (url.startsWith('sqlite:')) return openSqlite(url.slice('sqlite:'.length));
  if (/^postgres(ql)?:/.test(url)) return openPostgres(url);
  throw new BookbridgeError('settings-invalid', {
    detail: 'DATABASE_URL must be sqlite:FILE, for instance sqlite:bookbridge.sqlite, or postgres://user:password@host:port/database',
  });
}
