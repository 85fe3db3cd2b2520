import { setTimeout as delay } from 'node:timers/promises';
import { startWorld, type Ground } from './ground.ts';
import { atMost, exactly, row, shown, type Row } from './rows.ts';

const GROUP = 'Pace';
const CALLS = 100;
const PAGES = 150;
const PAGE = 200;
const WRITES = 1000;
/** Books answers in about this time, so that calls overlap as they do in life. */
const WORK_MS = 50;

interface PaceOptions {
  readonly windowMs: number;
  /** Numbers of workers, each measured in a world of its own; all at once, because they mostly wait. */
  readonly workers: readonly number[];
  readonly pages?: number;
  readonly writes?: number;
}

/**
 * 30,000 invoices read and 1,000 contacts written through a limit of 100 calls a window, by three runs that know nothing of one another and
 * share one organization: one reads, two write.
 */
export async function measurePace(ground: Ground, { windowMs, workers, pages = PAGES, writes = WRITES }: PaceOptions): Promise<Row[]> {
  const measured = await Promise.all(workers.map(async (count) => ({ count, ...await paceOnce(ground, { windowMs, workers: count, pages, writes }) })));
  return measured.flatMap(({ count, calls, wallMs, refused }) => {
    const what = `${shown(pages * PAGE)} invoices read and ${shown(writes)} contacts written, ${CALLS} calls per ${windowMs / 1000} s, ${count} worker${count === 1 ? '' : 's'}`;
    const floor = floorMs(calls, windowMs);
    return [
      row(GROUP, what, [wallMs / 1000], 's', { beside: `floor of a sliding window: ${shown(floor / 1000)} s, because no call may begin before the one ${CALLS} earlier plus ${windowMs / 1000} s; ${shown(calls)} calls` }),
      row(GROUP, '… over that floor', [wallMs / floor], '', { beside: windowMs < 60_000 ? 'floor = 1; waking up weighs more in a window shorter than the real one (--real)' : 'floor = 1', target: atMost(1.05) }),
      row(GROUP, `… over (calls − ${CALLS}) ÷ rate, which no schedule reaches unless the calls fill whole windows`, [wallMs / (((calls - CALLS) / CALLS) * windowMs)], '', { beside: 'full rate = 1; bulk work leaves 3 % of each window to invoices' }),
      row(GROUP, '… refused with 429', [refused], 'calls', { target: exactly(0) }),
    ];
  });
}

/** Call n cannot be granted earlier than one window after call n − 100: what a sliding window allows at best. */
export function floorMs(calls: number, windowMs: number): number {
  return Math.floor((calls - 1) / CALLS) * windowMs;
}

async function paceOnce(ground: Ground, { windowMs, workers, pages, writes }: { windowMs: number; workers: number; pages: number; writes: number }) {
  const minute = { calls: CALLS, windowMs };
  const world = await startWorld(ground, {
    sizes: { customers: writes / 2, users: writes / 2, invoices: pages * PAGE }, reads: true, workMs: WORK_MS,
    limits: { minute, day: null, block: null, concurrent: 10 },
  });
  try {
    // Worlds beside each other share a Temporal server, where ids are known by all.
    const jobs = [
      { id: `reader-${workers}`, module: 'read-invoices' }, { id: `customers-${workers}`, module: 'customers' },
      { id: `users-${workers}`, module: 'customers', settings: { useHectorCustomers: false } },
    ];
    for (const { id, settings = {} } of jobs) {
      await world.connect({ id, settings, limits: { minute, day: { calls: 1_000_000, windowMs: 86_400_000 }, concurrent: 10 } });
      await world.bookbridge.store.integrations.markImported(id, Date.now());
    }
    for (let worker = 0; worker < workers; worker += 1) await world.startWorker();
    // What connecting cost is forgotten on both sides.
    await delay(windowMs + 1000);
    await world.zoho.setLimits({ reset: true });
    const before = await world.zoho.summary();
    const startMs = performance.now();
    await Promise.all(jobs.map(({ id, module }) => world.sync(id, module)));
    const wallMs = performance.now() - startMs;
    const after = await world.zoho.summary();
    return { wallMs, calls: after.calls - before.calls, refused: after.limited - before.limited };
  } finally {
    await world.stop();
  }
}
