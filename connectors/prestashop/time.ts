import { DateTime, IANAZone } from 'luxon';
import { BookbridgeError } from '../../domain/errors.ts';

/**
 * PrestaShop writes times as its clock on the wall shows them (`2026-11-21 13:30:00`), without a zone. An hour a year is shown twice, when
 * summer time ends; nothing in the row says which of the two is meant.
 */

const wall = 'yyyy-MM-dd HH:mm:ss';
const hourMs = 3_600_000;
/** No zone turns its clock back by more than this. */
const foldMs = 3 * hourMs;

export interface ShopClock {
  /** @param time as the shop writes it @returns ISO 8601 in UTC; of an hour that is shown twice the earlier */
  iso(time: string): string;
  /**
   * The same for the time of a change. A time that is shown twice becomes the end of the hour, so that no later change ever looks older.
   */
  changed(time: string): string;
  /**
   * Where to begin a search for what changed at or after a time: the wall shows something later with every such change.
   *
   * @param iso ISO 8601 with zone
   * @returns a second early; some hours where the clock is set near that time
   */
  before(iso: string): string;
}

/** @throws BookbridgeError `settings-invalid` where the shop's time zone is none */
export function createShopClock(timeZone: string): ShopClock {
  if (!IANAZone.isValidZone(timeZone)) {
    throw new BookbridgeError('settings-invalid', { detail: `The time zone of the shop, "${timeZone}", is none: choose one in PrestaShop under Localization.` });
  }
  const zone = IANAZone.create(timeZone);
  const read = (time: string) => DateTime.fromFormat(time, wall, { zone });
  const show = (ms: number) => DateTime.fromMillis(ms, { zone }).toFormat(wall);
  return {
    iso: (time) => utc(read(time).toMillis()),
    changed: (time) => {
      const possible = read(time).getPossibleOffsets().map((moment) => moment.toMillis()).sort((a, b) => a - b);
      const [first = Number.NaN, last = first] = possible;
      if (first === last) return utc(first);
      return utc(endOfFold(zone, first, last));
    },
    before: (iso) => {
      const ms = Math.floor(Date.parse(iso) / 1000) * 1000 - 1000;
      const before = zone.offset(ms - foldMs);
      const after = zone.offset(ms + foldMs);
      if (before === after) return show(ms);
      return DateTime.fromMillis(ms - foldMs + Math.min(before, after) * 60_000, { zone: 'utc' }).toFormat(wall);
    },
  };
}

/**
 * The last second that the clock on the wall shows twice, as it is shown the second time.
 *
 * @param first a time that is shown twice, when it is shown first
 * @param last when it is shown again
 */
function endOfFold(zone: IANAZone, first: number, last: number): number {
  let low = first;
  let high = last;
  const early = zone.offset(first);
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (zone.offset(middle) === early) low = middle;
    else high = middle;
  }
  return high + (last - first) - 1000;
}

function utc(ms: number): string {
  return new Date(ms).toISOString();
}
