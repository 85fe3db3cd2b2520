import { expect, it } from 'vitest';
import type { SeenRecord } from '../../store/types.ts';
import { addPage, customer, ending, link, pendingChange, pendingOf, place, record, type Current } from './store-under-test.ts';

const observed = { state: 'observed' } as const;
const skipped = { state: 'skipped', finding: { code: 'not-completed', detail: 'open' } } as const;
const gone = { code: 'withdrawn', detail: 'contacts 1 was deleted' } as const;
const within = { module: 'people', side: 'other', resource: 'people' } as const;

export function itKeepsRequests(current: Current): void {
  const standingOf = async (id: string) => {
    const [found] = (await current().store.reports.standings(current().integrationId, [customer(id)])).values();
    return found && { state: found.state, code: found.code, data: found.change.data };
  };

  it('carries nothing over that is only observed, until it is asked for', async () => {
    const { store, integrationId } = current();
    await addPage(current(), [record('a', 0, observed), record('b', 0, observed), record('c', 0, skipped)]);
    expect(await pendingOf(current())).toEqual([]);
    const asked = await store.requests.candidates(integrationId, place, null, 0, 10);
    expect(asked.map(({ recordId }) => recordId)).toEqual(['a', 'b', 'c']);
    await store.requests.ask(integrationId, asked.slice(0, 1));
    expect((await pendingOf(current())).map(({ recordId }) => recordId)).toEqual(['a']);
    expect((await store.requests.candidates(integrationId, place, ['a', 'c'], 0, 10)).map(({ recordId }) => recordId)).toEqual(['a', 'c']);
    expect((await store.requests.unasked(integrationId, ['a', 'b', 'c', 'nobody'].map(customer))).map(({ recordId }) => recordId)).toEqual(['b']);
  });

  it('still wants what somebody wants, though a newer version comes along that nobody asked for', async () => {
    await addPage(current(), [record('a', 0)]);
    await addPage(current(), [record('a', 1, observed)]);
    expect(await standingOf('a')).toMatchObject({ state: 'pending', data: { minute: 1 } });
  });

  it('wants what was observed once it is met where it is to be carried over, also by an older version, whose content it does not take', async () => {
    await addPage(current(), [record('a', 5, observed), record('b', 5, observed)]);
    await addPage(current(), [record('a', 5), record('b', 3)]);
    expect(await standingOf('a')).toMatchObject({ state: 'pending' });
    expect(await standingOf('b')).toMatchObject({ state: 'pending', data: { minute: 5 } });
  });

  it('forgets the link to a partner that is gone when its record is asked for, and no other', async () => {
    const { store, run, integrationId } = current();
    await addPage(current(), [record('a', 0), record('b', 0)]);
    for (const [id, partner] of [['a', '1'], ['b', '2']] as const) await store.endChanges(run, [ending(await pendingChange(current(), id), { link: link(id, partner) })]);
    await store.requests.ask(integrationId, await store.requests.candidates(integrationId, place, ['a', 'b'], 0, 10), [link('a', '1')]);
    expect([...(await store.links(integrationId, [customer('a'), customer('b')])).keys()]).toEqual(['other/customers/b']);
    expect((await pendingOf(current())).map(({ recordId }) => recordId)).toEqual(['a', 'b']);
  });

  it('does nothing more about a record whose partner a person had deleted, until it is asked for by its id', async () => {
    const { store, run, integrationId } = current();
    await addPage(current(), [record('a', 0)]);
    await store.endChanges(run, [ending(await pendingChange(current(), 'a'), { link: link('a', '1') })]);
    const change = await store.change(integrationId, customer('a'));
    if (!change) throw new Error('there is no such change');
    await store.requests.withdraw(run, change, link('a', '1'), gone);
    await store.requests.withdraw(run, change, link('a', '1'), gone);
    expect(await store.runs.counts(run.runId)).toEqual({ customers: { updated: 1, deleted: 1 } });
    expect((await store.links(integrationId, [customer('a')])).size).toBe(0);
    await addPage(current(), [record('a', 1)]);
    await store.operations.readAgain(integrationId, place, record('a', 2));
    await store.operations.retry(integrationId, { by: 'record', id: 'a' });
    await store.endChanges(run, [ending(change)]);
    expect(await standingOf('a')).toEqual({ state: 'withdrawn', code: 'withdrawn', data: { id: 'a', minute: 2 } });
    expect(await store.requests.candidates(integrationId, place, null, 0, 10)).toEqual([]);
    await store.requests.ask(integrationId, await store.requests.candidates(integrationId, place, ['a'], 0, 10));
    expect(await standingOf('a')).toMatchObject({ state: 'pending', code: null });
  });

  it('keeps the link of a partner that has taken the place of the deleted one', async () => {
    const { store, run, integrationId } = current();
    await addPage(current(), [record('a', 0)]);
    const change = await pendingChange(current(), 'a');
    await store.endChanges(run, [ending(change, { link: link('a', '2') })]);
    await store.requests.withdraw(run, change, link('a', '1'), gone);
    expect([...(await store.links(integrationId, [customer('a')])).values()]).toMatchObject([{ books: { id: '2' } }]);
  });
}

