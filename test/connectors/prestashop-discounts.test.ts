import { Decimal } from 'decimal.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apportion } from '../../connectors/prestashop/apportion.ts';
import { splitDiscount, type Discountable } from '../../connectors/prestashop/discounts.ts';

const parameters = { seed: 2_026, numRuns: 500 };
const sum = (amounts: readonly Decimal[]) => amounts.reduce((total, amount) => total.plus(amount), new Decimal(0));
const cents = (min: number, max: number, digits = 2) => fc.integer({ min: min * 10 ** digits, max: max * 10 ** digits }).map((value) => new Decimal(value).dividedBy(10 ** digits));
const line = (rate: number, amount: Decimal): Discountable => ({ taxKey: String(rate), amount, tax: amount.times(rate).dividedBy(100).toDecimalPlaces(6) });
const rates = [20, 10, 5.5, 0] as const;
const lines = fc.array(fc.tuple(fc.constantFrom(...rates), cents(0, 500, 6)).map(([rate, amount]) => line(rate, amount)), { minLength: 1, maxLength: 12 });
/** Discounts as shops write them: in cents mostly, in six places now and then. */
const discount = fc.record({ amount: fc.oneof(cents(0, 1000), cents(0, 1000, 6)), tax: fc.oneof(cents(0, 200), cents(0, 200, 6)) });

describe(`an amount that is split by weights (seed ${parameters.seed})`, () => {
  it('adds up to itself, and no share is a whole unit away from its part', () => {
    fc.assert(fc.property(cents(0, 10_000), fc.array(cents(0, 100, 4), { minLength: 1, maxLength: 20 }), fc.constantFrom(0, 2, 3), (total, weights, digits) => {
      const shares = apportion(total, weights, digits);
      expect(sum(shares).toFixed()).toBe(total.toFixed());
      const whole = sum(weights);
      const unit = new Decimal(10).toPower(-Math.max(digits, total.decimalPlaces()));
      if (whole.isZero()) return;
      for (const [index, share] of shares.entries()) {
        const exact = total.times(weights[index] ?? 0).dividedBy(whole);
        expect(share.minus(exact).abs().lessThanOrEqualTo(unit)).toBe(true);
        expect(share.isNegative() && !share.isZero()).toBe(false);
      }
    }), parameters);
  });

  it('gives the cents that are left to those who lost most', () => {
    const shares = apportion(new Decimal('1.00'), [1, 1, 1].map((weight) => new Decimal(weight)), 2);
    expect(shares.map((share) => share.toFixed(2))).toEqual(['0.34', '0.33', '0.33']);
  });
});

describe(`the discount of an order (seed ${parameters.seed})`, () => {
  it('adds up over the lines to what the shop says, without tax and with it', () => {
    fc.assert(fc.property(discount, lines, (total, all) => {
      const shares = splitDiscount(total, all, 2);
      expect(shares).toHaveLength(all.length);
      expect(sum(shares.map(({ amount }) => amount)).toFixed()).toBe(total.amount.toFixed());
      expect(sum(shares.map(({ tax }) => tax)).toFixed()).toBe(total.tax.toFixed());
      expect(shares.every(({ amount, tax }) => amount.greaterThanOrEqualTo(0) && tax.greaterThanOrEqualTo(0))).toBe(true);
    }), parameters);
  });

  it('is found again on the rates that bore it, where it was a coupon for products of one rate', () => {
    fc.assert(fc.property(cents(10, 500), cents(10, 500), fc.integer({ min: 1, max: 100 }), fc.boolean(), (high, low, percent, isHigh) => {
      const all = [line(20, high), line(5.5, low)];
      const borne = isHigh ? high : low;
      const amount = borne.times(percent).dividedBy(100).toDecimalPlaces(2);
      const tax = amount.times(isHigh ? 20 : 5.5).dividedBy(100).toDecimalPlaces(2);
      const shares = splitDiscount({ amount, tax }, all, 2);
      // The tax is known to a cent, and rounded to one: at these rates that is some cents of the amount.
      const missing = amount.minus(shares[isHigh ? 0 : 1]?.amount ?? 0).abs();
      expect(missing.toNumber()).toBeLessThanOrEqual(0.02 / (0.2 - 0.055) + 0.01);
    }), parameters);
  });

  it('is in proportion to what each rate is paid for, where its tax says nothing else', () => {
    const all = [line(20, new Decimal(100)), line(5.5, new Decimal(300)), line(20, new Decimal(50))];
    const shares = splitDiscount({ amount: new Decimal(45), tax: new Decimal('4.65') }, all, 2);
    expect(shares.map(({ amount, tax }) => `${amount.toFixed(2)} + ${tax.toFixed(2)}`)).toEqual(['10.00 + 2.00', '30.00 + 1.65', '5.00 + 1.00']);
  });

  it('takes everything off where everything is free', () => {
    const all = [line(20, new Decimal('74.916667')), line(10, new Decimal('68.05'))];
    const total = { amount: sum(all.map(({ amount }) => amount)), tax: sum(all.map(({ tax }) => tax)) };
    expect(splitDiscount(total, all, 2).map(({ amount }) => amount.toFixed())).toEqual(['74.916667', '68.05']);
  });
});
