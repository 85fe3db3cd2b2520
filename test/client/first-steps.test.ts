import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createProcesses, type Processes } from '../../scripts/processes.ts';
import { startTemporalServer, type TemporalServer } from '../../scripts/temporal-server.ts';
import { SELDOM_SECONDS, startCommandLine, type CommandLine } from '../support/command-line.ts';
import { temporalEnvironment } from '../support/temporal-environment.ts';

const statusSchema = z.object({ integrations: z.array(z.object({ state: z.string(), importedAt: z.string().nullable(), schedule: z.object({ everySeconds: z.number(), paused: z.boolean() }).nullable() })) });

/** A Temporal server as it is installed: it knows no search attributes, and learns of new ones a little later. The tests build on each other, in the order of docs/operations.md. */
describe('the first steps on a fresh Temporal server', () => {
  let processes: Processes;
  let shell: CommandLine;
  /** Another one, on which nothing was done. */
  let other: { TEMPORAL_ADDRESS: string };
  const startServer = (): Promise<TemporalServer> => startTemporalServer({ processes, ui: false, searchAttributes: [], log: (line) => console.log(line) });
  const statusOf = async () => (await shell.json(statusSchema, 'status')).integrations[0];
  const scheduled = { everySeconds: SELDOM_SECONDS, paused: false };
  beforeAll(async () => {
    vi.stubEnv('TEMPORAL_ADDRESS', '');
    processes = createProcesses(`${temporalEnvironment().logFolder}/fresh`, (error) => console.error(error.message));
    const [one, another] = [await startServer(), await startServer()];
    other = { TEMPORAL_ADDRESS: another.address };
    shell = await startCommandLine({ env: { TEMPORAL_ADDRESS: one.address, TEMPORAL_NAMESPACE: 'default' } });
  });
  afterAll(async () => {
    await shell.stop();
    await processes.stopAll();
    vi.unstubAllEnvs();
  });

  it('begin with connecting, before there was any worker', async () => {
    expect(await shell.connect()).toMatchObject({ exit: 0, err: '' });
    expect(await statusOf()).toEqual({ state: 'active', importedAt: null, schedule: scheduled });
    expect((await shell.run('status')).out).toContain('not yet: start the initial import');
  });

  it('are to be begun again where connecting made no schedule', async () => {
    expect((await shell.start(['status'], other).ended).out.replaceAll(/\s+/g, ' ')).toContain('not yet, and its schedule is missing in Temporal: connect it again');
  });

  it('go on with a worker and the import, and end with what syncs by itself', async () => {
    await shell.startWorker();
    expect((await shell.run('import')).exit).toBe(0);
    expect(await statusOf()).toEqual({ state: 'active', importedAt: expect.any(String), schedule: scheduled });
  });

  it('need not be gone again where Temporal has lost its data', async () => {
    expect(await shell.start(['sync'], other).ended).toMatchObject({
      exit: 3, err: 'error: Temporal does not know the search attributes of Bookbridge. Start a worker anew, which registers them: bookbridge worker\n',
    });
    expect(await shell.start(['resume'], other).ended).toMatchObject({ exit: 0, err: '' });
    expect((await shell.start(['status'], other).ended).out).toContain('every 1 min, next at');
  });
});
