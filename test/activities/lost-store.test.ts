import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Json, JsonObject } from '../../domain/json.ts';
import { loadDataSet } from '../../simulators/data/index.ts';
import { integrationId, startWalking } from './walk-bench.ts';
import { COMPLETED } from './walk-rules.ts';

const hectorSchema = z.object({
  parts: z.array(z.object({ id: z.string(), description: z.string() })), places: z.array(z.object({ id: z.string(), name: z.string() })),
});
const itemsSchema = z.array(z.object({ item_id: z.string(), name: z.string() }));
const invoicesSchema = z.array(z.object({ invoice_id: z.string(), reference_number: z.string(), status: z.string(), sub_total: z.number() }));

/** Hector with one customer, Ann, and Books, of which the parts and places are imported. */
async function imported(organization: Parameters<typeof startWalking>[1] = {}) {
  const base = await loadDataSet(null);
  const bench = await startWalking({ ...base, hector: { ...base.hector, customers: [], loaners: [], calculationTypes: {} } }, organization);
  const inHector = async (method: string, path: string, fields?: JsonObject): Promise<string> => {
    const response = await fetch(`${bench.hector.url}/api/v1${path}`, {
      method, headers: { authorization: 'Bearer hector-token', 'content-type': 'application/json' }, ...(fields && { body: JSON.stringify(fields) }),
    });
    const text = await response.text();
    return text === '' ? '' : z.object({ id: z.string() }).parse(JSON.parse(text)).id;
  };
  const customerId = await inHector('POST', '/customers', { name: 'Ann', email: 'ann@example.com' });
  await bench.run('initialImport');
  let number = 0;
  return {
    bench, inHector, customerId,
    hector: async () => hectorSchema.parse(await (await fetch(`${bench.hector.url}/_simulator/state`)).json()),
    inBooks: (method: 'PUT' | 'POST' | 'DELETE', path: string, json?: Json) => bench.zoho.act({ method, path, ...(json !== undefined && { json }) }),
    itemId: (name: string) => itemsSchema.parse(bench.zoho.state().items).find((item) => item.name === name)?.item_id ?? 'none',
    lend: (kind: 'part' | 'place', itemId: string | undefined, more: JsonObject = {}) => inHector('POST', '/loaners', {
      number: `L-${(number += 1)}`, statusId: COMPLETED, customerId, stockroomId: 's-1', plannedStartAt: '2026-10-01T08:00:00Z', plannedEndAt: '2026-10-01T09:00:00Z',
      lines: [{ id: 'l', kind, itemId: itemId ?? 'none', description: '', quantity: 1 }], ...more,
    }),
    invoices: () => invoicesSchema.parse(bench.zoho.state().invoices).map(({ reference_number: reference, status }) => `${reference} ${status}`),
    invoiceIds: () => invoicesSchema.parse(bench.zoho.state().invoices).map(({ invoice_id: id }) => id),
    problems: async () => (await bench.store.operations.problems(integrationId, { limit: 10 })).map(({ resource, id, code }) => `${resource} ${id} ${code ?? ''}`),
    /** How often something was asked of Books, such as `GET invoices/:id`. */
    calls: (route: string) => bench.zoho.summary().byRoute[route.replace(' ', ' /books/v3/')] ?? 0,
  };
}

