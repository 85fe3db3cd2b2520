import { expect, it } from 'vitest';
import type { ReadRecord, ReportFinding } from '../../store/reports.ts';
import { addPage, contact, customer, ending, newId, pendingChange, place, record, type Current } from './store-under-test.ts';

const read = (id: string, more: Partial<ReadRecord> = {}): ReadRecord => ({ ...customer(id), key: null, identity: null, data: { name: id }, ...more });
const finding = (id: string, more: Partial<ReportFinding> = {}): ReportFinding => ({
  module: 'customers', kind: 'missing', record: customer(id), partner: null, missingIn: 'books', code: null, detail: '', differences: [], ...more,
});

export function itKeepsReports(current: Current): void {
  it('hands records out in the order in which they were read, in pages', async () => {
    const { store: { reports }, integrationId } = current();
    const id = newId('report');
    await reports.begin(id, integrationId);
    await reports.addRecords(id, 'customers', [read('c-2'), read('c-1')]);
    await reports.addRecords(id, 'customers', [read('c-3'), { ...read('b-1'), ...contact('b-1') }]);
    const [first, second] = await reports.records(id, place, 0, 2);
    expect([first?.id, second?.id]).toEqual(['c-2', 'c-1']);
    expect((await reports.records(id, place, second?.position ?? 0, 2)).map((record) => record.id)).toEqual(['c-3']);
  });

  it('takes a page that is read again as one, also where it has a record twice', async () => {
    const { store: { reports }, integrationId } = current();
    const id = newId('report');
    await reports.begin(id, integrationId);
    await reports.begin(id, integrationId);
    await reports.addRecords(id, 'customers', [read('c-1'), read('c-1', { data: { name: 'newer' } })]);
    await reports.addRecords(id, 'customers', [read('c-1', { data: { name: 'newest' } })]);
    expect(await reports.records(id, place, 0, 10)).toMatchObject([{ id: 'c-1', data: { name: 'newest' } }]);
  });

  it('finds records by address, by our key, and by what a person calls them', async () => {
    const { store: { reports }, integrationId } = current();
    const id = newId('report');
    await reports.begin(id, integrationId);
    await reports.addRecords(id, 'customers', [read('c-1', { key: 'hector:customers:1', identity: 'Ash' }), read('c-2', { identity: 'Ash' })]);
    expect([...(await reports.recordsAt(id, 'customers', [customer('c-2'), customer('c-9')])).keys()]).toEqual(['other/customers/c-2']);
    expect(await reports.recordsWith(id, 'customers', { key: 'hector:customers:1' })).toMatchObject([{ id: 'c-1' }]);
    expect((await reports.recordsWith(id, 'customers', { identity: 'Ash' })).map((record) => record.id)).toEqual(['c-1', 'c-2']);
    expect(await reports.recordsWith(id, 'items', { identity: 'Ash' })).toEqual([]);
  });

  it('tells how a record stands in the table of changes', async () => {
    const context = current();
    const { store, run, integrationId } = context;
    await addPage(context, [record('c-1', 1), record('c-2', 1)]);
    const change = await pendingChange(context, 'c-2');
    await store.endChanges(run, [ending(change, { outcome: 'failed', state: 'failed', finding: { code: 'name-collision', detail: 'Ash' } })]);
    const standings = await store.reports.standings(integrationId, ['c-1', 'c-2', 'c-3'].map(customer));
    expect([...standings.values()].map(({ state, code, detail }) => [state, code, detail])).toEqual([['pending', null, ''], ['failed', 'name-collision', 'Ash']]);
    expect(standings.get('other/customers/c-2')?.change).toEqual(change);
  });

  it('counts results and findings once, however often a step is repeated, and keeps the newest report only', async () => {
    const { store: { reports }, integrationId } = current();
    const [id, later] = [newId('report'), newId('report')];
    await reports.begin(id, integrationId);
    await reports.addRecords(id, 'customers', [read('c-1'), read('c-2'), read('c-3')]);
    const [one, two, three] = await reports.records(id, place, 0, 10);
    for (let times = 0; times < 2; times += 1) {
      if (one) await reports.addResult(id, one, 'equal');
      if (two) await reports.addResult(id, two, 'left-out');
      if (three) await reports.addResult(id, three, 'found');
      await reports.addFindings(id, [finding('c-3', { detail: `${times}`, differences: [{ field: 'total', expected: '1.00', found: '2.00', by: '1' }] }), finding('c-3', { kind: 'different' })]);
    }
    const ended = await reports.end(id, 'completed');
    expect(ended).toMatchObject({ state: 'completed', counts: { customers: { equal: 1, leftOut: 1, found: { missing: 1, different: 1 } } } });
    expect(await reports.end(id, 'completed')).toEqual(ended);
    expect(await reports.get(id)).toEqual(ended);
    expect(await reports.records(id, place, 0, 10)).toEqual([]);
    expect(await reports.findings(id)).toMatchObject([{ kind: 'missing', detail: '1', differences: [{ by: '1' }] }, { kind: 'different' }]);
    await reports.begin(later, integrationId);
    expect(await reports.get(id)).toEqual(ended);
    await reports.end(later, 'completed');
    expect(await reports.get(id)).toBeNull();
    expect(await reports.findings(id)).toEqual([]);
  });
}
