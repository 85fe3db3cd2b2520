/** One call that was counted, answered or not. */
export interface LogEntry {
  /** 1 for the first call, and so on. */
  readonly n: number;
  /** ISO 8601 with zone. */
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** The route's pattern, for counting: `GET /books/v3/contacts/:id`. */
  readonly route: string;
  /** 0 where the connection was destroyed or left hanging. */
  readonly status: number;
  readonly code: string | number | null;
  readonly fault: string | null;
  readonly key: string | null;
}

export interface Summary {
  calls: number;
  byRoute: Record<string, number>;
  byStatus: Record<string, number>;
  byCode: Record<string, number>;
  /** Answers with status 429. */
  limited: number;
  /** Calls that were hit by an injected fault, by kind. */
  byFault: Record<string, number>;
}

export interface CallLog {
  add(entry: Omit<LogEntry, 'n'>): void;
  /** The entries with a higher `n`, oldest first. */
  after(n: number): LogEntry[];
  summary(): Summary;
  /** Forgets entries and counts; `n` goes on. */
  clear(): void;
}

/** Older entries are forgotten beyond this many, so that a simulator can run for days. */
const keptEntries = 200_000;

const emptySummary = (): Summary => ({ calls: 0, byRoute: {}, byStatus: {}, byCode: {}, limited: 0, byFault: {} });

export function createCallLog(): CallLog {
  let entries: LogEntry[] = [];
  let summary = emptySummary();
  let n = 0;
  return {
    add: (entry) => {
      n += 1;
      entries.push({ n, ...entry });
      if (entries.length > 2 * keptEntries) entries = entries.slice(-keptEntries);
      summary.calls += 1;
      if (entry.status === 429) summary.limited += 1;
      count(summary.byRoute, entry.route);
      count(summary.byStatus, String(entry.status));
      if (entry.code !== null) count(summary.byCode, String(entry.code));
      if (entry.fault !== null) count(summary.byFault, entry.fault);
    },
    after: (from) => {
      const first = entries[0]?.n ?? 0;
      return entries.slice(Math.max(0, from + 1 - first));
    },
    summary: () => summary,
    clear: () => {
      entries = [];
      summary = emptySummary();
    },
  };
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
