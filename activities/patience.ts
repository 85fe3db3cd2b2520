import type { Connector, Resource } from '../connectors/resource.ts';
import { BookbridgeError } from '../domain/errors.ts';
import type { Connectors } from './connectors.ts';

/** How long limits are waited for by a command that a person waits for. */
export interface Patience {
  /** Longest wait at once, milliseconds. */
  readonly waitMaxMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Told before each wait, with its end in milliseconds since the epoch. */
  readonly onWait?: (resumeAtMs: number) => void;
}

/** A limit that is over by now is asked again no sooner. */
const WAIT_MIN_MS = 250;

/**
 * Repeats a step when calls are granted again.
 *
 * @throws BookbridgeError that asks to wait for longer than that
 */
export async function patiently<T>({ waitMaxMs, now, sleep, onWait }: Patience, step: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof BookbridgeError) || error.action !== 'wait' || error.resumeAtMs === undefined || error.resumeAtMs - now() > waitMaxMs) throw error;
      onWait?.(error.resumeAtMs);
      await sleep(Math.max(WAIT_MIN_MS, error.resumeAtMs - now()));
    }
  }
}

/** Both systems, each reading of which waits for limits. */
export function patientConnectors({ books, other }: Connectors, patience: Patience): Connectors {
  return { books: patient(books, patience), other: patient(other, patience) };
}

function patient(connector: Connector, patience: Patience): Connector {
  const readable = (name: string): Resource => {
    const resource = connector.readable(name);
    return { ...resource, list: (request) => patiently(patience, () => resource.list(request)), get: (id) => patiently(patience, () => resource.get(id)) };
  };
  return { ...connector, readable };
}
