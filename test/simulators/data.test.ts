import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectedBooks, loadDataSet, type DataSet } from '../../simulators/data/index.ts';

describe('the default data set', () => {
  let dataSet: DataSet;
  beforeAll(async () => {
    dataSet = await loadDataSet(null);
  });

  it('bills the loaner of the guide: a laptop for 25 hours, a room once, and a day late', () => {
    expect(invoiceOf(dataSet, 'LO-5001')?.lines).toEqual([
      { item: 'HP EliteBook', quantity: '25', rate: '4.5', amount: '112.50' },
      { item: 'Local B', quantity: '1', rate: '120', amount: '120.00' },
      { item: 'Penalty', quantity: '1', rate: '25', amount: '25.00' },
    ]);
  });

  it.each([
    ['LO-5003', 'begun hours', ['4']],
    ['LO-5004', 'a calendar day of 24.5 hours', ['1']],
    ['LO-5017', 'the hour that comes twice when summer time ends', ['7']],
    ['LO-5005', 'begun days', ['12']],
    ['LO-5006', 'whole weeks', ['2']],
    ['LO-5008', 'the last day of August to the last of September', ['1']],
    ['LO-5009', 'begun months', ['2']],
    ['LO-5010', 'a lot, and a penalty', ['150', '1']],
    ['LO-5011', 'a kit as what is in it', ['48', '1', '1']],
    ['LO-5012', 'a penalty in points as nothing', ['2']],
    ['LO-5013', 'only the line that came from Books', ['2']],
    ['LO-5016', 'the planned period where nothing was scanned', ['12']],
  ])('%s counts %s', (number, _what, quantities) => {
    expect(invoiceOf(dataSet, number)?.lines.map(({ quantity }) => quantity)).toEqual(quantities);
  });

  it('says why a loaner has no invoice', () => {
    const reasons = expectedBooks(dataSet).loaners.filter(({ reason }) => reason !== null);
    expect(reasons.map(({ number, reason }) => [number, reason])).toEqual([
      ['LO-5014', 'no-imported-item'],
      ['LO-5015', 'not-completed'],
    ]);
  });

  it.each([
    ['has no customer', { customerId: null }, 'value-missing'],
    ['ends before it starts', { returnedAt: '2026-10-01T00:00:00Z' }, 'period-invalid'],
    ['has no end', { returnedAt: null, plannedEndAt: null }, 'period-invalid'],
  ])('expects no invoice of a loaner that %s', (_what, spoilt, reason) => {
    const [first, ...others] = dataSet.hector.loaners;
    const loaners = first ? [{ ...first, ...spoilt }, ...others] : [];
    expect(expectedBooks({ ...dataSet, hector: { ...dataSet.hector, loaners } }).loaners[0]).toMatchObject({ invoice: null, reason });
  });

  it('expects no invoice of a customer whose name is taken, nor of a penalty without a Penalty Item', () => {
    const contacts = [{ name: "société d'événements éclair ", type: 'vendor' as const, email: null, phone: null }];
    const collided = expectedBooks({ ...dataSet, books: { ...dataSet.books, contacts } });
    expect(collided.contacts.collisions).toEqual([{ id: 'c-01', name: "Société d'Événements Éclair" }]);
    expect(collided.contacts.count).toBe(12);
    expect(collided.loaners[0]).toMatchObject({ invoice: null, reason: 'reference-missing' });
    const unpriced = expectedBooks({ ...dataSet, settings: { ...dataSet.settings, penaltyItem: null } });
    expect(unpriced.loaners[0]).toMatchObject({ invoice: null, reason: 'penalty-item-missing' });
  });

  it('uses every calculation type and never depends on how tax is rounded', () => {
    const types = new Set([dataSet.settings.calculationTypeParts, ...Object.values(dataSet.hector.calculationTypes)]);
    expect(types.size).toBe(5);
    const fractions = dataSet.books.items.map((item) => {
      const tax = dataSet.books.taxes.find(({ name }) => name === item.taxName)?.percentage ?? '0';
      return (Math.round(Number(item.rate) * 100) * Number(tax)) % 100;
    });
    expect(new Set(fractions)).toEqual(new Set([0]));
  });

  it('bills users where users are chosen instead of customers', () => {
    const byUser = { ...dataSet, settings: { ...dataSet.settings, useHectorCustomers: false } };
    expect(invoiceOf(byUser, 'LO-5001')?.contactName).toBe('Renée Côté');
    expect(expectedBooks(byUser).contacts.names).toHaveLength(6);
  });
});

const northwindFile = '../shared/data/northwind.json';
describe.skipIf(!existsSync(northwindFile))(`Northwind (${northwindFile})`, () => {
  it('is 92 contacts and one collision, 77 parts, and 809 invoices', async () => {
    const expected = expectedBooks(await loadDataSet(northwindFile));
    expect(expected.contacts.count).toBe(92);
    expect(expected.contacts.collisions).toMatchObject([{ name: 'IT' }]);
    expect(expected.parts).toHaveLength(77);
    expect(expected.places).toHaveLength(0);
    expect(expected.loaners.filter(({ invoice }) => invoice !== null)).toHaveLength(809);
    expect(expected.loaners.filter(({ reason }) => reason === 'not-completed')).toHaveLength(21);
  });

  it('bills the ordered quantity at the price in Books', async () => {
    const dataSet = await loadDataSet(northwindFile);
    expect(invoiceOf(dataSet, '10248')).toMatchObject({
      contactName: 'Vins et alcools Chevalier',
      total: '566.00',
      lines: [{ quantity: '12', rate: '21' }, { quantity: '10', rate: '14' }, { quantity: '5', rate: '34.8' }],
    });
  });

  it('keeps identifiers apart, the one that ends in a blank too', async () => {
    const { hector } = await loadDataSet(northwindFile);
    const ids = hector.customers.map(({ id }) => id);
    expect(new Set(ids).size).toBe(93);
    expect(ids).toContain('Val2');
  });
});

describe('a data set that cannot be used', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bookbridge-data-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([
    ['no JSON', 'hello', /cannot be used: SyntaxError/],
    ['a field missing', '{"orders":[],"customers":[],"products":[]}', /suppliers/],
    ['something else', '{}', /books/],
  ])('is refused by name: %s', async (name, content, message) => {
    const file = join(folder, `${name}.json`);
    await writeFile(file, content);
    await expect(loadDataSet(file)).rejects.toThrow(message);
    await expect(loadDataSet(file)).rejects.toThrow(file);
  });

  it('is refused where a loaner names a customer nobody knows', async () => {
    const file = join(folder, 'customer.json');
    const dataSet = await loadDataSet(null);
    const [loaner] = dataSet.hector.loaners;
    await writeFile(file, JSON.stringify({ ...dataSet, hector: { ...dataSet.hector, loaners: [{ ...loaner, customerId: 'nobody' }] } }));
    await expect(loadDataSet(file)).rejects.toThrow('there is no customer "nobody"');
  });
});

function invoiceOf(dataSet: DataSet, number: string) {
  return expectedBooks(dataSet).loaners.find((loaner) => loaner.number === number)?.invoice;
}
