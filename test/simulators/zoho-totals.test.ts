import { Decimal } from 'decimal.js';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addUp, type Document } from '../../simulators/zoho/books/totals.ts';

/** Numbers with so many decimal places. */
const decimalOf = (greatest: number, digits: number) => fc.integer({ min: 0, max: greatest * 10 ** digits }).map((value) => new Decimal(value).div(10 ** digits));
const tax = fc.constantFrom(null, { id: '1', name: 'VAT', percentage: new Decimal(20) }, { id: '2', name: 'Low', percentage: new Decimal('5.5') });
const discount = fc.oneof(fc.constant(null), decimalOf(100, 1).map((percent) => ({ percent })), decimalOf(20, 2).map((amount) => ({ amount })));
const line = fc.record({ rate: decimalOf(1000, 4), quantity: decimalOf(50, 2), discount, tax });
const document: fc.Arbitrary<Document> = fc.record({
  lines: fc.array(line, { minLength: 1, maxLength: 12 }),
  discountType: fc.constantFrom('item_level' as const, 'entity_level' as const),
  discount,
  isDiscountBeforeTax: fc.boolean(),
  isInclusiveTax: fc.boolean(),
  shippingCharge: decimalOf(50, 2),
  adjustment: decimalOf(5, 2).map((value) => value.minus(2)),
  digits: fc.constantFrom(0, 2, 3),
});
const parameters = { seed: 2_026, numRuns: 500 };
const sum = (amounts: readonly Decimal[]) => amounts.reduce((total, amount) => total.plus(amount), new Decimal(0));

describe(`totals of a document (seed ${parameters.seed})`, () => {
  test('the total is the sum of its parts, each with no more digits than the currency', () => {
    fc.assert(fc.property(document, (given) => {
      const totals = addUp({ ...given, shippingCharge: given.shippingCharge.toDecimalPlaces(given.digits), adjustment: given.adjustment.toDecimalPlaces(given.digits) });
      const parts = [totals.subTotal, totals.taxTotal, totals.discountTotal, totals.total, ...totals.lines.flatMap((one) => [one.itemTotal, one.taxAmount])];
      expect(parts.filter((amount) => amount.decimalPlaces() > given.digits)).toEqual([]);
      expect(totals.subTotal).toEqual(sum(totals.lines.map(({ itemTotal }) => itemTotal)));
      expect(totals.taxTotal).toEqual(sum(totals.taxes.map(({ amount }) => amount)));
      const whole = given.discountType === 'entity_level' ? totals.discountTotal : new Decimal(0);
      const extras = given.shippingCharge.toDecimalPlaces(given.digits).plus(given.adjustment.toDecimalPlaces(given.digits));
      expect(totals.total.toString()).toBe(totals.subTotal.minus(whole).plus(totals.taxTotal).plus(extras).toString());
    }), parameters);
  });

  test('where rates contain the tax, a document without discount costs what its lines say', () => {
    fc.assert(fc.property(document, (given) => {
      const nothing = new Decimal(0);
      const plain = { ...given, isInclusiveTax: true, discountType: 'entity_level' as const, discount: null, shippingCharge: nothing, adjustment: nothing };
      const said = sum(given.lines.map(({ rate, quantity }) => rate.times(quantity).toDecimalPlaces(given.digits, Decimal.ROUND_HALF_UP)));
      expect(addUp(plain).total.toString()).toBe(said.toString());
    }), parameters);
  });

  test('half a cent is rounded up', () => {
    const base = { discountType: 'entity_level', discount: null, isDiscountBeforeTax: true, isInclusiveTax: false, shippingCharge: new Decimal(0), adjustment: new Decimal(0), digits: 2 } as const;
    const { total } = addUp({ ...base, lines: [{ rate: new Decimal('0.335'), quantity: new Decimal(3), discount: null, tax: null }] });
    expect(total.toString()).toBe('1.01');
  });
});
