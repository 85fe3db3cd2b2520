import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSyncAlone } from '../../client/runs.ts';
import type { RunResult } from '../../workflows/messages.ts';
import { startBridge, type Bridge } from '../support/bridge.ts';
import { byRoute, callsDuring } from '../support/calls.ts';
import { generatedData } from '../support/generated-data.ts';
import { unlimited } from '../support/limits.ts';

async function exportParts({ bookbridge, integrationId }: Bridge, ids: readonly string[] | null = null): Promise<RunResult> {
  const handle = await startSyncAlone(bookbridge, { integrationId, module: 'items', request: { ids } });
  if (!handle) throw new Error('a run is under way');
  return handle.result();
}

async function makePart(bridge: Bridge, description: string): Promise<string> {
  return String((await bridge.inHector('POST', '/parts', { description, attributes: {} }))['id']);
}

const itemNamed = ({ zoho }: Bridge, name: string) => zoho.state().items.find((item) => item['name'] === name);

describe('parts that were made in Hector', () => {
  let bridge: Bridge;
  let accountId: string;
  beforeAll(async () => {
    bridge = await startBridge();
    accountId = bridge.zoho.state().accounts.find((account) => account['account_type'] === 'income')?.['account_id'] as string;
    await bridge.connect({ purchaseAccountId: accountId });
    await bridge.startImport();
  });
  afterAll(() => bridge.stop());

  it('are never exported without being asked for', async () => {
    await makePart(bridge, 'Tripod');
    await bridge.sync();
    await bridge.startImport();
    expect(itemNamed(bridge, 'Tripod')).toBeUndefined();
  });

  it('become items with the account of the settings, and are linked like all others', async () => {
    const before = bridge.zoho.state().items.length;
    const lampId = await makePart(bridge, 'Lamp');
    const { counts, requested } = await exportParts(bridge);
    // With those that the data set has in Hector only.
    expect(requested?.count).toBe(counts['items']?.added);
    expect(bridge.zoho.state().items).toHaveLength(before + (requested?.count ?? 0));
    for (const name of ['Tripod', 'Lamp']) expect(itemNamed(bridge, name)).toMatchObject({ account_id: accountId, rate: 0 });
    const itemId = itemNamed(bridge, 'Lamp')?.['item_id'] as string;
    const [link] = (await bridge.bookbridge.store.links(bridge.integrationId, [{ side: 'other', resource: 'parts', id: lampId }])).values();
    expect(link?.books).toEqual({ side: 'books', resource: 'items', id: itemId });
    expect(await bridge.inHector('GET', `/parts/${lampId}`)).toMatchObject({ externalReference: `${bridge.integrationId}:items:${itemId}` });
  });

  it('leave nothing to do for the next sync', async () => {
    const parts = (await bridge.inHector('GET', '/parts?limit=200'))['data'] as unknown[];
    let result: RunResult | undefined;
    const calls = await callsDuring(bridge.hector, async () => { result = await bridge.sync(); });
    expect(Object.keys(result?.counts['items'] ?? {})).toEqual(['unchanged']);
    expect(Object.keys(byRoute(calls)).filter((route) => !route.startsWith('GET'))).toEqual([]);
    expect((await bridge.inHector('GET', '/parts?limit=200'))['data']).toHaveLength(parts.length);
    expect((await exportParts(bridge)).requested).toEqual({ count: 0, refused: [] });
  });

  it('are led by Books from then on', async () => {
    const itemId = itemNamed(bridge, 'Lamp')?.['item_id'] as string;
    await bridge.zoho.act({ method: 'PUT', path: `/items/${itemId}`, json: { name: 'Lamp, large', rate: 12 } });
    await bridge.sync();
    const parts = (await bridge.inHector('GET', '/parts?limit=200'))['data'] as { description: string }[];
    expect(parts.filter(({ description }) => description.startsWith('Lamp'))).toMatchObject([{ description: 'Lamp, large' }]);
  });

  it('are exported one by one where they are named; which cannot be, is said', async () => {
    const [clampId, cableId] = [await makePart(bridge, 'Clamp'), await makePart(bridge, 'x'.repeat(101))];
    const { requested, counts } = await exportParts(bridge, [clampId, cableId, 'nowhere']);
    expect(requested).toEqual({ count: 2, refused: [{ id: 'nowhere', code: 'record-missing' }] });
    expect(counts['items']).toMatchObject({ added: 1, failed: 1 });
    expect(await bridge.bookbridge.store.operations.problems(bridge.integrationId, { limit: 9 })).toMatchObject([{ id: cableId, code: 'value-invalid' }]);
    expect((await exportParts(bridge, [clampId])).requested).toEqual({ count: 0, refused: [{ id: clampId, code: 'part-in-books' }] });
    await bridge.inHector('DELETE', `/parts/${cableId}`);
    await bridge.sync();
  });

  it('are exported once, whatever gets lost on the way', async () => {
    const spareId = await makePart(bridge, 'Spare');
    bridge.zoho.faults.add({ route: 'PUT /books/v3/items', kind: 'lost-answer', times: 2 });
    bridge.hector.faults.add({ route: 'PATCH /api/v1/parts', kind: 'lost-answer', times: 1 });
    await exportParts(bridge, [spareId]);
    expect(bridge.zoho.state().items.filter(({ name }) => name === 'Spare')).toHaveLength(1);
    const parts = (await bridge.inHector('GET', '/parts?limit=200'))['data'] as { description: string }[];
    await bridge.loseStore();
    await bridge.connect({ purchaseAccountId: accountId });
    await bridge.startImport();
    expect((await bridge.inHector('GET', '/parts?limit=200'))['data']).toHaveLength(parts.length);
  });

  it('that lost their link before they had a reference are known by the key of the item', async () => {
    const hookId = await makePart(bridge, 'Hook');
    await exportParts(bridge, [hookId]);
    await bridge.inHector('PATCH', `/parts/${hookId}`, { externalReference: null });
    const parts = (await bridge.inHector('GET', '/parts?limit=200'))['data'] as { description: string }[];
    await bridge.loseStore();
    await bridge.connect({ purchaseAccountId: accountId });
    await bridge.startImport();
    expect((await bridge.inHector('GET', '/parts?limit=200'))['data']).toHaveLength(parts.length);
    expect(await bridge.inHector('GET', `/parts/${hookId}`)).toMatchObject({ externalReference: expect.stringContaining(':items:') as string });
  });

  it.each([['was never met', false], ['was there in a sync', true]])('are exported anew where their item was deleted in Books and somebody names them, with a link to the new one: one that %s', async (_course, isMet) => {
    const { bookbridge, integrationId, zoho } = bridge;
    const reelId = await makePart(bridge, 'Reel');
    await exportParts(bridge, [reelId]);
    if (isMet) await bridge.sync();
    const itemId = itemNamed(bridge, 'Reel')?.['item_id'] as string;
    await zoho.act({ method: 'DELETE', path: `/items/${itemId}` });
    expect((await exportParts(bridge)).requested).toEqual({ count: 0, refused: [] });
    expect(itemNamed(bridge, 'Reel')).toBeUndefined();
    const parts = async () => (await bridge.inHector('GET', '/parts?limit=200'))['data'] as unknown[];
    const before = await parts();
    const { requested, counts } = await exportParts(bridge, [reelId]);
    expect([requested, counts['items']]).toMatchObject([{ count: 1, refused: [] }, { added: 1 }]);
    const newId = itemNamed(bridge, 'Reel')?.['item_id'] as string;
    expect(newId).not.toBe(itemId);
    const [link] = (await bookbridge.store.links(integrationId, [{ side: 'other', resource: 'parts', id: reelId }])).values();
    expect(link?.books.id).toBe(newId);
    expect(await bridge.inHector('GET', `/parts/${reelId}`)).toMatchObject({ externalReference: `${integrationId}:items:${newId}` });
    await bridge.sync();
    expect(await parts()).toHaveLength(before.length);
    expect((await exportParts(bridge, [reelId])).requested).toEqual({ count: 0, refused: [{ id: reelId, code: 'part-in-books' }] });
    // So that the next one has the name.
    await zoho.act({ method: 'DELETE', path: `/items/${newId}` });
    await bridge.inHector('DELETE', `/parts/${reelId}`);
    await bridge.sync();
  });

  it('cannot be exported without an account, nor without the right to write items', async () => {
    const loneId = await makePart(bridge, 'Lone');
    await bridge.connect();
    await expect(exportParts(bridge, [loneId])).rejects.toMatchObject({ cause: { type: 'settings-invalid' } });
    const { bookbridge, integrationId } = bridge;
    // As an integration is whose settings came from elsewhere than the connection.
    const stored = await bookbridge.store.integrations.get(integrationId);
    await bookbridge.store.integrations.save({ ...stored, settings: { ...stored.settings, purchaseAccountId: accountId } });
    await expect(exportParts(bridge, [loneId])).rejects.toMatchObject({ cause: { type: 'permission-missing' } });
    await bridge.connect({ purchaseAccountId: accountId });
    await exportParts(bridge, [loneId]);
    expect(itemNamed(bridge, 'Lone')).toBeDefined();
  });
});

