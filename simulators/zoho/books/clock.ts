import { DateTime } from 'luxon';

/** Dates and times of one organization, in its time zone. */
export interface Clock {
  /** `2013-11-18T02:17:40-0800` */
  stamp(ms: number): string;
  /** `2013-11-18` */
  date(ms: number): string;
}

/** When a record was made and last changed, as every answer says it. */
export function stampsOf(clock: Clock, { createdMs, modifiedMs }: { readonly createdMs: number; readonly modifiedMs: number }): { created_time: string; last_modified_time: string } {
  return { created_time: clock.stamp(createdMs), last_modified_time: clock.stamp(modifiedMs) };
}

/** Formatting a time is slow, and most calls fall into the same second as the one before: a few are remembered. */
export function createClock(timeZone: string): Clock {
  const stamps = new Map<number, string>();
  return {
    stamp: (ms) => {
      const second = Math.floor(ms / 1000);
      const known = stamps.get(second);
      if (known !== undefined) return known;
      const text = DateTime.fromSeconds(second, { zone: timeZone }).toFormat("yyyy-MM-dd'T'HH:mm:ssZZZ");
      if (stamps.size > 5000) stamps.clear();
      stamps.set(second, text);
      return text;
    },
    date: (ms) => DateTime.fromMillis(ms, { zone: timeZone }).toISODate() ?? '',
  };
}

/** Reads `2013-11-18T02:17:40-0800` (offset with or without colon, or Z); null where it is none. */
export function parseStamp(text: string): number | null {
  const time = DateTime.fromISO(text);
  return time.isValid && /(?:Z|[+-]\d{2}:?\d{2})$/.test(text) ? time.toMillis() : null;
}
