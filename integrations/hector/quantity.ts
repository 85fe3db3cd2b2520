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
 * @throws BookbridgeError `calculation-type-unknown`
 */
export function readCalculationType(value: unknown, fallback: CalculationType): CalculationType {
  if (value === undefined || value === null || value === '') return fallback;
  const known = calculationTypes.find((type) => type === value);
  if (known) return known;
  throw new BookbridgeError('calculation-type-unknown', { detail: `${JSON.stringify(value)} is not a calculation type` });
}

/**
 * How many units of a loan are billed: the units begun in its period times what was lent (guide 3: 25 hours of one
 * HP EliteBook by hour are 25; a place per transaction is 1).
 *
 * Hours are elapsed hours. Days, weeks and months are the calendar's in the given zone, so that a loan from noon to noon
 * over a change to daylight saving is one day.
 *
 * @param lotQuantity pieces lent on this line
 * @param timeZone IANA name
 * @throws BookbridgeError `period-invalid` when the period ends before it starts
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
  if (!start.isValid || !end.isValid) throw new BookbridgeError('period-invalid', { detail: `"${period.start}" to "${period.end}" is no period` });
  if (end < start) throw new BookbridgeError('period-invalid', { detail: `it ends on ${period.end}, before it starts on ${period.start}` });
  const unit = unitOf[type];
  const whole = Math.floor(end.diff(start, unit).as(unit));
  return Math.max(1, start.plus({ [unit]: whole }) < end ? whole + 1 : whole);
}
