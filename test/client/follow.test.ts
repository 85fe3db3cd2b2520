import { randomBytes } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import type { Activities } from '../../activities/index.ts';
import { follow } from '../../client/follow.ts';
import { startSyncAlone } from '../../client/runs.ts';
import { readConfig } from '../../domain/config.ts';
import { openStore, type Store } from '../../store/store.ts';
import { DatabaseUnavailable } from '../../store/unavailable.ts';
import { plan, startFakeWorker } from '../support/fake-worker.ts';
import { until } from '../support/until.ts';

/** Follows a run whose beginning does what the test says; `said` has what a person is shown. */
async function followed(beginRun: Activities['beginRun'], change: (store: Store) => Store = (store) => store) {
  const worker = await startFakeWorker({ beginRun });
  onTestFinished(() => worker.stop());
  const key = randomBytes(32).toString('base64');
  const store = await openStore({ url: 'sqlite::memory:', key, now: Date.now });
  onTestFinished(() => store.close());
  const { temporal, taskQueue, integrationId } = worker;
  const bookbridge = { temporal, store: change(store), config: { ...readConfig({ BOOKBRIDGE_KEY: key }), taskQueue }, close: () => Promise.resolve() };
  const handle = await startSyncAlone(bookbridge, { integrationId });
  if (!handle) throw new Error('another run is under way');
  let said = '';
  const ended = follow(bookbridge, { integrationId, handle, modules: plan.modules.map(({ name }) => name) }, { write: (text) => { said += text; } });
  return { ended, said: () => said };
}

it('Who follows a run is told that it cannot even begin, and why, until it can', async () => {
  let isFull = true;
  const { ended, said } = await followed(() => (isFull ? Promise.reject(new Error('the disk is full')) : Promise.resolve(plan)));
  await until(() => /^customers: 0, tried \d+ times?: the disk is full$/m.test(said()));
  isFull = false;
  expect(await ended).toMatchObject({ idle: null });
  expect(said().trimEnd().split('\n').at(-1)).not.toContain('tried');
});

it('Who follows a run is told how it ends also where the database is away by then', async () => {
  let looks = 0;
  const counts = () => {
    looks += 1;
    return Promise.reject(new DatabaseUnavailable(new Error('it was stopped')));
  };
  const { ended, said } = await followed(async () => {
    await until(() => looks > 1);
    return plan;
  }, (store) => ({ ...store, runs: { ...store.runs, counts } }));
  expect(await ended).toMatchObject({ idle: null });
  expect(said().match(/The database cannot be used: it was stopped\. The end of the run is waited for all the same\./g)).toHaveLength(1);
});
