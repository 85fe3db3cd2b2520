import { assert, bigInt, date as dates, integer, property, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { amount, filterTime, percentage, time } from '../../connectors/zoho-books/fields.ts';
import { withNumbers } from '../../connectors/zoho-books/writing.ts';
import { decimal } from '../../domain/money.ts';
import { parseJson } from '../../domain/json.ts';

/** Values on their way to Books and back; a failing run prints its seed. */

const decimalText = tuple(bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), integer({ min: 0, max: 12 }))
  .map(([digits, places]) => decimal(digits.toString()).div(decimal(10).pow(places)).toFixed());

test('no decimal loses a digit on its way out and back', () => {
  assert(property(decimalText, (value) => {
    const sent = JSON.stringify(withNumbers({ line_items: [{ rate: value, quantity: value }] }));
    const received = parseJson(sent) as { line_items: [{ rate: unknown; quantity: unknown }] };
    expect(decimal(amount.parse(received.line_items[0].rate)).equals(decimal(value))).toBe(true);
    expect(received.line_items[0].quantity).toBe(received.line_items[0].rate);
  }));
});

test('text that only looks like a number stays text', () => {
  expect(withNumbers({ name: '42', reference_number: '007', rate: '10%', discount: '5%', tax_id: '77', billing_address: { zip: '94588' } }))
    .toEqual({ name: '42', reference_number: '007', rate: '10%', discount: '5%', tax_id: '77', billing_address: { zip: '94588' } });
});

test('a filter time is before the time that is asked for, by no more than two seconds', () => {
  assert(property(dates({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }), (date) => {
    const filter = filterTime(date.toISOString());
    expect(filter).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$/);
    const earlierMs = date.getTime() - Date.parse(time.parse(filter));
    expect(earlierMs).toBeGreaterThanOrEqual(1000);
    expect(earlierMs).toBeLessThan(2000);
  }));
});

test.each([['70%', '70'], [' ', null], ['12.50 %', '12.5'], [0, '0'], ['', ''], [null, '']])('the percentage %j is read as %j', (written, read) => {
  expect(percentage.safeParse(written).data ?? null).toBe(read);
});
