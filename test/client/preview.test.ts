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
    shell = await startCommandLine();
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
    expect(out).toMatch(/… and \d+ more: bookbridge preview --limit \d+, or --json/);
    expect(out.trimEnd().split('\n').at(-1)).toBe('Nothing was written. To do it: bookbridge import');
  });

  it('counts the same as JSON', async () => {
    const { modules } = await shell.json(previewSchema, 'preview');
    const { customers } = shell.dataSet.hector;
    expect(modules.map(({ module }) => module)).toEqual(['customers', 'items', 'loaners']);
    expect(modules[0]?.counts).toEqual({ linked: 0, link: 1, create: customers.length - 1, ambiguous: 0, leftOut: 0 });
  });
});