it('a part that was exported a moment ago is billed at the price of Books, with one call that reads its item', async ({ onTestFinished }) => {
  const bridge = await startBridge({ data: await generatedData({ customers: 1, items: 1 }) });
  onTestFinished(() => bridge.stop());
  const { bookbridge, integrationId, dataSet, zoho } = bridge;
  await bridge.connect({ purchaseAccountId: zoho.state().accounts.find((account) => account['account_type'] === 'income')?.['account_id'] }, unlimited);
  await bridge.startImport();
  const lampId = await makePart(bridge, 'Lamp');
  await bridge.sync();
  await exportParts(bridge, [lampId]);
  await zoho.act({ method: 'PUT', path: `/items/${itemNamed(bridge, 'Lamp')?.['item_id'] as string}`, json: { rate: 12 } });
  await bridge.inHector('POST', '/loaners', {
    number: 'L-1', customerId: 'g-0', stockroomId: dataSet.settings.stockroomId, statusId: dataSet.hector.statuses.find(({ state }) => state === 'completed')?.id,
    lines: [{ id: 'l', kind: 'part', itemId: lampId, description: 'Lamp', quantity: 1 }],
    plannedStartAt: '2026-10-05T09:00:00Z', plannedEndAt: '2026-10-05T18:00:00Z', startedAt: '2026-10-05T09:00:00Z', returnedAt: '2026-10-05T18:00:00Z',
  });
  const calls = await callsDuring(zoho, async () => (await startSyncAlone(bookbridge, { integrationId, module: 'loaners' }))?.result());
  expect(byRoute(calls)).toEqual({ 'GET /books/v3/items/:id': 1, 'PUT /books/v3/invoices': 1 });
  expect(zoho.state().invoices).toMatchObject([{ reference_number: 'L-1', line_items: [{ name: 'Lamp', rate: 12, quantity: 1 }] }]);
});
