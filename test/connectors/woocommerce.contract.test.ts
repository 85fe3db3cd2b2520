import { createHttp } from '../../connectors/http.ts';
import type { Gate } from '../../connectors/gate.ts';
import { createWooCommerce } from '../../connectors/woocommerce/index.ts';
import { expectedOrder, expectedRefund } from '../../simulators/shop/expect.ts';
import { generateShop } from '../../simulators/shop/generate.ts';
import type { ShopData, ShopRefund } from '../../simulators/shop/types.ts';
import { startWooCommerceSimulator, wooCommerceKeys, wooCommerceReadKeys } from '../../simulators/shop/woocommerce.ts';
import { describeOrderSource } from '../contract/order-source.contract.ts';
import type { OrderSourceUnderTest } from '../contract/order-source-under-test.ts';
import { describeResource } from '../contract/resource.contract.ts';

const traits = { pageSize: 100, listsDeletions: true, reductions: true, tellsCompound: true };

describeOrderSource('WooCommerce', traits, (data, gate) => start(data, gate));
describeOrderSource('WooCommerce before 3.7, which says no percentages', traits, (data, gate) => start(data, gate, true));

async function start(data: ShopData, gate: Gate, isOld = false): Promise<OrderSourceUnderTest> {
  const simulator = await startWooCommerceSimulator({ data, isOld });
  const { world } = simulator;
  return {
    connector: createWooCommerce({ http: createHttp({ timeoutMs: 20_000 }), baseUrl: simulator.url, ...wooCommerceReadKeys, keysInQuery: false, gate }),
    world,
    expectedOrder: (order) => expectedOrder(order, world),
    // An old version shows of a refund the products only.
    expectedRefund: (refund, order) => expectedRefund(isOld ? { ...refund, lines: productsOf(refund, order.lines) } : refund, order, world),
    spoil: (orderId) => simulator.spoil(orderId, { total: 'ten euros' }),
    inject: (kind, times) => void simulator.faults.add({ route: '* /wp-json', kind, ...(times !== undefined && { times }) }),
    calls: () => simulator.summary().calls,
    close: () => simulator.close(),
  };
}

function productsOf({ lines }: ShopRefund, all: readonly { id: string; kind: string }[]): ShopRefund['lines'] {
  return lines.filter(({ lineId }) => all.some(({ id, kind }) => id === lineId && kind === 'product'));
}

describeResource("WooCommerce's orders", { listing: 'changed', writable: false, pageSize: 100, listsDeletions: true, clockStepMs: 1000 }, async (gate) => {
  const simulator = await startWooCommerceSimulator({ data: generateShop({ orders: 0 }) });
  const { world } = simulator;
  return {
    connector: createWooCommerce({ http: createHttp({ timeoutMs: 20_000 }), baseUrl: simulator.url, ...wooCommerceKeys, keysInQuery: true, gate }),
    resourceName: 'orders',
    seed: (count) => Promise.resolve(Array.from({ length: count }, () => world.place({ customerId: '1', lines: [{ productId: '1', quantity: 1 }] }).id)),
    touch: (id) => {
      world.change(id, { note: 'Bitte klingeln' });
      return Promise.resolve({ note: 'Bitte klingeln' });
    },
    remove: (id) => Promise.resolve(world.remove(id)),
    spoil: (id) => Promise.resolve(simulator.spoil(id, { billing: 7 })),
    inject: (kind, times) => {
      simulator.faults.add({ route: '* /wp-json', kind, ...(times !== undefined && { times }) });
      return Promise.resolve();
    },
    calls: () => Promise.resolve(simulator.summary().calls),
    close: () => simulator.close(),
  };
});
