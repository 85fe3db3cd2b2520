import { expect, it } from 'vitest';
import type { Place } from '../../store/types.ts';
import { addPage, customer, pendingOf, place, record, unreadable, type Current } from './store-under-test.ts';

const failed = { state: 'failed', finding: { code: 'record-unreadable', detail: 'name: missing' } } as const;

export function itKeepsPasses(current: Current): void {
  it('begins a pass once and goes on with it, whoever asks', async () => {
    const { store, other, clock, integrationId } = current();
    const first = await store.currentPass(integrationId, place);
    clock.nowMs += 5_000;
    expect(await other.currentPass(integrationId, place)).toEqual(first);
    expect(first).toMatchObject({ since: null, page: null });
  });

  it('resumes after a crash in the middle of a pass, at the page that was not written', async () => {
    const { other, integrationId } = current();
    await addPage(current(), [record('a', 0)], { next: 'page 2' });
    await addPage(current(), [record('b', 0)], { next: 'page 3' });
    expect(await other.currentPass(integrationId, place)).toMatchObject({ page: 'page 3' });
  });

  it('begins the next pass from where the last one says, at its own time', async () => {
    const { store, clock, integrationId, run } = current();
    const pass = await store.currentPass(integrationId, place);
    await store.savePage({ ...run, place, pass, records: [record('a', 0)], next: null, nextSince: '2026-01-05T07:55:00Z' });
    clock.nowMs += 60_000;
    expect(await store.currentPass(integrationId, place)).toEqual({
      number: pass.number + 1, since: '2026-01-05T07:55:00Z', startedMs: clock.nowMs, page: null,
    });
  });

  it('begins where nobody needs what changed before, and goes on like any other', async () => {
    const { store, clock, integrationId, run } = current();
    const first = await store.currentPass(integrationId, place, '2026-01-01T00:00:00.000Z');
    expect(first).toMatchObject({ since: '2026-01-01T00:00:00.000Z', page: null });
    await store.savePage({ ...run, place, pass: first, records: [], next: 'page 2', nextSince: null });
    expect(await store.currentPass(integrationId, place, '2026-01-01T00:00:00.000Z')).toEqual({ ...first, page: 'page 2' });
    await store.savePage({ ...run, place, pass: first, records: [], next: null, nextSince: '2026-01-05T07:55:00Z' });
    clock.nowMs += 60_000;
    expect(await store.currentPass(integrationId, place, '2026-01-01T00:00:00.000Z')).toMatchObject({ number: first.number + 1, since: '2026-01-05T07:55:00Z' });
  });

  it.each([
    { to: '2025-06-01T02:00:00.000+02:00', since: '2025-06-01T02:00:00.000+02:00', isAnew: true },
    { to: null, since: null, isAnew: true },
    { to: '2026-01-03T00:00:00.000Z', since: '2026-01-05T07:55:00Z', isAnew: false },
  ])('whose beginning moves to $to lists from $since, also in the middle of a pass', async ({ to, since, isAnew }) => {
    const { store, integrationId, run } = current();
    const first = await store.currentPass(integrationId, place, '2026-01-01T00:00:00.000Z');
    await store.savePage({ ...run, place, pass: first, records: [], next: null, nextSince: '2026-01-05T07:55:00Z' });
    const second = await store.currentPass(integrationId, place, '2026-01-01T00:00:00.000Z');
    await store.savePage({ ...run, place, pass: second, records: [], next: 'page 2', nextSince: null });
    const third = await store.currentPass(integrationId, place, to);
    expect(third).toMatchObject({ since, page: isAnew ? null : 'page 2', number: isAnew ? second.number + 1 : second.number });
    expect(await store.currentPass(integrationId, place, to)).toEqual(third);
  });

  it('keeps a place for every resource of every side', async () => {
    const { store, integrationId } = current();
    const contacts: Place = { ...place, side: 'books' };
    await addPage(current(), [], { next: 'page 2' });
    expect(await store.currentPass(integrationId, contacts)).toMatchObject({ page: null });
  });

  it('writes a page and its place in one piece: a page that cannot be written leaves the place as it was', async () => {
    const { store, integrationId, run } = current();
    const pass = await store.currentPass(integrationId, place);
    const broken = { ...run, runId: null as unknown as string };
    const page = { place, pass, records: [record('a', 0), record('b', 0, failed)], next: 'page 2', nextSince: null };
    await expect(store.savePage({ ...broken, ...page })).rejects.toThrow(/null/i);
    expect(await store.currentPass(integrationId, place)).toEqual(pass);
    expect(await pendingOf(current())).toEqual([]);
  });

  it('lets a reader that was overtaken write its page, but not move the place of a later pass', async () => {
    const { store, integrationId } = current();
    const slow = await store.currentPass(integrationId, place);
    await addPage(current(), [record('a', 1)], { next: null });
    const later = await store.currentPass(integrationId, place);
    await addPage(current(), [record('b', 1)], { pass: slow, next: 'page 9' });
    expect(await store.currentPass(integrationId, place)).toEqual(later);
    expect((await pendingOf(current())).map(({ recordId }) => recordId)).toEqual(['a', 'b']);
  });

  it('tells which records a full pass did not meet, and not those that are known to be deleted', async () => {
    const { store, integrationId } = current();
    await addPage(current(), ['a', 'b', 'c'].map((id) => record(id, 0)), { next: null });
    const second = await store.currentPass(integrationId, place);
    await addPage(current(), [record('a', 0)], { next: null });
    expect(await store.unmet(integrationId, place, second.number, 10)).toEqual(['b', 'c']);
    expect(await store.unmet(integrationId, place, second.number, 1)).toEqual(['b']);
    await store.addRecords(integrationId, place, second.number, [record('b', 0, { data: {}, deleted: true }), record('c', 0)]);
    expect(await store.unmet(integrationId, place, second.number, 10)).toEqual([]);
  });

  it('does not forget that a later pass met a record when an overtaken reader meets it too', async () => {
    const { store, integrationId } = current();
    const first = await store.currentPass(integrationId, place);
    await addPage(current(), [record('a', 0)], { next: null });
    const second = await store.currentPass(integrationId, place);
    await addPage(current(), [record('a', 0)], { next: null });
    await addPage(current(), [record('a', 0)], { pass: first });
    await addPage(current(), [record('a', 9)], { pass: first });
    expect(await store.unmet(integrationId, place, second.number, 10)).toEqual([]);
  });
}

