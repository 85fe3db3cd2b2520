import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Purpose, Quotas } from '../../store/quotas.ts';
import type { Limits } from '../../store/types.ts';
import { anyCourse, runCourse, type Course, type Seen } from './quota-course.ts';
import { newId, startMs, type Current } from './store-under-test.ts';

const minute = { calls: 4, windowMs: 1_000 };

/** Takes calls until one is denied, or so many are granted. */
async function takeAll(quotas: Quotas, id: string, purpose: Purpose = 'bulk', atMost = 100) {
  const callIds: string[] = [];
  while (callIds.length < atMost) {
    const taken = await quotas.take(id, purpose);
    if (!taken.granted) return { callIds, denial: taken };
    callIds.push(taken.callId);
  }
  return { callIds, denial: null };
}

async function endAll(quotas: Quotas, callIds: readonly string[]): Promise<void> {
  for (const callId of callIds) await quotas.end(callId);
}

export function itKeepsQuotas(current: Current): void {
  it('counts calls of every worker, and grants all where there is no limit', async () => {
    const { store, other } = current();
    const id = newId('hector');
    await endAll(store.quotas, (await takeAll(store.quotas, id, 'bulk', 3)).callIds);
    await endAll(other.quotas, (await takeAll(other.quotas, id, 'bulk', 4)).callIds);
    expect((await store.quotas.usage()).find((usage) => usage.id === id)).toEqual({ id, calls: 7, refused: 0, dayUsed: 7, blockedUntilMs: 0 });
  });

  it('grants a call again after the window, counted from the end of the call', async () => {
    const { store, other, clock } = current();
    const id = newId('books');
    await store.quotas.configure(id, { minute });
    const { callIds, denial } = await takeAll(store.quotas, id);
    expect(callIds).toHaveLength(4);
    expect(denial).toMatchObject({ code: 'limit-minute' });
    clock.nowMs += 400;
    await endAll(store.quotas, callIds);
    const told = await other.quotas.take(id, 'bulk');
    expect(told).toMatchObject({ granted: false, code: 'limit-minute' });
    clock.nowMs = startMs + 400 + 1_000;
    expect((await store.quotas.take(id, 'bulk')).granted).toBe(false);
    clock.nowMs = told.granted ? 0 : told.resumeAtMs;
    expect((await takeAll(store.quotas, id)).callIds).toHaveLength(4);
  });

  it.each<[string, Limits, string]>([
    ['minute', { minute: { calls: 10, windowMs: 1_000 }, documentShare: { minute: 0.3, day: 0 } }, 'limit-minute'],
    ['day', { day: { calls: 10, windowMs: 86_400_000 }, documentShare: { minute: 0, day: 0.3 } }, 'limit-share'],
  ])('keeps the share of documents of a %s', async (_name, limits, code) => {
    const { store } = current();
    const id = newId('books');
    await store.quotas.configure(id, limits);
    const bulk = await takeAll(store.quotas, id, 'bulk');
    const documents = await takeAll(store.quotas, id, 'document');
    expect([bulk.callIds.length, documents.callIds.length]).toEqual([7, 3]);
    expect(bulk.denial).toMatchObject({ code });
  });

  it('never lets the share of documents stop bulk work for good', async () => {
    const { store } = current();
    const id = newId('books');
    await store.quotas.configure(id, { minute: { calls: 1, windowMs: 1_000 }, day: { calls: 5, windowMs: 86_400_000 }, documentShare: { minute: 1, day: 1 } });
    expect((await takeAll(store.quotas, id, 'bulk')).callIds).toHaveLength(1);
  });

  it('says when the day ends, and grants calls then', async () => {
    const { store, clock } = current();
    const id = newId('books');
    await store.quotas.configure(id, { day: { calls: 3, windowMs: 86_400_000 } });
    const { callIds, denial } = await takeAll(store.quotas, id);
    await endAll(store.quotas, callIds);
    const midnightMs = Date.UTC(2026, 0, 6);
    expect({ granted: callIds.length, denial }).toEqual({ granted: 3, denial: { granted: false, code: 'limit-day', resumeAtMs: midnightMs } });
    clock.nowMs = midnightMs;
    expect((await takeAll(store.quotas, id)).callIds).toHaveLength(3);
  });

  it('begins a day once, though the clock of another worker is behind', async () => {
    const { store, clock } = current();
    const id = newId('books');
    // More calls than are remembered one by one.
    const most = 250;
    await store.quotas.configure(id, { day: { calls: most, windowMs: 86_400_000 } });
    const midnightMs = Date.UTC(2026, 0, 6);
    let granted = 0;
    for (const skewMs of [400, -400, 800]) {
      for (let call = 0; call < 200; call++) {
        clock.nowMs = midnightMs + skewMs + call;
        const taken = await store.quotas.take(id, 'bulk');
        if (taken.granted) await store.quotas.end(taken.callId);
        granted += Number(taken.granted);
      }
    }
    expect(granted).toBe(most);
  });

  it('stops everybody where the system refused a call, until the time it said', async () => {
    const { store, other, clock } = current();
    const id = newId('books');
    const untilMs = clock.nowMs + 3_600_000;
    expect(await store.quotas.refused(id, 'limit-day', untilMs)).toBe(untilMs);
    expect(await other.quotas.take(id, 'document')).toEqual({ granted: false, code: 'limit-day', resumeAtMs: untilMs });
    // A straggler that was refused for a smaller reason changes neither the time nor its reason.
    expect(await other.quotas.refused(id, 'limit-concurrent', null)).toBe(untilMs);
    expect(await store.quotas.take(id, 'bulk')).toEqual({ granted: false, code: 'limit-day', resumeAtMs: untilMs });
    expect((await store.quotas.usage()).find((usage) => usage.id === id)).toMatchObject({ refused: 2, blockedUntilMs: untilMs });
    clock.nowMs = untilMs;
    expect((await store.quotas.take(id, 'bulk')).granted).toBe(true);
  });

  it('lets one call ask whether the day of the system is over, while all others wait for its answer', async () => {
    const { store, other, clock } = current();
    const id = newId('books');
    await store.quotas.configure(id, { minute: { calls: 100, windowMs: 60_000 }, day: { calls: 1_000, windowMs: 86_400_000 } });
    // Nobody says when it is over: asked once an hour, and refused the first two times.
    let untilMs = await store.quotas.refused(id, 'limit-day', null);
    for (let hour = 0; hour < 2; hour += 1) {
      clock.nowMs = untilMs;
      const asked = await takeAll(other.quotas, id, 'document');
      expect({ granted: asked.callIds.length, code: asked.denial?.code }).toEqual({ granted: 1, code: 'limit-day' });
      expect(asked.denial?.resumeAtMs).toBeLessThan(untilMs + 10_000);
      expect(await store.quotas.take(id, 'bulk')).toMatchObject({ granted: false, code: 'limit-day' });
      // Between the answer and the report of its refusal nobody is let through either.
      await endAll(other.quotas, asked.callIds);
      expect(await store.quotas.take(id, 'bulk')).toMatchObject({ granted: false, code: 'limit-day' });
      untilMs = await other.quotas.refused(id, 'limit-day', null);
      expect(untilMs).toBe(clock.nowMs + 3_600_000);
    }
    clock.nowMs = untilMs;
    const { callIds } = await takeAll(store.quotas, id);
    clock.nowMs += 400;
    await endAll(store.quotas, callIds);
    const told = await other.quotas.take(id, 'bulk');
    clock.nowMs = told.granted ? 0 : told.resumeAtMs;
    expect((await takeAll(other.quotas, id, 'bulk', 5)).callIds).toHaveLength(5);
    expect((await takeAll(store.quotas, id, 'bulk', 5)).callIds).toHaveLength(5);
  });

  it('lets another call ask where the process of the first one died', async () => {
    const { store, other, clock } = current();
    const id = newId('books');
    clock.nowMs = await store.quotas.refused(id, 'limit-day', null);
    expect((await takeAll(store.quotas, id)).callIds).toHaveLength(1);
    clock.nowMs += 59_999;
    expect((await takeAll(other.quotas, id)).callIds).toHaveLength(0);
    clock.nowMs += 1;
    expect((await takeAll(other.quotas, id)).callIds).toHaveLength(1);
  });

  it('has one call ask again where the one that asked was refused for something else', async () => {
    const { store, clock } = current();
    const id = newId('books');
    await store.quotas.configure(id, { minute: { calls: 100, windowMs: 60_000 } });
    clock.nowMs = await store.quotas.refused(id, 'limit-day', null);
    await endAll(store.quotas, (await takeAll(store.quotas, id)).callIds);
    clock.nowMs = await store.quotas.refused(id, 'limit-minute', null);
    expect((await takeAll(store.quotas, id)).callIds).toHaveLength(1);
  });

  it('does not believe a refusal for longer than a day, nor a day that only a clock that was wrong has seen begin', async () => {
    const { store, other, clock } = current();
    const id = newId('books');
    expect(await store.quotas.refused(id, 'limit-minute', clock.nowMs * 1_000)).toBe(clock.nowMs + 25 * 3_600_000);
    clock.nowMs += 25 * 3_600_000;
    await store.quotas.configure(id, { day: { calls: 3, windowMs: 86_400_000 } });
    const rightMs = clock.nowMs;
    clock.nowMs += 10 * 86_400_000;
    await endAll(other.quotas, (await takeAll(other.quotas, id)).callIds);
    await other.quotas.refused(id, 'limit-minute', null);
    clock.nowMs = rightMs;
    // What was counted by the wrong clock may have been counted by the system as well.
    const { denial } = await takeAll(store.quotas, id);
    expect(denial).toMatchObject({ code: 'limit-day', resumeAtMs: Math.ceil((rightMs + 1) / 86_400_000) * 86_400_000 });
    clock.nowMs = denial?.resumeAtMs ?? 0;
    expect((await takeAll(store.quotas, id)).callIds).toHaveLength(3);
  });

  it('does not believe a system whose clock is behind that it answers again already', async () => {
    const { store, clock } = current();
    const id = newId('books');
    const untilMs = await store.quotas.refused(id, 'limit-minute', clock.nowMs - 60_000);
    expect(untilMs).toBeGreaterThan(clock.nowMs);
    expect(await store.quotas.take(id, 'bulk')).toEqual({ granted: false, code: 'limit-minute', resumeAtMs: untilMs });
  });

  it('counts a call that never ended, because its process died, as under way for a minute', async () => {
    const { store, clock } = current();
    const id = newId('books');
    await store.quotas.configure(id, { minute: { calls: 2, windowMs: 5_000 }, concurrent: 1 });
    await takeAll(store.quotas, id);
    clock.nowMs = startMs + 59_999;
    expect(await store.quotas.take(id, 'bulk')).toMatchObject({ code: 'limit-concurrent' });
    clock.nowMs = startMs + 60_000;
    const next = await takeAll(store.quotas, id);
    expect(next.callIds).toHaveLength(1);
    await endAll(store.quotas, next.callIds);
    expect(await store.quotas.take(id, 'bulk')).toMatchObject({ code: 'limit-minute' });
    clock.nowMs += 5_100;
    expect((await takeAll(store.quotas, id)).callIds).toHaveLength(1);
  });

  it('ends a call twice, or one it does not know, without harm', async () => {
    const { store } = current();
    const id = newId('books');
    await store.quotas.configure(id, { concurrent: 1 });
    const { callIds } = await takeAll(store.quotas, id);
    await endAll(store.quotas, [...callIds, ...callIds, 'unknown']);
    expect((await store.quotas.take(id, 'bulk')).granted).toBe(true);
  });
}

