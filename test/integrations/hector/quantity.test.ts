import { assert, constantFrom, integer, property, tuple } from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { billedQuantity, readCalculationType, type Counting } from '../../../integrations/hector/quantity.ts';
import { calculationTypes, unitRoundings, type CalculationType, type UnitRounding } from '../../../integrations/hector/settings.ts';
import { refusalOf } from '../../support/refusal-of.ts';

const toronto = 'America/Toronto';
const paris = 'Europe/Paris';

/** Quantity of one piece. Times without zone are those of the clock in `zone`. */
function quantity(type: CalculationType, start: string, end: string, zone = toronto, unitRounding: UnitRounding = 'up'): string {
  const iso = (time: string) => DateTime.fromISO(time, { zone }).toISO() ?? time;
  return billedQuantity(type, { start: iso(start), end: iso(end) }, 1, { timeZone: zone, unitRounding }).toFixed();
}

/** As the settings are unless somebody changed them: begun units count. */
const within = (timeZone: string): Counting => ({ timeZone, unitRounding: 'up' });

describe('the quantity on an invoice', () => {
  it('is that of the guide: 25 hours of one laptop are 25, a place per transaction is 1', () => {
    expect(quantity('By hour', '2026-10-05T09:00', '2026-10-06T10:00')).toBe('25');
    expect(quantity('Per transaction', '2026-10-05T09:00', '2026-10-06T10:00')).toBe('1');
  });

  it.each(calculationTypes)('%s: is multiplied by what was lent', (type) => {
    const one = billedQuantity(type, { start: '2026-10-01T00:00:00Z', end: '2026-11-20T07:00:00Z' }, 1, within(paris));
    expect(billedQuantity(type, { start: '2026-10-01T00:00:00Z', end: '2026-11-20T07:00:00Z' }, 150, within(paris)).toFixed()).toBe(one.times(150).toFixed());
  });

  it.each<[CalculationType, string, string, string]>([
    ['By hour', '2026-10-12T08:00', '2026-10-12T09:00', '1'],
    ['By hour', '2026-10-12T08:00', '2026-10-12T09:00:00.001', '2'],
    ['By day', '2026-10-12T08:00', '2026-10-15T08:00', '3'],
    ['By day', '2026-10-12T08:00', '2026-10-15T08:01', '4'],
    ['By week', '2026-09-01T12:00', '2026-09-15T12:00', '2'],
    ['By week', '2026-09-01T12:00', '2026-09-15T12:00:01', '3'],
    ['By month', '2026-09-15T10:00', '2026-10-15T10:00', '1'],
    ['By month', '2026-09-15T10:00', '2026-10-15T10:01', '2'],
  ])('%s counts begun units: %s to %s is %s', (type, start, end, expected) => {
    expect(quantity(type, start, end)).toBe(expected);
  });

  it.each(calculationTypes)('%s: a loan that ends the moment it starts is one unit', (type) => {
    expect(quantity(type, '2026-10-12T08:00', '2026-10-12T08:00')).toBe('1');
  });

  it.each<[CalculationType, string]>([['By hour', '175320'], ['By day', '7305'], ['By week', '1044'], ['By month', '240'], ['Per transaction', '1']])(
    '%s: twenty years are %s', (type, expected) => {
      expect(quantity(type, '2006-10-12T08:00', '2026-10-12T08:00')).toBe(expected);
    },
  );
});

