import { expect, it } from 'vitest';
import { addPage, ending, newId, pendingOf, record, type Current } from './store-under-test.ts';

export function itKeepsRuns(current: Current): void {
  it('begins a run once, however often it is told', async () => {
    const { store, clock, run, integrationId } = current();
    const begunMs = clock.nowMs;
    clock.nowMs += 1_000;
    await store.runs.begin({ id: run.runId, integrationId, kind: 'sync' });
    expect(await store.runs.get(run.runId)).toEqual({ id: run.runId, integrationId, kind: 'sync', state: 'running', startedMs: begunMs, endedMs: null });
    clock.nowMs += 1_000;
    await store.runs.end(run.runId, 'completed');
    expect(await store.runs.get(run.runId)).toMatchObject({ state: 'completed', endedMs: begunMs + 2_000 });
    expect(await store.runs.get(newId('unknown'))).toBeNull();
  });

  it('lists the newest first', async () => {
    const { store, clock, run, integrationId } = current();
    const later = newId('run');
    clock.nowMs += 1;
    await store.runs.begin({ id: later, integrationId, kind: 'sync' });
    expect((await store.runs.list(integrationId, 10)).map(({ id }) => id)).toEqual([later, run.runId]);
    expect((await store.runs.list(integrationId, 1)).map(({ id }) => id)).toEqual([later]);
  });

  it('adds counts up over batches and modules', async () => {
    const { store, run } = current();
    const items = { module: 'items', side: 'books', resource: 'items' } as const;
    await addPage(current(), [record('a', 0), record('b', 0)]);
    await addPage(current(), [record('i', 0, { state: 'skipped', finding: { code: 'not-completed', detail: '' } })], { place: items });
    for (const change of await pendingOf(current())) await store.endChanges(run, [ending(change, { outcome: 'added' })]);
    expect(await store.runs.counts(run.runId)).toEqual({ customers: { added: 2 }, items: { skipped: 1 } });
    expect(await store.runs.counts(newId('unknown'))).toEqual({});
  });

  it('writes no history of a quiet sync', async () => {
    const { store, run, integrationId } = current();
    const records = Array.from({ length: 200 }, (_, n) => record(`r${n}`, 0));
    await addPage(current(), records);
    await store.endChanges(run, (await pendingOf(current())).map((change) => ending(change, { outcome: 'unchanged' })));
    await addPage(current(), records);
    expect(await store.runs.history(integrationId, 10)).toEqual([]);
    expect(await store.runs.counts(run.runId)).toEqual({ customers: { unchanged: 400 } });
  });
}
