import { expect, it } from 'vitest';
import type { Change } from '../../store/types.ts';
import { addPage, contact, customer, ending, link, newId, pendingChange, pendingOf, record, unreadable, type Context, type Current } from './store-under-test.ts';

export function itEndsChanges(current: Current): void {
  it('hands pending changes out oldest first, page by page', async () => {
    await addPage(current(), ['c', 'a', 'b'].map((id) => record(id, 0)));
    const [first] = await pendingOf(current(), { limit: 1 });
    const rest = await pendingOf(current(), { after: first?.id ?? 0 });
    expect([first, ...rest].map((change) => change?.recordId)).toEqual(['c', 'a', 'b']);
    expect(first).toMatchObject({ module: 'customers', side: 'other', resource: 'customers', data: { id: 'c' }, deleted: false, attempts: 0 });
  });

  it('keeps integrations, modules and sides apart', async () => {
    const { store, integrationId } = current();
    await addPage(current(), [record('a', 0)]);
    const at = { integrationId, module: 'customers', side: 'other', after: 0, limit: 10 } as const;
    expect(await store.pending({ ...at, side: 'books' })).toEqual([]);
    expect(await store.pending({ ...at, module: 'items' })).toEqual([]);
    expect(await store.pending({ ...at, integrationId: newId('nobody') })).toEqual([]);
    expect(await store.pendingSummary(integrationId, 'items')).toEqual({ count: 0, dueMs: 0 });
  });

  it('does not hand out a change that was put off before its time, but counts it', async () => {
    const { store, clock, integrationId } = current();
    await addPage(current(), [record('a', 0)]);
    const dueMs = clock.nowMs + 1_000;
    await store.postpone(await pendingChange(current(), 'a'), dueMs);
    expect(await pendingOf(current())).toEqual([]);
    expect(await store.pendingSummary(integrationId, 'customers')).toEqual({ count: 1, dueMs });
    clock.nowMs = dueMs;
    expect(await pendingOf(current())).toMatchObject([{ recordId: 'a', attempts: 1 }]);
  });

  it('forgets the attempts of an old version when a new one arrives', async () => {
    const { store, clock } = current();
    await addPage(current(), [record('a', 0)]);
    const old = await pendingChange(current(), 'a');
    await store.postpone(old, clock.nowMs + 60_000);
    await addPage(current(), [record('a', 1)]);
    await store.postpone(old, clock.nowMs + 60_000);
    expect(await pendingOf(current())).toMatchObject([{ recordId: 'a', attempts: 0, data: { minute: 1 } }]);
  });

  it('leaves a newer version pending that arrived while the old one was carried over', async () => {
    const { store, run, integrationId } = current();
    await addPage(current(), [record('a', 0)]);
    const old = await pendingChange(current(), 'a');
    await addPage(current(), [record('a', 1)]);
    await store.endChanges(run, [ending(old, { outcome: 'added', link: link('a', '1') })]);
    expect(await pendingOf(current())).toMatchObject([{ recordId: 'a', data: { minute: 1 } }]);
    expect((await store.links(integrationId, [customer('a')])).size).toBe(1);
    await store.endChanges(run, [ending(await pendingChange(current(), 'a'))]);
    expect(await store.pendingSummary(integrationId, 'customers')).toEqual({ count: 0, dueMs: 0 });
  });

  it.each(['the older', 'the newer'])('has a record carried over once more that two wrote at once, when %s ends last', async (last) => {
    const { store, run, integrationId } = current();
    const inBooks = (name: string) => ({ base: { books: { name } } });
    await addPage(current(), [record('a', 0)]);
    await store.endChanges(run, [ending(await pendingChange(current(), 'a'), { link: link('a', '1', inBooks('first')), basis: null })]);
    const [basis = null] = (await store.links(integrationId, [customer('a')])).values();
    await addPage(current(), [record('a', 1)]);
    const older = ending(await pendingChange(current(), 'a'), { link: link('a', '1', inBooks('older')), basis });
    await addPage(current(), [record('a', 2)]);
    const newer = ending(await pendingChange(current(), 'a'), { link: link('a', '1', inBooks('newer')), basis });
    for (const one of last === 'the older' ? [newer, older] : [older, newer]) await store.endChanges(run, [one]);
    expect(await pendingOf(current())).toMatchObject([{ recordId: 'a', data: { minute: 2 } }]);
    // Nobody knows whose values Books has, so the next attempt writes them all.
    expect([...(await store.links(integrationId, [customer('a')])).values()]).toMatchObject([{ base: { books: {} } }]);
    expect([...(await store.links(integrationId, [customer('a')])).values()]).not.toMatchObject([{ base: { books: { name: expect.any(String) as unknown } } }]);
  });

  it('ends a record that two wrote at once to the same values', async () => {
    const { store, run } = current();
    await addPage(current(), [record('a', 0)]);
    const change = await pendingChange(current(), 'a');
    for (let time = 0; time < 2; time += 1) await store.endChanges(run, [ending(change, { link: link('a', '1'), basis: null })]);
    expect(await pendingOf(current())).toEqual([]);
  });

  it('writes links, counts and history in one piece with the end of the changes', async () => {
    const { store, clock, run, integrationId } = current();
    await addPage(current(), ['a', 'b', 'c', 'd'].map((id) => record(id, 0)));
    const [a, b, c, d] = await changesOf(current(), ['a', 'b', 'c', 'd']);
    const collision = { code: 'name-collision', detail: 'IT' } as const;
    await store.endChanges(run, [
      ending(a, { outcome: 'added', link: link('a', '1'), notes: [{ code: 'line-not-imported', detail: 'Cable' }] }),
      ending(b, { outcome: 'unchanged' }),
      ending(c, { outcome: 'failed', state: 'failed', finding: collision }),
      ending(d, { outcome: 'updated', link: link('d', '4') }),
    ]);
    expect(await store.runs.counts(run.runId)).toEqual({ customers: { added: 1, unchanged: 1, failed: 1, updated: 1 } });
    expect(await store.failures(integrationId, 10)).toEqual([{ module: 'customers', resource: 'customers', recordId: 'c', ...collision }]);
    const at = { module: 'customers', resource: 'customers', atMs: clock.nowMs };
    expect(await store.operations.history(integrationId, { limit: 10 })).toEqual([
      { ...at, recordId: 'd', outcome: 'updated', code: null, detail: null },
      { ...at, recordId: 'c', outcome: 'failed', ...collision },
      { ...at, recordId: 'a', outcome: 'note', code: 'line-not-imported', detail: 'Cable' },
      { ...at, recordId: 'a', outcome: 'added', code: null, detail: null },
    ]);
  });

  it('keeps the words of another system, whatever characters they have', async () => {
    const { store, run, integrationId } = current();
    const finding = { code: 'refused', detail: 'Łódź\u0000 👩‍🔬 "\\\n' } as const;
    await addPage(current(), [record('a', 0), record('b', 0, { state: 'failed', finding })]);
    await store.endChanges(run, [ending(await pendingChange(current(), 'a'), { outcome: 'failed', state: 'failed', finding })]);
    const shown = finding.detail.replace('\u0000', '\uFFFD');
    expect((await store.failures(integrationId, 10)).map(({ detail }) => detail)).toEqual([shown, shown]);
    expect((await store.operations.history(integrationId, { limit: 10 })).map(({ detail }) => detail)).toEqual([shown, shown]);
  });

  it('ends nothing where anything of it cannot be written', async () => {
    const { store, run, integrationId } = current();
    await addPage(current(), [record('a', 0)]);
    const change = await pendingChange(current(), 'a');
    const broken = { ...run, runId: null as unknown as string };
    await expect(store.endChanges(broken, [ending(change, { link: link('a', '1') })])).rejects.toThrow(/null/i);
    expect(await pendingOf(current())).toEqual([change]);
    expect((await store.links(integrationId, [customer('a')])).size).toBe(0);
    expect(await store.operations.history(integrationId, { limit: 10 })).toEqual([]);
  });

  it('adds the counts of workers that end changes at once', async () => {
    const { store, other, run } = current();
    const ids = Array.from({ length: 40 }, (_, n) => `r${n}`);
    await addPage(current(), ids.map((id) => record(id, 0)));
    const changes = await pendingOf(current());
    await Promise.all(changes.map((change, n) => (n % 2 === 0 ? store : other).endChanges(run, [ending(change, { link: link(change.recordId, change.recordId) })])));
    expect(await store.runs.counts(run.runId)).toEqual({ customers: { updated: ids.length } });
  });
}

