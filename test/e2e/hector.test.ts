import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readBooks } from '../../scripts/simulated.ts';
import { expectedBooks } from '../../simulators/data/index.ts';
import type { LogEntry } from '../../simulators/kit/log.ts';
import type { RunResult } from '../../workflows/messages.ts';
import { startBridge, type Bridge } from '../support/bridge.ts';
import { byRoute, callsDuring } from '../support/calls.ts';

const imported = z.array(z.object({
  name: z.string().optional(), description: z.string().optional(), categoryId: z.string().optional(), stockroomId: z.string().nullable(),
  attributes: z.record(z.string(), z.string()), externalReference: z.string().nullable(),
}));

async function inHector(bridge: Bridge, resource: 'parts' | 'places') {
  const listing = await bridge.inHector('GET', `/${resource}?limit=200`);
  return imported.parse(listing['data']).filter(({ externalReference }) => externalReference !== null);
}

/** Calls by which one listing of so many records is read. */
const pages = (records: number) => Math.max(1, Math.ceil(records / 200));

describe('Hector and Books, from the first import to the invoices', () => {
  let bridge: Bridge;
  beforeAll(async () => {
    bridge = await startBridge();
    await bridge.connect();
  });
  afterAll(() => bridge.stop());

  describe('the initial import', () => {
    let result: RunResult;
    let calls: LogEntry[];
    beforeAll(async () => {
      calls = await callsDuring(bridge.zoho, async () => { result = await bridge.startImport(); });
    });

    it('makes every customer of Hector a contact in Books, beside those that were there', async () => {
      const { contacts } = expectedBooks(bridge.dataSet);
      const books = await readBooks(bridge.zoho.url, bridge.dataSet.books.organization.id);
      const names = books.contacts.map(({ contact_name: name }) => name);
      expect(names).toHaveLength(contacts.count);
      expect(names).toEqual(expect.arrayContaining([...contacts.names]));
      expect(result.counts['customers']).toEqual({ added: contacts.names.length });
    });

    it('makes every item a part with category, stockroom and calculation type', async () => {
      const { settings } = bridge.dataSet;
      const parts = await inHector(bridge, 'parts');
      expect(new Set(parts.map(({ description }) => description))).toEqual(new Set(expectedBooks(bridge.dataSet).parts));
      expect(parts).toHaveLength(expectedBooks(bridge.dataSet).parts.length);
      for (const part of parts) {
        expect(part).toMatchObject({
          categoryId: settings.categoryId, stockroomId: settings.stockroomId, attributes: { calculation_type: settings.calculationTypeParts },
        });
      }
    });

    it('makes an item with the unit "hectorplace" a place with stockroom and calculation type', async () => {
      const { settings } = bridge.dataSet;
      const places = await inHector(bridge, 'places');
      expect(places.map(({ name }) => name)).toEqual(expectedBooks(bridge.dataSet).places);
      for (const place of places) {
        expect(place).toMatchObject({ stockroomId: settings.stockroomId, attributes: { calculation_type: settings.calculationTypePlaces } });
      }
    });

    it('costs one call of Books for each customer and one for each page of items and of contacts that were there', () => {
      const { customers } = bridge.dataSet.hector;
      const { items, contacts } = bridge.dataSet.books;
      expect(byRoute(calls)).toEqual({
        'PUT /books/v3/contacts': customers.length, 'GET /books/v3/contacts': pages(contacts.length), 'GET /books/v3/items': pages(items.length),
      });
    });

    it('leaves nothing to do for a second import', async () => {
      const calls = await callsDuring(bridge.zoho, async () => {
        const again = await bridge.startImport();
        expect(again.counts['customers'] ?? {}).not.toHaveProperty('added');
        expect(again.counts['items']).toEqual({ unchanged: bridge.dataSet.books.items.length });
      });
      expect(byRoute(calls)).toEqual({ 'GET /books/v3/items': 1 });
    });
  });

  describe('completed loaners', () => {
    let calls: LogEntry[];
    beforeAll(async () => {
      await bridge.makeLoaners();
      calls = await callsDuring(bridge.zoho, () => bridge.sync());
    });

    it('become invoices, equal to what the data set says to the cent', async () => {
      expect(await bridge.differences()).toEqual([]);
    });

    it('bill 25 hours of one laptop as 25, a place per transaction as 1, and the penalty with the Penalty Item', async () => {
      const { invoices } = await readBooks(bridge.zoho.url, bridge.dataSet.books.organization.id);
      const invoice = invoices.find(({ reference_number: reference }) => reference === 'LO-5001');
      expect(invoice?.line_items).toEqual([
        { name: 'HP EliteBook', quantity: '25', rate: '4.5' },
        { name: 'Local B', quantity: '1', rate: '120' },
        { name: 'Penalty', quantity: '1', rate: '25' },
      ]);
    });

    it('cost one call for each invoice', () => {
      const invoices = expectedBooks(bridge.dataSet).loaners.filter(({ invoice }) => invoice !== null);
      expect(byRoute(calls)).toMatchObject({ 'PUT /books/v3/invoices': invoices.length, 'GET /books/v3/items': 1 });
    });

    it('without an invoice say why', async () => {
      const reasons = expectedBooks(bridge.dataSet).loaners.flatMap(({ id, reason }) => (reason === null ? [] : [[id, reason]]));
      const history = await bridge.bookbridge.store.operations.history(bridge.integrationId, { module: 'loaners', limit: 200 });
      expect(reasons.length).toBeGreaterThan(0);
      for (const [id, reason] of reasons) {
        expect(history.filter(({ recordId, outcome }) => recordId === id && outcome !== 'note').map(({ code }) => code)).toEqual([reason]);
      }
    });
  });

  it('run again change nothing and cost one call per 200 records and listing', async () => {
    const { hector, zoho } = bridge;
    let result: RunResult | undefined;
    let hectorCalls: LogEntry[] = [];
    const booksCalls = await callsDuring(zoho, async () => {
      hectorCalls = await callsDuring(hector, async () => { result = await bridge.sync(); });
    });
    expect(Object.values(result?.counts ?? {}).flatMap(Object.keys)).toEqual(expect.not.arrayContaining(['added', 'updated', 'deleted', 'failed']));
    expect(byRoute(booksCalls)).toEqual({ 'GET /books/v3/items': 1 });
    expect(byRoute(hectorCalls)).toEqual({
      'GET /api/v1/customers': 1, 'GET /api/v1/parts': 1, 'GET /api/v1/places': 1, 'GET /api/v1/loaners': 1,
    });
    expect(await bridge.differences()).toEqual([]);
  });
});
