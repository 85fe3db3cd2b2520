import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startImported, type CommandLine } from '../support/command-line.ts';

const sentSchema = z.object({
  module: z.string(),
  records: z.array(z.object({
    id: z.string(), refused: z.string().nullable(),
    record: z.object({ state: z.string(), code: z.string().nullable(), partner: z.object({ number: z.string().nullable(), status: z.string().nullable() }).nullable() }).nullable(),
  })),
});
const loanersSchema = z.object({ loaners: z.array(z.object({ id: z.string(), number: z.string() })) });

/** Records that a person names, instead of a sync of everything. */
describe('bookbridge send', () => {
  let line: CommandLine;
  const loaners = async () => loanersSchema.parse(await (await fetch(`${line.hector.url}/_simulator/state?resource=loaners`)).json()).loaners;
  const invoices = () => z.array(z.object({ invoice_number: z.string(), reference_number: z.string(), notes: z.string().optional() })).parse(line.zoho.state().invoices);
  beforeAll(async () => {
    line = await startImported();
    await line.makeLoaners(3);
  });
  afterAll(() => line.stop());

  it('makes what is made of a record, and says what came out', async () => {
    const [loaner] = await loaners();
    const { records } = await line.json(sentSchema, 'send', 'loaners', loaner?.id ?? '');
    expect(invoices()).toMatchObject([{ reference_number: loaner?.number }]);
    expect(records).toMatchObject([{ id: loaner?.id, refused: null, record: { state: 'done', partner: { number: invoices()[0]?.invoice_number, status: 'draft' } } }]);
  });

  it('updates it after the record changed, for several at once', async () => {
    const [first, second] = await loaners();
    await line.force('loaners', first?.id ?? '', { notes: 'Returned with a scratch' });
    const { exit, out } = await line.run('send', 'loaners', first?.id ?? '', second?.id ?? '');
    expect(exit).toBe(0);
    expect(out.trimEnd().split('\n')).toHaveLength(2);
    expect(out).toContain(`loaners ${second?.id ?? ''} (${second?.number ?? ''}) is in step: invoices INV-`);
    expect(invoices()).toHaveLength(2);
    expect(invoices().find(({ reference_number: number }) => number === first?.number)?.notes).toBe('Returned with a scratch');
  });

  it('does not begin with one of several where nobody waits for it', async () => {
    const [first, second] = await loaners();
    const { exit, err } = await line.run('send', 'loaners', first?.id ?? '', second?.id ?? '', '--no-wait');
    expect({ exit, err: err.replaceAll(/\s+/g, ' ') }).toEqual({ exit: 2, err: expect.stringContaining('Of loaners, only one record at a time can be sent with --no-wait.') as string });
  });

  it('ends with 1 where one of them did not get through, and says why and what to do', async () => {
    const [, , third] = await loaners();
    await line.force('loaners', third?.id ?? '', { customerId: null });
    const { exit, out } = await line.run('send', 'loaners', third?.id ?? '', 'nobody');
    expect(exit).toBe(1);
    expect(out.replaceAll(/\s+/g, ' ')).toMatch(/failed\. value-missing: .* Fill the field/);
    expect(out.replaceAll(/\s+/g, ' ')).toContain('There is no record nobody in loaners. Check the id');
  });

  it('says what a person changed in Books, which it leaves, instead of calling it in step', async () => {
    const [customer] = line.dataSet.hector.customers;
    const contact = line.zoho.state().contacts.find(({ contact_name: name }) => name === customer?.name)?.['contact_id'] as string;
    const unchanged = await line.run('send', 'customers', customer?.id ?? '');
    expect(unchanged).toMatchObject({ exit: 0, out: expect.stringContaining('is in step: contacts') as string });
    expect(unchanged.out.replaceAll(/\s+/g, ' ')).toContain('It has not changed since it was carried over; nothing was written.');
    await line.zoho.act({ method: 'PUT', path: `/contacts/${contact}`, json: { contact_name: 'Renamed In Books' } });
    for (const command of [['send', 'customers', customer?.id ?? ''], ['sync', '--record', customer?.id ?? '']]) {
      const { exit, out } = await line.run(...command);
      const said = out.replaceAll(/\s+/g, ' ');
      expect(exit).toBe(0);
      expect(said).toContain(`contact_name is "Renamed In Books" instead of "${customer?.name ?? ''}". Bookbridge writes only what changes in Hector`);
      expect(said).not.toContain('in step');
    }
  });

  it('ends with 1 where what it made is gone, and says how it is made anew', async () => {
    const [loaner] = await loaners();
    const invoice = z.array(z.object({ invoice_id: z.string(), reference_number: z.string() })).parse(line.zoho.state().invoices).find(({ reference_number: number }) => number === loaner?.number);
    await line.zoho.act({ method: 'DELETE', path: `/invoices/${invoice?.invoice_id ?? ''}` });
    const { exit, out } = await line.run('send', 'loaners', loaner?.id ?? '');
    expect(exit).toBe(1);
    expect(out.replaceAll(/\s+/g, ' ')).toMatch(/is not in Books any more\. To make it anew: bookbridge reconcile --integration hector --module loaners, then bookbridge retry --integration hector --record /);
  });

  it('ends with 1 where it cannot look at what it made, and says why', async () => {
    line.zoho.revokeAll();
    for (const command of [['send', 'customers', 'c-02'], ['sync', '--record', 'c-02']]) {
      const { exit, out } = await line.run(...command);
      expect(exit).toBe(1);
      expect(out.replaceAll(/\s+/g, ' ')).toContain('nothing was written. Not looked at in Books: The system no longer accepts the authorisation');
    }
  });

  it('carries a part over that was made in Hector, once the settings say by which account', async () => {
    const { exit, err } = await line.run('send', 'items', 'part-of-nobody');
    expect(exit).toBe(2);
    expect(err).toContain('purchaseAccountId');
  });

  it.each([
    [['send', 'loanres', '1'], 'Did you mean loaners?'],
    [['send', 'loaners'], 'Missing required argument'],
    [['delete', 'customers', 'c-01', '--yes'], 'Nothing that hector makes of customers is deleted by command.'],
  ])('helps who mistypes %j', async (args, said) => {
    const { exit, err } = await line.run(...args);
    expect(exit).toBe(2);
    expect(err).toContain(said);
  });
});
