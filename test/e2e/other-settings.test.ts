import { describe, expect, it, onTestFinished } from 'vitest';
import { readBooks } from '../../scripts/simulated.ts';
import { startBridge, type Bridge } from '../support/bridge.ts';
import { generatedData } from '../support/generated-data.ts';
import { unlimited } from '../support/limits.ts';

async function imported(settings: (bridge: Bridge) => Record<string, unknown> = () => ({})) {
  const bridge = await startBridge({ data: await generatedData({ customers: 1 }) });
  onTestFinished(() => bridge.stop());
  await bridge.connect(settings(bridge), unlimited);
  await bridge.startImport();
  return bridge;
}

async function make(bridge: Bridge, resource: string, fields: Record<string, unknown>): Promise<string> {
  return (await bridge.inHector('POST', `/${resource}`, fields))['id'] as string;
}

/** A completed loaner of one part. */
async function lend(bridge: Bridge, fields: Record<string, unknown>): Promise<string> {
  const [part] = (await bridge.inHector('GET', '/parts'))['data'] as { id: string }[];
  const { hector: { statuses }, settings: { stockroomId } } = bridge.dataSet;
  return make(bridge, 'loaners', {
    number: 'L-1', stockroomId, statusId: statuses.find(({ state }) => state === 'completed')?.id, plannedStartAt: '2026-10-05T09:00:00Z', returnedAt: '2026-10-05T18:00:00Z',
    lines: [{ id: 'l', kind: 'part', itemId: part?.id, description: 'Item', quantity: 1 }], ...fields,
  });
}

const invoicesOf = async ({ zoho, dataSet }: Bridge) => (await readBooks(zoho.url, dataSet.books.organization.id)).invoices;

async function problems({ bookbridge: { store }, integrationId }: Bridge) {
  return (await store.operations.problems(integrationId, { limit: 100 })).map(({ id, code }) => `${id} ${code}`).toSorted();
}

async function unfinished({ bookbridge: { store }, integrationId }: Bridge) {
  return (await store.operations.counts(integrationId)).filter(({ state }) => state !== 'skipped');
}

describe('other settings', () => {
  it('by which users are the customers leave nothing to do for customers, and invoice the loaners that waited for one', async () => {
    const bridge = await imported();
    const [twin, unread] = [await make(bridge, 'customers', { name: 'CUSTOMER 00000' }), await make(bridge, 'customers', { name: 'Unread' })];
    await fetch(`${bridge.hector.url}/_simulator/records`, { method: 'POST', body: JSON.stringify({ resource: 'customers', id: unread, fields: { name: 7 } }) });
    const [user] = bridge.dataSet.hector.users;
    const loaner = await lend(bridge, { customerId: twin, userId: user?.id });
    await bridge.sync();
    const before = [`${twin} name-collision`, `${unread} record-unreadable`].toSorted();
    expect(await problems(bridge)).toEqual([...before, `${loaner} reference-missing`].toSorted());
    await bridge.connect({ useHectorCustomers: false }, unlimited);
    await bridge.sync();
    expect(await unfinished(bridge)).toEqual([]);
    expect(await invoicesOf(bridge)).toMatchObject([{ reference_number: 'L-1', customer_name: `${user?.firstName} ${user?.lastName}` }]);
    // And back: what was wrong with them still is.
    await bridge.connect({ useHectorCustomers: true }, unlimited);
    await bridge.sync();
    expect(await problems(bridge)).toEqual(before);
    expect(await invoicesOf(bridge)).toHaveLength(1);
  });

  it('by which penalties have another item mend what was stopped because theirs was deleted in Books', async () => {
    const [old, other] = [2, 1];
    const idOf = (bridge: Bridge, index: number) => bridge.zoho.state().items.find(({ name }) => name === `Item 0000${index}`)?.item_id as string;
    const bridge = await imported((started) => ({ penaltyItemId: idOf(started, old) }));
    const deleted = idOf(bridge, old);
    await bridge.zoho.act({ method: 'DELETE', path: `/items/${deleted}` });
    const loaner = await lend(bridge, { customerId: 'g-0', penalties: [{ id: 'p', type: 'amount', value: '5', reason: 'late', description: '' }] });
    await bridge.sync();
    const { bookbridge: { store }, integrationId } = bridge;
    expect(await store.operations.problems(integrationId, { limit: 10 })).toMatchObject([{
      id: loaner, code: 'penalty-item-missing', detail: expect.stringContaining(`the Penalty Item ${deleted} was deleted in Books`) as unknown,
    }]);
    await bridge.connect({ penaltyItemId: idOf(bridge, other) }, unlimited);
    await bridge.sync();
    expect(await problems(bridge)).toEqual([]);
    expect(await invoicesOf(bridge)).toMatchObject([{ line_items: [{}, { name: `Item 0000${other}`, rate: '5' }] }]);
  });
});
