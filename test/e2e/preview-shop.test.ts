import { describe, expect, it, type TestContext } from 'vitest';
import { previewIntegration } from '../../client/preview.ts';
import { byRoute, callsDuring } from '../support/calls.ts';
import { booksOf, startShopBridge, type ShopBridge } from '../support/shop-bridge.ts';
import { person, smallShop } from '../support/small-shop.ts';

/** Ada bought twice and got something back, Bob is in Books already, Eve has not paid. */
async function connected(onTestFinished: TestContext['onTestFinished'], settings: Record<string, unknown> = {}): Promise<ShopBridge> {
  const bridge = await startShopBridge({
    data: smallShop([{}, { lines: [{ productId: '2', quantity: 1 }] }, { billing: person('Bob', 'Ng') }, { billing: person('Eve', 'Low'), status: 'pending' }]),
  });
  onTestFinished(() => bridge.stop());
  const [first] = bridge.world.orders();
  bridge.world.refund(first?.id ?? '', { amount: '10.00', reason: 'Late' });
  await bridge.zoho.act({ method: 'POST', path: '/contacts', json: { contact_name: 'Robert Ng', contact_persons: [{ email: 'bob.ng@example.com' }] } });
  await bridge.connect(settings);
  return bridge;
}

const previewOf = ({ bookbridge, integrationId }: ShopBridge) => previewIntegration(bookbridge, integrationId);
const nothing = { linked: 0, link: 0, create: 0, ambiguous: 0, leftOut: 0, onRequest: 0 };

describe('the preview of a shop', () => {
  it('says whom its buyers would be linked with, and which orders and refunds would become documents, as the import then does', async ({ onTestFinished }) => {
    const bridge = await connected(onTestFinished);
    const [customers, orders, refunds] = await previewOf(bridge);
    expect(customers).toMatchObject({
      module: 'customers', counts: { ...nothing, link: 1, create: 1 },
      examples: { link: [{ resource: 'buyers', id: 'bob.ng@example.com:EUR', name: 'Bob Ng', partner: { name: 'Robert Ng', by: ['e-mail'] } }], create: [{ name: 'Ada Martin' }] },
    });
    const ids = bridge.world.orders().map(({ id }) => id);
    expect(orders).toMatchObject({
      module: 'orders', counts: { ...nothing, create: 3, leftOut: 1 }, reasons: [{ code: 'not-paid', count: 1 }],
      examples: { create: ids.slice(0, 3).map((id) => ({ id, name: id })), leftOut: [{ id: ids[3], code: 'not-paid' }] },
    });
    expect(refunds).toMatchObject({ module: 'refunds', counts: { ...nothing, create: 1 }, examples: { create: [{ resource: 'refunds' }] } });
    expect((await bridge.startImport()).counts).toEqual({ customers: { added: 1, updated: 1 }, orders: { added: 3, skipped: 1 }, refunds: { added: 1 } });
    expect((await previewOf(bridge)).map(({ counts }) => counts)).toEqual([{ ...nothing, linked: 2 }, { ...nothing, linked: 3, leftOut: 1 }, { ...nothing, linked: 1 }]);
  });

  it('says which orders would fail and why, before any is sent', async ({ onTestFinished }) => {
    const bridge = await startShopBridge({ data: smallShop([{}, { lines: [{ productId: '2', quantity: 1 }] }]), organization: { taxes: [{ tax_name: 'TVA', tax_percentage: 20 }] } });
    onTestFinished(() => bridge.stop());
    await bridge.connect();
    const [, orders] = await previewOf(bridge);
    expect(orders).toMatchObject({ counts: { ...nothing, create: 1, leftOut: 1 }, reasons: [{ code: 'tax-unmatched', count: 1 }] });
  });

  it('reads what the import reads at once, and writes nothing', async ({ onTestFinished }) => {
    const bridge = await connected(onTestFinished);
    const before = booksOf(bridge);
    const calls = await callsDuring(bridge.zoho, () => previewOf(bridge));
    expect(byRoute(calls)).toEqual({ 'GET /books/v3/settings/currencies': 1, 'GET /books/v3/settings/taxes': 1, 'GET /books/v3/contacts': 1 });
    expect(booksOf(bridge)).toEqual(before);
    expect(await bridge.bookbridge.store.operations.counts(bridge.integrationId)).toEqual([]);
  });

  it('without automatic sending says that everything waits for somebody to ask for it, and makes no call of Books', async ({ onTestFinished }) => {
    const bridge = await connected(onTestFinished, { automaticSending: false });
    let previews: Awaited<ReturnType<typeof previewOf>> = [];
    const calls = await callsDuring(bridge.zoho, async () => { previews = await previewOf(bridge); });
    expect(previews.map(({ module, counts }) => [module, counts])).toEqual([
      ['customers', { ...nothing, onRequest: 2 }], ['orders', { ...nothing, onRequest: 3, leftOut: 1 }], ['refunds', { ...nothing, onRequest: 1 }],
    ]);
    expect(previews[1]?.examples.onRequest[0]).toEqual({ resource: 'orders', id: bridge.world.orders()[0]?.id });
    expect(calls).toEqual([]);
  });
});
