import type { Http } from '../connectors/http.ts';
import type { Mailer } from '../connectors/mail.ts';
import type { Store } from '../store/store.ts';

/** Everything an activity touches outside itself. */
export interface Deps {
  readonly store: Store;
  /** Makes the HTTP client of one activity, whose calls end when the activity is cancelled. */
  readonly http: (signal: AbortSignal) => Http;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Records carried over at once by one activity. */
  readonly lanes: number;
  /** Null where no mail server is configured. */
  readonly mail: Mailer | null;
  /** A stop that is shorter than this many milliseconds is not told of by e-mail. */
  readonly noticeAfterMs: number;
  /** For how long history and runs are kept, milliseconds; absent: nothing is deleted. */
  readonly historyMs?: number;
}