describe('after the loss of the store', () => {
  it('a place stays a place whose unit was taken off, and a part a part that was given one, and both are billed', async () => {
    const { bench, hector, inBooks, itemId, lend, invoices, problems } = await imported();
    const before = await hector();
    await inBooks('PUT', `/items/${itemId('Local B')}`, { unit: 'day' });
    await inBooks('PUT', `/items/${itemId('HP EliteBook')}`, { unit: 'hectorplace' });
    await lend('place', before.places.find(({ name }) => name === 'Local B')?.id);
    await lend('part', before.parts.find(({ description }) => description === 'HP EliteBook')?.id);
    await bench.loseStore();
    expect(await hector()).toEqual(before);
    expect(invoices().sort()).toEqual(['L-1 draft', 'L-2 draft']);
    expect(await problems()).toEqual([]);
    expect(await bench.reconcile()).toEqual([]);
    await inBooks('PUT', `/items/${itemId('Local B')}`, { name: 'Local C' });
    await bench.run();
    expect((await hector()).places.map(({ name }) => name)).toEqual(['Local C']);
  });

  it.each([true, false])('a loaner whose customer is inactive or gone by now keeps its invoice, at the cost of reading it (lists show keys: %s)', async (namesCustomFieldsInLists) => {
    const { bench, hector, inHector, customerId, lend, invoices, problems, calls } = await imported({ namesCustomFieldsInLists });
    const [part] = (await hector()).parts;
    const goneId = await inHector('POST', '/customers', { name: 'Bob' });
    const loaners = [await lend('part', part?.id), await lend('part', part?.id, { customerId: goneId })];
    await bench.run();
    await inHector('PATCH', `/customers/${customerId}`, { active: false });
    await inHector('DELETE', `/customers/${goneId}`);
    const before = { read: calls('GET invoices/:id'), written: calls('PUT invoices') };
    await bench.loseStore();
    expect(await problems()).toEqual([]);
    expect({ read: calls('GET invoices/:id'), written: calls('PUT invoices') }).toEqual({ read: before.read + 2, written: before.written });
    expect((await bench.store.links(integrationId, loaners.map((id) => ({ side: 'other', resource: 'loaners', id })))).size).toBe(2);
    expect(await bench.reconcile()).toEqual([]);
    await inHector('PATCH', `/customers/${customerId}`, { active: true });
    await inHector('PATCH', `/loaners/${loaners[0] ?? ''}`, { penalties: [{ id: 'p', type: 'amount', value: '5.00', reason: 'late', description: '' }] });
    await bench.run();
    expect(await problems()).toEqual([]);
    expect(await bench.reconcile()).toEqual([]);
    expect(invoices()).toEqual(['L-1 draft', 'L-2 draft']);
  });

  it('a loaner waits for its customer that is inactive where no invoice was made of it before', async () => {
    const { bench, hector, inHector, lend, problems } = await imported();
    const [part] = (await hector()).parts;
    const customerId = await inHector('POST', '/customers', { name: 'Bob', active: false });
    const loanerId = await lend('part', part?.id, { customerId });
    await bench.loseStore();
    expect(await problems()).toEqual([`loaners ${loanerId} reference-missing`]);
  });

  it('the invoice of a loaner that has lost its imported items since is told of', async () => {
    const { bench, hector, inHector, lend, problems } = await imported();
    const loanerId = await lend('part', (await hector()).parts[0]?.id);
    await bench.run();
    await inHector('PATCH', `/loaners/${loanerId}`, { lines: [{ id: 'l', kind: 'part', itemId: null, description: 'Something else', quantity: 1 }] });
    await bench.loseStore();
    expect(await problems()).toEqual([`loaners ${loanerId} document-stale`]);
    await bench.store.operations.retry(integrationId, { by: 'all' });
    await bench.run();
    expect(await problems()).toEqual([`loaners ${loanerId} document-stale`]);
  });

  it('the invoices of loaners that were reopened are told of, unless they are void', async () => {
    const { bench, hector, inHector, inBooks, lend, problems, invoiceIds, calls } = await imported();
    const [part] = (await hector()).parts;
    const [reopened, voided] = [await lend('part', part?.id), await lend('part', part?.id), await lend('part', part?.id)];
    await bench.run();
    for (const id of [reopened, voided]) await inHector('PATCH', `/loaners/${id}`, { statusId: 'st-05' });
    await inBooks('POST', `/invoices/${invoiceIds()[1] ?? ''}/status/void`);
    await bench.loseStore();
    await bench.run();
    expect(await problems()).toEqual([`loaners ${reopened} document-stale`]);
    expect((await bench.reconcile()).map(({ code, record }) => `${record.id} ${code ?? ''}`)).toEqual([`${reopened} document-stale`]);
    const read = calls('GET invoices/:id');
    await bench.run();
    expect(calls('GET invoices/:id')).toBe(read);
  });
});
