import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { singleFlight } from '../../activities/single-flight.ts';
import { BookbridgeError } from '../../domain/errors.ts';
import { openStore } from '../../store/store.ts';
import { byRoute, callsDuring } from '../support/calls.ts';
import { integrationId, startWorkbench } from './workbench.ts';

vi.mock('../../integrations/registry.ts', async () => {
  const { invented } = await import('./invented.ts');
  return { integrationOf: () => invented };
});

const place = { module: 'sheets', side: 'books', resource: 'taxes' } as const;

/** A listing that is needed until it was read, and each reading of it until it is told how it ends. */
async function startReadings() {
  const store = await openStore({ url: 'sqlite::memory:', key: randomBytes(32).toString('base64'), now: Date.now });
  onTestFinished(() => store.close());
  const readings: PromiseWithResolvers<void>[] = [];
  let isRead = false;
  return {
    readings,
    /** Those who read it leave it needed no longer. */
    end: (number: number, error?: Error) => {
      isRead = error === undefined;
      if (error) readings[number]?.reject(error);
      else readings[number]?.resolve();
    },
    need: (signal = new AbortController().signal, at: { resource?: string } = {}) => singleFlight({
      store, integrationId, place: { ...place, ...at }, signal, isNeeded: () => Promise.resolve(!isRead),
      async read() {
        const reading = Promise.withResolvers<void>();
        readings.push(reading);
        signal.addEventListener('abort', () => reading.reject(signal.reason));
        await reading.promise;
      },
    }),
  };
}

describe('a listing that several need at the same time', () => {
  it('is read once, and whoever waits goes on when it was read', async () => {
    const { readings, end, need } = await startReadings();
    const all = Promise.all([need(), need(), need()]);
    await vi.waitFor(() => expect(readings).toHaveLength(1));
    const late = need();
    end(0);
    await all;
    await late;
    await need();
    expect(readings).toHaveLength(1);
  });

  it('holds up nobody who needs another one', async () => {
    const { readings, end, need } = await startReadings();
    const both = Promise.all([need(), need(undefined, { resource: 'contacts' })]);
    await vi.waitFor(() => expect(readings).toHaveLength(2));
    end(0);
    end(1);
    await both;
  });

  it('fails for all of them where it fails, and is read again by who comes later', async () => {
    const { readings, end, need } = await startReadings();
    const all = Promise.allSettled([need(), need(), need()]);
    await vi.waitFor(() => expect(readings).toHaveLength(1));
    const fault = new BookbridgeError('system-fault', { detail: 'status 500' });
    end(0, fault);
    expect(await all).toEqual(Array.from({ length: 3 }, () => ({ status: 'rejected', reason: fault })));
    const later = need();
    await vi.waitFor(() => expect(readings).toHaveLength(2));
    end(1);
    await later;
  });

  it('is asked for by the next one where a limit stopped the first, who may be granted no call that others are', async () => {
    const { readings, end, need } = await startReadings();
    const [bulk, document] = [need(), need()];
    await vi.waitFor(() => expect(readings).toHaveLength(1));
    end(0, new BookbridgeError('limit-share', { detail: '', resumeAtMs: Date.now() + 60_000 }));
    await expect(bulk).rejects.toMatchObject({ code: 'limit-share' });
    await vi.waitFor(() => expect(readings).toHaveLength(2));
    end(1);
    await document;
  });

  it('is waited for no longer by one who is cancelled, and goes on for the others', async () => {
    const { readings, end, need } = await startReadings();
    const cancelled = new AbortController();
    const [first, second, third] = [need(), need(cancelled.signal), need()];
    await vi.waitFor(() => expect(readings).toHaveLength(1));
    cancelled.abort(new Error('cancelled'));
    await expect(second).rejects.toThrow('cancelled');
    end(0);
    await Promise.all([first, third]);
    expect(readings).toHaveLength(1);
  });

  it('is taken over by one of those who wait where the one who reads it is cancelled', async () => {
    const { readings, end, need } = await startReadings();
    const cancelled = new AbortController();
    const [first, ...others] = [need(cancelled.signal), need(), need(), need()];
    await vi.waitFor(() => expect(readings).toHaveLength(1));
    cancelled.abort(new Error('cancelled'));
    await expect(first).rejects.toThrow('cancelled');
    await vi.waitFor(() => expect(readings).toHaveLength(2));
    end(1);
    await Promise.all(others);
    expect(readings).toHaveLength(2);
  });
});

it('many announced records at once make one listing of each that they are looked up in', async () => {
  const bench = await startWorkbench();
  await bench.run({}, 'initialImport');
  const mails = Array.from({ length: 12 }, (_, number) => `person-${number}@example.com`);
  const sheets = await Promise.all(mails.map((mail, number) => bench.write({ name: `Person ${number}`, mail })));
  const run = { integrationId, runId: 'announced' };
  const does = bench.does();
  await Promise.all(sheets.map((recordId) => bench.step(does.fetchRecord, { ...run, module: 'sheets', side: 'other', resource: 'loaners', recordId })));
  for (const resource of ['contacts', 'settings/taxes']) bench.zoho.faults.add({ route: `GET /books/v3/${resource}`, kind: 'slow', delayMs: 150 });

  const calls = await callsDuring(bench.zoho, async () => {
    await Promise.all(mails.map((recordId) => bench.step(does.carryDocument, { ...run, module: 'people', side: 'other', resource: 'people', recordId })));
    await Promise.all(sheets.map((recordId) => bench.step(does.carryDocument, { ...run, module: 'sheets', side: 'other', resource: 'loaners', recordId })));
  });
  expect(byRoute(calls)).toEqual({
    'GET /books/v3/contacts': 1, 'PUT /books/v3/contacts': 12, 'GET /books/v3/settings/taxes': 1, 'PUT /books/v3/invoices': 12,
  });
});
