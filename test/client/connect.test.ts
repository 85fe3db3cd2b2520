import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { setupSchemaOf } from '../../client/setup.ts';
import { integrationOf } from '../../integrations/registry.ts';
import { pressAccept } from '../../scripts/person.ts';
import { startCommandLine, type CommandLine } from '../support/command-line.ts';

const problemsSchema = z.object({ error: z.object({ problems: z.array(z.object({ field: z.string(), detail: z.string(), remedy: z.string() })) }) });

describe('bookbridge connect hector', () => {
  let shell: CommandLine;
  beforeAll(async () => { shell = await startCommandLine(); });
  afterAll(() => shell.stop());

  it('prints a file to fill in, with every setting that is needed', async () => {
    const { exit, out } = await shell.run('connect', 'hector', '--example');
    expect(exit).toBe(0);
    expect(setupSchemaOf(integrationOf('hector')).safeParse(JSON.parse(out)).error).toBeUndefined();
  });

  it('names every wrong setting at once, before anything is asked of anybody', async () => {
    const file = await shell.settingsFile({ clientId: '', domain: undefined, settings: { organizationId: 'abc', timeZone: 'Europe/Atlantis' } });
    const { exit, err } = await shell.run('connect', 'hector', '--settings', file);
    expect(exit).toBe(2);
    for (const field of ['clientId', 'domain', 'settings.organizationId', 'settings.categoryId', 'settings.timeZone']) expect(err).toContain(`${field}:`);
    expect(err).toContain('- domain: is missing. Correct it in the settings.');
    expect(err).not.toMatch(/Invalid|expected|received/);
  });

  it('names what is misspelt, wherever it stands, and what was meant', async () => {
    const { hector, limits, settings } = { hector: { baseUrl: 'ftp://hector.example', token: 'x', tokn: 'y' }, limits: { minut: {} }, settings: { useHectorCustomers: 'yes' } };
    const file = await shell.settingsFile({ dailyshare: 0.1, syncIntervalSeconds: 1.5, hector, limits, settings, 'a thing': 1 });
    const { exit, err } = await shell.run('connect', 'hector', '--settings', file, '--json');
    expect(exit).toBe(2);
    const problems = problemsSchema.parse(JSON.parse(err)).error.problems.map(({ field, detail, remedy }) => `${field} ${detail}. ${remedy}`);
    expect(problems).toEqual(expect.arrayContaining([
      'dailyshare is not known. Did you mean dailyShare?',
      'limits.minut is not known. Did you mean minute?',
      'hector.tokn is not known. Did you mean token?',
      'a thing is not known. There are: id, clientId, clientSecret, domain, redirectUri, syncIntervalSeconds, limits, dailyShare, documentShare, settings, hector.',
      'hector.baseUrl must be an address that begins with https:// or http://. Correct it in the settings.',
      'syncIntervalSeconds must be a whole number. Correct it in the settings.',
      'settings.useHectorCustomers must be true or false. Correct it in the settings.',
      'settings.completedStatusIds is missing. Correct it in the settings.',
    ]));
  });

  it('says where a settings file is no object', async () => {
    const file = await shell.settingsFile();
    await writeFile(file, '[]');
    const { exit, err } = await shell.run('connect', 'hector', '--settings', file);
    expect({ exit, err }).toEqual({ exit: 2, err: 'error: all of it: is no object. It must look like what "bookbridge connect hector --example" prints.\n' });
  });

  it('says where a settings file is no JSON', async () => {
    const file = await shell.settingsFile();
    await writeFile(file, '{"id": "hector",}');
    const { exit, err } = await shell.run('connect', 'hector', '--settings', file);
    expect(exit).toBe(2);
    expect(err).toContain('is not JSON');
    expect(err).toContain('line 1');
  });

  it('says what to do where the port of the callback is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => { other.listen(0, '127.0.0.1', resolve); });
    const { port } = other.address() as AddressInfo;
    const file = await shell.settingsFile({ redirectUri: `http://127.0.0.1:${port}/callback` });
    const { exit, err } = await shell.run('connect', 'hector', '--settings', file);
    other.close();
    expect(exit).toBe(2);
    expect(err).toContain(`redirectUri: the port ${port} of this machine is taken`);
  });

  it('gives up when nobody presses Accept', async () => {
    const { exit, err } = await shell.run('connect', 'hector', '--settings', await shell.settingsFile(), '--timeout', '1');
    expect(exit).toBe(1);
    expect(err).toContain('Nobody pressed Accept in time. Zoho sent no answer within 1 s.');
    expect(err).not.toContain('Reject');
  });

  it('prints the address, waits until a person has pressed Accept, and says how to go on', async () => {
    const running = shell.start(['connect', 'hector', '--settings', await shell.settingsFile()]);
    const said = await running.says('Waiting for the answer');
    await pressAccept(/http\S+/.exec(said)?.[0] ?? '');
    const { exit, out } = await running.ended;
    expect(exit).toBe(0);
    expect(out).toContain(`hector is connected with ${shell.dataSet.books.organization.name}`);
    expect(out).toContain('bookbridge import');
  });

  it('says what is connected, in JSON, and that a second time keeps what there is', async () => {
    const { exit, out } = await shell.connect();
    expect(exit).toBe(0);
    expect(JSON.parse(out.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ integration: 'hector', organizationId: shell.dataSet.books.organization.id, state: 'active' });
  });
});

