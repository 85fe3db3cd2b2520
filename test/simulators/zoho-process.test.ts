import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/simulator.ts', import.meta.url));

let child: ChildProcess | undefined;
afterEach(() => child?.kill('SIGKILL'));

async function start(...options: string[]): Promise<{ simulator: string; url: string }> {
  const started = spawn(process.execPath, [script, ...options], { stdio: ['ignore', 'pipe', 'ignore'] });
  child = started;
  const [line] = (await once(createInterface(started.stdout), 'line')) as [string];
  return JSON.parse(line) as { simulator: string; url: string };
}

const get = async (url: string) => (await fetch(url)).json() as Promise<Record<string, unknown>>;

describe('simulator as a process', () => {
  test('zoho has the built-in data, the limits it is given, and ends on SIGTERM', async () => {
    const { simulator, url } = await start('zoho', '--limits', '{"minute":{"calls":7,"windowMs":2000}}', '--token-life', '5000');
    expect(simulator).toBe('zoho');
    const { organizations } = (await get(`${url}/_simulator/state`)) as { organizations: Record<string, { items: number }> };
    const [id, counts] = Object.entries(organizations)[0] ?? [];
    expect(counts?.items).toBeGreaterThan(5);
    expect(await get(`${url}/_simulator/limits`)).toMatchObject({ [id ?? '']: { minute: { calls: 7, windowMs: 2000 } }, accounts: { tokenLifeMs: 5000 } });
    const ended = once(child as ChildProcess, 'exit');
    child?.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  test('hector starts the same way', async () => {
    const { simulator, url } = await start('hector', '--limits', '{"minute":{"calls":7,"windowMs":2000}}');
    expect(simulator).toBe('hector');
    expect(await get(`${url}/_simulator/limits`)).toEqual({ minute: { calls: 7, windowMs: 2000 } });
  });

  test('unusable limits end it with a message', async () => {
    const broken = spawn(process.execPath, [script, 'zoho', '--limits', '{"minutes":1}'], { stdio: ['ignore', 'ignore', 'pipe'] });
    child = broken;
    const ended = once(broken, 'exit');
    let complaint = '';
    for await (const chunk of broken.stderr) complaint += String(chunk);
    expect([await ended, complaint]).toEqual([[1, null], expect.stringContaining('Unrecognized key')]);
  });
});
