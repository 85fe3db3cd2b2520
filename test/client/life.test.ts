import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { callsDuring } from '../support/calls.ts';
import { launcher, startCommand, startCommandLine, type CommandLine } from '../support/command-line.ts';

const counts = z.record(z.string(), z.record(z.string(), z.number()));
const runSchema = z.object({ integration: z.string(), idle: z.null(), counts });
const statusSchema = z.object({
  integrations: z.array(z.object({
    id: z.string(), state: z.string(), importedAt: z.string().nullable(), links: z.record(z.string(), z.number()), workers: z.number().nullable(),
    quota: z.object({ dayUsed: z.number(), dayLimit: z.number() }).nullable(),
    schedule: z.object({ paused: z.boolean(), everySeconds: z.number() }).nullable(),
    running: z.unknown(), runs: z.array(z.object({ kind: z.string(), state: z.string(), counts })),
    changes: z.array(z.object({ module: z.string(), state: z.string(), code: z.string().nullable(), count: z.number() })),
  })),
});
const historySchema = z.object({ history: z.array(z.object({ module: z.string(), recordId: z.string(), outcome: z.string() })) });

/** One integration from its connection to its end, by commands alone. The tests build on each other, in this order. */
describe('a life by commands', () => {
  let shell: CommandLine;
  const statusOf = async () => {
    const { integrations: [only] } = await shell.json(statusSchema, 'status');
    if (!only) throw new Error('there is no integration');
    return only;
  };
  beforeAll(async () => { shell = await startCommandLine(); });
  afterAll(() => shell.stop());

  it('asks to connect first', async () => {
    const { exit, err } = await shell.run('status');
    expect(exit).toBe(2);
    expect(err).toContain('connect');
    expect((await shell.connect()).exit).toBe(0);
    expect(await statusOf()).toMatchObject({ state: 'active', importedAt: null, workers: 0, runs: [] });
  });

  it('asks to import before a sync', async () => {
    const { exit, err } = await shell.run('sync');
    expect(exit).toBe(2);
    expect(err).toContain('bookbridge import');
    expect((await shell.run('errors')).out).toBe('Nothing has failed so far, but the initial import has not ended: bookbridge import --integration hector\n');
  });

  it('says that no worker is there, and imports as soon as one is', async () => {
    const importing = shell.start(['import']);
    await importing.says('No worker takes work');
    await shell.startWorker();
    const { exit, out } = await importing.ended;
    expect(exit).toBe(0);
    expect(out).toContain('customers');
    const { importedAt, links, workers } = await statusOf();
    expect(importedAt).not.toBeNull();
    expect(links['customers']).toBe(shell.dataSet.hector.customers.length);
    expect(workers).toBe(1);
  });

  it('syncs, and says what it did', async () => {
    await shell.makeLoaners(3);
    const run = await shell.json(runSchema, 'sync');
    expect(Object.values(run.counts['loaners'] ?? {}).reduce((sum, count) => sum + count, 0)).toBe(3);
    const idle = await shell.run('sync');
    expect(idle.exit).toBe(0);
    expect(idle.out).toContain('Done in');
  });

  it('tells its result also where nobody reads the progress', async () => {
    await shell.makeLoaners(1);
    const syncing = shell.start(['sync']);
    syncing.process.stderr.destroy();
    expect(await syncing.ended).toMatchObject({ exit: 0, out: expect.stringContaining('loaners') });
  });

  it('syncs one module and leaves the others alone', async () => {
    const calls = await callsDuring(shell.hector, async () => { await shell.json(runSchema, 'sync', '--module', 'customers'); });
    expect(calls.map(({ path }) => path)).toEqual(['/api/v1/customers']);
  });

  it('suggests the module that was meant', async () => {
    const { exit, err } = await shell.run('sync', '--module', 'custmers');
    expect(exit).toBe(2);
    expect(err).toContain('Did you mean customers?');
  });

  it('reads one record again by its id, in either system', async () => {
    const customer = shell.dataSet.hector.customers[0];
    if (!customer) throw new Error('no customer');
    const calls = await callsDuring(shell.hector, async () => {
      const { exit, out } = await shell.run('sync', '--record', customer.id);
      expect({ exit, out: out.replaceAll(/\s+/g, ' ') }).toEqual({ exit: 0, out: expect.stringMatching(/^customers .* is in step: contacts .* It has not changed since it was carried over; nothing was written\. $/) as string });
    });
    expect(calls.map(({ path }) => path)).toEqual([`/api/v1/customers/${customer.id}`]);
    const contacts = () => z.array(z.object({ contact_id: z.string(), contact_name: z.string() })).parse(shell.zoho.state().contacts);
    const contactId = contacts().find(({ contact_name: name }) => name === customer.name)?.contact_id ?? '';
    await shell.force('customers', customer.id, { name: 'Renamed in Hector' });
    expect((await shell.run('sync', '--record', contactId)).exit).toBe(0);
    expect(contacts()).toContainEqual({ contact_id: contactId, contact_name: 'Renamed in Hector' });
  });

  it('says where a record does not exist', async () => {
    const unknown = await shell.run('sync', '--record', 'nobody');
    expect(unknown.exit).toBe(2);
    expect(unknown.err).toContain('--module');
    const missing = await shell.run('sync', '--record', 'nobody', '--module', 'loaners');
    expect(missing.exit).toBe(1);
    expect(missing.err).toContain('There is no record nobody in loaners.');
  });

  it('shows the history, the newest first', async () => {
    const { history } = await shell.json(historySchema, 'history', '--limit', '2');
    expect(history).toHaveLength(2);
    expect(history[0]).toMatchObject({ module: 'customers', outcome: 'updated' });
    const loaners = await shell.json(historySchema, 'history', '--module', 'loaners');
    expect(new Set(loaners.history.map(({ module }) => module))).toEqual(new Set(['loaners']));
    const { out } = await shell.run('history', '--record', loaners.history[0]?.recordId ?? '');
    expect(out).toContain(loaners.history[0]?.recordId);
    expect(await shell.run('history', '--module', 'integration')).toMatchObject({ exit: 0, out: 'Nothing of this kind has happened yet.\n' });
  });

  it('fits what it shows into the terminal, and draws no colour into a file', async () => {
    for (const command of ['status', 'history', 'errors']) {
      const { out } = await shell.run(command);
      expect(out).not.toContain('\u001B');
      expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    }
  });

  it('pauses, refuses to sync, and resumes', async () => {
    expect((await shell.run('pause')).exit).toBe(0);
    expect(await statusOf()).toMatchObject({ state: 'paused', schedule: { paused: true } });
    const refused = await shell.run('sync');
    expect(refused.exit).toBe(1);
    expect(refused.err).toContain('bookbridge resume');
    expect((await shell.run('pause')).out).toContain('paused already');
    expect((await shell.run('resume')).exit).toBe(0);
    expect(await statusOf()).toMatchObject({ state: 'active', schedule: { paused: false } });
  });

  it('keeps its links when it is disabled, and makes nothing twice when it is reactivated', async () => {
    const { links } = await statusOf();
    expect((await shell.run('disable')).out).toContain('are kept');
    expect(await statusOf()).toMatchObject({ state: 'disabled', links });
    expect((await shell.run('resume')).err).toContain('bookbridge reactivate');
    await shell.makeLoaners(1);
    expect((await shell.run('reactivate')).exit).toBe(0);
    const contacts = shell.zoho.state().contacts.length;
    const run = await shell.json(runSchema, 'sync');
    expect(Object.values(run.counts['loaners'] ?? {}).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
    expect(run.counts['customers']?.['added'] ?? 0).toBe(0);
    expect(shell.zoho.state().contacts).toHaveLength(contacts);
  });

  it('goes on with the links it had when it is connected again', async () => {
    await shell.run('disable');
    expect((await shell.connect()).exit).toBe(0);
    expect(await statusOf()).toMatchObject({ state: 'active', schedule: { paused: false } });
    const contacts = shell.zoho.state().contacts.length;
    await shell.json(runSchema, 'sync');
    expect(shell.zoho.state().contacts).toHaveLength(contacts);
  });

  it('says why a run failed and what to do, when a person took the authorisation away', async () => {
    shell.zoho.revokeAll();
    const failed = await shell.run('sync');
    expect(failed.exit).toBe(1);
    expect(failed.err).toContain('press Accept');
    expect(failed.err.split('\n').filter((line) => line.startsWith('error:'))).toHaveLength(1);
    const { out } = await shell.run('status');
    expect(out.replaceAll(/\s+/g, ' ')).toContain('the last run failed. The system no longer accepts the authorisation');
    expect((await shell.connect()).exit).toBe(0);
    expect((await shell.run('sync')).exit).toBe(0);
  });

  it('shows what is stored where Temporal does not answer', async () => {
    const { exit, out, err } = await shell.start(['status'], { TEMPORAL_ADDRESS: '127.0.0.1:1' }).ended;
    expect(exit).toBe(3);
    expect(out).toContain('customers');
    expect(err).toContain('TEMPORAL_ADDRESS');
  });

  it('has to be told which one where there are two', async () => {
    expect((await shell.connect({ id: 'second' })).exit).toBe(0);
    const { exit, err } = await shell.run('history');
    expect(exit).toBe(2);
    expect(err).toContain('--integration');
    expect((await shell.run('history', '--integration', 'hector')).exit).toBe(0);
    expect((await shell.run('history', '--integration', 'hectr')).err).toContain('Did you mean hector?');
    const { integrations } = await shell.json(statusSchema, 'status');
    expect(integrations.map(({ id }) => id)).toEqual(['hector', 'second']);
  });

  it('is told commands that can be typed as they are shown, where there are two', async () => {
    const typed = async (shown: string) => shell.run(...(/bookbridge (.+)$/m.exec(shown)?.[1] ?? '').split(' '));
    expect(await typed((await shell.run('pause', '--integration', 'hector')).out)).toMatchObject({ exit: 0, out: expect.stringContaining('hector is active again.') as string });
    expect(await typed((await shell.run('sync', '--integration', 'second')).err)).toMatchObject({ exit: 0, out: expect.stringContaining('Done in') as string });
    await shell.force('customers', 'c-02', { name: '' });
    await shell.force('customers', 'c-03', { name: '' });
    expect(await typed((await shell.run('sync', '--integration', 'hector')).out)).toMatchObject({ exit: 0, out: expect.stringContaining('record-unreadable') as string });
    const { out } = await shell.run('errors', '--integration', 'hector', '--module', 'customers', '--limit', '1');
    expect(out).toContain('… and 1 more: bookbridge errors --integration hector --module customers --reason record-unreadable --limit 2');
    expect(await typed(out)).toMatchObject({ exit: 0, out: expect.stringMatching(/c-02[^]*c-03/) as string });
  });

  it('ends its worker when it is told to', async () => {
    const worker = await shell.startWorker();
    worker.process.kill('SIGTERM');
    expect((await worker.ended).exit).toBe(0);
  });
});

describe('the launcher', () => {
  /** The machine's own Node, where it is another one than that of the project. */
  const ownNode = (process.env['PATH'] ?? '').split(':').filter((folder) => !folder.includes('node_modules')).map((folder) => `${folder}/node`).find((file) => existsSync(file));

  it.runIf(ownNode !== undefined)('runs on the Node of the machine, whatever its age, and passes the exit code on', async () => {
    const node = ownNode ?? '';
    const help = await startCommand(['--help'], {}, [node, launcher]).ended;
    expect(help).toMatchObject({ exit: 0, err: '' });
    const wrong = await startCommand(['hisotry'], {}, [node, launcher]).ended;
    expect(wrong.exit).toBe(2);
  });
});
