import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startImported, type CommandLine } from '../support/command-line.ts';

const statusSchema = z.object({ integrations: z.tuple([z.object({
  running: z.object({ retrying: z.object({ code: z.string(), attempts: z.number(), message: z.string() }).nullable() }).nullable(),
})]) });

/** What is told of an integration where something is wrong with what it needs. In this order. */
describe('bookbridge status', () => {
  let line: CommandLine;
  const status = async (env = {}) => {
    const { exit, out, err } = await line.start(['status'], env).ended;
    return { exit, out: out.replaceAll(/\s+/g, ' '), err };
  };
  beforeAll(async () => { line = await startImported(); });
  afterAll(() => line.stop());

  it('shows what is stored where the namespace is unknown, and ends as where Temporal does not answer', async () => {
    const { exit, out, err } = await status({ TEMPORAL_NAMESPACE: 'nowhere' });
    expect(exit).toBe(3);
    expect(out).toMatch(/Workers unknown: .* Links customers/);
    expect(err).toMatch(/error: .*namespace.*nowhere/i);
  });

  it('says why a step is repeated, and how often it was tried', async () => {
    const fault = line.hector.faults.add({ route: 'GET /api/v1/customers', kind: 'reset' });
    const sync = line.start(['sync']);
    const isRepeated = async () => (await line.json(statusSchema, 'status')).integrations[0].running?.retrying ?? null;
    let retrying = await isRepeated();
    while (!retrying) retrying = await isRepeated();
    expect(retrying).toMatchObject({ code: 'system-unreachable', attempts: expect.any(Number) });
    let { out } = await status();
    // A worker that is too busy does not say how far it is.
    while (!out.includes('customers: reading')) ({ out } = await status());
    expect(out).toMatch(/customers: reading; tried \d+ times?: The system did not answer/);
    await sync.says(/^customers: 0, tried \d+ times?: The system did not answer/m);
    line.hector.faults.remove(fault);
    expect((await sync.ended).exit).toBe(0);
  });

  it('says of each run that failed why it did', async () => {
    await line.force('customers', 'c-02', { phone: '5551234' });
    await line.run('sync');
    line.zoho.revokeAll();
    expect((await line.run('sync')).exit).toBe(1);
    const failed = /failed │.*?│ (.*?)│ .*?└/.exec((await status()).out)?.[1] ?? '';
    expect(failed).toContain('The system no longer accepts');
    await line.connect();
    await line.force('customers', 'c-02', { phone: '5554321' });
    await line.run('sync');
    expect((await status()).out).toMatch(/ completed │.* failed │.*The system no longer accepts/);
  });
});