const statusSchema = z.object({ integrations: z.array(z.object({ id: z.string(), quota: z.object({ dayLimit: z.number(), organizationDayLimit: z.number() }) })) });

/** What belongs to the organization, and not to one of its integrations. In this order. */
describe('integrations of one organization', () => {
  let shell: CommandLine;
  const quotas = async () => (await shell.json(statusSchema, 'status')).integrations.map(({ id, quota: { dayLimit, organizationDayLimit } }) => [id, dayLimit, organizationDayLimit]);
  const day = (calls: number) => ({ day: { calls, windowMs: 86_400_000 } });
  beforeAll(async () => { shell = await startCommandLine(); });
  afterAll(() => shell.stop());

  it('use the part of its calls that the settings leave to Bookbridge', async () => {
    expect((await shell.connect({ limits: day(3000), dailyShare: 0.8 })).exit).toBe(0);
    expect(await quotas()).toEqual([['hector', 2400, 3000]]);
    expect((await shell.run('status')).out.replaceAll(/\s+/g, ' ')).toContain("of 2,400 calls to Books today, which is its share of the organization's 3,000");
  });

  it('share its calls: a second one that says nothing changes nothing', async () => {
    expect((await shell.connect({ id: 'desk' })).exit).toBe(0);
    expect(await quotas()).toEqual([['desk', 2400, 3000], ['hector', 2400, 3000]]);
  });

  it('keep to whichever setting leaves the organization more', async () => {
    await shell.connect({ id: 'desk', limits: day(2000), dailyShare: 0.9 });
    expect(await quotas()).toEqual([['desk', 1600, 2000], ['hector', 1600, 2000]]);
    await shell.connect({ id: 'desk', limits: day(9000) });
    expect(await quotas()).toEqual([['desk', 2400, 3000], ['hector', 2400, 3000]]);
  });

  it.each([[{ dailyShare: 0 }, 'dailyShare: must be more than 0'], [{ dailyShare: 1.5 }, 'dailyShare: must be more than 0 and at most 1'], [{ documentShare: 1 }, 'documentShare: must be from 0 to 0.9']])('refuse %j', async (setup, said) => {
    const { exit, err } = await shell.connect(setup);
    expect(exit).toBe(2);
    expect(err).toContain(said);
  });

  it('stay with the organization that their links belong to', async () => {
    const { settings } = JSON.parse(await readFile(await shell.settingsFile(), 'utf8')) as { settings: object };
    const { exit, err } = await shell.connect({ settings: { ...settings, organizationId: '12345' } });
    expect(exit).toBe(2);
    expect(err).toMatch(/settings\.organizationId: .*is connected with the organization/);
  });

  it('are never stored with another key than their credentials were', async () => {
    const { exit, err } = await shell.connect({ id: 'desk' }, { BOOKBRIDGE_KEY: Buffer.alloc(32, 8).toString('base64') });
    expect(exit).toBe(2);
    expect(JSON.parse(err)).toMatchObject({ error: { message: expect.stringContaining('BOOKBRIDGE_KEY is not the key'), remedy: expect.stringContaining('docs/operations.md') } });
    expect((await shell.connect({ id: 'desk' })).exit).toBe(0);
  });

  it('are connected with the server that stands in the place of the system', async () => {
    const { exit } = await shell.connect({ hector: { baseUrl: 'https://hector.invalid', token: 'hector-token' } }, { HECTOR_URL: shell.hector.url });
    expect(exit).toBe(0);
  });
});
