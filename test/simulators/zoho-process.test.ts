import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { spawnSimulator, startSimulator } from '../support/simulator-process.ts';

const get = async (url: string) => (await fetch(url)).json() as Promise<Record<string, unknown>>;

describe('simulator as a process', () => {
  test('zoho has the built-in data, the limits it is given, and ends on SIGTERM', async () => {
    const { simulator, url, end } = await startSimulator('zoho', '--limits', '{"minute":{"calls":7,"windowMs":2000}}', '--token-life', '5000');
    expect(simulator).toBe('zoho');
    const { organizations } = (await get(`${url}/_simulator/state`)) as { organizations: Record<string, { items: number }> };
    const [id, counts] = Object.entries(organizations)[0] ?? [];
    expect(counts?.items).toBeGreaterThan(5);
    expect(await get(`${url}/_simulator/limits`)).toMatchObject({ [id ?? '']: { minute: { calls: 7, windowMs: 2000 } }, accounts: { tokenLifeMs: 5000 } });
    expect(await end()).toEqual([0, null]);
  });

  test('hector starts the same way', async () => {
    const { simulator, url } = await startSimulator('hector', '--limits', '{"minute":{"calls":7,"windowMs":2000}}');
    expect(simulator).toBe('hector');
    expect(await get(`${url}/_simulator/limits`)).toEqual({ minute: { calls: 7, windowMs: 2000 } });
  });

  test('unusable limits end it with a message', async () => {
    const broken = spawnSimulator('zoho', '--limits', '{"minutes":1}');
    const ended = once(broken, 'exit');
    let complaint = '';
    for await (const chunk of broken.stderr) complaint += String(chunk);
    expect([await ended, complaint]).toEqual([[1, null], expect.stringContaining('Unrecognized key')]);
  });
});
