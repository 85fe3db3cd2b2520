import { BookbridgeError } from '../domain/errors.ts';
import type { Store } from '../store/store.ts';
import type { Place } from '../store/types.ts';

/** How a flight ended for those who waited for it: with an error that is theirs too, or so that they look for themselves. */
type Ending = { readonly error: unknown } | null;

/** What this process is reading now, by the store that it is kept in: a preview keeps what it reads beside the others. */
const underWay = new WeakMap<Store, Map<string, Promise<Ending>>>();

interface Flight {
  readonly store: Store;
  readonly integrationId: string;
  readonly place: Place;
  /** The caller's own: who is cancelled stops waiting, and where it was the one who read, another takes over. */
  readonly signal: AbortSignal;
  readonly isNeeded: () => Promise<boolean>;
  readonly read: () => Promise<void>;
}

/**
 * Reads a listing once for all who need it at the same time: whoever comes meanwhile waits, and looks again.
 *
 * @throws whatever reading it did, whoever read it; the signal's reason where the caller was cancelled
 */
export async function singleFlight({ store, integrationId, place, signal, isNeeded, read }: Flight): Promise<void> {
  const flights = underWay.get(store) ?? new Map<string, Promise<Ending>>();
  underWay.set(store, flights);
  const name = [integrationId, place.module, place.side, place.resource].join('/');
  while (await isNeeded()) {
    const flight = flights.get(name);
    if (!flight) {
      // Another one may have come to its end while this one looked.
      const reading = isNeeded().then((isStill) => (isStill ? read() : undefined));
      flights.set(name, endingOf(reading, signal).finally(() => flights.delete(name)));
      return reading;
    }
    const ending = await unlessAborted(flight, signal);
    if (ending) throw ending.error;
  }
}

/** A cancellation is nobody else's, and of a limit each asks for itself: invoices are granted calls that bulk work is not. */
async function endingOf(reading: Promise<void>, signal: AbortSignal): Promise<Ending> {
  try {
    await reading;
    return null;
  } catch (error) {
    const isOwn = signal.aborted || (error instanceof BookbridgeError && error.action === 'wait');
    return isOwn ? null : { error };
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
