import { Decimal } from 'decimal.js';
import { describe, expect, it } from 'vitest';
import { openGate, type Gate } from '../../connectors/gate.ts';
import { createHttp } from '../../connectors/http.ts';
import { createPrestaShop } from '../../connectors/prestashop/index.ts';
import { orderSchema, type Order, type OrderLine, type Refund } from '../../domain/order.ts';
import { taxSum } from '../../simulators/shop/arithmetic.ts';
import { expectedOrder, expectedRefund } from '../../simulators/shop/expect.ts';
import { generateShop } from '../../simulators/shop/generate.ts';
import { reckon, type Amounts } from '../../simulators/shop/prestashop-money.ts';
import { states } from '../../simulators/shop/prestashop-names.ts';
import { prestaShopKey, startPrestaShopSimulator } from '../../simulators/shop/prestashop.ts';
import type { Priced, ShopData, ShopLine, ShopOrder, ShopRefund } from '../../simulators/shop/types.ts';
import type { ShopWorld } from '../../simulators/shop/world.ts';
import { describeOrderSource } from '../contract/order-source.contract.ts';
import type { OrderSourceUnderTest } from '../contract/order-source-under-test.ts';
import { listAll } from '../contract/resource-under-test.ts';
import { seedsOf } from '../support/seeds.ts';

describeOrderSource('PrestaShop', { pageSize: 100, listsDeletions: false, reductions: false, tellsCompound: false }, setup);

async function setup(data: ShopData, gate: Gate): Promise<OrderSourceUnderTest> {
  const simulator = await startPrestaShopSimulator({ data });
  const { world } = simulator;
  return {
    connector: createPrestaShop({ http: createHttp({ timeoutMs: 5000 }), baseUrl: simulator.url, key: prestaShopKey, gate }),
    world,
    expectedOrder: (order) => orderOf(order, world),
    expectedRefund: (refund, order) => refundOf(refund, order, world),
    spoil: (orderId) => simulator.spoil(orderId, { date_add: 'yesterday' }),
    inject: (kind, times) => void simulator.faults.add({ route: '* /api', kind, ...(times !== undefined && { times }) }),
    calls: () => simulator.summary().calls,
    close: () => simulator.close(),
  };
}

/** PrestaShop does not say which lines bear a discount; that they bear it all is a test of its own below. */
const anyAmount = expect.stringMatching(/^\d+(\.\d+)?$/) as string;
/** Nor what wrapping is taxed with. */
const anyTaxes = expect.any(Array) as OrderLine['taxes'];

function orderOf(order: ShopOrder, world: ShopWorld): Order {
  const common = expectedOrder(order, world);
  const { goods, shipping, wrapping, discount, discountNames } = reckon(order, world.settings.digits);
  const borne = discount.including.isZero() ? '0' : anyAmount;
  const { flags, id } = states[order.status];
  const wasPaid = order.paidAtMs !== null && (!order.total.isZero() || flags.paid === '1');
  return {
    ...common, status: id, paidAt: wasPaid ? common.paidAt : null, discountNames: [...discountNames],
    lines: [
      ...goods.map(({ line, priced }) => ({ ...product(line, priced, common), discount: borne, discountTax: borne })),
      ...charge('shipping', shipping, order, world),
      ...charge('wrapping', wrapping, order, world),
    ],
    refunds: common.refunds.map((refund) => ({ ...refund, reason: '' })),
  };
}

/** Amounts have six places, and the combination is part of the name. */
function product({ id, name, description, sku, productId, quantity }: ShopLine, priced: Priced, { lines }: { readonly lines: readonly OrderLine[] }): OrderLine {
  const net = priced.net.toDecimalPlaces(6);
  return {
    id, kind: 'product', name: description === '' ? name : `${name} - ${description}`, description: '', sku: sku ?? '', productId, quantity: String(quantity),
    amount: net.toFixed(), tax: priced.net.plus(taxSum(priced)).toDecimalPlaces(6).minus(net).toFixed(), discount: '0', discountTax: '0', taxes: (lines.find((line) => line.id === id)?.taxes ?? []).map(untold),
  };
}

