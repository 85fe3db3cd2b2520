import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { prestaShopKey, startPrestaShopSimulator, type PrestaShopSimulator } from '../../simulators/shop/prestashop.ts';
import type { ShopData } from '../../simulators/shop/types.ts';
import { startWooCommerceSimulator, wooCommerceKeys, type WooCommerceSimulator } from '../../simulators/shop/woocommerce.ts';
import { SELDOM_SECONDS, startCommandLine, type CommandLine } from '../support/command-line.ts';

const billing = { firstName: 'Ada', lastName: 'Martin', company: '', email: 'ada@example.com', phone: '', street: '1 rue du Port', street2: '', city: 'Nantes', state: '', zip: '44000', country: 'FR' };
const order = (day: string) => ({ placedAt: `2026-05-0${day}T10:00:00Z`, paidAt: `2026-05-0${day}T10:05:00Z`, status: 'processing' as const, customerId: '1', lines: [{ productId: '1', quantity: 2 }] });
const data: ShopData = {
  settings: { name: 'Lamps', currency: 'EUR', digits: 2, pricesIncludeTax: false, roundsAt: 'line', timeZone: 'Europe/Paris' },
  taxRates: [{ id: '1', name: 'TVA', percentage: '20', country: 'FR' }],
  products: [{ id: '1', name: 'Lamp', sku: 'L-1', price: '40.00', taxRateIds: ['1'] }],
  customers: [{ id: '1', billing }], coupons: [],
  orders: [order('1'), order('2'), order('3')],
};

const recordSchema = z.object({
  id: z.string(), name: z.string(), state: z.string(), code: z.string().nullable(), amount: z.string().nullable(),
  partner: z.object({ number: z.string().nullable(), status: z.string().nullable() }).nullable(),
});
const recordsSchema = z.object({ records: z.array(recordSchema) });
const namedSchema = z.object({ records: z.array(z.object({ id: z.string(), refused: z.string().nullable(), record: recordSchema.nullable() })) });