describe('a unit that has only begun', () => {
  it.each<[UnitRounding, CalculationType, string, string, string]>([
    ['down', 'By hour', '2026-10-12T08:00', '2026-10-12T10:59', '2'],
    ['down', 'By day', '2026-10-12T08:00', '2026-10-15T07:59', '2'],
    ['nearest', 'By hour', '2026-10-12T08:00', '2026-10-12T10:29:59', '2'],
    ['nearest', 'By hour', '2026-10-12T08:00', '2026-10-12T10:30', '3'],
    ['nearest', 'By day', '2026-10-12T08:00', '2026-10-14T19:59', '2'],
    ['nearest', 'By day', '2026-10-12T08:00', '2026-10-14T20:00', '3'],
    // February has 28 days, so 14 of them are half a month.
    ['nearest', 'By month', '2026-02-01T00:00', '2026-02-14T23:59', '1'],
    ['nearest', 'By month', '2026-01-01T00:00', '2026-02-14T23:59', '1'],
    ['nearest', 'By month', '2026-01-01T00:00', '2026-02-15T00:00', '2'],
  ])('is rounded %s where the settings say so: %s, %s to %s is %s', (rounding, type, start, end, expected) => {
    expect(quantity(type, start, end, toronto, rounding)).toBe(expected);
  });

  it.each(unitRoundings)('is one unit where it is the only one, rounded %s', (rounding) => {
    expect(quantity('By day', '2026-10-12T08:00', '2026-10-12T08:05', toronto, rounding)).toBe('1');
    expect(quantity('By day', '2026-10-12T08:00', '2026-10-12T08:00', toronto, rounding)).toBe('1');
  });

  it('is half a unit of its own length on a day of 23 hours', () => {
    expect(quantity('By day', '2026-03-27T00:00', '2026-03-29T12:29', paris, 'nearest')).toBe('2');
    expect(quantity('By day', '2026-03-27T00:00', '2026-03-29T12:30', paris, 'nearest')).toBe('3');
  });
});

describe('daylight saving', () => {
  it.each([
    ['begins', toronto, '2026-03-07T12:00', '2026-03-08T12:00', '23'],
    ['ends', toronto, '2026-10-31T12:00', '2026-11-01T12:00', '25'],
    ['begins', paris, '2026-03-28T12:00', '2026-03-29T12:00', '23'],
    ['ends', paris, '2026-10-24T12:00', '2026-10-25T12:00', '25'],
  ])('%s in %s: from noon to noon is one day, and the hours that passed', (_what, zone, start, end, hours) => {
    expect(quantity('By day', start, end, zone)).toBe('1');
    expect(quantity('By week', start, end, zone)).toBe('1');
    expect(quantity('By hour', start, end, zone)).toBe(hours);
  });

  it('a minute after the same hour of the next day is a second day, even where only 23 hours passed', () => {
    expect(quantity('By day', '2026-03-28T12:00', '2026-03-29T12:01', paris)).toBe('2');
  });

  it('counts both hours between two and three when the clock is put back', () => {
    const period = { start: '2026-10-25T02:30:00+02:00', end: '2026-10-25T02:30:00+01:00' };
    expect(billedQuantity('By hour', period, 1, within(paris)).toFixed()).toBe('1');
    expect(billedQuantity('By hour', { ...period, end: '2026-10-25T02:31:00+01:00' }, 1, within(paris)).toFixed()).toBe('2');
  });

  it('the day is that of the lender, wherever the times were written down', () => {
    const period = { start: '2026-03-28T11:00:00Z', end: '2026-03-29T11:00:00Z' };
    expect(billedQuantity('By day', period, 1, within(paris)).toFixed()).toBe('2');
    expect(billedQuantity('By day', period, 1, within('UTC')).toFixed()).toBe('1');
  });
});

describe('months of different lengths', () => {
  it.each([
    ['2026-01-31T10:00', '2026-02-28T10:00', '1'],
    ['2026-01-31T10:00', '2026-02-28T10:01', '2'],
    ['2026-01-31T10:00', '2026-03-01T10:00', '2'],
    ['2026-01-31T10:00', '2026-03-31T10:00', '2'],
    ['2028-01-31T10:00', '2028-02-29T10:00', '1'],
    ['2026-02-28T10:00', '2026-03-28T10:00', '1'],
    ['2026-02-28T10:00', '2026-03-31T10:00', '2'],
    ['2026-08-31T08:00', '2026-09-30T08:00', '1'],
    ['2026-01-31T10:00', '2027-01-31T10:00', '12'],
  ])('%s to %s is %s', (start, end, expected) => {
    expect(quantity('By month', start, end)).toBe(expected);
  });
});

describe('a period that is none', () => {
  it.each(calculationTypes.filter((type) => type !== 'Per transaction'))('%s: says that there is no end', (type) => {
    expect(refusalOf(() => billedQuantity(type, null, 1, within(toronto)))).toBe('period-invalid: the loaner has no end');
  });

  it.each(calculationTypes.filter((type) => type !== 'Per transaction'))('%s: says that the end lies before the start', (type) => {
    const period = { start: '2026-10-12T08:00:00Z', end: '2026-10-12T07:59:59Z' };
    expect(refusalOf(() => billedQuantity(type, period, 1, within(toronto)))).toBe('period-invalid: it ends on 2026-10-12T07:59:59Z, before it starts on 2026-10-12T08:00:00Z');
  });

  it('does not matter per transaction: the length of the loan does not count', () => {
    expect(billedQuantity('Per transaction', null, 3, within(toronto)).toFixed()).toBe('3');
    expect(quantity('Per transaction', '2026-10-12T08:00', '2026-10-11T08:00')).toBe('1');
  });
});

