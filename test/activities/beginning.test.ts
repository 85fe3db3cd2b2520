import { describe, expect, it, vi } from 'vitest';
import { integrationId, startWorkbench } from './workbench.ts';

vi.mock('../../integrations/registry.ts', async () => {
  const { invented } = await import('./invented.ts');
  return { integrationOf: () => invented };
});

/** Later than everything in the test, and earlier. */
const [later, earlier] = ['2999-01-01T00:00:00.000Z', '2020-01-01T00:00:00.000Z'];

/** From when each page of loaners was listed, in order; null: from the beginning. */
async function listedFrom({ hector }: Awaited<ReturnType<typeof startWorkbench>>, work: () => Promise<unknown>): Promise<(string | null)[]> {
  const after = hector.log().at(-1)?.n ?? 0;
  await work();
  return hector.log(after).filter(({ method, path }) => method === 'GET' && path.endsWith('/loaners')).map(({ query }) => new URLSearchParams(query).get('changedSince'));
}

describe('a listing of which only what changed since a time is wanted', () => {
  it('begins there in the first run, and goes on from the last one after it', async () => {
    const bench = await startWorkbench();
    await bench.connect({ from: earlier });
    await bench.write({});
    const [first, ...others] = await listedFrom(bench, () => bench.run());
    expect([first, others]).toEqual([earlier, []]);
    expect(bench.zoho.state().invoices).toHaveLength(1);
    const [next] = await listedFrom(bench, () => bench.run());
    expect(Date.parse(next ?? '')).toBeGreaterThan(Date.parse(earlier));
  });

  it('reads nothing that changed before', async () => {
    const bench = await startWorkbench();
    await bench.connect({ from: later });
    const id = await bench.write({});
    await bench.run();
    expect(await bench.store.change(integrationId, { side: 'other', resource: 'loaners', id })).toBeNull();
  });

  it('is listed from an earlier time in the next run after that was chosen, and not where a later one was', async () => {
    const bench = await startWorkbench();
    await bench.connect({ from: later });
    const id = await bench.write({});
    await bench.run();
    await bench.connect({ from: earlier });
    expect(await listedFrom(bench, () => bench.run())).toEqual([earlier]);
    expect(await bench.standing('loaners', id)).toMatchObject({ state: 'done' });
    await bench.connect({ from: later });
    const [next] = await listedFrom(bench, () => bench.run());
    expect(next).not.toBe(later);
    await bench.connect({ from: null });
    expect(await listedFrom(bench, () => bench.run())).toEqual([null]);
  });
});
