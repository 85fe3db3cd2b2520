import { describe, it, type TestContext } from 'vitest';
import { seededRandom } from '../../simulators/kit/random.ts';
import { generateShop } from '../../simulators/shop/generate.ts';
import { byRoute, callsDuring } from '../support/calls.ts';
import { seedsOf } from '../support/seeds.ts';
import { booksOf, problemsOf, startShopBridge, type ShopBridge } from '../support/shop-bridge.ts';
import { smallShop } from '../support/small-shop.ts';
import { until } from '../support/until.ts';

const writes = ['PUT /books/v3/contacts', 'PUT /books/v3/invoices', 'PUT /books/v3/creditnotes'] as const;
const [contacts, invoices] = writes;

async function started(onTestFinished: TestContext['onTestFinished'], options: Parameters<typeof startShopBridge>[0]): Promise<ShopBridge> {
  const bridge = await startShopBridge(options);
  onTestFinished(() => bridge.stop());
  await bridge.connect({ ordersFrom: '2020-01-01' });
  return bridge;
}

/** Waits until Books has committed so many more calls of a route. */
async function untilCommitted({ zoho }: ShopBridge, route: string, calls: number): Promise<void> {
  const before = zoho.summary().byRoute[route] ?? 0;
  await until(() => (zoho.summary().byRoute[route] ?? 0) >= before + calls);
}

/** Keys that are in Books more than once, and what waits for a person. */
async function unwanted(bridge: ShopBridge): Promise<unknown[]> {
  const { contacts: people, invoices: bills, creditnotes } = booksOf(bridge);
  const keys = [...people, ...bills, ...creditnotes].map(({ custom_field_hash: { cf_bookbridge_id: key } }) => key);
  return [...keys.filter((key, index) => keys.indexOf(key) !== index), ...await problemsOf(bridge)];
}

// Most of the time these tests wait for the next attempt, or until a dead worker is noticed, so they wait together.
describe.concurrent('orders', { timeout: 480_000 }, () => {
  it.for(seedsOf(31))('whose answers get lost on every first write leave no duplicate and no gap (seed %i)', async (seed, { expect, onTestFinished }) => {
    const bridge = await started(onTestFinished, { data: generateShop({ orders: 60, seed }) });
    for (const route of writes) bridge.zoho.faults.add({ route, kind: 'lost-answer', times: 6, seed });
    await bridge.startImport();
    await bridge.sync();
    expect(bridge.zoho.summary().byFault['lost-answer']).toBeGreaterThanOrEqual(12);
    expect(await bridge.differences()).toEqual([]);
    expect(await unwanted(bridge)).toEqual([]);
    expect(byRoute(await callsDuring(bridge.zoho, () => bridge.sync()))).toEqual({});
  });

  it.for(seedsOf(32))('whose worker is killed again and again leave no duplicate and no gap (seed %i)', async (seed, { expect, onTestFinished }) => {
    const random = seededRandom(seed);
    const bridge = await started(onTestFinished, { data: generateShop({ orders: 60, seed }), zoho: { workMs: 60 }, worker: false });
    let worker = await bridge.installation.startWorkerProcess();
    const importing = bridge.startImport();
    for (const route of [contacts, invoices]) {
      // Fewer than are written down together: some calls are committed in Books, and nothing here knows of them.
      await untilCommitted(bridge, route, 1 + Math.floor(random() * 8));
      await worker.kill();
      worker = await bridge.installation.startWorkerProcess();
    }
    await importing;
    await bridge.sync();
    expect(await bridge.differences()).toEqual([]);
    expect(await unwanted(bridge)).toEqual([]);
  });

  it('whose store is lost are linked again by an import: no duplicate, and nothing rewritten', async ({ expect, onTestFinished }) => {
    const bridge = await started(onTestFinished, { data: generateShop({ orders: 40, seed: 33 }) });
    await bridge.startImport();
    const before = booksOf(bridge);
    await bridge.installation.loseStore();
    await bridge.connect({ ordersFrom: '2020-01-01' });
    await bridge.startImport();
    expect(await bridge.differences()).toEqual([]);
    expect(await unwanted(bridge)).toEqual([]);
    expect(booksOf(bridge)).toEqual(before);
  });

  it.for([true, false])('that were sent meanwhile are left as they are when the store is lost, and a difference is reported (keys in lists: %s)', async (namesCustomFieldsInLists, { expect, onTestFinished }) => {
    const bridge = await started(onTestFinished, { data: smallShop([{}, {}, {}]), organization: { namesCustomFieldsInLists } });
    await bridge.startImport();
    for (const { invoice_id: id, reference_number: number } of booksOf(bridge).invoices) {
      if (number !== '1003') await bridge.zoho.act({ method: 'POST', path: `/invoices/${id}/status/sent` });
    }
    const before = booksOf(bridge).invoices;
    bridge.world.change('1002', { quantities: { 2: 5 } });
    await bridge.installation.loseStore();
    await bridge.connect({ ordersFrom: '2020-01-01' });
    const calls = await callsDuring(bridge.zoho, () => bridge.startImport());
    // Each is looked at, and none written.
    expect(byRoute(calls.filter(({ path }) => path.includes('invoices')))).toEqual({ 'GET /books/v3/invoices': 1, 'GET /books/v3/invoices/:id': 3 });
    expect(booksOf(bridge).invoices).toEqual(before);
    expect((await problemsOf(bridge)).map(({ id, code }) => [id, code])).toEqual([['1002', 'total-differs']]);
  });

  it('that were refunded twice have each refund linked with its own credit note when the store is lost, though lists show no keys', async ({ expect, onTestFinished }) => {
    const bridge = await started(onTestFinished, { data: smallShop([{ lines: [{ productId: '1', quantity: 3 }] }]), organization: { namesCustomFieldsInLists: false } });
    for (const reason of ['Broken', 'Scratched']) bridge.world.refund('1001', { lines: [{ lineId: '1', quantity: 1 }], reason });
    await bridge.startImport();
    const before = booksOf(bridge);
    expect(before.creditnotes).toHaveLength(2);
    await bridge.installation.loseStore();
    await bridge.connect({ ordersFrom: '2020-01-01' });
    const calls = byRoute(await callsDuring(bridge.zoho, () => bridge.startImport()));
    expect(booksOf(bridge)).toEqual(before);
    expect(await unwanted(bridge)).toEqual([]);
    expect(calls).toMatchObject({ 'GET /books/v3/creditnotes': 1 });
    expect(Object.keys(calls).filter((route) => route.startsWith('PUT') && !route.includes('contacts'))).toEqual([]);
  });
});
