import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectedBooks } from '../../simulators/data/index.ts';
import { startBridge, type Bridge } from '../support/bridge.ts';

describe('Hector and Books, from the first import to the invoices', () => {
  let bridge: Bridge;

  beforeAll(async () => {
    bridge = await startBridge();
    await bridge.connect();
  });
  afterAll(() => bridge.stop());

  it('imports customers to Books and items to Hector', async () => {
    const result = await bridge.startImport();
    console.log(result, await bridge.bookbridge.store.failures(bridge.integrationId, 50));
    const expected = expectedBooks(bridge.dataSet);
    expect(result.counts['customers']?.added).toBe(expected.contacts.names.length);
    expect(result.counts['items']?.added).toBe(expected.parts.length + expected.places.length);
    await bridge.makeLoaners();
    const second = await bridge.sync();
    console.log(second, await bridge.bookbridge.store.failures(bridge.integrationId, 50));
    console.log(await bridge.bookbridge.store.quotas.usage());
    const third = await bridge.sync();
    console.log(third, await bridge.bookbridge.store.quotas.usage());
  });
});
