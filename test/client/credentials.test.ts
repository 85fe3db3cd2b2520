import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startHectorSimulator } from '../../simulators/hector/index.ts';
import { startImported, type CommandLine } from '../support/command-line.ts';

const clients = ['FIRST', 'SECOND'].map((name) => ({ clientId: `1000.${name}`, clientSecret: `secret-of-${name}`, redirectUris: ['http://127.0.0.1/callback'] }));
const [first, second] = clients;
const errorSchema = z.object({ error: z.object({
  code: z.string().nullable(), exit: z.number(), message: z.string(), remedy: z.string(), problems: z.array(z.object({ field: z.string() })).default([]),
}) });

/** Other credentials for an integration that is at work. In this order. */
describe('bookbridge credentials', () => {
  let line: CommandLine;
  const credentials = (...args: string[]) => line.accept(['credentials', ...args]);
  const file = async (content: Record<string, unknown>) => {
    const path = await line.settingsFile();
    await writeFile(path, JSON.stringify(content));
    return path;
  };
  const works = async () => (await line.run('sync')).exit === 0;
  const errorOf = ({ err }: { err: string }) => errorSchema.parse(JSON.parse(err.trimEnd().split('\n').at(-1) ?? '')).error;
  beforeAll(async () => {
    line = await startImported({ zoho: { clients }, setup: { clientId: first?.clientId, clientSecret: first?.clientSecret } });
  });
  afterAll(() => line.stop());

  it('asks what is to be replaced', async () => {
    const { exit, err } = await line.run('credentials');
    expect(exit).toBe(2);
    expect(err).toContain('--access NAME=VALUE');
  });

  it('stores nothing where the other system does not take them', async () => {
    const refused = await credentials('--access', 'token=nobody');
    expect(errorOf(refused)).toMatchObject({ exit: 1, message: expect.stringContaining('hector') });
    expect(await works()).toBe(true);
  });

  it('stores nothing where Zoho does not take them', async () => {
    const refused = await credentials('--client-id', second?.clientId ?? '', '--client-secret', 'guessed');
    expect(errorOf(refused)).toMatchObject({ code: 'client-invalid', exit: 2 });
    expect(await works()).toBe(true);
  });

  it('names what is wrong in the file, and looks whether it is the right one', async () => {
    const wrong = await credentials('--settings', await file({ clientId: '', hector: { baseUrl: 'hector' }, tokn: 'x' }));
    expect(errorOf(wrong)).toMatchObject({ code: 'settings-invalid', exit: 2, problems: expect.arrayContaining([{ field: 'clientId' }, { field: 'hector.baseUrl' }, { field: 'tokn' }]) });
    const other = await credentials('--settings', await file({ id: 'desk', clientSecret: 'x' }));
    expect(errorOf(other).message).toContain('id: must be hector');
    expect(errorOf(await credentials('--access', 'baseUrl=hector')).message).toContain('hector.baseUrl: must be an address');
    expect(errorOf(await credentials('--access', 'tokn=wrong'))).toMatchObject({ exit: 2, message: 'hector.tokn: is not known.', remedy: 'Did you mean token?' });
  });

  it('takes another client of Zoho, and keeps settings and links', async () => {
    const before = line.zoho.state().contacts.length;
    const replaced = await credentials('--settings', await file({ clientId: second?.clientId, clientSecret: second?.clientSecret }));
    expect(replaced).toMatchObject({ exit: 0 });
    expect(JSON.parse(replaced.out.trimEnd().split('\n').at(-1) ?? '')).toEqual({ integration: 'hector', replaced: ['books'], state: 'active' });
    expect(await works()).toBe(true);
    expect(line.zoho.state().contacts).toHaveLength(before);
  });

  it('brings an integration back whose access was taken away', async () => {
    line.zoho.revokeAll();
    expect(await works()).toBe(false);
    expect(await credentials('--authorize')).toMatchObject({ exit: 0 });
    expect(await works()).toBe(true);
  });

  it('takes another address and token of Hector, from a whole file of settings or one by one, in whatever state the integration is', async () => {
    const moved = await startHectorSimulator({ dataSet: line.dataSet, token: 'token-of-the-new-place' });
    try {
      await line.run('pause');
      const settings = JSON.parse(await readFile(await line.settingsFile({ hector: { baseUrl: moved.url, token: 'token-of-the-new-place' } }), 'utf8')) as Record<string, unknown>;
      const whole = await credentials('--settings', await file({ ...settings, clientId: second?.clientId, clientSecret: second?.clientSecret }));
      expect(whole).toMatchObject({ exit: 0 });
      expect(whole.out).toContain('"replaced":["books","hector"],"state":"paused"');
      expect((await line.run('resume')).exit).toBe(0);
      expect(await works()).toBe(true);
    } finally {
      await moved.close();
    }
    expect(await credentials('--access', `baseUrl=${line.hector.url}`, 'token=hector-token')).toMatchObject({ exit: 0 });
    expect(await works()).toBe(true);
  });

  it('reads them from the standard input, and takes the server that stands in the place of Hector', async () => {
    const running = line.start(['credentials', '--settings', '-'], { HECTOR_URL: line.hector.url }, JSON.stringify({ hector: { baseUrl: 'https://hector.invalid', token: 'hector-token' } }));
    expect(await running.ended).toMatchObject({ exit: 0, out: expect.stringContaining('other credentials for Hector') });
    expect(await works()).toBe(true);
  });
});