export function itKeepsInnerRecords(current: Current): void {
  const page = async (records: readonly SeenRecord[], inner: readonly SeenRecord[]) => {
    const { store, run, integrationId } = current();
    const pass = await store.currentPass(integrationId, place);
    await store.savePage({ ...run, place, pass, records, inner: [{ place: within, records: inner }], next: 'more', nextSince: null });
  };

  it('writes what came inside with it, and counts of that only what ended on arrival', async () => {
    const { store, run, integrationId } = current();
    await page([record('a', 0)], [record('ann', 0), record('bob', 0, skipped)]);
    await page([record('a', 0)], [record('ann', 0)]);
    expect(await store.runs.counts(run.runId)).toEqual({ customers: { unchanged: 1 }, people: { skipped: 1 } });
    expect(await store.pending({ integrationId, module: 'people', side: 'other', resources: ['people'], after: 0, limit: 9 })).toMatchObject([{ recordId: 'ann' }]);
    expect(await store.pending({ integrationId, module: 'people', side: 'other', resources: ['others'], after: 0, limit: 9 })).toEqual([]);
    expect(await store.pendingSummary(integrationId, 'people', [{ side: 'other', resource: 'others' }])).toEqual({ count: 0, dueMs: 0 });
    expect(await store.recordsOf(integrationId, within)).toEqual([{ id: 'ann', data: { id: 'ann', minute: 0 } }, { id: 'bob', data: { id: 'bob', minute: 0 } }]);
  });

  it('believes a listing for a while, from when it began, and no more once a person retries', async () => {
    const { store, run, integrationId, clock } = current();
    const isListed = (forMs: number) => store.isListed(integrationId, place, clock.nowMs - forMs);
    expect(await isListed(1_000)).toBe(false);
    const pass = await store.currentPass(integrationId, place);
    clock.nowMs += 500;
    await store.savePage({ ...run, place, pass, records: [], next: null, nextSince: null, isKept: true });
    expect([await isListed(400), await isListed(600)]).toEqual([false, true]);
    await store.operations.retry(integrationId, { by: 'reason', code: 'system-fault' }, 'clock');
    expect(await isListed(600)).toBe(true);
    await store.operations.retry(integrationId, { by: 'reason', code: 'value-invalid' });
    expect(await isListed(600)).toBe(false);
  });

  it('believes no listing that was being read when a person retried', async () => {
    const { store, run, integrationId, clock } = current();
    const isListed = () => store.isListed(integrationId, place, clock.nowMs - 60_000);
    const read = async (meanwhile: () => Promise<unknown>) => {
      const pass = await store.currentPass(integrationId, place);
      await store.savePage({ ...run, place, pass, records: [record('a', 0, observed)], next: 'page 2', nextSince: null, isKept: true });
      await meanwhile();
      await store.savePage({ ...run, place, pass, records: [], next: null, nextSince: null, isKept: true });
    };
    await read(() => Promise.resolve());
    await store.operations.retry(integrationId, { by: 'all' });
    await read(() => store.operations.retry(integrationId, { by: 'all' }));
    expect(await isListed()).toBe(false);
    expect(await store.currentPass(integrationId, place)).toMatchObject({ page: null });
    await read(() => Promise.resolve());
    expect(await isListed()).toBe(true);
  });
}

export function itJudgesAnew(current: Current): void {
  it('knows what was decided on arrival, and changes it without making the content look new', async () => {
    const { store, run, integrationId } = current();
    await addPage(current(), [record('a', 0, skipped), record('b', 0), record('c', 0, observed)]);
    const leftOut = { state: 'skipped', outcome: 'skipped', finding: { code: 'no-imported-item', detail: '' } } as const;
    await store.endChanges(run, [ending(await pendingChange(current(), 'b'), leftOut)]);
    const judged = await store.judgings.judged(integrationId, place, 0, 10);
    expect(judged.map(({ change, state, code, isOnArrival }) => [change.recordId, state, code, isOnArrival])).toEqual([
      ['a', 'skipped', 'not-completed', true], ['b', 'skipped', 'no-imported-item', false], ['c', 'observed', null, true],
    ]);
    const [first, , last] = judged;
    if (!first || !last) throw new Error('nothing was judged');
    await addPage(current(), [record('c', 1, observed)]);
    await store.judgings.change(integrationId, [first, last].map(({ change }) => ({ change, state: 'pending', finding: null })));
    // Of the other a newer version has come since.
    expect((await pendingOf(current())).map(({ recordId }) => recordId)).toEqual(['a']);
    expect(await addPage(current(), [record('a', 0)])).toEqual({ changedIds: new Set(), unchanged: 1 });
  });

  it('leaves alone what is unfinished where nothing is read any more, and whatever is elsewhere', async () => {
    const { store, run, integrationId } = current();
    await addPage(current(), [record('a', 0), record('b', 0), record('c', 0, skipped), record('d', 0)]);
    const failed = { state: 'failed', outcome: 'failed', finding: { code: 'value-invalid', detail: '' } } as const;
    await store.endChanges(run, [ending(await pendingChange(current(), 'b'), failed)]);
    await store.endChanges(run, [ending(await pendingChange(current(), 'd'), { state: 'done', outcome: 'added' })]);
    const states = async () => [...(await store.reports.standings(integrationId, ['a', 'b', 'c', 'd'].map((id) => ({ ...place, id })))).values()].map(({ change: { recordId }, state, code }) => `${recordId} ${state} ${code}`).sort();
    const before = ['a pending null', 'b failed value-invalid', 'c skipped not-completed', 'd done null'];
    await store.judgings.leaveOthers(integrationId, [place]);
    expect(await states()).toEqual(before);
    await store.judgings.leaveOthers(integrationId, [{ ...place, side: place.side === 'books' ? 'other' : 'books' }]);
    expect(await states()).toEqual(['a observed null', 'b observed null', 'c skipped not-completed', 'd done null']);
  });

  it('remembers with what it was', async () => {
    const { store, other, integrationId } = current();
    expect(await store.judgings.last(integrationId)).toBeNull();
    for (const settings of ['one', 'two']) await store.judgings.note(integrationId, { settings, onRequest: ['orders'] });
    expect(await other.judgings.last(integrationId)).toEqual({ settings: 'two', onRequest: ['orders'] });
  });
}
