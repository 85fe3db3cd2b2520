import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startImported, type CommandLine } from '../support/command-line.ts';

const result = z.object({
  equal: z.boolean(), modules: z.record(z.string(), z.object({ equal: z.number() })),
  findings: z.array(z.object({ kind: z.string(), differences: z.array(z.object({ field: z.string() })) })),
});

describe('bookbridge reconcile', () => {
  let line: CommandLine;
  beforeAll(async () => { line = await startImported(); });
  afterAll(() => line.stop());

  it('ends with 0 where both systems are equal', async () => {
    const { exit, out } = await line.run('reconcile');
    expect(out).toContain('Both systems are equal.');
    expect(out).toMatch(/│ customers +│ +\d+ │ +0 │/);
    expect(exit).toBe(0);
    expect(await line.json(result, 'reconcile', '--module', 'items')).toMatchObject({ equal: true, modules: { items: { equal: line.dataSet.books.items.length } }, findings: [] });
  });

  it('ends at once with Ctrl-C, goes on without the command, and answers no other question than its own', async () => {
    const fault = line.hector.faults.add({ route: 'GET /api/v1/customers', kind: 'reset' });
    const narrow = line.start(['reconcile', '--module', 'customers']);
    await narrow.says('Read ');
    narrow.process.kill('SIGINT');
    expect(await narrow.ended).toMatchObject({ exit: 130, out: '', err: expect.stringContaining('The reconciliation goes on without this command.') as string });
    const behind = line.start(['reconcile']);
    await behind.says('Read ');
    behind.process.kill('SIGINT');
    expect(await behind.ended).toMatchObject({ exit: 130, err: expect.stringContaining('What you asked for has not begun, and does not') as string });
    const whole = line.start(['reconcile']);
    await whole.says('A reconciliation that was asked something else is under way. This one begins after it.');
    line.hector.faults.remove(fault);
    expect((await whole.ended).out).toMatch(/│ items +│ +\d+ │/);
  });

  it('ends with 1 where they are not, and says record by record what is wrong', async () => {
    const [contact] = line.zoho.state().contacts.filter(({ contact_name: name }) => name === line.dataSet.hector.customers[0]?.name);
    await line.zoho.act({ method: 'PUT', path: `/contacts/${contact?.['contact_id'] as string}`, json: { contact_name: 'Somebody else' } });
    const { exit, out } = await line.run('reconcile');
    expect(exit).toBe(1);
    expect(out).toContain('1 record different');
    expect(out.replaceAll(/\s+/g, ' ')).toContain(`contact_name is "Somebody else" instead of "${line.dataSet.hector.customers[0]?.name}"`);
    expect(out.replaceAll(/\s+/g, ' ')).toContain('Where that is wrong, correct it there.');
    expect(await line.json(result, 'reconcile')).toMatchObject({ equal: false, findings: [{ kind: 'different', differences: [{ field: 'contact_name' }] }] });
  });

  it('knows its modules', async () => {
    const { exit, err } = await line.run('reconcile', '--module', 'itmes');
    expect(exit).toBe(2);
    expect(err).toContain('Did you mean items?');
  });
});
