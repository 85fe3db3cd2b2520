import { randomBytes } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { follow } from '../../client/follow.ts';
import { startSyncAlone } from '../../client/runs.ts';
import { readConfig } from '../../domain/config.ts';
import { openStore } from '../../store/store.ts';
import { plan, startFakeWorker } from '../support/fake-worker.ts';
import { until } from '../support/until.ts';

it('Who follows a run is told that it cannot even begin, and why, until it can', async () => {
  let isFull = true;
  const worker = await startFakeWorker({ beginRun: () => (isFull ? Promise.reject(new Error('the disk is full')) : Promise.resolve(plan)) });
  onTestFinished(() => worker.stop());
  const key = randomBytes(32).toString('base64');
  const store = await openStore({ url: 'sqlite::memory:', key, now: Date.now });
  onTestFinished(() => store.close());
  const { temporal, taskQueue, integrationId } = worker;
  const bookbridge = { temporal, store, config: { ...readConfig({ BOOKBRIDGE_KEY: key }), taskQueue }, close: () => Promise.resolve() };
  const handle = await startSyncAlone(bookbridge, { integrationId });
  if (!handle) throw new Error('another run is under way');
  let said = '';
  const ended = follow(bookbridge, { integrationId, handle, modules: plan.modules.map(({ name }) => name) }, { write: (text) => { said += text; } });
  await until(() => /^customers: 0, tried \d+ times?: the disk is full$/m.test(said));
  isFull = false;
  expect(await ended).toMatchObject({ idle: null });
  expect(said.trimEnd().split('\n').at(-1)).not.toContain('tried');
});
