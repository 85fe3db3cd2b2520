import { existsSync } from 'node:fs';
import { Decimal } from 'decimal.js';
import { describe, expect, it } from 'vitest';
import { orderSchema } from '../../domain/order.ts';
import { loadShopData } from '../../simulators/data/index.ts';
import { shareOut } from '../../simulators/shop/discounts.ts';
import { expectedOrder } from '../../simulators/shop/expect.ts';
import { generateShop } from '../../simulators/shop/generate.ts';
import type { ShopData, ShopOrder, WantedOrder } from '../../simulators/shop/types.ts';
import { createShopWorld, type ShopEvent } from '../../simulators/shop/world.ts';

const northwind = new URL('../../../shared/data/northwind.json', import.meta.url).pathname;

/** One product at 20 %, one at 10 %, one untaxed. */
function shopOf(settings: Partial<ShopData['settings']> = {}) {
  return createShopWorld({
    settings: { name: 'Test', currency: 'EUR', digits: 2, pricesIncludeTax: true, roundsAt: 'line', timeZone: 'Europe/Paris', ...settings },
    taxRates: [{ id: '1', name: '20 %', percentage: '20', country: '' }, { id: '2', name: '10 %', percentage: '10', country: '' }],
    products: [
      { id: '1', name: 'Bag', sku: 'B', price: '9.99', taxRateIds: ['1'] }, { id: '2', name: 'Tea', sku: 'T', price: '3.33', taxRateIds: ['2'] }, { id: '3', name: 'Gift', sku: '', price: '50', taxRateIds: [] },
    ],
    customers: [{ id: '1', billing: { firstName: 'A', lastName: 'B', company: '', email: 'a@example.com', phone: '', street: '', street2: '', city: '', state: '', zip: '', country: 'FR' } }],
    coupons: [{ code: 'ten', kind: 'percent', value: '10' }, { code: 'five', kind: 'amount', value: '5' }],
    orders: [],
  });
}

const bags: WantedOrder = { customerId: '1', lines: [{ productId: '1', quantity: 1 }] };

function sums({ total, totalTax }: ShopOrder): [string, string] {
  return [total.toFixed(), totalTax.toFixed()];
}

describe('a shop reckons', () => {
  it('tax out of prices with tax, so that the price stays whole', () => {
    const order = shopOf().place(bags);
    expect(order.lines[0]?.after.net.toFixed()).toBe('8.325');
    expect(order.lines[0]?.after.taxes[0]?.amount.toFixed()).toBe('1.665');
    // 8.33 + 1.66, not 8.33 + 1.67.
    expect(sums(order)).toEqual(['9.99', '1.66']);
  });

  it('tax on top of prices without', () => {
    expect(sums(shopOf({ pricesIncludeTax: false }).place(bags))).toEqual(['11.99', '2']);
  });

  it('tax line by line, or of the sum of all lines', () => {
    const lines = Array.from({ length: 5 }, () => ({ productId: '2', quantity: 1 }));
    expect(sums(shopOf({ pricesIncludeTax: false }).place({ ...bags, lines }))).toEqual(['18.3', '1.65']);
    expect(sums(shopOf({ pricesIncludeTax: false, roundsAt: 'subtotal' }).place({ ...bags, lines }))).toEqual(['18.32', '1.67']);
  });

  it('shipping and fees without tax, whatever prices are', () => {
    const charges = { shipping: [{ name: 'Post', price: '5.00', taxRateIds: ['1'] }], fees: [{ name: 'Gift wrap', price: '1.00', taxRateIds: [] }] };
    expect(sums(shopOf().place({ ...bags, ...charges }))).toEqual(['16.99', '2.66']);
  });

  it('coupons off the price as the customer sees it', () => {
    const order = shopOf().place({ ...bags, lines: [{ productId: '1', quantity: 3 }, { productId: '3', quantity: 1 }], coupons: ['ten', 'five'] });
    // 29.97 + 50 = 79.97; 8.00 off; 5.00 off.
    expect(order.total.toFixed()).toBe('66.97');
    expect(order.coupons.map(({ code, discount, discountTax }) => [code, discount.plus(discountTax).toFixed(2)])).toEqual([['ten', '8.00'], ['five', '5.00']]);
  });

  it('a fee below zero as a discount on everything, and never below nothing', () => {
    const lines = [{ productId: '1', quantity: 1, price: '12' }, { productId: '3', quantity: 1, price: '10' }];
    const fee = (price: string) => ({ ...bags, lines, fees: [{ name: 'Voucher', price, taxRateIds: [] }] });
    expect(sums(shopOf().place(fee('-4')))).toEqual(['17.6', '1.6']);
    expect(sums(shopOf().place(fee('-400')))).toEqual(['0', '0']);
  });

  it('without decimals where the currency has none', () => {
    expect(sums(shopOf({ currency: 'JPY', digits: 0 }).place({ ...bags, lines: [{ productId: '1', quantity: 1, price: '1000' }] }))).toEqual(['1000', '167']);
  });

  it.each([
    ['percent', '10', ['1000', '999'], [1, 1], [101, 99]],
    ['amount', '1', ['1000', '50'], [2, 1], [67, 33]],
    ['amount', '99', ['1000', '50'], [1, 1], [1000, 50]],
    ['percent', '100', ['333', '1'], [3, 1], [333, 1]],
  ] as const)('a coupon of %s %s on lines of %j cents as whole cents', (kind, value, cents, quantities, expected) => {
    const lines = cents.map((amount, index) => ({ cents: new Decimal(amount), quantity: quantities[index] ?? 1 }));
    expect(shareOut({ code: 'x', kind, value }, lines, 2).map(Number)).toEqual(expected);
  });
});