/** Orders by command: a shop whose automatic sending is off, and a second one beside it. In this order. */
describe('a shop by commands', () => {
  let line: CommandLine;
  let shop: WooCommerceSimulator;
  let second: PrestaShopSimulator;
  const settings = () => ({ organizationId: line.dataSet.books.organization.id, ordersFrom: '2026-01-01', timeZone: 'Europe/Paris', automaticSending: false });
  const connect = async (kind: string, setup: Record<string, unknown>) => {
    const file = await line.settingsFile();
    await writeFile(file, JSON.stringify({ clientId: '1000.BOOKBRIDGE', clientSecret: 'bookbridge-secret', redirectUri: 'http://127.0.0.1:0/callback', domain: '.com', syncIntervalSeconds: SELDOM_SECONDS, ...setup }));
    return line.accept(['connect', kind, '--settings', file]);
  };
  const orders = async (...args: string[]) => (await line.json(recordsSchema, 'records', 'orders', '--integration', 'woocommerce', ...args)).records;
  const by = (command: string, ...args: string[]) => line.run(command, 'orders', ...args, '--integration', 'woocommerce');
  const invoices = () => z.array(z.object({ invoice_id: z.string(), invoice_number: z.string(), reference_number: z.string(), status: z.string(), total: z.number() })).parse(line.zoho.state().invoices);
  beforeAll(async () => {
    line = await startCommandLine();
    shop = await startWooCommerceSimulator({ data });
    second = await startPrestaShopSimulator({ data });
  });
  afterAll(async () => {
    await line.stop();
    await shop.close();
    await second.close();
  });

  it.each(['woocommerce', 'prestashop'])('%s prints a file to fill in', async (kind) => {
    const { exit, out } = await line.run('connect', kind, '--example');
    expect(exit).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ id: kind, domain: '.com', [kind]: { baseUrl: expect.stringContaining('https://') }, settings: { automaticSending: true } });
  });

  it('names every wrong field of its own settings and access', async () => {
    const { exit, err } = await connect('woocommerce', { woocommerce: { baseUrl: shop.url }, settings: { ...settings(), ordersFrom: 'soon', automatic: true } });
    expect(exit).toBe(2);
    for (const field of ['woocommerce.consumerKey', 'settings.ordersFrom', 'automatic']) expect(err).toContain(field);
  });

  it('is connected, and imports without sending anything', async () => {
    const { exit, err } = await connect('woocommerce', { woocommerce: { baseUrl: shop.url, ...wooCommerceKeys }, settings: settings() });
    expect({ exit, err }).toMatchObject({ exit: 0 });
    await line.startWorker();
    expect((await line.run('import')).exit).toBe(0);
    expect(await orders()).toMatchObject([3, 2, 1].map(() => ({ state: 'observed', amount: '96.00', partner: null })));
    expect(invoices()).toEqual([]);
  });

  it('sends the orders that are named, and no other', async () => {
    const [newest] = await orders();
    const { exit, out } = await by('send', newest?.id ?? '');
    expect(exit).toBe(0);
    expect(invoices()).toMatchObject([{ reference_number: newest?.name, status: 'draft', total: 96 }]);
    expect(out).toContain(`invoices ${invoices()[0]?.invoice_number ?? ''}, draft`);
    expect((await orders('--state', 'observed')).map(({ id }) => id)).not.toContain(newest?.id);
  });

  it('updates the invoice when the order has changed and is sent again', async () => {
    const [newest] = await orders();
    shop.world.change(newest?.id ?? '', { addFees: [{ name: 'Wrapping', price: '10.00', taxRateIds: ['1'] }] });
    expect((await by('send', newest?.id ?? '')).exit).toBe(0);
    expect(invoices()).toMatchObject([{ reference_number: newest?.name, total: 108 }]);
  });

  it('deletes an invoice when a person says yes, and not before', async () => {
    const [newest] = await orders();
    const doubting = line.start(['delete', 'orders', newest?.id ?? '', '--integration', 'woocommerce'], {}, 'n\n');
    const { exit, err } = await doubting.ended;
    expect(exit).toBe(1);
    expect(err).toContain(`Books invoices ${invoices()[0]?.invoice_number ?? ''}, draft`);
    expect(err).toContain('Nothing was deleted.');
    expect((await line.start(['delete', 'orders', newest?.id ?? '', '--integration', 'woocommerce']).ended).exit).toBe(1);
    expect(invoices()).toHaveLength(1);
    const sure = await line.start(['delete', 'orders', newest?.id ?? '', '--integration', 'woocommerce'], {}, 'y\n').ended;
    expect(sure.exit).toBe(0);
    expect(sure.out).toContain('was withdrawn');
    expect(invoices()).toEqual([]);
  });

  it('leaves it withdrawn whatever becomes of the order, until it is sent again', async () => {
    const [withdrawn] = await orders('--state', 'withdrawn');
    shop.world.change(withdrawn?.id ?? '', { note: 'Leave it with the neighbours' });
    expect((await line.run('sync', '--integration', 'woocommerce')).exit).toBe(0);
    expect(await orders('--state', 'withdrawn')).toMatchObject([{ id: withdrawn?.id, code: 'withdrawn', partner: null }]);
    expect(invoices()).toEqual([]);
    expect((await by('send', withdrawn?.id ?? '')).exit).toBe(0);
    expect(invoices()).toHaveLength(1);
  });

  it('deletes none that left the draft state, and says so', async () => {
    const [newest, other] = await orders();
    await line.zoho.act({ method: 'POST', path: `/invoices/${invoices()[0]?.invoice_id ?? ''}/status/sent` });
    const { records } = await line.json(namedSchema, 'delete', 'orders', newest?.id ?? '', other?.id ?? '', 'nothing', '--integration', 'woocommerce');
    expect(records.map(({ id, refused }) => [id, refused])).toEqual([[newest?.id, 'document-locked'], [other?.id, 'no-partner'], ['nothing', 'record-missing']]);
    const { exit, out } = await by('delete', newest?.id ?? '', '--yes');
    expect(exit).toBe(1);
    expect(out.replaceAll(/\s+/g, ' ')).toContain('was not deleted. document-locked:');
    expect(invoices()).toHaveLength(1);
  });

  it('stands beside another shop of the same organization, whose orders have the same ids', async () => {
    expect(await connect('woocommerce', { id: 'woocommerce', prestashop: {}, settings: settings() })).toMatchObject({ exit: 2 });
    const taken = await connect('prestashop', { id: 'woocommerce', prestashop: { baseUrl: second.url, key: prestaShopKey }, settings: settings() });
    expect(taken.err).toContain('is an integration with WooCommerce already; choose another id');
    expect(await connect('prestashop', { prestashop: { baseUrl: second.url, key: prestaShopKey }, settings: { ...settings(), automaticSending: true } })).toMatchObject({ exit: 0 });
    expect((await line.run('import', '--integration', 'prestashop')).exit).toBe(0);
    const { records } = await line.json(recordsSchema, 'records', 'orders', '--integration', 'prestashop');
    expect(records).toMatchObject([1, 2, 3].map(() => ({ state: 'done' })));
    expect(invoices()).toHaveLength(4);
  });
});
