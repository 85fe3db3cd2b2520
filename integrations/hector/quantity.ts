import { Decimal } from 'decimal.js';
import { DateTime } from 'luxon';
import { BookbridgeError } from '../../domain/errors.ts';
import { calculationTypes, type CalculationType } from './settings.ts';

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
 * How many units of a loan are billed: the units begun in its period times what was lent (guide 3: 25 hours of one
 * HP EliteBook by hour are 25; a place per transaction is 1).
 *
 * Hours are elapsed hours. Days, weeks and months are the calendar's in the given zone, so that a loan from noon to noon
 * over a change to daylight saving is one day, and one from 31 January to 28 February one month.
 *
 * @param lotQuantity pieces lent on this line
 * @param timeZone IANA name
 * @throws BookbridgeError `period-invalid` where a period is needed and there is no end, or it lies before the start
 */
export function billedQuantity(type: CalculationType, period: Period | null, lotQuantity: number, timeZone: string): Decimal {
  const lot = new Decimal(lotQuantity);
  if (type === 'Per transaction') return lot;
  if (period === null) throw new BookbridgeError('period-invalid', { detail: 'the loaner has no end' });
  return lot.times(begunUnits(type, period, timeZone));
}

const unitOf = { 'By hour': 'hours', 'By day': 'days', 'By week': 'weeks', 'By month': 'months' } as const;

/** A loan that ends the moment it starts has begun one unit all the same: something was lent. */
function begunUnits(type: Exclude<CalculationType, 'Per transaction'>, period: Period, timeZone: string): number {
  const start = DateTime.fromISO(period.start, { zone: timeZone });
  const end = DateTime.fromISO(period.end, { zone: timeZone });
  if (end < start) throw new BookbridgeError('period-invalid', { detail: `it ends on ${period.end}, before it starts on ${period.start}` });
  const unit = unitOf[type];
  const whole = Math.floor(end.diff(start, unit).as(unit));
  return Math.max(1, start.plus({ [unit]: whole }) < end ? whole + 1 : whole);
}