/** It does not say which rates are compound. */
function untold({ id, name, percentage }: OrderLine['taxes'][number]): OrderLine['taxes'][number] {
  return { id, name, percentage };
}

function charge(id: 'shipping' | 'wrapping', { excluding, including }: Amounts, order: ShopOrder, world: ShopWorld): OrderLine[] {
  if (including.isZero()) return [];
  const tax = including.minus(excluding);
  const line = { id, description: '', sku: '', productId: null, quantity: '1', amount: excluding.toFixed(), tax: tax.toFixed(), discount: '0', discountTax: '0' };
  if (id === 'wrapping') return [{ ...line, kind: 'fee', name: 'Gift wrapping', taxes: tax.isZero() ? [] : anyTaxes }];
  const shipping = order.lines.find(({ kind }) => kind === 'shipping');
  return [{ ...line, kind: 'shipping', name: shipping?.name ?? '', taxes: tax.isZero() ? [] : shippingTaxes(shipping?.taxRateIds ?? [], order, world) }];
}

/** Several taxes on shipping are known again where a product has the same; else there is only what they come to. */
function shippingTaxes(rateIds: readonly string[], order: ShopOrder, world: ShopWorld): OrderLine['taxes'] {
  const rates = rateIds.flatMap((rateId) => world.taxRates().find(({ id }) => id === rateId) ?? []);
  const isKnown = rateIds.length === 1 || order.lines.some(({ kind, taxRateIds }) => kind === 'product' && taxRateIds.join() === rateIds.join());
  if (isKnown) return rates.map(({ id, name, percentage }) => ({ id, name, percentage: new Decimal(percentage).toFixed() }));
  return [{ id: null, name: '', percentage: rates.reduce((sum, { percentage }) => sum.plus(percentage), new Decimal(0)).toFixed() }];
}

/** Without reason; where less is given back than its products cost, that is a discount on them. */
function refundOf(refund: ShopRefund, order: ShopOrder, world: ShopWorld): Refund {
  const common = expectedRefund(refund, order, world);
  const lines = refund.lines.flatMap(({ lineId, quantity, priced }) => {
    const line = order.lines.find(({ id, kind }) => id === lineId && kind === 'product');
    return line && !priced.net.plus(taxSum(priced)).isZero() ? [{ ...product(line, priced, common), quantity: String(quantity) }] : [];
  });
  const isReduced = lines.reduce((sum, { amount, tax }) => sum.plus(amount).plus(tax), new Decimal(0)).greaterThan(refund.total);
  return { ...common, reason: '', lines: isReduced ? lines.map((line) => ({ ...line, discount: anyAmount, discountTax: anyAmount })) : lines };
}

describe.each(seedsOf(7, 8))('the discounts of a shop (seed %i)', (seed) => {
  it('are all on the lines, to the cent', async () => {
    const shop = await setup(generateShop({ orders: 120, seed, reductions: true }), openGate);
    const records = await listAll(shop.connector.readable('orders'));
    let discounted = 0;
    for (const { id, data } of records) {
      const order = shop.world.order(id);
      if (!order) throw new Error(`no order ${id}`);
      const { discount } = reckon(order, shop.world.settings.digits);
      const { lines } = orderSchema.parse(data);
      const sum = (key: 'discount' | 'discountTax') => lines.reduce((whole, line) => whole.plus(line[key]), new Decimal(0)).toFixed();
      expect([sum('discount'), sum('discountTax')], `order ${id}`).toEqual([discount.excluding.toFixed(), discount.including.minus(discount.excluding).toFixed()]);
      if (!discount.including.isZero()) discounted += 1;
    }
    await shop.close();
    expect(records).toHaveLength(120);
    expect(discounted).toBeGreaterThan(10);
  });
});
