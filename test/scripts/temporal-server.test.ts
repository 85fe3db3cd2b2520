import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createProcesses } from '../../scripts/processes.ts';
import { findTemporal } from '../../scripts/temporal-cli.ts';
import { startTemporalServer } from '../../scripts/temporal-server.ts';
import type { TemporalServer } from '../../scripts/temporal-server.ts';

const moduleKey = defineSearchAttributeKey('TestModule', 'KEYWORD');
const buildMs = 30 * 60_000;

let folder: string;
let stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bookbridge-temporal-'));
  await findTemporal({ log: (line) => console.log(line) }); // may have to get it first
}, buildMs);

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(stops.map((stop) => stop()));
  stops = [];
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(name: string, options: { dbFile?: string; ui?: boolean } = {}): Promise<TemporalServer> {
  const processes = createProcesses(join(folder, name), (error) => console.error(error.message));
  stops.push(() => processes.stopAll());
  return startTemporalServer({ processes, searchAttributes: [moduleKey], ui: false, log: (line) => console.log(line), ...options });
}

async function withClient<Result>(address: string, use: (client: Client) => Promise<Result>): Promise<Result> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

function startWorkflow(address: string, workflowId: string): Promise<unknown> {
  return withClient(address, (client) => client.workflow.start('any', {
    taskQueue: 'nobody', workflowId, typedSearchAttributes: [{ key: moduleKey, value: 'customers' }],
  }));
}

function statusOf(address: string, workflowId: string): Promise<string> {
  return withClient(address, async (client) => (await client.workflow.getHandle(workflowId).describe()).status.name);
}

describe('a Temporal server', { timeout: 120_000 }, () => {
  it('knows the search attributes, serves its UI, and a second one beside it is another', async () => {
    vi.stubEnv('TEMPORAL_ADDRESS', '');
    const [first, second] = await Promise.all([start('first', { ui: true }), start('second', { ui: true })]);
    await startWorkflow(first.address, 'in-first');
    expect(await statusOf(first.address, 'in-first')).toBe('RUNNING');
    await expect(statusOf(second.address, 'in-first')).rejects.toThrow('not found');
    expect(new Set([first.uiUrl, second.uiUrl]).size).toBe(2);
    expect((await fetch(`${first.uiUrl}/namespaces`)).status).toBe(200);
  });

  it('keeps its workflows in a file across a restart', async () => {
    vi.stubEnv('TEMPORAL_ADDRESS', '');
    const dbFile = join(folder, 'temporal.db');
    const before = await start('before', { dbFile });
    await startWorkflow(before.address, 'kept');
    await before.stop();
    const after = await start('after', { dbFile });
    expect(await statusOf(after.address, 'kept')).toBe('RUNNING');
  });

  it('that is given is used as it is', async () => {
    vi.stubEnv('TEMPORAL_ADDRESS', '');
    const running = await start('running');
    vi.stubEnv('TEMPORAL_ADDRESS', running.address);
    vi.stubEnv('TEMPORAL_UI_URL', 'http://127.0.0.1:8233');
    const given = await start('given');
    expect(given).toMatchObject({ address: running.address, uiUrl: 'http://127.0.0.1:8233', started: false });
    await given.stop();
    await startWorkflow(running.address, 'still-there');
    expect(await statusOf(running.address, 'still-there')).toBe('RUNNING');
  });

  it('that is given but does not answer is named in the error', async () => {
    vi.stubEnv('TEMPORAL_ADDRESS', '127.0.0.1:1');
    await expect(start('missing')).rejects.toThrow('127.0.0.1:1');
  });
});
