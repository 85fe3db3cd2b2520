import { Decimal } from 'decimal.js';
import { DateTime } from 'luxon';
import { BookbridgeError } from '../../domain/errors.ts';
import { calculationTypes, type CalculationType, type UnitRounding } from './settings.ts';

/** The settings by which units are counted. */
export interface Counting {
  /** IANA name. */
  readonly timeZone: string;
  readonly unitRounding: UnitRounding;
}

export interface Period {
  /** ISO 8601 with zone. */
  readonly start: string;
  readonly end: string;
}

/**
 * Reads the attribute of a part or place. Nobody wrote one: the default of the settings holds (guide 2.4).
 *
 * @param itemName for the message
 * @throws BookbridgeError `calculation-type-unknown` naming the item
 */
export function readCalculationType(value: unknown, fallback: CalculationType, itemName: string): CalculationType {
  if (value === undefined || value === null || value === '') return fallback;
  const known = calculationTypes.find((type) => type === value);
  if (known) return known;
  throw new BookbridgeError('calculation-type-unknown', { detail: `"${itemName}" has ${JSON.stringify(value)}` });
}

/**
 * How many units of a loan are billed: the units of its period, a begun one rounded by the settings, times what was lent
 * (guide 3: 25 hours of one HP EliteBook by hour are 25; a place per transaction is 1). Never less than one unit.
 *
 * Hours are elapsed hours. Days, weeks and months are the calendar's in the given zone, so that a loan from noon to noon
 * over a change to daylight saving is one day, and one from 31 January to 28 February one month.
 *
 * @param lotQuantity pieces lent on this line
 * @throws BookbridgeError `period-invalid` where a period is needed and there is no end, or it lies before the start
 */
export function billedQuantity(type: CalculationType, period: Period | null, lotQuantity: number, counting: Counting): Decimal {
  const lot = new Decimal(lotQuantity);
  if (type === 'Per transaction') return lot;
  if (period === null) throw new BookbridgeError('period-invalid', { detail: 'the loaner has no end' });
  return lot.times(countUnits(type, period, counting));
}

const unitOf = { 'By hour': 'hours', 'By day': 'days', 'By week': 'weeks', 'By month': 'months' } as const;

/** A loan that ends the moment it starts is one unit all the same: something was lent. */
function countUnits(type: Exclude<CalculationType, 'Per transaction'>, period: Period, { timeZone, unitRounding }: Counting): number {
  const start = DateTime.fromISO(period.start, { zone: timeZone });
  const end = DateTime.fromISO(period.end, { zone: timeZone });
  if (end < start) throw new BookbridgeError('period-invalid', { detail: `it ends on ${period.end}, before it starts on ${period.start}` });
  const unit = unitOf[type];
  const whole = Math.floor(end.diff(start, unit).as(unit));
  const begun = start.plus({ [unit]: whole });
  const next = start.plus({ [unit]: whole + 1 });
  return Math.max(1, begun < end && isCounted(unitRounding, +end - +begun, +next - +begun) ? whole + 1 : whole);
}

/** Whether a unit that was begun and not completed counts; half a unit does. */
function isCounted(rounding: UnitRounding, usedMs: number, unitMs: number): boolean {
  return rounding === 'up' || (rounding === 'nearest' && usedMs * 2 >= unitMs);
}
