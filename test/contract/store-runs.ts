import { describe, expect, it } from 'vitest';
import { addPage, customer, ending, newId, pendingChange, pendingOf, place, record, type Current } from './store-under-test.ts';

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

  it('lists those that did something or did not complete, however many did nothing since, and the very last one', async () => {
    const { store, clock, run, integrationId } = current();
    /** A run that lists the records and ends. */
    const runWith = async (state: Parameters<typeof store.runs.end>[1], ids: readonly string[]) => {
      const next = { integrationId, runId: newId('run') };
      clock.nowMs += 60_000;
      await store.runs.begin({ id: next.runId, integrationId, kind: 'sync' });
      await addPage({ store, run: next }, ids.map((id) => record(id, 0)));
      await store.endChanges(next, (await pendingOf(current())).map((change) => ending(change, { outcome: 'added' })));
      await store.runs.end(next.runId, state);
      return next.runId;
    };
    await store.runs.end(run.runId, 'completed');
    const [busy, failed] = [await runWith('completed', ['a']), await runWith('failed', [])];
    for (let n = 0; n < 60; n += 1) await runWith('completed', n % 2 === 0 ? ['a'] : []);
    const last = await runWith('completed', ['a']);
    expect(await store.runs.counts(last)).toEqual({ customers: { unchanged: 1 } });
    expect((await store.runs.list(integrationId, 10)).map(({ id }) => id)).toEqual([last, failed, busy]);
    expect((await store.runs.list(integrationId, 2)).map(({ id }) => id)).toEqual([last, failed]);
    expect(await store.runs.list(newId('other'), 10)).toEqual([]);
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
    expect(await store.operations.history(integrationId, { limit: 10 })).toEqual([]);
    expect(await store.runs.counts(run.runId)).toEqual({ customers: { unchanged: 400 } });
  });

  it('keeps no counts of what belongs to no run, such as a record that was announced by webhook', async () => {
    const { store, integrationId } = current();
    const announced = newId('record');
    await addPage(current(), [record('a', 0)]);
    await store.endChanges({ integrationId, runId: announced }, [ending(await pendingChange(current(), 'a'))]);
    expect(await store.runs.counts(announced)).toEqual({});
    expect(await store.operations.history(integrationId, { limit: 10 })).toMatchObject([{ recordId: 'a', outcome: 'updated' }]);
  });

  describe('what is old', () => {
    const dayMs = 86_400_000;
    const historyOf = async () => (await current().store.operations.history(current().integrationId, { limit: 10_000 })).map(({ recordId, outcome }) => `${recordId} ${outcome}`);
    const runsOf = async () => (await current().store.runs.list(current().integrationId, 10_000)).map(({ id }) => id);
    /** A run in which some records end. */
    const runWith = async (ids: readonly string[], more: Parameters<typeof ending>[1] = {}) => {
      const { store, integrationId } = current();
      const run = { integrationId, runId: newId('run') };
      await store.runs.begin({ id: run.runId, integrationId, kind: 'sync' });
      await addPage({ store, run }, ids.map((id) => record(id, Math.floor((current().clock.nowMs - Date.UTC(2026, 0, 5, 8)) / 60_000))));
      const changes = (await pendingOf(current())).filter(({ recordId }) => ids.includes(recordId));
      await store.endChanges(run, changes.map((change) => ending(change, more)));
      await store.runs.end(run.runId, 'completed');
      return run.runId;
    };

    it('is deleted, and nothing that is newer', async () => {
      const { store, clock, run, integrationId } = current();
      const old = await runWith(['a', 'b']);
      clock.nowMs += 10 * dayMs;
      const newer = await runWith(['a']);
      expect(await store.runs.prune(integrationId, clock.nowMs - 10 * dayMs)).toBe(0);
      expect(await store.runs.prune(integrationId, clock.nowMs - 10 * dayMs + 1)).toBe(4);
      expect(await historyOf()).toEqual(['a updated']);
      expect(await runsOf()).toEqual([newer]);
      expect([await store.runs.counts(old), await store.runs.get(run.runId)]).toEqual([{}, null]);
      expect(await store.runs.counts(newer)).toEqual({ customers: { updated: 1 } });
    });

    it('stays where it says why a record failed that has still not got through', async () => {
      const { store, clock, integrationId } = current();
      await runWith(['bad', 'waits', 'mended', 'good'], { outcome: 'failed', state: 'failed', finding: { code: 'value-invalid', detail: 'name' } });
      await runWith(['waits'], { outcome: 'failed', state: 'waiting', finding: { code: 'reference-missing', detail: 'c-1' }, waitsFor: customer('c-1') });
      clock.nowMs += dayMs;
      await runWith(['mended', 'good']);
      clock.nowMs += dayMs;
      await store.runs.prune(integrationId, clock.nowMs);
      expect((await historyOf()).toSorted()).toEqual(['bad failed', 'waits failed']);
      expect((await store.operations.problems(integrationId, { limit: 10 })).map(({ id, code }) => [id, code])).toEqual([['bad', 'value-invalid'], ['waits', 'value-invalid']]);
    });

    it('stays where it is the last run of the integration, however long ago', async () => {
      const { store, clock, integrationId } = current();
      clock.nowMs += 1;
      const last = await runWith(['a']);
      clock.nowMs += 1_000 * dayMs;
      await store.runs.prune(integrationId, clock.nowMs);
      expect(await runsOf()).toEqual([last]);
      expect(await store.runs.counts(last)).toEqual({ customers: { updated: 1 } });
    });

    it('of another integration is its own affair', async () => {
      const { store, clock, integrationId } = current();
      await runWith(['a']);
      await store.runs.prune(newId('other'), clock.nowMs + dayMs);
      expect(await historyOf()).toEqual(['a updated']);
      expect(await store.runs.list(integrationId, 10)).toHaveLength(2);
    });

    it('is deleted in pieces where it is much, by several workers at once', async () => {
      const { store, other, clock, integrationId } = current();
      for (const part of [0, 1, 2, 3]) await runWith(Array.from({ length: 300 }, (_, n) => `r${part}-${n}`));
      clock.nowMs += dayMs;
      await runWith(['newer']);
      const deleted = await Promise.all([store, other].map((worker) => worker.runs.prune(integrationId, clock.nowMs)));
      // With their history, those four runs are gone and the one that every test begins with.
      expect(deleted.reduce((sum, rows) => sum + rows, 0)).toBe(1_205);
      expect(await historyOf()).toEqual(['newer updated']);
    });

    it('is deleted of reconciliations too, and of those that never ended', async () => {
      const { store, clock, integrationId } = current();
      const [died, later] = [newId('report'), newId('report')];
      const read = { ...customer('c-1'), key: null, identity: null, data: {} };
      const finding = { module: 'customers', kind: 'missing', record: customer('c-1'), partner: null, missingIn: 'books', code: null, detail: '', differences: [] } as const;
      await store.reports.begin(died, integrationId);
      await store.reports.addRecords(died, 'customers', [read]);
      await store.reports.addFindings(died, [finding]);
      clock.nowMs += dayMs;
      await store.reports.begin(later, integrationId);
      await store.reports.addRecords(later, 'customers', [read]);
      await store.runs.prune(integrationId, clock.nowMs);
      expect([await store.reports.get(died), await store.reports.records(died, place, 0, 10), await store.reports.findings(died)]).toEqual([null, [], []]);
      expect(await store.reports.records(later, place, 0, 10)).toMatchObject([{ id: 'c-1' }]);
    });
  });
}
