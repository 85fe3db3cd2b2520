import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startImported, type CommandLine, type Running } from '../support/command-line.ts';
import { temporalEnvironment } from '../support/temporal-environment.ts';
import { startTemporalProxy } from '../support/temporal-proxy.ts';

const apiSchema = z.object({ api: z.url() });
const statusSchema = z.object({ id: z.string(), state: z.string(), workers: z.number().nullable(), links: z.record(z.string(), z.number()) });
const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string(), remedy: z.string() }) });
/** Far longer than it is to take; a call that Temporal does not answer is tried for longer still. */
const PATIENCE_MS = 20_000;

describe('bookbridge serve, while Temporal is away', () => {
  let line: CommandLine;
  let server: Running;
  let url = '';
  const call = (method: string, path: string) => fetch(`${url}/api/integrations${path}`, { method, signal: AbortSignal.timeout(PATIENCE_MS) });
  beforeAll(async () => {
    line = await startImported();
    await line.connect({ id: 'desk' });
    const proxy = await startTemporalProxy(temporalEnvironment().address);
    server = line.start(['serve', '--port', '0', '--json'], { TEMPORAL_ADDRESS: proxy.address });
    url = apiSchema.parse(JSON.parse((await server.says('"api"')).split('\n')[0] ?? '')).api;
    await proxy.takeAway();
  });
  afterAll(async () => {
    server.process.kill('SIGTERM');
    await server.ended;
    await line.stop();
  });

  it('says of all integrations what is stored', async () => {
    const { integrations } = z.object({ integrations: z.array(statusSchema) }).parse(await (await call('GET', '')).json());
    expect(integrations.map(({ id, state, workers }) => ({ id, state, workers }))).toEqual(['desk', 'hector'].map((id) => ({ id, state: 'active', workers: null })));
  });

  it.each([['a sync', 'POST', '/hector/sync'], ['a record', 'POST', '/hector/records/loaners/1/send'], ['a pause', 'POST', '/hector/pause']])('refuses %s at once', async (_what, method, path) => {
    const answer = await call(method, path);
    expect(answer.status).toBe(503);
    expect(errorSchema.parse(await answer.json()).error).toMatchObject({ code: 'unreachable', message: expect.stringContaining('did not answer'), remedy: expect.stringContaining('Look at the Temporal server') });
  });
});