interface Window { readonly calls: number; readonly windowMs: number }

/** The calls a strict server refuses: it allows so many in any span of that length, both ends included. */
function beyond(calls: Seen['calls'], window: Window | undefined) {
  if (!window) return [];
  return calls.filter(({ atMs }, index) => atMs - (calls[index - window.calls]?.atMs ?? -Infinity) <= window.windowMs);
}

function daysBeyond(calls: Seen['calls'], day: Window | undefined) {
  if (!day) return [];
  return [...Map.groupBy(calls, ({ atMs }) => Math.floor(atMs / day.windowMs))].filter(([, ofDay]) => ofDay.length > day.calls);
}

/** Everything in which a course broke its limits or its promises. */
function violations({ limits: { minute: window, day, concurrent, documentShare }, workers }: Course, { calls, mostAtOnce, grants, denials }: Seen) {
  const forBulk = window && { ...window, calls: Math.max(1, window.calls - Math.ceil(window.calls * (documentShare?.minute ?? 0))) };
  return {
    notMade: workers.flat().length - calls.length,
    ofMinute: beyond(calls, window),
    ofDocuments: beyond(calls.filter(({ purpose }) => purpose === 'bulk'), forBulk),
    ofDay: daysBeyond(calls, day),
    atOnce: Math.max(mostAtOnce - (concurrent ?? Infinity), 0),
    whileRefused: grants.filter(({ atMs, blockedUntilMs }) => atMs < blockedUntilMs),
    resumedInThePast: denials.filter(({ atMs, resumeAtMs }) => resumeAtMs <= atMs),
  };
}
const none = { notMade: 0, ofMinute: [], ofDocuments: [], ofDay: [], atOnce: 0, whileRefused: [], resumedInThePast: [] };

export function itKeepsLimits(current: Current, numRuns: number): void {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  const run = async (course: Course) => {
    const { store, clock } = current();
    clock.nowMs = startMs;
    return runCourse(store.quotas, clock, newId('books'), course);
  };

  it.each([['whatever three workers do', false], ['while it refuses some of them', true]])(`never lets the server see more calls than allowed, %s (seed ${seed})`, async (_name, refusals) => {
    expect.hasAssertions();
    const property = fc.asyncProperty(anyCourse({ workers: 3, refusals }), async (course) => {
      expect(violations(course, await run(course))).toEqual(none);
    });
    await fc.assert(property, { seed, numRuns });
  });

  it(`grants a call at the time it named, to a worker that is alone (seed ${seed})`, async () => {
    expect.hasAssertions();
    const property = fc.asyncProperty(anyCourse({ workers: 1, refusals: false }), async (course) => {
      const { denials } = await run(course);
      // Only the end of a day may run into the limit of a minute.
      expect(denials.filter(({ inARow }, index) => inARow > 0 && denials[index - 1]?.code === denials[index]?.code)).toEqual([]);
    });
    await fc.assert(property, { seed, numRuns });
  });
}
