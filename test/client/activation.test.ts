import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { pressAccept } from '../../scripts/person.ts';
import { hectorSetup } from '../../scripts/setup.ts';
import { startCommandLine, type CommandLine } from '../support/command-line.ts';

const problemsSchema = z.object({ error: z.object({ code: z.string(), exit: z.number(), problems: z.array(z.object({ field: z.string(), detail: z.string(), remedy: z.string() })) }) });

describe('bookbridge connect', () => {
  let shell: CommandLine;
  beforeAll(async () => { shell = await startCommandLine(); });
  afterAll(() => shell.stop());

  const connectWith = (settings: Record<string, unknown>) => {
    const { settings: right } = hectorSetup({ id: 'hector', dataSet: shell.dataSet, hectorUrl: shell.hector.url, zohoState: shell.zoho.state() });
    return shell.connect({ settings: { ...(right as Record<string, unknown>), ...settings } });
  };

  it('names everything that is wrong in either system, with exit code 2, and stores nothing', async () => {
    const { exit, err } = await connectWith({ categoryId: 'nowhere', stockroomId: 'nowhere', penaltyItemId: '999' });
    const { error } = problemsSchema.parse(JSON.parse(err.trimEnd().split('\n').at(-1) ?? ''));
    expect(exit).toBe(2);
    expect(error).toMatchObject({ code: 'settings-invalid', exit: 2 });
    expect(error.problems.map(({ field }) => field)).toEqual(['settings.penaltyItemId', 'settings.categoryId', 'settings.stockroomId']);
    expect((await shell.run('status')).err).toContain('There is no integration yet');
  });

  it('tells a person each of them in a line of its own, with what to do', async () => {
    const { settings: right, ...setup } = hectorSetup({ id: 'hector', dataSet: shell.dataSet, hectorUrl: shell.hector.url, zohoState: shell.zoho.state() });
    const file = await shell.settingsFile({ ...setup, settings: { ...(right as Record<string, unknown>), categoryId: 'nowhere', stockroomId: 'nowhere' } });
    const running = shell.start(['connect', 'hector', '--settings', file]);
    const url = /http\S+\/oauth\S+/.exec(await running.says(/oauth\S+\s/))?.[0] ?? '';
    await pressAccept(url);
    const { err } = await running.ended;
    expect(err).toContain('2 things are not as they must be, and nothing was done. Correct them, and start again:');
    expect(err.replaceAll(/\s+/g, ' ')).toContain('- settings.categoryId: Hector has no category nowhere, only');
    expect(err).toMatch(/^ {2}- settings\.stockroomId: /m);
  });
});
