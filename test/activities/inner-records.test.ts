import { describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../domain/json.ts';
import { integrationId, startWorkbench } from './workbench.ts';

vi.mock('../../integrations/registry.ts', async () => {
  const { invented } = await import('./invented.ts');
  return { integrationOf: () => invented };
});

describe('records inside others', () => {
  it('come with the one listing, and are carried over before what they are inside of', async () => {
    const bench = await startWorkbench();
    const ids = [await bench.write({}), await bench.write({ mail: 'bob@example.com', name: 'Bob' }), await bench.write({})];
    const { counts } = await bench.run();
    expect(counts).toEqual({ people: { added: 2 }, sheets: { added: 3 } });
    const { contacts, invoices } = bench.zoho.state();
    expect(contacts).toHaveLength(2);
    expect(invoices.map(({ customer_id: customerId }) => customerId)).toEqual([contacts[0], contacts[1], contacts[0]].map((contact) => contact?.['contact_id']));
    for (const id of ids) expect(await bench.standing('loaners', id)).toMatchObject({ state: 'done' });
    expect(await bench.callsDuring(() => bench.run())).toEqual([]);
  });

  it('are as the newest record around them says, in whatever order they are read', async () => {
    const bench = await startWorkbench();
    const first = await bench.write({ name: 'Ann' });
    await bench.write({ name: 'Ann Smith' });
    await bench.run();
    expect(bench.zoho.state().contacts).toMatchObject([{ contact_name: 'Ann Smith' }]);
    await bench.rewrite(first, { name: 'Ann Jones' });
    await bench.run();
    expect(bench.zoho.state().contacts).toMatchObject([{ contact_name: 'Ann Jones' }]);
  });

  it('are linked with what was there before, by what both say', async () => {
    const bench = await startWorkbench();
    await bench.zoho.act({ method: 'POST', path: '/contacts', json: { contact_name: 'Annabel', contact_persons: [{ email: 'ann@example.com' }] } });
    await bench.write({});
    await bench.run();
    const [contact, ...others] = bench.zoho.state().contacts;
    expect(contact).toMatchObject({ contact_name: 'Ann' });
    expect(JSON.stringify(contact)).toContain('paper:people:ann@example.com');
    expect(others).toEqual([]);
  });

  it('are no record of their own where what they are inside of is left out', async () => {
    const bench = await startWorkbench();
    const id = await bench.write({ state: 'open' });
    const { counts } = await bench.run();
    expect(counts).toEqual({ sheets: { skipped: 1 } });
    expect(await bench.standing('people', 'ann@example.com')).toMatchObject({ state: undefined });
    await bench.rewrite(id, { state: 'paid' });
    await bench.run();
    expect(bench.zoho.state().invoices).toHaveLength(1);
  });

  it('are read whole where a listing shows a part, and one that is gone fails alone', async () => {
    const bench = await startWorkbench();
    const [drill, saw] = [await bench.inHector('POST', '/parts', { description: 'Drill', attributes: {} }), await bench.inHector('POST', '/parts', { description: 'Saw', attributes: {} })];
    const lineOf = ({ id }: JsonObject) => ({ id: id as string, kind: 'part', itemId: id as string, description: '', quantity: 1 });
    await bench.write({}, { lines: [lineOf(drill), lineOf(saw)] });
    await bench.inHector('DELETE', `/parts/${saw['id'] as string}`);
    const { counts } = await bench.run();
    expect(counts['things']).toEqual({ added: 1, failed: 1 });
    expect(bench.zoho.state().items.map(({ name }) => name)).toContain('Drill');
    expect(await bench.standing('parts', saw['id'] as string)).toMatchObject({ state: 'failed', code: 'record-gone' });
  });

  it('belong to the run of the module they are inside of', async () => {
    const bench = await startWorkbench();
    expect((await bench.run({ module: 'sheets' })).modules).toEqual(['people', 'sheets', 'things']);
    expect((await bench.run({ module: 'things' })).modules).toEqual(['people', 'things']);
    expect((await bench.run({ module: 'people' })).modules).toEqual(['people']);
  });

});

describe('a small listing that is chosen from', () => {
  it('is read where something is to be carried over, then believed for a while, and anew where a person retries', async () => {
    const bench = await startWorkbench();
    const sheet = await bench.write({ tax: 'Luxury' });
    expect(await bench.callsDuring(() => bench.run())).toContain('GET settings/taxes');
    expect(await bench.standing('loaners', sheet)).toMatchObject({ state: 'skipped', code: 'tax-unknown' });
    await bench.write({ mail: 'bob@example.com', name: 'Bob' });
    expect(await bench.callsDuring(() => bench.run())).not.toContain('GET settings/taxes');
    await bench.store.operations.retry(integrationId, { by: 'reason', code: 'tax-unknown' });
    expect(await bench.callsDuring(() => bench.run())).toContain('GET settings/taxes');
    const [tax] = bench.zoho.state().taxes;
    await bench.rewrite(sheet, { tax: tax?.['tax_name'] as string });
    expect(await bench.callsDuring(() => bench.run())).not.toContain('GET settings/taxes');
    expect(bench.zoho.state().invoices.at(-1)).toMatchObject({ line_items: [{ tax_id: tax?.['tax_id'] }] });
    await bench.write({ mail: 'cyd@example.com', name: 'Cyd' });
    bench.clock.aheadMs += 3_700_000;
    expect(await bench.callsDuring(() => bench.run())).toContain('GET settings/taxes');
  });
});
