import { assert, describe, it, type TestContext } from 'vitest';
import type { Fault, FaultKind } from '../../simulators/kit/faults.ts';
import { startBridge, type Bridge } from '../support/bridge.ts';
import { unlimited } from '../support/limits.ts';
import { seedsOf } from '../support/seeds.ts';

const booksWrites = ['PUT /books/v3/contacts', 'PUT /books/v3/invoices'];
const booksRoutes = [...booksWrites, 'GET /books/v3/items'];
const hectorWrites = ['POST /api/v1/parts', 'POST /api/v1/places'];
const hectorRoutes = [...hectorWrites, 'PATCH /api/v1/parts', 'POST /api/v1/attributes', 'GET /api/v1/'];

/** Every kind on every route, each with dice of its own. */
function faultsOn(routes: readonly string[], kinds: readonly FaultKind[], probability: number, seed: number): Fault[] {
  return routes.flatMap((route, row) => kinds.map((kind, column) => ({
    route, kind, probability, seed: seed * 1000 + row * 50 + column, ...(kind === 'slow' && { delayMs: 300 }),
  })));
}

async function connected(onTestFinished: TestContext['onTestFinished']): Promise<Bridge> {
  const bridge = await startBridge({ callTimeoutMs: 3_000, zoho: { accountsLimits: { refresh: { calls: 1_000, windowMs: 1_000 } } } });
  onTestFinished(() => bridge.stop());
  await bridge.connect({}, unlimited);
  return bridge;
}

// Most of the time these tests wait for the next attempt, so they wait together.
describe.concurrent('answers that get lost', () => {
  it.for(seedsOf(11, 12, 13))('leave no duplicate and no gap, whatever the fault and the route (seed %i)', async (seed, { expect, onTestFinished }) => {
    const { zoho, hector, ...there } = await connected(onTestFinished);
    const kinds = ['lost-answer', 'reset', 'error-before', 'malformed', 'html', 'slow'] as const;
    for (const fault of faultsOn(booksRoutes, kinds, 0.05, seed)) zoho.faults.add(fault);
    for (const fault of faultsOn(hectorRoutes, kinds, 0.04, seed + 500)) hector.faults.add(fault);
    for (const route of booksRoutes) zoho.faults.add({ route, kind: 'hang', probability: 0.05, times: 2, seed });
    for (const route of booksRoutes) zoho.faults.add({ route, kind: 'unauthorized', times: 1, seed });
    await there.startImport();
    await there.makeLoaners();
    await there.sync();
    expect(Object.keys(zoho.summary().byFault).length).toBeGreaterThan(3);
    zoho.faults.remove();
    hector.faults.remove();
    await there.sync();
    expect(await there.differences()).toEqual([]);
  });

  it.for(['lost-answer', 'malformed'] as const)('of the first write of every record make no duplicate (%s)', async (kind, { expect, onTestFinished }) => {
    const { zoho, hector, ...there } = await connected(onTestFinished);
    for (const route of booksWrites) zoho.faults.add({ route, kind, times: 12, seed: 1 });
    for (const route of hectorWrites) hector.faults.add({ route, kind, times: 4, seed: 1 });
    await there.startImport();
    await there.makeLoaners();
    await there.sync();
    await there.sync();
    expect(zoho.summary().byFault).toEqual({ [kind]: 24 });
    expect(await there.differences()).toEqual([]);
  });

  it('are asked for again by the next run where a system was away for longer than one run tries', async ({ expect, onTestFinished }) => {
    const { integrationId, ...there } = await connected(onTestFinished);
    const { store } = there.bookbridge;
    const { runId } = await there.startImport();
    const change = await store.change(integrationId, { side: 'other', resource: 'customers', id: 'c-01' });
    assert(change, 'c-01 was read');
    const finding = { code: 'system-unreachable', detail: 'it was away' } as const;
    await store.endChanges({ integrationId, runId }, [{ change, outcome: 'failed', state: 'failed', finding, notes: [], link: null, waitsFor: null }]);
    expect(await store.operations.problems(integrationId, { limit: 10 })).toHaveLength(1);
    await there.sync();
    expect(await store.operations.problems(integrationId, { limit: 10 })).toEqual([]);
  });
});
