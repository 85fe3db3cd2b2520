import { describe, expect, it, onTestFinished } from 'vitest';
import type { JsonObject } from '../../../domain/json.ts';
import { customers } from '../../../integrations/shop/buyers.ts';
import { orders } from '../../../integrations/shop/orders.ts';
import { refunds } from '../../../integrations/shop/refunds.ts';
import type { FlowRecord, Known, Module } from '../../../integrations/integration.ts';
import { expectedOrder, expectedRefund } from '../../../simulators/shop/expect.ts';
import { generateShop } from '../../../simulators/shop/generate.ts';
import { createShopWorld } from '../../../simulators/shop/world.ts';
import { startZohoSimulator } from '../../../simulators/zoho/index.ts';
import { addressText, type Address, type Link } from '../../../store/types.ts';
import { connectBooks } from '../../support/zoho.ts';
import { contextWith, flowOf, within, written } from './world.ts';

/** What is mapped is written to Books over HTTP, in the order of the modules: Books must take it, and come to the same totals. */

const organization = {
  currency_code: 'EUR', limits: { minute: null, day: null, concurrent: null, block: null },
  taxes: [{ tax_name: 'TVA 20 %', tax_percentage: 20 }, { tax_name: 'TVA 5,5 %', tax_percentage: 5.5 }, { tax_name: 'GST', tax_percentage: 5 }, { tax_name: 'QST', tax_percentage: 9.975 }],
  tax_groups: [{ tax_group_name: 'GST + QST', taxes: ['GST', 'QST'] }],
};

describe.each([
  ['lines', 'line', 'item_level'], ['fields', 'line', 'item_level'], ['lines', 'document', 'entity_level'],
] as const)('Books, with discounts as %s and taxes rounded by %s', (discountsAs, taxRounding, rounding) => {
  it('takes every order and refund of a shop, and comes to its totals', async () => {
    const zoho = await startZohoSimulator({ organizations: [{ ...organization, taxRounding: rounding, refusesNegativeLines: discountsAs === 'fields' }] });
    onTestFinished(() => zoho.close());
    const { books } = await connectBooks(zoho.url, { scopes: ['ZohoBooks.contacts.ALL', 'ZohoBooks.invoices.ALL', 'ZohoBooks.creditnotes.ALL', 'ZohoBooks.settings.READ'] });
    const [taxes, currencies] = await Promise.all(['taxes', 'currencies'].map(async (name) => (await books.readable(name).list({ since: null, page: null })).records));
    const links = new Map<string, Link>();
    const data = new Map<string, JsonObject>();
    const known: Known = {
      link: (address) => links.get(addressText(address)) ?? null, data: (address) => data.get(addressText(address)) ?? null, isGone: () => false,
      all: (_side, resource) => (resource === 'taxes' ? taxes : currencies) ?? [],
    };
    const context = contextWith({ discountsAs, taxRounding, ordersFrom: '2020-01-01' });
    /** Creates what a record is mapped to, as the engine does, and links it. */
    const carry = async (module: Module, here: Address, fields: JsonObject) => {
      const record: FlowRecord = { ...here, data: fields, link: links.get(addressText(here)) ?? null };
      const mapped = written(flowOf(module).map(record, known, context));
      const { record: partner } = await books.writable(mapped.resource).upsert(mapped.key, { ...mapped.fields, ...mapped.whenNameIsTaken });
      data.set(addressText(here), fields);
      links.set(addressText(here), { module: module.name, other: here, books: { side: 'books', resource: mapped.resource, id: partner.id }, base: { books: mapped.fields }, variance: null });
      expect([here.id, partner.data['total'] ?? null, partner.data['status'] ?? null]).toEqual([here.id, mapped.expected?.total ?? null, mapped.expected ? 'draft' : 'active']);
    };
    const world = createShopWorld(generateShop({ orders: 120, seed: 7 }));
    let [invoices, notes] = [0, 0];
    for (const order of world.orders()) {
      const orderData: JsonObject = { ...expectedOrder(order, world), isPaid: true, isCancelled: false, refunds: [] };
      const [buyer] = within(customers, orderData, context);
      if (!buyer) continue;
      await carry(customers, { side: 'other', resource: 'buyers', id: buyer.id }, buyer.data);
      await carry(orders, { side: 'other', resource: 'orders', id: order.id }, orderData);
      invoices += 1;
      for (const refund of order.refunds.filter(({ total }) => total.greaterThan(0))) {
        await carry(refunds, { side: 'other', resource: 'refunds', id: `${order.id}:${refund.id}` }, expectedRefund(refund, order, world));
        notes += 1;
      }
    }
    expect(invoices).toBeGreaterThan(30);
    expect(notes).toBeGreaterThan(1);
  }, 120_000);
});
