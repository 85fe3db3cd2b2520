import { describe, expect, it, onTestFinished } from 'vitest';
import { readBooks } from '../../scripts/simulated.ts';
import { startBridge, type Bridge } from '../support/bridge.ts';
import { generatedData } from '../support/generated-data.ts';
import { unlimited } from '../support/limits.ts';

/** A customer whose name another one has, with a loaner that waits for it, and a customer that cannot be read. */
async function withProblems() {
  const bridge = await startBridge({ data: await generatedData({ customers: 1 }) });
  onTestFinished(() => bridge.stop());
  await bridge.connect({}, unlimited);
  await bridge.startImport();
  const make = async (resource: string, fields: Record<string, unknown>) => (await bridge.inHector('POST', `/${resource}`, fields))['id'] as string;
  const [twin, unread] = [await make('customers', { name: 'CUSTOMER 00000' }), await make('customers', { name: 'Unread' })];
  await fetch(`${bridge.hector.url}/_simulator/records`, { method: 'POST', body: JSON.stringify({ resource: 'customers', id: unread, fields: { name: 7 } }) });
  const { hector: { statuses, users }, settings: { stockroomId } } = bridge.dataSet;
  const [part] = (await bridge.inHector('GET', '/parts'))['data'] as { id: string }[];
  const loaner = await make('loaners', {
    number: 'L-1', customerId: twin, userId: users[0]?.id, stockroomId, statusId: statuses.find(({ state }) => state === 'completed')?.id,
    plannedStartAt: '2026-10-05T09:00:00Z', returnedAt: '2026-10-05T18:00:00Z', lines: [{ id: 'l', kind: 'part', itemId: part?.id, description: 'Item', quantity: 1 }],
  });
  await bridge.sync();
  return { bridge, twin, unread, loaner, user: `${users[0]?.firstName} ${users[0]?.lastName}` };
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
    const { bridge, twin, unread, loaner, user } = await withProblems();
    const before = [`${twin} name-collision`, `${unread} record-unreadable`];
    expect(await problems(bridge)).toEqual([...before, `${loaner} reference-missing`].toSorted());
    await bridge.connect({ useHectorCustomers: false }, unlimited);
    await bridge.sync();
    expect(await unfinished(bridge)).toEqual([]);
    expect(await invoicesOf(bridge)).toMatchObject([{ reference_number: 'L-1', customer_name: user }]);
    // And back: what was wrong with them still is.
    await bridge.connect({ useHectorCustomers: true }, unlimited);
    await bridge.sync();
    expect(await problems(bridge)).toEqual(before.toSorted());
    expect(await invoicesOf(bridge)).toHaveLength(1);
  });
});
