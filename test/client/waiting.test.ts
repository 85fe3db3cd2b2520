import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startCommandLine, startImported, type CommandLine } from '../support/command-line.ts';

const statusSchema = z.object({
  integrations: z.tuple([z.object({
    state: z.string(), importedAt: z.string().nullable(),
    running: z.object({ kind: z.string(), module: z.string().nullable(), waits: z.object({ until: z.iso.datetime(), code: z.string() }).nullable() }).nullable(),
    runs: z.array(z.object({ kind: z.string(), state: z.string() })),
  })]),
});

/** A run that waits for a limit of Books, seen and steered from the terminal. In this order. */
describe('a run that takes long', () => {
  const minute = { calls: 100, windowMs: 2_000 };
  let shell: CommandLine;
  /** Refuses every call, so that the run takes as long as the test does with it. */
  let limit: number;
  const statusOf = async () => (await shell.json(statusSchema, 'status')).integrations[0];
  const until = async (wanted: (status: Awaited<ReturnType<typeof statusOf>>) => boolean) => {
    for (;;) {
      const status = await statusOf();
      if (wanted(status)) return status;
    }
  };
  beforeAll(async () => {
    shell = await startCommandLine();
    await shell.connect({ limits: { minute } });
    await shell.startWorker();
    limit = shell.zoho.faults.add({ route: '* /books', kind: 'limit-minute' });
  });
  afterAll(() => shell.stop());

  it('goes on without the command that started it', async () => {
    const importing = shell.start(['import']);
    await importing.says('customers');
    importing.process.kill('SIGINT');
    const { exit, err } = await importing.ended;
    expect(exit).toBe(130);
    expect(err).toContain('bookbridge status');
    expect((await statusOf()).running).toMatchObject({ kind: 'initialImport' });
  });

  it('says why it waits and until when', async () => {
    const { running } = await until(({ running, importedAt }) => running?.waits?.code === 'limit-minute' || importedAt !== null);
    expect(running?.waits?.code).toBe('limit-minute');
    expect((await shell.run('status')).out).toMatch(/Now {6}initial import since/);
  });

  it('is started once: a second command starts none, and says so', async () => {
    const joined = await shell.run('import', '--no-wait');
    expect(joined).toMatchObject({ exit: 0, out: expect.stringContaining('A run is under way, so none was started.') as string });
    expect((await statusOf()).running).toMatchObject({ kind: 'initialImport' });
  });

  it('completes first when the integration is paused', async () => {
    const pausing = shell.start(['pause']);
    await pausing.says('It completes first.');
    shell.zoho.faults.remove(limit);
    const { exit, out } = await pausing.ended;
    expect(exit).toBe(0);
    expect(out).toContain('hector is paused');
    const { state, importedAt, running, runs: [last] } = await statusOf();
    expect({ state, running, last: last?.state }).toEqual({ state: 'paused', running: null, last: 'completed' });
    expect(importedAt).not.toBeNull();
  });

  it('keeps what is to be tried again until it is resumed', async () => {
    await shell.run('resume');
    await shell.force('customers', 'c-01', { name: '' });
    await shell.run('sync');
    await shell.run('pause');
    const { out } = await shell.run('retry', '--all');
    expect(out).toContain('will be tried again when hector is no longer paused');
  });
});

/** A sync that takes long is under way, and somebody asks for more. */
describe('a command behind the run of another', () => {
  let shell: CommandLine;
  /** A sync that repeats its first step until it is let go. */
  const longSync = async () => {
    const fault = shell.hector.faults.add({ route: 'GET /api/v1/customers', kind: 'reset' });
    const running = shell.start(['sync']);
    await running.says('customers');
    return { ...running, letGo: () => shell.hector.faults.remove(fault) };
  };
  beforeAll(async () => { shell = await startImported(); });
  afterAll(() => shell.stop());

  it('that is not to wait starts nothing, and says so at once', async () => {
    const running = await longSync();
    expect(await shell.run('import', '--no-wait')).toMatchObject({ exit: 0, out: expect.stringContaining('A run is under way, so none was started.') as string });
    expect(running.process.exitCode).toBeNull();
    running.letGo();
    expect((await running.ended).exit).toBe(0);
  });

  it.each([['import'], ['send', 'customers', 'c-02']])('says that it waits, and with Ctrl-C that it never begins: %s', async (...args) => {
    const running = await longSync();
    const behind = shell.start(args);
    expect(await behind.says('customers')).toMatch(/A sync has been under way since .*\. This one begins after it\./);
    behind.process.kill('SIGINT');
    expect(await behind.ended).toMatchObject({ exit: 130, out: '', err: expect.stringContaining('What you asked for has not begun, and does not') as string });
    running.letGo();
    expect((await running.ended).exit).toBe(0);
  });

  it('begins when that one has ended', async () => {
    const running = await longSync();
    const behind = shell.start(['import']);
    await behind.says('This one begins after it.');
    running.letGo();
    const { exit, out } = await behind.ended;
    expect({ exit, out }).toEqual({ exit: 0, out: expect.stringContaining('Done in') as string });
    expect((await running.ended).exit).toBe(0);
  });
});
