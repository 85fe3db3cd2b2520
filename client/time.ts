import { DateTime } from 'luxon';

/**
 * A time as the person at the terminal reads it: in their zone, with the date where it is not today.
 *
 * @param ms milliseconds since the epoch
 */
export function clock(ms: number): string {
  const time = DateTime.fromMillis(ms);
  return time.toFormat(time.hasSame(DateTime.now(), 'day') ? 'HH:mm:ss' : 'yyyy-MM-dd HH:mm:ss');
}

/** Date and time, for lists. */
export function stamp(ms: number): string {
  return DateTime.fromMillis(ms).toFormat('yyyy-MM-dd HH:mm:ss');
}

/** For JSON. */
export function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

/** How long something took, e.g. "850 ms", "12.3 s", "1 min", "4 min 10 s", "2 h 5 min". */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Math.floor(ms / 100) / 10} s`;
  const minutes = Math.floor(ms / 60_000);
  const [large, small] = minutes < 60 ? [`${minutes} min`, `${Math.floor((ms % 60_000) / 1000)} s`] : [`${Math.floor(minutes / 60)} h`, `${minutes % 60} min`];
  return small.startsWith('0 ') ? large : `${large} ${small}`;
}
