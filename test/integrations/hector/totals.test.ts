import { array, assert, constantFrom, integer, property, record, tuple } from 'fast-check';
import { expect, it } from 'vitest';
import { decimal } from '../../../domain/money.ts';
import { contextWith, linesOf, mapLoaner, written } from './world.ts';

/** For any prices and quantities: the total that Books must come to is the sum of its lines, each rounded. A failing run prints its seed. */

const currencies = constantFrom({ currencyCode: 'JPY', digits: 0 }, { currencyCode: 'CAD', digits: 2 }, { currencyCode: 'KWD', digits: 3 });
const lines = array(
  record({
    rate: tuple(integer({ min: 0, max: 10_000_000 }), integer({ min: 0, max: 6 })).map(([digits, places]) => decimal(digits).div(decimal(10).pow(places)).toFixed()),
    quantity: integer({ min: 1, max: 100_000 }),
    calculationType: constantFrom('Per transaction', 'By hour', 'By day', 'By week', 'By month'),
  }),
  { minLength: 1, maxLength: 20 },
);
const penalties = array(integer({ min: 0, max: 1_000_000 }), { maxLength: 3 });
const lengthsMs = integer({ min: 0, max: 400 * 86_400_000 });

it('the sub total is the sum of the rounded lines', () => {
  assert(property(currencies, lines, penalties, lengthsMs, (currency, lent, coins, lengthMs) => {
    const imported = lent.map((line, index) => ({ id: `p-${index}`, name: `Item ${index}`, ...line }));
    const startMs = Date.UTC(2026, 0, 31, 10);
    const mapped = written(mapLoaner(
      {
        startedAt: new Date(startMs).toISOString(), returnedAt: new Date(startMs + lengthMs).toISOString(),
        lines: lent.map(({ quantity }, index) => ({ kind: 'part', itemId: `p-${index}`, quantity })),
        penalties: coins.map((value) => ({ type: 'amount', reason: 'late', value: decimal(value).div(decimal(10).pow(currency.digits)).toFixed() })),
      },
      { imported, context: contextWith({}, currency) },
    ));
    // Whole coins, so that nothing of the rounding under test is used to test it.
    const coin = decimal(10).pow(currency.digits);
    const wanted = linesOf(mapped).reduce((sum, { quantity, rate }) => {
      const exact = decimal(quantity).times(rate).times(coin);
      return sum.plus(exact.plus('0.5').floor());
    }, decimal(0));
    expect(linesOf(mapped)).toHaveLength(lent.length + coins.filter((value) => value > 0).length);
    expect(mapped.expected?.total).toBe(wanted.div(coin).toFixed(currency.digits));
  }));
});

it('rates and quantities are sent unrounded', () => {
  const imported = [{ id: 'p', name: 'Cable', rate: '0.333333', calculationType: 'By hour' }];
  const mapped = written(mapLoaner({ lines: [{ kind: 'part', itemId: 'p', quantity: 7 }] }, { imported }));
  expect(linesOf(mapped)).toMatchObject([{ rate: '0.333333', quantity: '168' }]);
  expect(mapped.expected?.total).toBe('56.00');
});
