import { describe, expect, it } from 'vitest';
import { booksOf, startShopBridge } from '../support/shop-bridge.ts';
import { smallShop } from '../support/small-shop.ts';

describe.each(['woocommerce', 'prestashop'] as const)('the orders of %s', (kind) => {
  it('are read from the first day of the settings on, and from an earlier one in the next sync after that was chosen', async ({ onTestFinished }) => {
    // The shop is in Paris, so the second is of the first of May there.
    const bridge = await startShopBridge({ kind, data: smallShop([{ placedAt: '2026-04-30T21:59:59Z' }, { placedAt: '2026-04-30T22:00:00Z' }, { placedAt: '2026-06-01T10:00:00Z' }]) });
    onTestFinished(() => bridge.stop());
    const { bookbridge, integrationId } = bridge;
    const [early, ...others] = bridge.world.orders().map(({ id }) => id);
    const isKnown = async () => (await bookbridge.store.change(integrationId, { side: 'other', resource: 'orders', id: early ?? '' })) !== null;
    await bridge.connect({ ordersFrom: '2026-05-01', timeZone: 'Europe/Paris' });
    await bridge.startImport();
    expect(booksOf(bridge).invoices).toHaveLength(others.length);
    expect(await isKnown()).toBe(false);
    await bridge.sync();
    expect(await isKnown()).toBe(false);
    await bridge.connect({ ordersFrom: '2026-04-30', timeZone: 'Europe/Paris' });
    await bridge.sync();
    expect(await isKnown()).toBe(true);
    expect(await bridge.differences()).toEqual([]);
  });
});
