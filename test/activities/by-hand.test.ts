import { describe, expect, it, vi } from 'vitest';
import { integrationId, startWorkbench } from './workbench.ts';

vi.mock('../../integrations/registry.ts', async () => {
  const { invented } = await import('./invented.ts');
  return { integrationOf: () => invented };
});

describe('what waits for a person', () => {
  it('is observed, and carried over with what it refers to where it is named', async () => {
    const bench = await startWorkbench();
    await bench.connect({ byHand: true });
    const [first, second, open] = [await bench.write({}), await bench.write({ mail: 'bob@example.com', name: 'Bob' }), await bench.write({ state: 'open' })];
    await bench.run();
    expect(bench.zoho.state().invoices).toEqual([]);
    expect(await bench.standing('loaners', first)).toMatchObject({ state: 'observed' });
    expect(await bench.standing('loaners', open)).toMatchObject({ state: 'skipped', code: 'not-completed' });
    const { asked, counts } = await bench.run({ module: 'sheets', request: { ids: [first, open, 'nowhere'] } });
    expect(asked).toEqual({ count: 1, refused: [{ id: open, code: 'not-completed' }, { id: 'nowhere', code: 'record-missing' }] });
    expect(counts).toMatchObject({ people: { added: 1 }, sheets: { added: 1 } });
    expect(await bench.standing('people', 'bob@example.com')).toMatchObject({ state: 'observed' });
    expect(await bench.standing('loaners', second)).toMatchObject({ state: 'observed', partner: null });
    expect((await bench.run({ module: 'sheets', request: { ids: null } })).asked).toEqual({ count: 1, refused: [] });
    expect(bench.zoho.state().invoices).toHaveLength(2);
  });

  it('is updated where it is named again, and its person with it', async () => {
    const bench = await startWorkbench();
    await bench.connect({ byHand: true });
    const id = await bench.write({});
    await bench.run({ module: 'sheets', request: { ids: [id] } });
    await bench.rewrite(id, { name: 'Ann Smith', price: '12.00' });
    await bench.run();
    expect(bench.zoho.state().contacts).toMatchObject([{ contact_name: 'Ann' }]);
    expect((await bench.run({ module: 'sheets', request: { ids: null } })).asked).toEqual({ count: 0, refused: [] });
    const { counts } = await bench.run({ module: 'sheets', request: { ids: [id] } });
    expect(counts).toMatchObject({ people: { updated: 1 }, sheets: { updated: 1 } });
    expect(bench.zoho.state()).toMatchObject({ contacts: [{ contact_name: 'Ann Smith' }], invoices: [{ total: 12 }] });
  });

  it('is carried over by itself once the settings say so, without a call that reads it again', async () => {
    const bench = await startWorkbench();
    await bench.connect({ byHand: true });
    const [taken, open] = [await bench.write({}), await bench.write({ state: 'open', mail: 'bob@example.com', name: 'Bob' })];
    await bench.run();
    await bench.connect({ taken: ['paid', 'open'] });
    await bench.step(bench.does().judgeAnew, { integrationId });
    for (const id of [taken, open]) expect(await bench.standing('loaners', id)).toMatchObject({ state: 'pending', code: null });
    expect(await bench.standing('people', 'bob@example.com')).toMatchObject({ state: 'pending' });
    expect((await bench.run()).counts).toEqual({ people: { added: 2 }, sheets: { added: 2, unchanged: 2 } });
  });

  it('waits from then on where the settings leave it to a person again, also what was to be carried over', async () => {
    const bench = await startWorkbench();
    const id = await bench.write({});
    await bench.run();
    await bench.rewrite(id, { price: '11.00' });
    const pull = { integrationId, runId: 'pull', module: 'people', source: 0 };
    await bench.step(bench.does().pull, pull);
    expect(await bench.standing('loaners', id)).toMatchObject({ state: 'pending' });
    await bench.connect({ byHand: true });
    await bench.run();
    expect(await bench.standing('loaners', id)).toMatchObject({ state: 'observed' });
    expect(bench.zoho.state().invoices).toMatchObject([{ total: 10 }]);
  });
});

describe('what failed until a person acts', () => {
  it('is tried again where the settings are other ones, with what waits for it, but for what is gone in Books', async () => {
    const bench = await startWorkbench();
    const [refused, gone] = [await bench.write({ mail: 'not an address', name: 'Bob' }), await bench.write({})];
    await bench.run();
    await bench.zoho.act({ method: 'DELETE', path: `/invoices/${bench.zoho.state().invoices[0]?.['invoice_id'] as string}` });
    await bench.rewrite(gone, { price: '11.00' });
    await bench.run();
    const standings = async () => [await bench.standing('people', 'not an address'), await bench.standing('loaners', refused), await bench.standing('loaners', gone)];
    const before = [{ state: 'failed', code: 'value-invalid' }, { state: 'waiting', code: 'reference-missing' }, { state: 'failed', code: 'record-missing' }];
    expect(await standings()).toMatchObject(before);
    await bench.step(bench.does().judgeAnew, { integrationId });
    expect(await standings()).toMatchObject(before);
    await bench.connect({ taken: ['paid', 'other'] });
    await bench.step(bench.does().judgeAnew, { integrationId });
    expect(await standings()).toMatchObject([{ state: 'pending', code: null }, { state: 'pending', code: null }, ...before.slice(2)]);
  });
});

