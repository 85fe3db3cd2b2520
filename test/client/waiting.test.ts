import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startCommandLine, type CommandLine } from '../support/command-line.ts';

const statusSchema = z.object({
  integrations: z.tuple([z.object({
    state: z.string(), importedAt: z.string().nullable(),
    running: z.object({ kind: z.string(), module: z.string().nullable(), waits: z.object({ until: z.iso.datetime(), code: z.string() }).nullable() }).nullable(),
    runs: z.array(z.object({ kind: z.string(), state: z.string() })),
  })]),
});

/** A run that waits for a limit of Books, seen and steered from the terminal. In this order. */
describe('a run that takes long', () => {
  const minute = { calls: 4, windowMs: 8_000 };
  let shell: CommandLine;
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
    const { exit, out, err } = await shell.run('pause');
    expect(exit).toBe(0);
    expect(out).toContain('hector is paused');
    expect(err).toContain('It completes first.');
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