export function itWakesChanges(current: Current): void {
  const waiting = { outcome: 'failed', state: 'waiting', finding: { code: 'reference-missing', detail: 'waits' } } as const;
  const waitingToRead = { ...waiting, finding: { code: 'record-unreadable', detail: 'part' } } as const;

  it('wakes a change when the record it waits for is linked, on either side', async () => {
    const { store, run, integrationId } = current();
    await addPage(current(), ['a', 'b', 'c', 'parent'].map((id) => record(id, 0)));
    const [a, b, c, parent] = await changesOf(current(), ['a', 'b', 'c', 'parent']);
    await store.endChanges(run, [
      ending(a, { ...waiting, waitsFor: customer('parent') }),
      ending(b, { ...waiting, waitsFor: contact('1') }),
      ending(c, { ...waiting, waitsFor: customer('another') }),
    ]);
    expect(await pendingOf(current())).toEqual([parent]);
    expect(await store.failures(integrationId, 10)).toHaveLength(3);
    await store.endChanges(run, [ending(parent, { link: link('parent', '1') })]);
    expect((await pendingOf(current())).map(({ recordId }) => recordId)).toEqual(['a', 'b']);
    expect(await store.failures(integrationId, 10)).toMatchObject([{ recordId: 'c', code: 'reference-missing' }]);
  });

  it.each([['in the same batch', false], ['in an earlier one', true]])('does not let a change wait for what arrived after its absence was noticed, %s', async (_when, earlier) => {
    const { store, run } = current();
    await addPage(current(), ['a', 'b', 'parent'].map((id) => record(id, 0)));
    const [a, b, parent] = await changesOf(current(), ['a', 'b', 'parent']);
    const arrival = ending(parent, { link: link('parent', '1') });
    if (earlier) await store.endChanges(run, [arrival]);
    await store.endChanges(run, [
      ending(a, { ...waiting, waitsFor: customer('parent') }),
      ...(earlier ? [] : [arrival]),
      ending(b, { ...waiting, waitsFor: contact('1') }),
    ]);
    expect((await pendingOf(current())).map(({ recordId }) => recordId)).toEqual(['a', 'b']);
  });

  it('wakes a change when what it refers to can be read again', async () => {
    const { store, run } = current();
    await addPage(current(), [record('a', 0), unreadable('part'), unreadable('another')]);
    await store.endChanges(run, [ending(await pendingChange(current(), 'a'), { ...waitingToRead, waitsFor: customer('part') })]);
    await addPage(current(), [record('another', 0, { state: 'observed' }), unreadable('part')]);
    expect(await pendingOf(current())).toEqual([]);
    await addPage(current(), [record('part', 0, { state: 'observed' })]);
    expect((await pendingOf(current())).map(({ recordId }) => recordId)).toEqual(['a']);
  });

  it('does not let a change wait for what could be read again since', async () => {
    const { store, run } = current();
    await addPage(current(), [record('a', 0), record('b', 0), unreadable('part')]);
    const [a, b] = await changesOf(current(), ['a', 'b']);
    // A link that is there is not what it waits for.
    await store.endChanges(run, [ending(b, { link: link('part', '1') })]);
    await store.endChanges(run, [ending(a, { ...waitingToRead, waitsFor: customer('part') })]);
    expect(await pendingOf(current())).toEqual([]);
    await addPage(current(), [record('part', 0, { state: 'observed' })]);
    const [again] = await changesOf(current(), ['a']);
    await store.endChanges(run, [ending(again, { ...waitingToRead, waitsFor: customer('part') })]);
    expect((await pendingOf(current())).map(({ recordId }) => recordId)).toEqual(['a']);
  });

  it('loses no wake-up when one worker waits and another links at the same moment', async () => {
    const { store, other, run } = current();
    const pairs = Array.from({ length: 30 }, (_, n) => [`child${n}`, `parent${n}`] as const);
    await addPage(current(), pairs.flat().map((id) => record(id, 0)));
    for (const [index, [child, parent]] of pairs.entries()) {
      const [waits, arrives] = await changesOf(current(), [child, parent]);
      const ends = [
        () => store.endChanges(run, [ending(waits, { ...waiting, waitsFor: customer(parent) })]),
        () => other.endChanges(run, [ending(arrives, { link: link(parent, parent) })]),
      ];
      await Promise.all((index % 2 === 0 ? ends : ends.toReversed()).map((end) => end()));
    }
    expect((await pendingOf(current())).map(({ recordId }) => recordId)).toEqual(pairs.map(([child]) => child));
  });

  it('wakes changes of one integration only', async () => {
    const { store, run } = current();
    await addPage(current(), [record('a', 0)]);
    await store.endChanges(run, [ending(await pendingChange(current(), 'a'), { ...waiting, waitsFor: customer('parent') })]);
    const neighbour = { ...current(), integrationId: newId('neighbour'), run: { integrationId: newId('neighbour'), runId: newId('run') } };
    const there = { ...neighbour, run: { ...neighbour.run, integrationId: neighbour.integrationId } };
    await addPage(there, [record('parent', 0)]);
    await store.endChanges(there.run, [ending(await pendingChange(there, 'parent'), { link: link('parent', '1') })]);
    expect(await pendingOf(current())).toEqual([]);
  });
}

async function changesOf<const Ids extends readonly string[]>(context: Context, ids: Ids): Promise<{ [Index in keyof Ids]: Change }> {
  const found: Change[] = [];
  for (const id of ids) found.push(await pendingChange(context, id));
  return found as { [Index in keyof Ids]: Change };
}