describe('the calculation type', () => {
  it.each([undefined, null, ''])('is the default of the settings where the item has %j', (value) => {
    expect(readCalculationType(value, 'By day', 'HP EliteBook')).toBe('By day');
  });

  it.each(calculationTypes)('is that of the item where it has one: %s', (type) => {
    expect(readCalculationType(type, 'By day', 'HP EliteBook')).toBe(type);
  });

  it.each<[unknown]>([['By year'], ['by hour'], [7], [true], [['By hour']]])('is asked for where the item has %j', (value) => {
    expect(refusalOf(() => readCalculationType(value, 'By day', 'HP EliteBook'))).toBe(`calculation-type-unknown: "HP EliteBook" has ${JSON.stringify(value)}`);
  });
});

/** Random periods of up to two years, down to the second; a failing run prints its seed. */
const periods = tuple(integer({ min: Date.UTC(2025, 0) / 1000, max: Date.UTC(2027, 0) / 1000 }), integer({ min: 0, max: 2 * 366 * 86_400 }))
  .map(([startSeconds, lengthSeconds]) => ({ startMs: startSeconds * 1000, endMs: (startSeconds + lengthSeconds) * 1000 }));
const zones = constantFrom(toronto, paris, 'UTC', 'Australia/Lord_Howe', 'Asia/Kathmandu');
const types = constantFrom(...calculationTypes);
const iso = (ms: number) => new Date(ms).toISOString();

describe('for any period', () => {
  it('a longer loan is never billed less', () => {
    assert(property(types, tuple(zones, constantFrom(...unitRoundings)), periods, integer({ min: 0, max: 90 * 86_400 }), (type, [timeZone, unitRounding], { startMs, endMs }, moreSeconds) => {
      const shorter = billedQuantity(type, { start: iso(startMs), end: iso(endMs) }, 1, { timeZone, unitRounding });
      const longer = billedQuantity(type, { start: iso(startMs), end: iso(endMs + moreSeconds * 1000) }, 1, { timeZone, unitRounding });
      expect(longer.greaterThanOrEqualTo(shorter)).toBe(true);
    }));
  });

  it('the quantity is a whole number of at least one, in proportion to what was lent', () => {
    assert(property(types, zones, periods, integer({ min: 1, max: 1000 }), (type, zone, { startMs, endMs }, lot) => {
      const period = { start: iso(startMs), end: iso(endMs) };
      const one = billedQuantity(type, period, 1, within(zone));
      expect(one.isInteger() && one.greaterThanOrEqualTo(1)).toBe(true);
      expect(billedQuantity(type, period, lot, within(zone)).equals(one.times(lot))).toBe(true);
    }));
  });

  it('rounded down, to the nearest, and up is never less than the one before, and never more than one unit apart', () => {
    assert(property(types, zones, periods, (type, zone, { startMs, endMs }) => {
      const [down = 0, nearest = 0, up = 0] = (['down', 'nearest', 'up'] as const).map((unitRounding) =>
        billedQuantity(type, { start: iso(startMs), end: iso(endMs) }, 1, { timeZone: zone, unitRounding }).toNumber());
      expect(down <= nearest && nearest <= up && up - down <= 1).toBe(true);
    }));
  });

  it('the quantity is the number one gets by counting unit by unit', () => {
    const unitOf = { 'By day': 'days', 'By week': 'weeks', 'By month': 'months' } as const;
    assert(property(constantFrom('By day', 'By week', 'By month'), zones, periods, (type, zone, { startMs, endMs }) => {
      const start = DateTime.fromMillis(startMs, { zone });
      let begun = 1;
      while (start.plus({ [unitOf[type]]: begun }).toMillis() < endMs) begun += 1;
      expect(billedQuantity(type, { start: iso(startMs), end: iso(endMs) }, 1, within(zone)).toNumber()).toBe(begun);
    }));
  });
});
