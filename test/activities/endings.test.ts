import { expect, it, vi } from 'vitest';
import type { Deps } from '../../activities/deps.ts';
import { createHttp } from '../../connectors/http.ts';
import type { Store } from '../../store/store.ts';
import { until } from '../support/until.ts';
import { integrationId, startWorkbench } from './workbench.ts';

vi.mock('../../integrations/registry.ts', async () => {
  const { invented } = await import('./invented.ts');
  return { integrationOf: () => invented };
});

const request = { integrationId, runId: 'r', module: 'people' };

/** People of Hector that are to be carried over. */
async function startWithPeople(count: number) {
  const bench = await startWorkbench();
  for (let person = 0; person < count; person += 1) await bench.write({ name: `Ann ${person}`, mail: `ann${person}@example.com` });
  await bench.store.integrations.markImported(integrationId, Date.now());
  await bench.step(bench.does().beginRun, { integrationId, runId: request.runId, kind: 'sync' as const, module: null, isAlone: false });
  await bench.step(bench.does().pull, { ...request, source: 0 });
  const pending = async () => (await bench.store.pendingSummary(integrationId, request.module)).count;
  return { ...bench, pending };
}

it('ends what was carried over while a call of another record still goes on', async () => {
  const bench = await startWithPeople(6);
  // The first call goes on for as long as it takes to see what the others came to.
  const answered = Promise.withResolvers<void>();
  let calls = 0;
  const http: Deps['http'] = (signal) => {
    const send = createHttp({ timeoutMs: 30_000, signal });
    return async (call) => {
      if (call.method === 'PUT' && (calls += 1) === 1) await answered.promise;
      return send(call);
    };
  };
  const pushing = bench.step(bench.does({ http, now: () => Date.now() + 1_000 * bench.zoho.state().contacts.length }).push, request);
  await until(async () => (await bench.pending()) <= 1);
  expect(bench.zoho.state().contacts.length).toBeLessThan(6);
  answered.resolve();
  expect(await pushing).toEqual({ pause: null, carried: 6 });
  expect(await bench.pending()).toBe(0);
});

it('makes no call, and forgets none that was made, when the database was away for a moment', async () => {
  const bench = await startWithPeople(12);
  let clockMs = Date.now();
  let times = 0;
  const { store } = bench;
  const shaky: Store = {
    ...store,
    endChanges: (...args) => ((times += 1) === 1 ? Promise.reject(new Error('the database is away')) : store.endChanges(...args)),
  };
  const push = bench.does({ store: shaky, now: () => (clockMs += 200) }).push;
  await expect(bench.step(push, request)).rejects.toThrow('the database is away');
  const made = bench.zoho.state().contacts.length;
  expect(made).toBeLessThan(12);
  expect(await bench.pending()).toBe(12 - made);
  await bench.step(push, request);
  expect(bench.zoho.summary().byRoute['PUT /books/v3/contacts']).toBe(12);
});
