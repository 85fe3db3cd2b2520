import { describe, expect, it } from 'vitest';
import { smallShop } from '../support/small-shop.ts';
import { integrationId, startShopBench } from './shop-bench.ts';

describe('an order whose invoice a person has deleted', () => {
  it('has its credit notes looked at by the next run, because they stand for nothing by now', async () => {
    const data = smallShop([{ lines: [{ productId: '1', quantity: 3 }] }]);
    const bench = await startShopBench('woocommerce', data, { refusesNegativeLines: false });
    bench.world.refund('1001', { lines: [{ lineId: '1', quantity: 1 }], reason: 'Broken' });
    await bench.run({}, 'initialImport');
    expect(bench.zoho.state().creditnotes).toHaveLength(1);
    expect(await bench.run({ module: 'orders', withdraw: { ids: ['1001'] } })).toBeNull();
    expect(bench.zoho.state().invoices).toEqual([]);
    await bench.run();
    const problems = await bench.store.operations.problems(integrationId, { limit: 10 });
    expect(problems.map(({ resource, code }) => [resource, code])).toEqual([['refunds', 'reference-missing']]);
  });
});