describe('an order', () => {
  it('is paid, changed, given back and put away, and whoever listens is told', () => {
    const events: string[] = [];
    const data = generateShop({ orders: 0 });
    const world = createShopWorld(data, { emit: ({ kind, order }: ShopEvent) => events.push(`${kind} ${order.status}`) });
    const { id, lines } = world.place({ customerId: '1', lines: [{ productId: '1', quantity: 4 }] });
    world.pay(id, '2026-05-05T05:05:05Z');
    expect(world.order(id)).toMatchObject({ status: 'processing', paidAtMs: Date.UTC(2026, 4, 5, 5, 5, 5) });
    const before = world.order(id)?.total ?? new Decimal(0);
    world.change(id, { quantities: { [lines[0]?.id ?? '']: 2 }, billing: { email: 'new@example.com' } });
    expect(world.order(id)?.total.times(2).minus(before).abs().toNumber()).toBeLessThanOrEqual(0.02);
    expect(world.order(id)?.billing.email).toBe('new@example.com');
    const refund = world.refund(id, { lines: [{ lineId: lines[0]?.id ?? '', quantity: 1 }] });
    expect(refund.total.times(2).minus(world.order(id)?.total ?? 0).abs().toNumber()).toBeLessThanOrEqual(0.02);
    world.refund(id);
    expect(world.order(id)?.status).toBe('refunded');
    world.remove(id, { forGood: true });
    expect(world.order(id)).toBeUndefined();
    expect(events).toEqual(['created pending', 'updated processing', 'updated processing', 'updated processing', 'updated refunded', 'deleted refunded']);
  });

  it('is never changed before it was placed, and every change moves its time', () => {
    let nowMs = Date.UTC(2026, 0, 1);
    const world = createShopWorld(generateShop({ orders: 1 }), { now: () => nowMs });
    const { id } = world.place({ customerId: '1', lines: [{ productId: '1', quantity: 1 }] });
    nowMs += 5_000;
    world.pay(id);
    expect(world.order(id)).toMatchObject({ placedAtMs: nowMs - 5_000, changedAtMs: nowMs, paidAtMs: nowMs });
  });
});

describe('the shops that come along', () => {
  it('hold a bit of everything', async () => {
    const world = createShopWorld(await loadShopData(null));
    const orders = world.orders();
    expect(orders.map(({ number, total }) => `${number} ${total.toFixed(2)}`)).toEqual([
      '1001 171.65', '1002 75.88', '1003 186.90', '1004 33.30', '1005 190.72', '1006 334.43', '1007 311.04', '1008 79.87', '1010 89.90', '1012 100.00', '1014 149.00', 'W-2026-0012 108.17',
    ]);
    expect(orders.every((order) => orderSchema.safeParse(expectedOrder(order, world)).success)).toBe(true);
  });

  it.skipIf(!existsSync(northwind))('include Northwind: 830 orders, and its well-known turnover', async () => {
    const world = createShopWorld(await loadShopData(northwind));
    const orders = world.orders();
    expect(orders.length).toBe(830);
    const turnover = orders.flatMap(({ lines }) => lines).filter(({ kind }) => kind === 'product').reduce((sum, { after }) => sum.plus(after.net), new Decimal(0));
    expect(turnover.toNumber()).toBeCloseTo(1_265_793.04, 0);
    const freight = orders.flatMap(({ lines }) => lines).filter(({ kind }) => kind === 'shipping').reduce((sum, { after }) => sum.plus(after.net), new Decimal(0));
    expect(freight.toFixed(2)).toBe('64942.69');
    expect(new Set(orders.map(({ billing }) => billing.email)).size).toBe(new Set(orders.map(({ customerId }) => customerId)).size);
  });

  it('are the same for the same seed, and others for another', () => {
    expect(generateShop({ orders: 20, seed: 3 })).toEqual(generateShop({ orders: 20, seed: 3 }));
    expect(generateShop({ orders: 20, seed: 3 })).not.toEqual(generateShop({ orders: 20, seed: 4 }));
  });

  it('are named where they cannot be used', async () => {
    const file = new URL('../../package.json', import.meta.url).pathname;
    await expect(loadShopData(file)).rejects.toThrow('package.json has no shop that can be used');
  });
});
