import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startImported, type CommandLine } from '../support/command-line.ts';

const partSchema = z.object({ id: z.string() });

describe('bookbridge export-parts', () => {
  let line: CommandLine;
  async function makePart(description: string): Promise<string> {
    const answer = await fetch(`${line.hector.url}/api/v1/parts`, {
      method: 'POST', headers: { authorization: 'Bearer hector-token', 'content-type': 'application/json' }, body: JSON.stringify({ description }),
    });
    return partSchema.parse(await answer.json()).id;
  }
  beforeAll(async () => { line = await startImported(); });
  afterAll(() => line.stop());

  it('asks for the account before anything is started', async () => {
    const { exit, err } = await line.run('export-parts');
    expect(exit).toBe(2);
    expect(err).toContain('purchaseAccountId');
  });

  it('makes items of the parts that are named, and says which there are not', async () => {
    const accountId = line.zoho.state().accounts.find((account) => account['account_type'] === 'income')?.['account_id'];
    const { settings } = JSON.parse(await readFile(await line.settingsFile(), 'utf8')) as { settings: object };
    expect((await line.connect({ settings: { ...settings, purchaseAccountId: accountId } })).exit).toBe(0);

    const [tripodId, lampId] = [await makePart('Tripod'), await makePart('Lamp')];
    const named = await line.run('export-parts', '--part', tripodId);
    expect(named.out).toContain('1 part exported.');
    expect(named.exit).toBe(0);
    const unknown = await line.run('export-parts', '--part', lampId, 'nowhere');
    expect(unknown.out).toContain('nowhere: there is no such part.');
    expect(unknown.exit).toBe(1);
    expect(line.zoho.state().items.filter(({ name }) => name === 'Tripod' || name === 'Lamp')).toMatchObject([{ account_id: accountId }, { account_id: accountId }]);
    expect((await line.run('export-parts')).exit).toBe(0);
  });
});
