import { describe, expect, it, type TestContext } from 'vitest';
import { previewIntegration } from '../../client/preview.ts';
import { startBridge, type Bridge } from '../support/bridge.ts';
import { byRoute, callsDuring } from '../support/calls.ts';
import { generatedData } from '../support/generated-data.ts';

async function connected(onTestFinished: TestContext['onTestFinished'], options: Parameters<typeof startBridge>[0] = {}): Promise<Bridge> {
  const bridge = await startBridge(options);
  onTestFinished(() => bridge.stop());
  await bridge.connect();
  return bridge;
}

const previewOf = ({ bookbridge, integrationId }: Bridge) => previewIntegration(bookbridge, integrationId);
const countsOf = async (bridge: Bridge) => Object.fromEntries((await previewOf(bridge)).map(({ module, counts }) => [module, counts]));

describe('the preview', () => {
  it('says what the import then does, module by module, with whom and by what', async ({ onTestFinished }) => {
    const data = await generatedData({ customers: 6, items: 3 });
    const [first, second, third, fourth, fifth] = data.hector.customers;
    if (!first || !second || !third || !fourth || !fifth) throw new Error('too few customers');
    const customers = data.hector.customers.map((customer) => (customer.id === fifth.id ? { ...customer, active: false } : customer));
    const contact = (name: string, email: string | null) => ({ name, email, phone: null, type: 'customer' as const });
    const contacts = [contact('Renamed since', first.email), contact(second.name.toUpperCase(), null), contact('Twin A', third.email), contact('Twin B', third.email)];
    const bridge = await connected(onTestFinished, { data: { ...data, books: { ...data.books, contacts }, hector: { ...data.hector, customers } } });

    const [preview, items, loaners] = await previewOf(bridge);
    expect(preview).toMatchObject({
      module: 'customers', counts: { linked: 0, link: 2, create: 2, ambiguous: 1, leftOut: 1 }, reasons: [{ code: 'customer-inactive', count: 1 }],
      examples: {
        link: [
          { resource: 'customers', id: first.id, name: first.name, partner: { name: 'Renamed since', by: ['e-mail'] } },
          { resource: 'customers', id: second.id, partner: { name: second.name.toUpperCase(), by: ['name'] } },
        ],
        ambiguous: [{ id: third.id, candidates: [{ name: 'Twin A' }, { name: 'Twin B' }] }],
        create: [{ id: fourth.id }, {}],
        leftOut: [{ id: fifth.id, code: 'customer-inactive' }],
      },
    });
    expect(items).toMatchObject({ module: 'items', counts: { linked: 0, create: 3, leftOut: 0 } });
    expect(loaners).toMatchObject({ module: 'loaners', counts: { create: 0, leftOut: 0 } });

    expect((await bridge.startImport()).counts).toMatchObject({ customers: { updated: 2, added: 2, failed: 1, skipped: 1 }, items: { added: 3 } });
    expect(await countsOf(bridge)).toMatchObject({ customers: { linked: 4, link: 0, create: 0, ambiguous: 1, leftOut: 1 }, items: { linked: 3, create: 0 } });
  });

  it('writes nothing to either system, and nothing to the database', async ({ onTestFinished }) => {
    const bridge = await connected(onTestFinished);
    const { bookbridge: { store }, integrationId } = bridge;
    const calls = [...await callsDuring(bridge.zoho, () => previewOf(bridge)), ...await callsDuring(bridge.hector, () => previewOf(bridge))];
    expect(calls.length).toBeGreaterThan(0);
    expect(calls.filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(await store.operations.counts(integrationId)).toEqual([]);
    expect(await store.operations.history(integrationId, { limit: 10 })).toEqual([]);
    expect(await store.runs.list(integrationId, 10)).toEqual([]);
    expect((await bridge.startImport()).counts['customers']).toEqual({ added: bridge.dataSet.hector.customers.length });
  });

  it('costs what the import costs to read, and is counted', async ({ onTestFinished }) => {
    const bridge = await connected(onTestFinished, { data: await generatedData({ customers: 5, items: 250 }) });
    const calls = await callsDuring(bridge.zoho, () => previewOf(bridge));
    expect(byRoute(calls)).toEqual({ 'GET /books/v3/contacts': 1, 'GET /books/v3/items': 2 });
    expect((await bridge.bookbridge.store.quotas.usage()).some(({ calls: counted }) => counted >= 3)).toBe(true);
  });

  it('names the loaners that would become invoices, and why others would not', async ({ onTestFinished }) => {
    const bridge = await connected(onTestFinished);
    await bridge.startImport();
    await bridge.makeLoaners();
    const [, , loaners] = await previewOf(bridge);
    const result = await bridge.sync();
    expect(loaners?.counts.create).toBe(result.counts['loaners']?.added);
    expect(loaners?.reasons.map(({ code }) => code)).toEqual(expect.arrayContaining(['not-completed', 'no-imported-item']));
    expect(loaners?.examples.create.map(({ name }) => name)).toContain('LO-5001');
  });

  it('says when to come back where a limit is met', async ({ onTestFinished }) => {
    const bridge = await connected(onTestFinished);
    bridge.zoho.faults.add({ route: 'GET /books/v3/items', kind: 'limit-day' });
    await expect(previewOf(bridge)).rejects.toMatchObject({ code: 'limit-day', resumeAtMs: expect.any(Number) });
  });
});
