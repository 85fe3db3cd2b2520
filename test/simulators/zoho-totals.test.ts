import { Decimal } from 'decimal.js';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addUp, type Document, type Tax } from '../../simulators/zoho/books/totals.ts';

/** Numbers with so many decimal places. */
const decimalOf = (greatest: number, digits: number) => fc.integer({ min: 0, max: greatest * 10 ** digits }).map((value) => new Decimal(value).div(10 ** digits));
const part = (id: string, percentage: string) => ({ id, name: `Tax ${id}`, percentage: new Decimal(percentage) });
const simple = (id: string, percentage: string): Tax => ({ ...part(id, percentage), parts: [part(id, percentage)] });
const group: Tax = { ...part('3', '14.975'), parts: [part('4', '5'), part('5', '9.975')] };
const tax = fc.constantFrom(null, simple('1', '20'), simple('2', '5.5'), group);
const discount = fc.oneof(fc.constant(null), decimalOf(100, 1).map((percent) => ({ percent })), decimalOf(20, 2).map((amount) => ({ amount })));
const rate = decimalOf(1000, 4).map((value) => value.minus(100));
const line = fc.record({ rate, quantity: decimalOf(50, 2), discount, tax });
const document: fc.Arbitrary<Document> = fc.record({
  lines: fc.array(line, { minLength: 1, maxLength: 12 }),
  discountType: fc.constantFrom('item_level' as const, 'entity_level' as const),
  discount,
  isDiscountBeforeTax: fc.boolean(),
  isInclusiveTax: fc.boolean(),
  taxRounding: fc.constantFrom('item_level' as const, 'entity_level' as const),
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
      const parts = [totals.subTotal, totals.taxTotal, totals.discountTotal, totals.total, ...totals.lines.flatMap((one) => [one.itemTotal, ...one.taxes.map(({ amount }) => amount)])];
      expect(parts.filter((amount) => amount.decimalPlaces() > given.digits)).toEqual([]);
      expect(totals.taxTotal.toString()).toBe(sum(totals.taxes.map(({ amount }) => amount)).toString());
      const whole = given.discountType === 'entity_level' ? totals.discountTotal : new Decimal(0);
      const extras = given.shippingCharge.toDecimalPlaces(given.digits).plus(given.adjustment.toDecimalPlaces(given.digits));
      expect(totals.total.toString()).toBe(totals.subTotal.minus(whole).plus(totals.taxTotal).plus(extras).toString());
    }), parameters);
  });

  test('rounded line by line, net amounts and taxes are the sums of the lines', () => {
    fc.assert(fc.property(document, (given) => {
      const { lines, subTotal, taxTotal } = addUp({ ...given, taxRounding: 'item_level' });
      expect(subTotal.toString()).toBe(sum(lines.map(({ itemTotal }) => itemTotal)).toString());
      expect(taxTotal.toString()).toBe(sum(lines.flatMap(({ taxes }) => taxes.map(({ amount }) => amount))).toString());
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

  const one = (changes: Partial<Document>, line: Partial<Document['lines'][number]>): Document => ({
    discountType: 'entity_level', discount: null, isDiscountBeforeTax: true, isInclusiveTax: false, taxRounding: 'item_level', shippingCharge: new Decimal(0), adjustment: new Decimal(0), digits: 2,
    lines: [{ rate: new Decimal(1), quantity: new Decimal(1), discount: null, tax: null, ...line }], ...changes,
  });

  test('half a cent is rounded up', () => {
    const { total } = addUp(one({}, { rate: new Decimal('0.335'), quantity: new Decimal(3) }));
    expect(total.toString()).toBe('1.01');
  });

  test('a rate keeps its decimals; the amount of the line is rounded, and the tax is taken from that', () => {
    const { subTotal, taxTotal, total } = addUp(one({}, { rate: new Decimal('54.54545'), tax: simple('1', '10') }));
    expect([subTotal, taxTotal, total].map(String)).toEqual(['54.55', '5.46', '60.01']);
  });

  test('taxes of a group are rounded each by itself', () => {
    const { taxes, total } = addUp(one({}, { rate: new Decimal('10.10'), tax: group }));
    expect([...taxes.map(({ amount }) => amount), total].map(String)).toEqual(['0.51', '1.01', '11.62']);
  });

  test.each([['item_level', '3.63'], ['entity_level', '3.64']] as const)('three lines of 1.01 with 20 percent, taxes rounded by %s: %s', (taxRounding, expected) => {
    const line = { rate: new Decimal('1.01'), quantity: new Decimal(1), discount: null, tax: simple('1', '20') };
    expect(addUp(one({ taxRounding, lines: [line, line, line] }, {})).total.toFixed(2)).toBe(expected);
  });

  test('a line below zero takes its tax back', () => {
    const line = { rate: new Decimal(100), quantity: new Decimal(1), discount: null, tax: simple('1', '20') };
    const { subTotal, taxTotal, total } = addUp(one({ lines: [line, { ...line, rate: new Decimal(-10) }] }, {}));
    expect([subTotal, taxTotal, total].map(String)).toEqual(['90', '18', '108']);
  });
});
