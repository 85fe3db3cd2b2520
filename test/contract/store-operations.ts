import { expect, it } from 'vitest';
import type { Ending } from '../../store/types.ts';
import { addPage, contact, customer, ending, link, newId, pendingChange, pendingOf, place, record, unreadable, type Current } from './store-under-test.ts';

/** What the command line asks and decides. */
export function itServesOperations(current: Current): void {
  /** Ends a pending change as failed. */
  const fail = async (id: string, code: 'value-invalid' | 'record-missing' | 'name-collision', more: Partial<Ending> = {}) => {
    const { store, run } = current();
    await store.endChanges(run, [ending(await pendingChange(current(), id), { outcome: 'failed', state: 'failed', finding: { code, detail: `${id}: ${code}` }, ...more })]);
  };
  const pendingIds = async () => (await pendingOf(current())).map(({ recordId }) => recordId).sort();

  it('changes the state of an integration, and nothing else of it', async () => {
    const { store, integrationId } = current();
    const before = await store.integrations.get(integrationId);
    await store.operations.setState(integrationId, 'paused');
    expect(await store.integrations.get(integrationId)).toEqual({ ...before, state: 'paused' });
  });

  it('counts what is not done, by module, state and reason', async () => {
    const { store, run, integrationId, clock } = current();
    await addPage(current(), ['a', 'b', 'c', 'd'].map((id) => record(id, 0)));
    await fail('a', 'value-invalid');
    await fail('b', 'value-invalid');
    await store.endChanges(run, [ending(await pendingChange(current(), 'c'))]);
    await store.postpone(await pendingChange(current(), 'd'), clock.nowMs + 5_000);
    expect(await store.operations.counts(integrationId)).toEqual([
      { module: 'customers', state: 'failed', code: 'value-invalid', count: 2, dueMs: { first: 0, last: 0 } },
      { module: 'customers', state: 'pending', code: null, count: 1, dueMs: { first: clock.nowMs + 5_000, last: clock.nowMs + 5_000 } },
    ]);
  });

  it('lists problems with their reason, the oldest first', async () => {
    const { store, integrationId } = current();
    await addPage(current(), ['a', 'b', 'c'].map((id) => record(id, 0)));
    await fail('b', 'value-invalid');
    await fail('a', 'name-collision', { state: 'waiting', waitsFor: customer('c') });
    const all = await store.operations.problems(integrationId, { limit: 10 });
    expect(all.map(({ id, state, code, detail }) => ({ id, state, code, detail }))).toEqual([
      { id: 'a', state: 'waiting', code: 'name-collision', detail: 'a: name-collision' },
      { id: 'b', state: 'failed', code: 'value-invalid', detail: 'b: value-invalid' },
    ]);
    expect((await store.operations.problems(integrationId, { limit: 10, code: 'value-invalid' })).map(({ id }) => id)).toEqual(['b']);
    expect(await store.operations.problems(integrationId, { limit: 10, module: 'items' })).toEqual([]);
    expect(await store.operations.problems(integrationId, { limit: 1 })).toHaveLength(1);
    expect(await store.operations.standings(all.map(({ changeId }) => changeId))).toEqual(all);
  });

  it('finds a record by its own id and by that of its partner', async () => {
    const { store, run, integrationId } = current();
    await addPage(current(), [record('a', 0), record('b', 0)]);
    await store.endChanges(run, [ending(await pendingChange(current(), 'a'), { link: link('a', '4711') })]);
    expect((await store.operations.find(integrationId, 'a')).map(({ id }) => id)).toEqual(['a']);
    expect((await store.operations.find(integrationId, '4711')).map(({ id }) => id)).toEqual(['a']);
    expect(await store.operations.find(integrationId, '4711', 'items')).toEqual([]);
    expect(await store.operations.find(newId('nobody'), 'a')).toEqual([]);
  });

  it('puts back what failed, by record, by change, by reason, or all', async () => {
    const { store, integrationId } = current();
    await addPage(current(), ['a', 'b', 'c', 'd', 'e'].map((id) => record(id, 0)));
    for (const id of ['a', 'b', 'c']) await fail(id, 'value-invalid');
    await fail('d', 'name-collision');
    await fail('e', 'value-invalid', { state: 'skipped', outcome: 'skipped' });
    expect(await pendingIds()).toEqual([]);
    const [a] = await store.operations.retry(integrationId, { by: 'record', id: 'a' });
    expect(a).toMatchObject({ id: 'a', state: 'failed', code: 'value-invalid' });
    expect(await pendingIds()).toEqual(['a']);
    const [b] = await store.operations.find(integrationId, 'b');
    await store.operations.retry(integrationId, { by: 'change', id: b?.changeId ?? 0 });
    expect(await pendingIds()).toEqual(['a', 'b']);
    expect((await store.operations.retry(integrationId, { by: 'all' })).map(({ id }) => id)).toEqual(['c', 'd']);
    expect(await pendingIds()).toEqual(['a', 'b', 'c', 'd']);
    expect((await store.operations.retry(integrationId, { by: 'reason', code: 'value-invalid' })).map(({ id }) => id)).toEqual(['e']);
    expect(await store.operations.counts(integrationId)).toMatchObject([{ state: 'pending', code: null, count: 5 }]);
    expect(await store.operations.retry(integrationId, { by: 'all' })).toEqual([]);
  });

  it('tells which could not be read and are to be tried again, until they were read', async () => {
    const { store, integrationId } = current();
    await addPage(current(), [unreadable('a'), unreadable('b'), record('c', 0)]);
    const unread = () => store.operations.unread(integrationId, place);
    expect(await unread()).toEqual([]);
    await store.operations.retry(integrationId, { by: 'all' });
    expect(await unread()).toEqual(['a', 'b']);
    await store.operations.readAgain(integrationId, place, record('a', 1));
    await store.operations.readAgain(integrationId, place, unreadable('b'));
    expect(await unread()).toEqual([]);
    expect(await pendingIds()).toEqual(['a', 'c']);
    expect(await store.operations.problems(integrationId, { limit: 10 })).toMatchObject([{ id: 'b', detail: 'name: missing' }]);
  });

  it('forgets a partner that is gone, so that it is created anew, and no other', async () => {
    const { store, run, integrationId } = current();
    await addPage(current(), ['gone', 'there'].map((id) => record(id, 0)));
    for (const id of ['gone', 'there']) await store.endChanges(run, [ending(await pendingChange(current(), id), { link: link(id, `books-${id}`) })]);
    await addPage(current(), ['gone', 'there'].map((id) => record(id, 1)));
    await fail('gone', 'record-missing');
    await fail('there', 'value-invalid');
    await store.operations.retry(integrationId, { by: 'all' });
    const links = await store.links(integrationId, [contact('books-gone'), contact('books-there')]);
    expect([...links.values()].map(({ other }) => other.id)).toEqual(['there']);
  });

  it('has what a name may have collided with listed anew, where a person has the collision tried again', async () => {
    const { store, integrationId, clock, run } = current();
    const partners = { module: 'customers', side: 'books', resource: 'contacts' } as const;
    const pass = await store.currentPass(integrationId, partners);
    await store.savePage({ ...run, place: partners, pass, records: [], next: null, nextSince: new Date(clock.nowMs).toISOString() });
    await store.matches.put(integrationId, partners, [{ id: '4711', keys: ['name:x'] }]);
    await addPage(current(), [record('a', 0), record('b', 0)]);
    await fail('a', 'value-invalid');
    await fail('b', 'name-collision');
    await store.operations.retry(integrationId, { by: 'reason', code: 'value-invalid' });
    await store.operations.retry(integrationId, { by: 'all' }, 'clock');
    expect(await store.matches.listedMs(integrationId, partners)).toBe(clock.nowMs);
    await fail('b', 'name-collision');
    await store.operations.retry(integrationId, { by: 'all' });
    expect(await store.matches.listedMs(integrationId, partners)).toBeNull();
  });

  it('has a record that was read again carried over though nothing about it is new', async () => {
    const { store, run, integrationId } = current();
    await addPage(current(), [record('a', 5)], { next: null });
    await store.endChanges(run, [ending(await pendingChange(current(), 'a'))]);
    await store.operations.readAgain(integrationId, place, record('a', 5));
    expect(await pendingIds()).toEqual(['a']);
    await store.operations.readAgain(integrationId, place, record('a', 1));
    expect((await pendingChange(current(), 'a')).data).toEqual({ id: 'a', minute: 5 });
    await store.operations.readAgain(integrationId, place, record('a', 6, { state: 'skipped', finding: { code: 'not-completed', detail: 'open' } }));
    expect(await pendingIds()).toEqual([]);
  });

  it('does not begin a pass by reading one record', async () => {
    const { store, integrationId, clock } = current();
    await store.operations.readAgain(integrationId, place, record('a', 0));
    clock.nowMs += 60_000;
    expect(await store.currentPass(integrationId, place)).toMatchObject({ startedMs: clock.nowMs, number: 1 });
    expect(await store.unmet(integrationId, place, 1, 10)).toEqual(['a']);
  });

  it('filters the history by module and record', async () => {
    const { store, integrationId } = current();
    await addPage(current(), ['a', 'b'].map((id) => record(id, 0)));
    await fail('a', 'value-invalid');
    await fail('b', 'value-invalid');
    const ids = async (filter: { module?: string; recordId?: string; limit: number }) => (await store.operations.history(integrationId, filter)).map(({ recordId }) => recordId);
    expect(await ids({ limit: 10 })).toEqual(['b', 'a']);
    expect(await ids({ limit: 1 })).toEqual(['b']);
    expect(await ids({ recordId: 'a', limit: 10 })).toEqual(['a']);
    expect(await ids({ module: 'items', limit: 10 })).toEqual([]);
  });

  it('says how much of a day is used, and until when no call is granted', async () => {
    const { store, clock } = current();
    const id = newId('quota');
    expect(await store.operations.quota(id)).toBeNull();
    const windowMs = 86_400_000;
    await store.quotas.configure(id, { day: { calls: 10, windowMs } });
    await store.quotas.take(id, 'bulk');
    const dayEndsMs = Math.floor(clock.nowMs / windowMs) * windowMs + windowMs;
    expect(await store.operations.quota(id)).toMatchObject({ dayUsed: 1, dayEndsMs, blocked: null });
    const untilMs = clock.nowMs + 60_000;
    await store.quotas.refused(id, 'limit-minute', untilMs);
    expect(await store.operations.quota(id)).toMatchObject({ blocked: { untilMs, code: 'limit-minute' } });
    clock.nowMs = dayEndsMs;
    expect(await store.operations.quota(id)).toMatchObject({ dayUsed: 0, blocked: null });
  });

  it('lets two workers end, put back, read and delete at once what is the same: neither waits for the other for ever, and nothing is lost', async () => {
    const { store, other, run, integrationId, clock } = current();
    const ids = Array.from({ length: 30 }, (_, n) => `r${n}`);
    await addPage(current(), ids.map((id) => record(id, 0)));
    const read = (worker: typeof store) => worker.pending({ integrationId, module: place.module, side: place.side, after: 0, limit: 1_000 });
    for (let round = 1; round <= 6; round += 1) {
      const pass = await store.currentPass(integrationId, place);
      const pages = [ids, ids.toReversed()].map((order) => order.map((id) => record(id, round)));
      const [mine, theirs] = await Promise.all([read(store), read(other)]);
      const failed = { outcome: 'failed', state: 'failed', finding: { code: 'value-invalid', detail: `${round}` } } as const;
      await Promise.all([
        store.endChanges(run, mine.map((change) => ending(change, { link: link(change.recordId, `books-${change.recordId}`) }))),
        other.endChanges(run, theirs.toReversed().map((change) => ending(change, failed))),
        ...pages.map((records, index) => [store, other][index % 2]?.savePage({ ...run, place, pass, records, next: 'more', nextSince: null })),
        store.operations.retry(integrationId, { by: 'all' }), other.operations.retry(integrationId, { by: 'reason', code: 'value-invalid' }),
        other.operations.readAgain(integrationId, place, record('r7', round)), store.operations.setState(integrationId, 'active'),
        store.runs.prune(integrationId, clock.nowMs), other.runs.prune(integrationId, clock.nowMs),
      ]);
    }
    await store.operations.retry(integrationId, { by: 'all' });
    const left = await pendingOf(current());
    expect(left.map(({ recordId, data }) => [recordId, data['minute']])).toEqual(ids.map((id) => [id, 6]));
    await Promise.all([store, other].map((worker) => worker.endChanges(run, left.map((change) => ending(change, { link: link(change.recordId, `books-${change.recordId}`) })))));
    expect(await store.operations.counts(integrationId)).toEqual([]);
    expect(await store.countLinks(integrationId)).toEqual({ customers: ids.length });
  });
}
