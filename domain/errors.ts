import { errorTable, type Remedy, type Scope } from './error-table.ts';

export { errorTable, type Remedy, type Scope };

export type ErrorCode = keyof typeof errorTable;

/** One thing that is not as it must be, in the settings or in one of the systems. */
export interface Problem {
  /** The setting it is about, such as `settings.categoryId`. */
  readonly field: string;
  readonly code: ErrorCode;
  readonly detail: string;
  /** What to do about it. */
  readonly remedy: string;
  /** A warning stops nothing. */
  readonly severity: 'error' | 'warning';
}

interface ErrorFacts {
  /** What exactly happened, for a person: names, values, the other system's own words. No credentials. */
  readonly detail: string;
  /** For `wait`: when the system will answer again, in milliseconds since the epoch. */
  readonly resumeAtMs?: number;
  /** For `wait`: whose limit it is, as in the quota (`zoho-books`, `hector` …). */
  readonly system?: string;
  /** Where what is wrong was looked for: each thing that is. */
  readonly problems?: readonly Problem[];
  readonly cause?: unknown;
}

/** The one error class of the product. `code` leads into {@link errorTable}. */
export class BookbridgeError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly resumeAtMs: number | undefined;
  readonly problems: readonly Problem[];
  readonly system: string | undefined;

  constructor(code: ErrorCode, facts: ErrorFacts) {
    // It becomes part of a sentence, and other systems say theirs with a full stop.
    const detail = facts.detail.replace(/(?<!\.)\.$/, '');
    super(`${code}: ${detail}`, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'BookbridgeError';
    this.code = code;
    this.detail = detail;
    this.resumeAtMs = facts.resumeAtMs;
    this.problems = facts.problems ?? [];
    this.system = facts.system;
  }

  get action(): Remedy {
    return errorTable[this.code].action;
  }

  get scope(): Scope {
    return errorTable[this.code].scope;
  }
}
