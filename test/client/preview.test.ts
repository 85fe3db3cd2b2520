import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startCommandLine, type CommandLine } from '../support/command-line.ts';

const previewSchema = z.object({
  integration: z.string(),
  modules: z.array(z.object({ module: z.string(), counts: z.object({ linked: z.number(), link: z.number(), create: z.number(), ambiguous: z.number(), leftOut: z.number() }) })),
});

describe('bookbridge preview', () => {
  let shell: CommandLine;
  beforeAll(async () => {
    shell = await startCommandLine({ setup: { limits: { minute: { calls: 100, windowMs: 2_000 } } } });
    const [customer] = shell.dataSet.hector.customers;
    await shell.zoho.act({ method: 'POST', path: '/contacts', json: { contact_name: customer?.name ?? '' } });
    await shell.connect();
  });
  afterAll(() => shell.stop());

  it('shows, without a worker, what an import would do, and says that it did nothing', async () => {
    const { exit, out } = await shell.run('preview', '--limit', '2');
    const [customer] = shell.dataSet.hector.customers;
    expect(exit).toBe(0);
    expect(out).toContain('1 record of customers to be linked with what is there');
    expect(out.replaceAll(/\s+/g, ' ')).toContain(`"${customer?.name ?? ''}", by name`);
    expect(out).toMatch(/… and \d+ more: bookbridge preview --integration hector --limit \d+, or --json/);
    expect(out.trimEnd().split('\n').at(-1)).toBe('Nothing was written. To do it: bookbridge import --integration hector');
  });

  it('counts the same as JSON', async () => {
    const { modules } = await shell.json(previewSchema, 'preview');
    const { customers } = shell.dataSet.hector;
    expect(modules.map(({ module }) => module)).toEqual(['customers', 'items', 'loaners']);
    expect(modules[0]?.counts).toEqual({ linked: 0, link: 1, create: customers.length - 1, ambiguous: 0, leftOut: 0 });
  });

  it('waits for the limit of a minute, as the import does', async () => {
    shell.zoho.faults.add({ route: 'GET /books/v3/contacts', kind: 'limit-minute', times: 1 });
    const { exit, err } = await shell.run('preview');
    expect({ exit, err }).toEqual({ exit: 0, err: expect.stringMatching(/No call is allowed before [\d-]* ?\d\d:\d\d:\d\d; waiting …/) as string });
  });

  it('says what is to be done by whom nothing is repeated for: a system that is away, and the limit of a day', async () => {
    shell.hector.faults.add({ route: 'GET /api/v1/customers', kind: 'reset', times: 1 });
    const away = await shell.run('preview');
    expect(away).toMatchObject({ exit: 1, err: expect.stringContaining('Repeat it in a while.') as string });
    shell.zoho.faults.add({ route: 'GET /books/v3/contacts', kind: 'limit-day', times: 1 });
    const { exit, err } = await shell.run('preview');
    expect(exit).toBe(1);
    expect(err).toMatch(/The number of calls allowed per day is used up\..* Repeat it after [\d: -]+\./);
    expect(err + away.err).not.toContain('by itself');
  });
});
