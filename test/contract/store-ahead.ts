import { expect, it } from 'vitest';
import type { Quotas } from '../../store/quotas.ts';
import type { Limits, Usage } from '../../store/types.ts';
import { newId, type Current } from './store-under-test.ts';

const far: Limits = { minute: { calls: 100_000, windowMs: 1_000 }, day: { calls: 1_000_000, windowMs: 86_400_000 }, concurrent: 50 };

/** What is held is given back soon; how soon, nobody promises on a busy machine. */
const soon = { timeout: 60_000 };
/** Longer than calls may be held. */
const HELD_MS = 110;

async function usageOf(quotas: Quotas, id: string): Promise<Pick<Usage, 'calls' | 'dayUsed'> | undefined> {
  const found = (await quotas.usage()).find((usage) => usage.id === id);
  return found && { calls: found.calls, dayUsed: found.dayUsed };
}

async function take(quotas: Quotas, id: string): Promise<string> {
  const taken = await quotas.take(id, 'bulk');
  if (!taken.granted) throw new Error(`denied: ${taken.code}`);
  return taken.callId;
}

/** Takes calls in turns until none is granted to anybody. */
async function takeInTurns(workers: readonly Quotas[], id: string, done: (quotas: Quotas, callId: string) => Promise<void>): Promise<{ granted: number; codes: ReadonlySet<string> }> {
  let granted = 0;
  for (;;) {
    const codes = new Set<string>();
    for (const quotas of workers) {
      const taken = await quotas.take(id, 'bulk');
      if (taken.granted) {
        granted += 1;
        await done(quotas, taken.callId);
      } else codes.add(taken.code);
    }
    if (codes.size > 0 || granted > 2_000) return { granted, codes };
  }
}

/** Far from its limits, a quota gives several calls at once (store/ahead.ts). */
export function itTakesCallsAhead(current: Current): void {
  it('gives back what it took ahead and did not need', async () => {
    const { store, other } = current();
    const id = newId('books');
    await store.quotas.configure(id, far);
    for (let call = 0; call < 13; call += 1) await store.quotas.end(await take(store.quotas, id));
    await expect.poll(() => usageOf(other.quotas, id), soon).toEqual({ calls: 13, dayUsed: 13 });
  });

  it('gives no call twice, whoever takes it', async () => {
    const { store, other } = current();
    const id = newId('books');
    await store.quotas.configure(id, far);
    const callIds = await Promise.all(Array.from({ length: 40 }, (_, call) => take(call % 2 === 0 ? store.quotas : other.quotas, id)));
    expect(new Set(callIds).size).toBe(40);
  });

  it('grants no more than a minute has, near its end one by one', async () => {
    const { store, other } = current();
    const id = newId('books');
    await store.quotas.configure(id, { minute: { calls: 700, windowMs: 60_000 } });
    const { granted, codes } = await takeInTurns([store.quotas, other.quotas], id, (quotas, callId) => quotas.end(callId));
    expect({ granted, codes }).toEqual({ granted: 700, codes: new Set(['limit-minute']) });
  });

  it('grants no more at once than it may, and knows of each end before it denies', async () => {
    const { store } = current();
    const id = newId('books');
    await store.quotas.configure(id, far);
    for (let call = 0; call < 25; call += 1) await store.quotas.end(await take(store.quotas, id));
    const under: string[] = [];
    const { granted, codes } = await takeInTurns([store.quotas], id, async (_quotas, callId) => void under.push(callId));
    expect({ granted, codes }).toEqual({ granted: 50, codes: new Set(['limit-concurrent']) });
    for (const callId of under.slice(0, 7)) await store.quotas.end(callId);
    expect((await takeInTurns([store.quotas], id, async () => {})).granted).toBe(7);
  });

  it('uses nothing that it took before the system refused a call', async () => {
    const { store, clock } = current();
    const id = newId('books');
    await store.quotas.configure(id, far);
    await take(store.quotas, id);
    await store.quotas.refused(id, 'limit-minute', clock.nowMs + 500);
    expect(await store.quotas.take(id, 'bulk')).toEqual({ granted: false, code: 'limit-minute', resumeAtMs: clock.nowMs + 500 });
  });

  it('uses nothing that it took more than a moment ago', async () => {
    const { store, other, clock } = current();
    const id = newId('books');
    await store.quotas.configure(id, far);
    await take(store.quotas, id);
    await other.quotas.refused(id, 'limit-minute', clock.nowMs + 500);
    clock.nowMs += HELD_MS;
    expect(await store.quotas.take(id, 'bulk')).toMatchObject({ granted: false, code: 'limit-minute' });
  });

  it('ends calls soon where no other is taken', async () => {
    const { store, other } = current();
    const id = newId('books');
    await store.quotas.configure(id, { ...far, concurrent: 10 });
    const callId = await take(store.quotas, id);
    // What the first worker holds beside it is free again soon.
    for (let call = 0; call < 9; call += 1) await expect.poll(async () => (await other.quotas.take(id, 'bulk')).granted, soon).toBe(true);
    expect(await other.quotas.take(id, 'bulk')).toMatchObject({ granted: false, code: 'limit-concurrent' });
    await store.quotas.end(callId);
    await expect.poll(async () => (await other.quotas.take(id, 'bulk')).granted, soon).toBe(true);
  });
}
