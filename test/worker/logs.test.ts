import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCommandLine, type CommandLine } from '../support/command-line.ts';
import { temporalEnvironment } from '../support/temporal-environment.ts';
import { startTemporalProxy } from '../support/temporal-proxy.ts';

describe('the log of a worker', () => {
  let shell: CommandLine;
  beforeAll(async () => { shell = await startCommandLine(); });
  afterAll(() => shell.stop());

  it('says in plain text, beside the standard output, that Temporal is away', async () => {
    const proxy = await startTemporalProxy(temporalEnvironment().address);
    const worker = shell.start(['worker'], { TEMPORAL_ADDRESS: proxy.address, NO_COLOR: undefined, FORCE_COLOR: undefined });
    await worker.says('"worker"');
    await proxy.takeAway();
    await worker.says('retried');
    worker.process.kill('SIGKILL');
    const { out, err } = await worker.ended;
    expect(out).toMatch(/^\{"worker":.*\}\n$/);
    expect(err).toContain('[WARN] gRPC call');
    expect(err).not.toContain('\u001B');
  });
});
