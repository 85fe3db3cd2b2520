import type { Generated } from 'kysely';
import type { ReportTables } from './report-tables.ts';

/**
 * The tables. Times are milliseconds since the epoch (the columns end in `_ms`) or ISO 8601 text as the remote system
 * gave it; JSON is text, so that both databases treat it alike. Booleans are 0 and 1 for the same reason.
 */
export interface Tables extends ReportTables {
  integrations: {
    id: string;
    kind: string;
    organization_id: string;
    settings: string;
    /** What activation learned about the organization (currency, digits, time zone). */
    facts: string;
    state: 'active' | 'paused' | 'disabled';
    /** When the initial import ended; null before. The scheduled sync waits for it. */
    imported_at_ms: number | null;
  };
  connections: {
    integration_id: string;
    system: string;
    /** Encrypted JSON. */
    secret: string;
    lease_holder: string | null;
    lease_until_ms: number;
  };
  cursors: {
    integration_id: string;
    side: string;
    resource: string;
    /** From when the next pass lists; null: from the beginning. */
    since: string | null;
    /** Where the beginning is: nothing that changed before was ever listed; null: everything was. */
    begins: string | null;
    /** Number of the pass that is under way or was the last. */
    pass: number;
    /** When the pass under way began; null between passes. */
    pass_started_ms: number | null;
    /** Where the pass under way goes on; null: at its first page. */
    page: string | null;
    /** Of a listing that is believed for a while, when the pass began that was the last to come to its end; 0: a person wants it listed anew; null: it never was. */
    listed_ms: number | null;
  };
  judgings: {
    integration_id: string;
    /** A digest of the settings with which what arrived was judged. */
    settings: string;
    /** Which flows were carried over on request only, as a list in JSON. */
    on_request: string;
  };
  changes: {
    id: Generated<number>;
    integration_id: string;
    module: string;
    side: string;
    resource: string;
    record_id: string;
    modified_at: string | null;
    fingerprint: string;
    data: string;
    deleted: number;
    state: string;
    code: string | null;
    detail: string | null;
    attempts: number;
    due_ms: number;
    /** The record this change waits for, as `side/resource/id`. */
    waits_for: string | null;
    pass: number;
  };
  links: {
    integration_id: string;
    module: string;
    other_resource: string;
    other_id: string;
    books_resource: string;
    books_id: string;
    /** Per direction, the fields as they were after the last sync. */
    base: string;
    /** The document's total in Books less the one calculated, as decimal text; null where there is none to compare. */
    variance: string | null;
  };
  runs: {
    id: string;
    integration_id: string;
    kind: string;
    state: string;
    started_ms: number;
    ended_ms: number | null;
  };
  run_counts: { run_id: string; module: string; outcome: string; count: number };
  history: {
    id: Generated<number>;
    integration_id: string;
    run_id: string;
    module: string;
    side: string;
    resource: string;
    record_id: string;
    outcome: string;
    code: string | null;
    detail: string | null;
    at_ms: number;
  };
  quotas: {
    id: string;
    limits: string;
    day_started_ms: number;
    day_used: number;
    blocked_until_ms: number;
    blocked_code: string | null;
    calls_total: number;
    refused_total: number;
    /** After a refusal whose end nobody knows, the call that asks whether it is over; `due`: the next one is to; null: nobody has to ask. */
    probe: string | null;
  };
  quota_calls: { id: string; quota_id: string; started_ms: number; ended_ms: number | null };
  notices: {
    integration_id: string;
    /** What stands still: one row for each kind, that of the newest stop. */
    kind: string;
    code: string;
    since_ms: number;
    /** When the stop should end; null: when a person has acted. */
    until_ms: number | null;
    /** Who took on to tell a person of it. */
    claimant: string;
    claimed_ms: number;
    /** When that was done, or given up; null before. */
    told_ms: number | null;
    /** When work went on; null while it stands still. */
    ended_ms: number | null;
  };
  /** By what a record is found to be the same as one of the other side: a kind, and a digest of the value. */
  match_keys: { integration_id: string; side: string; resource: string; record_id: string; key: string };
}