export function itKeepsRecords(current: Current): void {
  it('says what a page brought, and counts what ended on arrival', async () => {
    const { store, run } = current();
    await addPage(current(), [record('known', 0)]);
    const skipped = { state: 'skipped', finding: { code: 'not-completed', detail: 'open' } } as const;
    const counts = await addPage(current(), [record('known', 0), record('new', 0), record('odd', 0, failed), record('open', 0, skipped)]);
    expect(counts).toEqual({ changedIds: new Set(['new', 'odd', 'open']), unchanged: 1 });
    expect(await store.runs.counts(run.runId)).toEqual({ customers: { failed: 1, skipped: 1, unchanged: 1 } });
    expect((await pendingOf(current())).map(({ recordId }) => recordId)).toEqual(['known', 'new']);
  });

  it('changes nothing where the content is the same, whatever the order of its fields', async () => {
    const [, again] = [
      await addPage(current(), [record('a', 0, { data: { name: 'Ada', address: { city: 'Köln', zip: '50667' } } })]),
      await addPage(current(), [record('a', 5, { data: { address: { zip: '50667', city: 'Köln' }, name: 'Ada' } })]),
    ];
    expect(again).toEqual({ changedIds: new Set(), unchanged: 1 });
  });

  it('never lets an older version replace a newer one', async () => {
    const { store, integrationId } = current();
    await addPage(current(), [record('a', 30)]);
    await addPage(current(), [record('a', 10)]);
    // The same minute in another zone, an hour later on its clock.
    await addPage(current(), [record('a', 0, { modifiedAt: '2026-01-05T09:20:00+01:00', data: { minute: 20 } })]);
    expect(await store.change(integrationId, customer('a'))).toMatchObject({ data: { minute: 30 } });
    await addPage(current(), [record('a', 31)]);
    expect(await store.change(integrationId, customer('a'))).toMatchObject({ data: { minute: 31 } });
  });

  it.each([['the newer first', [8, 3]], ['the older first', [3, 8]]])('keeps the newer of two versions on one page, %s', async (_order, minutes) => {
    const { store, integrationId } = current();
    await addPage(current(), minutes.map((minute) => record('a', minute)));
    expect(await store.change(integrationId, customer('a'))).toMatchObject({ data: { minute: 8 } });
    expect(await pendingOf(current())).toHaveLength(1);
  });

  it('counts a record that shifted from one page to the next once', async () => {
    await addPage(current(), [record('a', 0), record('b', 0)]);
    expect(await addPage(current(), [record('b', 0), record('c', 0)])).toEqual({ changedIds: new Set(['c']), unchanged: 1 });
    expect((await pendingOf(current())).map(({ recordId }) => recordId)).toEqual(['a', 'b', 'c']);
  });

  it('keeps what is known of a deleted record, because documents still refer to it', async () => {
    const { store, integrationId } = current();
    await addPage(current(), [record('a', 0), record('b', 0)]);
    await addPage(current(), [record('a', 1, { data: {}, deleted: true }), record('b', 1), record('b', 2, { data: {}, deleted: true })]);
    expect(await store.change(integrationId, customer('a'))).toMatchObject({ deleted: true, data: { minute: 0 } });
    expect(await store.change(integrationId, customer('b'))).toMatchObject({ deleted: true, data: { minute: 1 } });
    const records = await store.records(integrationId, [customer('a'), customer('b'), customer('unknown')]);
    expect([...records]).toEqual([['other/customers/a', { id: 'a', minute: 0 }], ['other/customers/b', { id: 'b', minute: 1 }]]);
  });

  it('keeps what was known of a record that cannot be read for those that refer to it, and carries none of that over', async () => {
    const { store, integrationId } = current();
    await addPage(current(), [record('a', 0), record('b', 0)]);
    await addPage(current(), [unreadable('a'), record('b', 1), unreadable('b'), unreadable('never')]);
    const records = await store.records(integrationId, ['a', 'b', 'never'].map(customer));
    expect([...records]).toEqual([['other/customers/a', { id: 'a', minute: 0 }], ['other/customers/b', { id: 'b', minute: 1 }], ['other/customers/never', {}]]);
    expect(await store.recordsOf(integrationId, place)).toEqual([{ id: 'a', data: { id: 'a', minute: 0 } }, { id: 'b', data: { id: 'b', minute: 1 } }]);
    await store.operations.retry(integrationId, { by: 'all' });
    expect((await pendingOf(current())).map(({ recordId, data }) => [recordId, data])).toEqual([['a', {}], ['b', {}], ['never', {}]]);
    await addPage(current(), [record('a', 0), record('never', 0, { data: {}, deleted: true })]);
    expect(await store.change(integrationId, customer('a'))).toMatchObject({ data: { minute: 0 } });
    expect(await store.records(integrationId, [customer('never')])).toEqual(new Map());
  });

  it('tells once that a record cannot be read, and once more where it cannot be after it was tried again', async () => {
    const { store, integrationId, run } = current();
    for (let time = 0; time < 2; time += 1) await addPage(current(), [unreadable('a')]);
    expect(await store.runs.counts(run.runId)).toEqual({ customers: { failed: 1, unchanged: 1 } });
    await store.operations.retry(integrationId, { by: 'all' });
    await addPage(current(), [unreadable('a')]);
    expect(await store.runs.counts(run.runId)).toEqual({ customers: { failed: 2, unchanged: 1 } });
    expect(await store.failures(integrationId, 10)).toMatchObject([{ recordId: 'a', code: 'record-unreadable', detail: 'name: missing' }]);
  });

  it.each(['record-unreadable', 'refused'] as const)('leaves a record to a person that was only observed and %s for a while', async (code) => {
    const { store, integrationId } = current();
    await addPage(current(), [record('a', 0, { state: 'observed' })]);
    await addPage(current(), [{ ...unreadable('a'), finding: { code, detail: '' } }]);
    await addPage(current(), [record('a', 1, { state: 'observed' })]);
    expect([...(await store.reports.standings(integrationId, [customer('a')])).values()]).toMatchObject([{ state: 'observed', code: null }]);
  });

  it('counts and notes a row without id, and keeps no record that somebody would ask for', async () => {
    const { store, integrationId, run } = current();
    const pass = await store.currentPass(integrationId, place);
    await store.savePage({ ...run, place, pass, records: [record('a', 0)], nameless: [{ code: 'record-unreadable', detail: 'id: missing' }], next: null, nextSince: null });
    expect(await store.runs.counts(run.runId)).toEqual({ customers: { failed: 1 } });
    expect(await store.operations.history(integrationId, { limit: 10 })).toMatchObject([{ resource: 'customers', recordId: '', outcome: 'failed', code: 'record-unreadable', detail: 'id: missing' }]);
    const { number } = await store.currentPass(integrationId, place);
    expect(await store.unmet(integrationId, place, number, 10)).toEqual(['a']);
  });

  it('carries a record over again that comes back after it was deleted', async () => {
    const { store, integrationId } = current();
    await addPage(current(), [record('a', 0)]);
    await addPage(current(), [record('a', 0, { modifiedAt: null, data: {}, deleted: true })]);
    await addPage(current(), [record('a', 0)]);
    expect(await store.change(integrationId, customer('a'))).toMatchObject({ deleted: false, data: { minute: 0 } });
  });

  it('keeps every digit and every sign', async () => {
    const { store, integrationId } = current();
    const data = { id: '1234567890123456789', text: 'Łódź 東京 \u0000 \uD800 👩‍🔬', amount: '0.10', nested: [null, true, 1.5] };
    await addPage(current(), [record('a', 0, { data })]);
    expect((await store.change(integrationId, customer('a')))?.data).toEqual(data);
  });

  it('keeps the newest version when two workers write versions at once', async () => {
    const { store, other, run, integrationId } = current();
    const ids = Array.from({ length: 20 }, (_, n) => `r${n}`);
    for (let minute = 0; minute < 20; minute += 2) {
      await Promise.all([
        addPage({ store, run }, ids.map((id) => record(id, minute + 1))),
        addPage({ store: other, run }, ids.toReversed().map((id) => record(id, minute))),
      ]);
      const kept = await store.records(integrationId, ids.map(customer));
      expect(new Set([...kept.values()].map((data) => data['minute']))).toEqual(new Set([minute + 1]));
    }
  });
}
