import { assert, bigInt, integer, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimal, decimalSchema, roundMoney } from '../../domain/money.ts';

/** Random values; a failing run prints its seed. */
const decimalText = tuple(bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), integer({ min: 0, max: 9 }))
  .map(([digits, places]) => decimal(digits.toString()).div(decimal(10).pow(places)).toFixed());
const currencyDigits = integer({ min: 0, max: 3 });

describe('roundMoney', () => {
  it.each([
    ['2.345', 2, '2.35'],
    ['2.344999', 2, '2.34'],
    ['1.005', 2, '1.01'],
    ['0.5', 0, '1'],
    ['1234.5675', 3, '1234.568'],
    ['-2.345', 2, '-2.35'],
    ['7', 2, '7.00'],
  ])('%s to %i digits is %s', (value, digits, rounded) => {
    expect(roundMoney(decimal(value), digits).toFixed(digits)).toBe(rounded);
  });

  it('is never off by more than half of the smallest coin, and changes nothing the second time', () => {
    assert(property(decimalText, currencyDigits, (value, digits) => {
      const rounded = roundMoney(decimal(value), digits);
      expect(rounded.minus(value).abs().lessThanOrEqualTo(decimal(10).pow(-digits).div(2))).toBe(true);
      expect(roundMoney(rounded, digits).equals(rounded)).toBe(true);
    }));
  });
});

describe('decimalSchema', () => {
  it.each([[4.5, '4.5'], ['4.50', '4.5'], ['-0.001', '-0.001'], ['12345678901234567890.123456789', '12345678901234567890.123456789'], [0, '0']])(
    'reads %j as %s', (given, text) => {
      expect(decimalSchema.parse(given).toFixed()).toBe(text);
    },
  );

  it.each(['', ' 1', '1e5', '1,5', '.5', 'NaN', '0x10', null, true, Number.NaN, Number.POSITIVE_INFINITY])('refuses %j', (given) => {
    expect(decimalSchema.safeParse(given).success).toBe(false);
  });

  it('keeps every digit of text', () => {
    assert(property(decimalText, (value) => {
      expect(decimalSchema.parse(value).equals(decimal(value))).toBe(true);
    }));
  });
});
