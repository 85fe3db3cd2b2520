import { array, assert, boolean, constantFrom, integer, oneof, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../domain/json.ts';
import { decimal } from '../../../domain/money.ts';
import type { OrderLine } from '../../../domain/order.ts';
import { expectedOrder, expectedRefund } from '../../../simulators/shop/expect.ts';
import { generateShop } from '../../../simulators/shop/generate.ts';
import { createShopWorld, type ShopWorld } from '../../../simulators/shop/world.ts';
import { seedsOf } from '../../support/seeds.ts';
import { addedUp, adjustmentOf, contextWith, lineWith, linesOf, mapOrder, mapRefund, orderWith, written, type BooksTaxes } from './world.ts';

/**
 * Random orders, as shops reckon them, are carried over; Books' own arithmetic must come to the order's total. The seeds are those of every run:
 * how much of a total is rounding is a bound that an order in many thousands may break, and that must not be a matter of luck.
 */

const taxes: BooksTaxes = {
  'TVA 20 %': { percentage: '20' }, 'TVA 5,5 %': { percentage: '5.5' }, 'GST + QST': { percentage: '14.975', group: ['5', '9.975'] },
  'GST + QST, compound': { percentage: '15.47375', group: ['5', '10.47375'] }, GST: { percentage: '5' }, QST: { percentage: '9.975' },
};
const currencies = [['EUR', 2], ['JPY', 0], ['KWD', 3]] as const;

const setUps = record({
  seed: integer({ min: 1, max: 1_000_000 }), currency: constantFrom(...currencies), pricesIncludeTax: boolean(), roundsAt: constantFrom('line', 'subtotal'),
  discountsAs: constantFrom('lines', 'fields'), taxRounding: constantFrom('line', 'document'),
  rates: constantFrom('plain', 'compound', 'not told'),
});

interface SetUp {
  readonly seed: number;
  readonly currency: (typeof currencies)[number];
  readonly pricesIncludeTax: boolean;
  readonly roundsAt: 'line' | 'subtotal';
  /** A shop that does not say whether rates are compound, such as PrestaShop, has plain ones here. */
  readonly rates: 'plain' | 'compound' | 'not told';
}

function worldOf({ seed, currency: [currency, digits], pricesIncludeTax, roundsAt, rates }: SetUp): ShopWorld {
  return createShopWorld(generateShop({ orders: 25, seed, compound: rates === 'compound', settings: { currency, digits, pricesIncludeTax, roundsAt } }));
}

/** As the shop tells it. */
function told<T extends { readonly lines: readonly OrderLine[] }>(record: T, { rates }: Pick<SetUp, 'rates'>): T {
  if (rates !== 'not told') return record;
  return { ...record, lines: record.lines.map((line) => ({ ...line, taxes: line.taxes.map(({ id, name, percentage }) => ({ id, name, percentage })) })) };
}

describe.each(seedsOf(1))('the total in Books (seed %i)', (seed) => {
  it('is that of the shop for any order, with any rounding, and so is the tax but for what is rounded', () => {
    let count = 0;
    assert(property(setUps, ({ discountsAs, taxRounding, ...shop }) => {
      const world = worldOf(shop);
      const digits = shop.currency[1];
      for (const order of world.orders()) {
        const data = { ...told(expectedOrder(order, world), shop), isPaid: true, isCancelled: false, refunds: [] };
        const mapped = mapOrder(data, { taxes, context: contextWith({ discountsAs, taxRounding }) });
        const totals = addedUp(mapped, digits, taxes, taxRounding === 'line' ? 'item_level' : 'entity_level');
        expect(`${order.number}: ${totals.total.toFixed()}`).toBe(`${order.number}: ${order.total.toFixed()}`);
        const cent = decimal(10).pow(-digits);
        // Half of it in the shop and half of it in Books for each tax of a line, and for each amount in Books.
        const rounded = data.lines.reduce((count, { taxes }) => count + taxes.length, 0) + linesOf(mapped).length;
        expect(totals.taxTotal.minus(order.totalTax).abs().lessThanOrEqualTo(cent.times(rounded))).toBe(true);
        expect(written(mapped).notes.map(({ code }) => code)).toEqual(adjustmentOf(mapped).isZero() ? [] : ['rounding-adjusted']);
        count += 1;
      }
    }), { seed, numRuns: 30 });
    expect(count).toBeGreaterThan(500);
  }, 120_000);

  it('is that of the shop for any refund, of lines, of an amount or of all', () => {
    let count = 0;
    assert(property(setUps, ({ discountsAs, taxRounding, ...shop }) => {
      const world = worldOf(shop);
      for (const order of world.orders()) {
        for (const refund of order.refunds) {
          // The generator gives a cent back in any currency.
          if (refund.total.isZero() || refund.total.decimalPlaces() > shop.currency[1]) continue;
          const data: JsonObject = told(expectedOrder(order, world), shop);
          const mapped = mapRefund(told(expectedRefund(refund, order, world), shop), data, { taxes, context: contextWith({ discountsAs, taxRounding }) });
          const totals = addedUp(mapped, shop.currency[1], taxes, taxRounding === 'line' ? 'item_level' : 'entity_level');
          expect(`${order.number}: ${totals.total.toFixed()}`).toBe(`${order.number}: ${refund.total.toFixed()}`);
          count += 1;
        }
      }
    }), { seed, numRuns: 60 });
    expect(count).toBeGreaterThan(20);
  }, 120_000);
});

const quantity = oneof(integer({ min: 1, max: 100_000 }).map(String), integer({ min: 1, max: 10_000 }).map((thousandths) => decimal(thousandths).div(1000).toFixed()));

describe('the price of one piece', () => {
  it('comes to the amount of the line for any quantity', () => {
    assert(property(array(record({ quantity, cents: integer({ min: 0, max: 10_000_000 }) }), { minLength: 1, maxLength: 20 }), (lines) => {
      const mapped = mapOrder(orderWith({ lines: lines.map(({ quantity, cents }) => lineWith({ quantity, amount: decimal(cents).div(100).toFixed(), tax: '0', taxes: [] })) }));
      const totals = addedUp(mapped, 2, {});
      expect(totals.lines.map(({ itemTotal }) => itemTotal.times(100).toNumber())).toEqual(lines.map(({ cents }) => cents));
      expect(adjustmentOf(mapped).isZero()).toBe(true);
    }));
  });
});
