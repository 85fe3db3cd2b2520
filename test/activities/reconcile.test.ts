import { expect, it, vi } from 'vitest';
import type { Deps } from '../../activities/deps.ts';
import type { ReconcileStep, ReconcileStepResult } from '../../activities/reconcile.ts';
import { createHttp } from '../../connectors/http.ts';
import { callsDuring } from '../support/calls.ts';
import { integrationId, startWorkbench } from './workbench.ts';

vi.mock('../../integrations/registry.ts', async () => {
  const { invented } = await import('./invented.ts');
  return { integrationOf: () => invented };
});

it('a page that cannot be had costs no call for the pages before it, however often it is asked for', async () => {
  const { zoho, store, does, step } = await startWorkbench();
  for (let number = 0; number <= 400; number += 1) await zoho.act({ method: 'POST', path: '/contacts', json: { contact_name: `Contact ${number}` } });
  const http: Deps['http'] = (signal) => {
    const send = createHttp({ timeoutMs: 30_000, signal });
    return (request) => {
      if (request.query?.['page'] === '3') zoho.faults.add({ route: 'GET /books/v3/contacts', kind: 'error-before', times: 1 });
      return send(request);
    };
  };
  await store.reports.begin('report', integrationId);
  const people: ReconcileStep = { kind: 'read', module: 'people', flow: 0, side: 'books', resource: 'contacts' };
  const read = (place: string | null): Promise<ReconcileStepResult> => step(does({ http }).reconcileStep, { integrationId, reportId: 'report', step: people, place, everyField: false });

  let place: string | null = null;
  const calls = await callsDuring(zoho, async () => {
    const paused = await read(null);
    expect(paused).toMatchObject({ pause: { code: 'system-fault' }, read: 400 });
    expect(paused.pause?.resumeAtMs).toBeGreaterThan(Date.now());
    ({ place } = paused);
    // It gets nowhere from there, so it is thrown, and Temporal waits longer and longer.
    for (let attempt = 0; attempt < 2; attempt += 1) await expect(read(place)).rejects.toMatchObject({ type: 'system-fault', nonRetryable: false });
  });
  expect(calls.map(({ query, status }) => [new URLSearchParams(query).get('page'), status])).toEqual([['1', 200], ['2', 200], ['3', 500], ['3', 500], ['3', 500]]);

  expect(await step(does().reconcileStep, { integrationId, reportId: 'report', step: people, place, everyField: false })).toEqual({ pause: null, place: null, read: 1 });
});
