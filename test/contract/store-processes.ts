import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { Answer, StoreJob } from '../support/store-process.ts';
import { openStore } from '../../store/store.ts';
import { key, newId, type Current, type DatabaseUnderTest } from './store-under-test.ts';

const program = fileURLToPath(new URL('../support/store-process.ts', import.meta.url));
const processes = 3;
const work = { calls: 12, pages: 15, pageRecords: 20 };
const limits = { minute: { calls: 9, windowMs: 400 }, concurrent: 2 };

export function itSharesOneDatabase(current: Current, create: () => Promise<DatabaseUnderTest>): void {
  it('lets several processes open a new database at once', async () => {
    const database = await create();
    const idle = { calls: 0, pages: 0, pageRecords: 0, url: database.url, key, quotaId: '', integrationId: '', runId: '' };
    await Promise.all(Array.from({ length: processes }, (_, n) => runProcess({ ...idle, process: n }, () => undefined)));
    const store = await openStore({ url: database.url, key, now: Date.now });
    expect(await store.integrations.list()).toEqual([]);
    await store.close();
    await database.remove();
  });

  it('lets several processes take calls and write pages at once: none fails, nothing is lost, no limit is exceeded', async () => {
    const { store, database, run, integrationId } = current();
    const quotaId = newId('books');
    await store.quotas.configure(quotaId, limits);
    const server = createServer();
    const job = { ...work, ...run, url: database.url, key, quotaId };
    await Promise.all(Array.from({ length: processes }, (_, n) => runProcess({ ...job, process: n }, server.serve)));

    expect(server.calls).toHaveLength(processes * work.calls);
    expect(server.mostAtOnce()).toBeLessThanOrEqual(limits.concurrent);
    const { calls, windowMs } = limits.minute;
    expect(server.calls.filter((atMs, index) => atMs - (server.calls[index - calls] ?? -Infinity) <= windowMs)).toEqual([]);
    expect((await store.quotas.usage()).find(({ id }) => id === quotaId)?.calls).toBe(processes * work.calls);

    const records = processes * work.pages * work.pageRecords;
    expect((await store.runs.counts(run.runId))['own']).toEqual({ updated: records });
    const shared = await store.pending({ integrationId, module: 'shared', side: 'other', after: 0, limit: 1_000 });
    const newest = (work.pages - 1) * 10 + processes - 1;
    expect(shared.map(({ data }) => data['version'])).toEqual(Array.from({ length: work.pageRecords }, () => newest));
  });

  it('lets one call of all processes ask whether the day of the system is over', async () => {
    const database = await create();
    const store = await openStore({ url: database.url, key, now: Date.now });
    const quotaId = newId('books');
    // One call in a twenty-fourth of a day asks.
    await store.quotas.configure(quotaId, { day: { calls: 1_000, windowMs: 24 * 150 } });
    await store.quotas.refused(quotaId, 'limit-day', Date.now() + 2_000);
    const server = createServer(3);
    const job = { pages: 0, pageRecords: 0, calls: 2, integrationId: '', runId: '', url: database.url, key, quotaId };
    await Promise.all(Array.from({ length: processes }, (_, n) => runProcess({ ...job, process: n }, server.serve)));
    await store.close();
    await database.remove();
    expect(server.calls).toHaveLength(3 + processes * job.calls);
    expect(server.mostRefusedAtOnce()).toBe(1);
    // The one that was answered was alone, too.
    const [, , third = 0, fourth = 0, fifth = 0] = server.calls;
    expect(Math.min(fourth - third, fifth - fourth)).toBeGreaterThan(100);
  });
}

/**
 * A server that answers each call a little later, and remembers when it saw which.
 *
 * @param refusals so many calls are refused before it serves any
 */
function createServer(refusals = 0) {
  const calls: number[] = [];
  let atOnce = 0;
  let mostAtOnce = 0;
  let mostRefusedAtOnce = 0;
  return {
    calls,
    mostRefusedAtOnce: () => mostRefusedAtOnce,
    mostAtOnce: () => mostAtOnce,
    serve: (reply: (answer: Answer) => void) => {
      calls.push(performance.now());
      const answer = calls.length <= refusals ? 'refused' : 'served';
      atOnce += 1;
      mostAtOnce = Math.max(mostAtOnce, atOnce);
      if (answer === 'refused') mostRefusedAtOnce = Math.max(mostRefusedAtOnce, atOnce);
      setTimeout(() => {
        atOnce -= 1;
        reply(answer);
      }, 5 + (calls.length % 7));
    },
  };
}

async function runProcess(job: StoreJob, serve: (reply: (answer: Answer) => void) => void): Promise<void> {
  const child = fork(program, [JSON.stringify(job)], { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  const complaints: Buffer[] = [];
  child.stderr?.on('data', (chunk: Buffer) => complaints.push(chunk));
  child.on('message', () => serve((answer) => { child.send(answer); }));
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`process ${job.process} ended with ${String(code)}: ${Buffer.concat(complaints).toString('utf8')}`);
}