describe('what a person has deleted', () => {
  it('is gone in Books and stays so, whatever changes, until it is asked for by its id', async () => {
    const bench = await startWorkbench();
    const [id, unsent] = [await bench.write({}), await bench.write({ state: 'open' })];
    await bench.run();
    const { withdrawn, counts } = await bench.run({ module: 'sheets', withdraw: { ids: [id, unsent, 'nowhere'] } });
    expect(withdrawn).toMatchObject({ count: 1, refused: [{ id: unsent, code: 'no-partner' }, { id: 'nowhere', code: 'record-missing' }] });
    expect(counts).toEqual({ sheets: { deleted: 1 } });
    expect(bench.zoho.state().invoices).toEqual([]);
    expect(await bench.standing('loaners', id)).toEqual({ state: 'withdrawn', code: 'withdrawn', partner: null });
    await bench.rewrite(id, { price: '20.00' });
    await bench.run();
    await bench.store.operations.retry(integrationId, { by: 'record', id });
    await bench.connect({ taken: ['paid', 'other'] });
    await bench.run();
    expect(await bench.standing('loaners', id)).toMatchObject({ state: 'withdrawn' });
    expect((await bench.run({ module: 'sheets', withdraw: { ids: [id] } })).withdrawn).toMatchObject({ count: 1, refused: [] });
    expect((await bench.run({ module: 'sheets', request: { ids: null } })).asked).toMatchObject({ count: 0 });
    await bench.run({ module: 'sheets', request: { ids: [id] } });
    expect(bench.zoho.state().invoices).toMatchObject([{ total: 20 }]);
  });

  it('is not deleted once it is more than a draft', async () => {
    const bench = await startWorkbench();
    const id = await bench.write({});
    await bench.run();
    const [invoice] = bench.zoho.state().invoices;
    await bench.zoho.act({ method: 'POST', path: `/invoices/${invoice?.['invoice_id'] as string}/status/sent` });
    expect((await bench.run({ module: 'sheets', withdraw: { ids: [id] } })).withdrawn).toMatchObject({ count: 0, refused: [{ id, code: 'document-locked' }] });
    expect(await bench.standing('loaners', id)).toMatchObject({ state: 'done' });
  });

  it('counts as deleted where the worker ended between the deletion and its note', async () => {
    const bench = await startWorkbench();
    const id = await bench.write({});
    await bench.run();
    bench.zoho.faults.add({ route: 'DELETE /books/v3/invoices', kind: 'lost-answer', times: 1 });
    const request = { integrationId, runId: 'delete', module: 'sheets', ids: [id] };
    await expect(bench.step(bench.does().withdrawRecords, request)).rejects.toMatchObject({ type: 'system-unreachable' });
    expect(await bench.step(bench.does().withdrawRecords, request)).toMatchObject({ count: 1, refused: [], left: [] });
    expect(await bench.standing('loaners', id)).toMatchObject({ state: 'withdrawn', partner: null });
  });
});

describe('a lost store', () => {
  it('costs no invoice that was sent: it is known by its key, and linked as it is', async () => {
    const bench = await startWorkbench();
    const [sent, draft] = [await bench.write({}), await bench.write({ mail: 'bob@example.com', name: 'Bob', price: '10' })];
    await bench.run();
    const [first] = bench.zoho.state().invoices;
    await bench.zoho.act({ method: 'POST', path: `/invoices/${first?.['invoice_id'] as string}/status/sent` });
    await bench.rewrite(sent, { price: '15.00' });
    await bench.rewrite(draft, { mail: 'bob@example.com', name: 'Bob', price: '15' });
    await bench.loseStore();
    const { counts } = await bench.run({}, 'initialImport');
    expect(counts['sheets']).toEqual({ failed: 1, updated: 1 });
    expect(bench.zoho.state().invoices.map(({ total }) => total)).toEqual([10, 15]);
    expect(await bench.standing('loaners', sent)).toEqual({ state: 'failed', code: 'total-differs', partner: first?.['invoice_id'] });
    await bench.rewrite(sent, {});
    await bench.loseStore();
    expect((await bench.run({}, 'initialImport')).counts['sheets']).toEqual({ unchanged: 2 });
  });
});

describe('a step of one document', () => {
  it('that is repeated after its end was stored says the same, and counts nothing', async () => {
    const bench = await startWorkbench();
    const id = await bench.write({});
    const request = { integrationId, runId: 'twice', module: 'sheets', side: 'other', resource: 'loaners', recordId: id } as const;
    await bench.store.runs.begin({ id: 'twice', integrationId, kind: 'sync' });
    await bench.step(bench.does().fetchRecord, request);
    await bench.step(bench.does().carryAnnounced, request);
    const again = await bench.step(bench.does().carryDocument, request);
    expect(again).toMatchObject({ outcome: 'added', documentId: bench.zoho.state().invoices[0]?.['invoice_id'] });
    expect(await bench.store.runs.counts('twice')).toEqual({ people: { added: 1 }, sheets: { added: 1 } });
  });
});
