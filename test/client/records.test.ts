import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { callsDuring } from '../support/calls.ts';
import { startImported, type CommandLine } from '../support/command-line.ts';

const partner = z.object({ resource: z.string(), id: z.string(), number: z.string().nullable(), status: z.string().nullable() });
const recordsSchema = z.object({
  records: z.array(z.object({ id: z.string(), name: z.string(), state: z.string(), code: z.string().nullable(), amount: z.string().nullable(), partner: partner.nullable() })),
  next: z.string().nullable(),
});

/** What there is of a module and what was made of it, as the console's list shows it. */
describe('bookbridge records', () => {
  let line: CommandLine;
  const invoices = () => z.array(z.object({ invoice_id: z.string(), invoice_number: z.string(), status: z.string(), reference_number: z.string() })).parse(line.zoho.state().invoices);
  const list = (...args: string[]) => line.json(recordsSchema, 'records', ...args);
  beforeAll(async () => {
    line = await startImported();
    await line.makeLoaners(4);
    await line.run('sync');
  });
  afterAll(() => line.stop());

  it('shows each record with its name, its state, what it adds up to and what was made of it', async () => {
    const { records } = await list('loaners');
    const made = invoices();
    expect(made.length).toBeGreaterThan(0);
    for (const invoice of made) {
      expect(records).toContainEqual(expect.objectContaining({ name: invoice.reference_number, state: 'done', amount: expect.stringMatching(/^\d+(\.\d+)?$/), partner: { resource: 'invoices', id: invoice.invoice_id, number: invoice.invoice_number, status: 'draft' } }));
    }
  });

  it('says how the invoices are now where it is asked to, with one call for all of them', async () => {
    const [first] = invoices();
    await line.zoho.act({ method: 'POST', path: `/invoices/${first?.invoice_id ?? ''}/status/sent` });
    const calls = await callsDuring(line.zoho, async () => { await list('loaners', '--refresh'); });
    expect(calls.filter(({ path }) => path.startsWith('/books'))).toHaveLength(1);
    const { records } = await list('loaners');
    for (const { invoice_id: id, invoice_number: number, status } of invoices()) {
      expect(records.find((record) => record.partner?.id === id)?.partner).toMatchObject({ number, status });
    }
    const { out } = await line.run('records', 'loaners');
    expect(out).toContain(first?.invoice_number);
    expect(out).toMatch(/ (sent|overdue) /);
  });

  it('notices an invoice that was deleted in Books', async () => {
    const last = invoices().at(-1);
    await line.zoho.act({ method: 'DELETE', path: `/invoices/${last?.invoice_id ?? ''}` });
    const { records } = await list('loaners', '--refresh');
    expect(records.find((record) => record.partner?.id === last?.invoice_id)?.partner).toMatchObject({ status: 'deleted' });
  });

  it('goes page by page, the newest first, and misses none', async () => {
    const whole = await list('customers');
    const pages: string[] = [];
    for (let after: string | null = null; ;) {
      const { records, next }: z.output<typeof recordsSchema> = await list('customers', '--limit', '7', ...(after === null ? [] : ['--after', after]));
      pages.push(...records.map(({ id }) => id));
      after = next;
      if (after === null) break;
    }
    expect(pages).toEqual(whole.records.map(({ id }) => id));
    expect(new Set(pages).size).toBe(line.dataSet.hector.customers.length);
    expect((await line.run('records', 'customers', '--limit', '2')).out).toMatch(/More: --after \d+/);
  });

  it('shows only what is in a state', async () => {
    await line.force('customers', 'c-02', { name: '' });
    await line.run('sync');
    expect(await list('customers', '--state', 'failed')).toMatchObject({ records: [{ id: 'c-02', code: 'record-unreadable' }], next: null });
    expect((await line.run('records', 'customers', '--state', 'withdrawn')).out).toBe('There is no such record yet.\n');
  });

  it('shows what a person made, and not what came from the other side', async () => {
    const { records } = await list('items', '--limit', '500');
    expect(records).toHaveLength(line.dataSet.books.items.length);
  });

  it.each([
    [['records', 'loanres'], 'Did you mean loaners?'],
    [['records', 'loaners', '--state', 'fialed'], 'Did you mean failed?'],
    [['records', 'loaners', '--after', 'x'], '"x" is no place in the list.'],
    [['records'], 'Missing required argument'],
  ])('helps who mistypes %j', async (args, said) => {
    const { exit, err } = await line.run(...args);
    expect(exit).toBe(2);
    expect(err).toContain(said);
  });
});
