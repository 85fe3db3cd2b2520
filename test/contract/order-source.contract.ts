import { Decimal } from 'decimal.js';
import { afterEach, describe, expect, it } from 'vitest';
import { openGate } from '../../connectors/gate.ts';
import type { Order } from '../../domain/order.ts';
import { seededRandom } from '../../simulators/kit/random.ts';
import { generateShop } from '../../simulators/shop/generate.ts';
import type { ShopData } from '../../simulators/shop/types.ts';
import { seedsOf } from '../support/seeds.ts';
import { numbersIn, stir, type Opened, type OrderSourceTraits, type StartOrderSource } from './order-source-under-test.ts';
import { failure, faultCodes, listAll } from './resource-under-test.ts';

type Open = (data: ShopData) => Promise<Opened>;

/**
 * What every source of orders promises, whatever software the shop runs on: orders and refunds in the shape of domain/order.ts.
 *
 * @param start starts a shop with this in it and connects to it through the given gate
 */
export function describeOrderSource(name: string, traits: OrderSourceTraits, start: StartOrderSource): void {
  describe.each([name])('%s', () => {
    let opened: Opened | undefined;
    const open: Open = async (data) => {
      const refused: string[] = [];
      let passed = 0;
      const shop = await start(data, {
        pass: (call) => {
          passed += 1;
          return openGate.pass(call);
        },
        refused: (code, resumeAtMs) => {
          refused.push(code);
          return Promise.resolve(resumeAtMs ?? Date.now() + 1000);
        },
      });
      opened = { shop, orders: shop.connector.readable('orders'), refunds: shop.connector.readable('refunds'), passed: () => passed, refused };
      return opened;
    };
    afterEach(async () => {
      await opened?.shop.close();
      opened = undefined;
    });

    itReadsAnyShop(traits, open);
    itListsWhileTheShopIsOpen(traits, open);
    itListsChanges(traits, open);
    itReadsWhatIsOdd(traits, open);
    itFails(traits, open);
  });
}

const ways = [
  { pricesIncludeTax: true, roundsAt: 'line' }, { pricesIncludeTax: true, roundsAt: 'subtotal' },
  { pricesIncludeTax: false, roundsAt: 'line' }, { pricesIncludeTax: false, roundsAt: 'subtotal' },
] as const;

function itReadsAnyShop({ pageSize, reductions, tellsCompound }: OrderSourceTraits, open: Open): void {
  describe.each(seedsOf(101, 202))('a shop made of the seed %i', (seed) => {
    it.each(ways)('is read field by field (prices with tax: $pricesIncludeTax, rounded at: $roundsAt)', async (settings) => {
      const { shop, orders } = await open(generateShop({ orders: pageSize + 30, seed, settings, reductions, compound: tellsCompound }));
      const read = await listAll(orders);
      const expected = new Map(shop.world.orders().map((order) => [order.id, shop.expectedOrder(order)]));
      expect(read.length).toBe(expected.size);
      for (const { id, data } of read) expect(data, `order ${id}, TEST_SEED=${seed}`).toEqual(expected.get(id));
      expect(read.filter(({ data }) => missing(data as Order).greaterThan('0.05')).map(({ id }) => id)).toEqual([]);
    });

    it('has refunds that are read whole', async () => {
      const { shop, orders, refunds } = await open(generateShop({ orders: 60, seed, reductions, compound: tellsCompound }));
      let count = 0;
      for (const { id, data } of await listAll(orders)) {
        for (const { id: refundId } of (data as Order).refunds) {
          const order = shop.world.order(id);
          const refund = order?.refunds.find((candidate) => candidate.id === refundId);
          expect(order && refund, `refund ${refundId} of order ${id}`).toBeDefined();
          if (!order || !refund) continue;
          const read = await refunds.get(`${id}:${refundId}`);
          expect(read, `TEST_SEED=${seed}`).toMatchObject({ id: `${id}:${refundId}`, data: shop.expectedRefund(refund, order) });
          expect(numbersIn(read?.data)).toEqual([]);
          count += 1;
        }
      }
      expect(count).toBe(shop.world.orders().reduce((sum, order) => sum + order.refunds.length, 0));
    });
  });

  it('has text for ids and money', async () => {
    const { orders } = await open(generateShop({ orders: 20, reductions }));
    const { records } = await orders.list({ since: null, page: null });
    expect(records.length).toBe(20);
    expect(records.flatMap(({ data }) => numbersIn(data))).toEqual([]);
    expect(records.every(({ id }) => typeof id === 'string' && id !== '')).toBe(true);
  });
}

/** What lines and total differ by: where tax is rounded line by line, a fraction of a cent for each. */
function missing({ lines, total }: Order): Decimal {
  const sum = lines.reduce((left, line) => left.plus(line.amount).plus(line.tax).minus(line.discount).minus(line.discountTax), new Decimal(0));
  return sum.minus(total).abs();
}

function itListsWhileTheShopIsOpen(traits: OrderSourceTraits, open: Open): void {
  describe.each(seedsOf(11, 12, 13))('a shop that goes on selling between two pages (seed %i)', (seed) => {
    it('is listed with every order once', async () => {
      const { shop, orders } = await open(generateShop({ orders: 3 * traits.pageSize + 1, seed, reductions: traits.reductions }));
      const random = seededRandom(seed);
      const before = shop.world.orders().map(({ id }) => id);
      const gone = new Set<string>();
      const seen: string[] = [];
      let page: string | null = null;
      do {
        const listed = await orders.list({ since: null, page });
        seen.push(...listed.records.map(({ id }) => id));
        for (let times = 0; times < 40; times += 1) gone.add(stir(shop.world, random, traits) ?? '');
        page = listed.next;
      } while (page !== null && seen.length < 10 * traits.pageSize);
      expect(page, `TEST_SEED=${seed}`).toBeNull();
      expect(before.filter((id) => !gone.has(id) && !seen.includes(id)), `TEST_SEED=${seed}`).toEqual([]);
      expect(seen.filter((id, index) => seen.indexOf(id) !== index), `TEST_SEED=${seed}`).toEqual([]);
    });

    it('is listed with every order that had changed', async () => {
      const { shop, orders } = await open(generateShop({ orders: 2 * traits.pageSize + 1, seed, reductions: traits.reductions }));
      const random = seededRandom(seed);
      const since = '2025-09-01T00:30:00Z';
      const before = shop.world.orders().filter(({ changedAtMs }) => changedAtMs >= Date.parse(since)).map(({ id }) => id);
      const gone = new Set<string>();
      const seen = new Set<string>();
      let page: string | null = null;
      let calls = 0;
      do {
        const listed = await orders.list({ since, page });
        for (const { id, deleted } of listed.records) if (deleted === undefined) seen.add(id);
        for (let times = 0; times < 10; times += 1) gone.add(stir(shop.world, random, traits) ?? '');
        page = listed.next;
        calls += 1;
      } while (page !== null && calls < 100);
      expect(page, `TEST_SEED=${seed}`).toBeNull();
      expect(before.filter((id) => !gone.has(id) && !seen.has(id)), `TEST_SEED=${seed}`).toEqual([]);
    });
  });
}

function itListsChanges({ listsDeletions, reductions }: OrderSourceTraits, open: Open): void {
  it('finds an order that was paid long after it was placed', async () => {
    const { shop, orders } = await open(generateShop({ orders: 5, reductions }));
    const { id } = shop.world.place({ placedAt: '2025-09-02T08:00:00Z', customerId: '1', lines: [{ productId: '1', quantity: 1 }] });
    const since = new Date().toISOString();
    shop.world.pay(id);
    const changed = await listAll(orders, since);
    expect(changed.map((record) => record.id)).toContain(id);
    expect(changed.find((record) => record.id === id)?.data).toMatchObject({ isPaid: true, placedAt: '2025-09-02T08:00:00.000Z', paidAt: expect.any(String) });
  });

  it('lists what has changed since, that moment included, and nothing older', async () => {
    const { shop, orders } = await open(generateShop({ orders: 30, reductions }));
    const [middle] = (await listAll(orders)).slice(15);
    const since = middle?.modifiedAt ?? '';
    const listed = (await listAll(orders, since)).map(({ id }) => id);
    const changedAfter = (ms: number) => shop.world.orders().filter(({ changedAtMs }) => changedAtMs >= ms).map(({ id }) => id);
    expect(listed).toEqual(expect.arrayContaining(changedAfter(Date.parse(since))));
    // Shops tell whole seconds, and may be asked for a little more.
    expect(changedAfter(Date.parse(since) - 2_000)).toEqual(expect.arrayContaining(listed));
    expect(listed.length).toBeLessThan(30);
  });

  it('finds an order again when money was given back', async () => {
    const { shop, orders } = await open(generateShop({ orders: 5, reductions }));
    const { id } = shop.world.place({ customerId: '1', status: 'processing', placedAt: '2025-09-02T08:00:00Z', lines: [{ productId: '1', quantity: 2 }] });
    const since = new Date().toISOString();
    shop.world.refund(id, { amount: '0.02', reason: '' });
    const found = (await listAll(orders, since)).find((record) => record.id === id);
    expect((found?.data as Order | undefined)?.refunds).toMatchObject([{ total: '0.02' }]);
  });

  it('lists an order that was put away no more, but among the changes as deleted where the shop says so', async () => {
    const { shop, orders } = await open(generateShop({ orders: 5, reductions }));
    const [order] = shop.world.orders();
    const since = new Date().toISOString();
    shop.world.remove(order?.id ?? '');
    const signs = (await listAll(orders, since)).filter(({ id }) => id === order?.id).map(({ data, deleted }) => ({ data, deleted }));
    expect(signs).toEqual(listsDeletions ? [{ data: {}, deleted: true }] : []);
    expect((await listAll(orders)).map(({ id }) => id)).not.toContain(order?.id);
  });
}

function itReadsWhatIsOdd({ reductions }: OrderSourceTraits, open: Open): void {
  it('reads one order, and null where there is none', async () => {
    const { shop, orders, refunds } = await open(generateShop({ orders: 3, reductions }));
    const [order] = shop.world.orders();
    expect((await orders.get(order?.id ?? ''))?.data).toEqual(order && shop.expectedOrder(order));
    shop.world.remove(order?.id ?? '', { forGood: true });
    expect(await orders.get(order?.id ?? '')).toBeNull();
    expect(await orders.get('no-id')).toBeNull();
    expect(await refunds.get(`${order?.id}:99999`)).toBeNull();
    expect(await refunds.get('no-id')).toBeNull();
  });

  it('tells a guest from a customer', async () => {
    const { shop, orders } = await open(generateShop({ orders: 1, reductions }));
    const lines = [{ productId: '1', quantity: 1 }];
    const guest = shop.world.place({ billing: { firstName: 'Ζωή', lastName: 'Ω', email: 'zoe@example.org', street: 'Ερμού 1', city: 'Αθήνα', country: 'GR' }, lines });
    const customer = shop.world.place({ customerId: '2', lines });
    expect((await orders.get(guest.id))?.data).toMatchObject({ customerId: null, billing: { firstName: 'Ζωή', email: 'zoe@example.org', city: 'Αθήνα', country: 'GR' } });
    expect((await orders.get(customer.id))?.data).toMatchObject({ customerId: '2' });
  });

  it('still reads an order whose product the shop has deleted', async () => {
    const { shop, orders } = await open(generateShop({ orders: 1, reductions }));
    const { id } = shop.world.place({ customerId: '1', lines: [{ productId: '2', quantity: 3 }] });
    const before = (await orders.get(id))?.data as Order | undefined;
    shop.world.removeProduct('2');
    const order = shop.world.order(id);
    const after = (await orders.get(id))?.data as Order | undefined;
    expect(after).toEqual(order && shop.expectedOrder(order));
    expect(after?.lines.map(({ name, amount }) => [name, amount])).toEqual(before?.lines.map(({ name, amount }) => [name, amount]));
  });

  it('knows the status of every order, and which of them are paid', async () => {
    const { shop, orders } = await open(generateShop({ orders: 40, reductions }));
    const { records } = await shop.connector.readable('statuses').list({ since: null, page: null });
    const statuses = new Map(records.map(({ id, data }) => [id, data]));
    for (const { id, data } of await listAll(orders)) {
      expect(statuses.get((data as Order).status), `order ${id}`).toMatchObject({ name: expect.stringMatching(/\S/), isPaid: (data as Order).isPaid });
    }
  });

  it('tells the time zone and the currency of the shop', async () => {
    const { shop } = await open(generateShop({ orders: 1, reductions, settings: { timeZone: 'America/Sao_Paulo', currency: 'BRL' } }));
    const { records } = await shop.connector.readable('settings').list({ since: null, page: null });
    expect(records).toMatchObject([{ id: 'shop', data: { timeZone: 'America/Sao_Paulo', currency: 'BRL' } }]);
  });
}

function itFails({ reductions }: OrderSourceTraits, open: Open): void {
  it('goes on behind an order it cannot read, and says what is wrong with it', async () => {
    const { shop, orders } = await open(generateShop({ orders: 4, reductions }));
    const [first, bad] = shop.world.orders();
    shop.spoil(bad?.id ?? '');
    const page = await orders.list({ since: null, page: null });
    expect(page.records.map(({ id }) => id)).toContain(first?.id);
    expect(page.records.length).toBe(3);
    expect(page.unreadable).toEqual([{ id: bad?.id, detail: expect.stringMatching(/^\S+: ./) }]);
    expect(await failure(orders.get(bad?.id ?? ''))).toMatchObject({ code: 'record-unreadable' });
  });

  it('takes every call from the quota', async () => {
    const { shop, orders, refunds, passed } = await open(generateShop({ orders: 60, reductions }));
    const [order] = shop.world.orders().filter((candidate) => candidate.refunds.length > 0);
    await listAll(orders, '2025-09-01T00:00:00Z');
    await orders.get(order?.id ?? '');
    await refunds.get(`${order?.id}:${order?.refunds[0]?.id}`);
    expect(passed()).toBeGreaterThan(2);
    expect(shop.calls()).toBe(passed());
  });

  it.each(faultCodes)('calls the fault %s by its name, %s', async (kind, code) => {
    const { shop, orders, refunds } = await open(generateShop({ orders: 60, reductions }));
    const [order] = shop.world.orders().filter((candidate) => candidate.refunds.length > 0);
    shop.inject(kind);
    expect(await failure(orders.list({ since: null, page: null }))).toMatchObject({ code });
    expect(await failure(orders.get(order?.id ?? ''))).toMatchObject({ code });
    expect(await failure(refunds.get(`${order?.id}:${order?.refunds[0]?.id}`))).toMatchObject({ code });
  });

  it('tells the quota of a limit, and the caller when to come back', async () => {
    const { shop, orders, refused } = await open(generateShop({ orders: 1, reductions }));
    const nowMs = Date.now();
    shop.inject('limit-minute');
    const error = await failure(orders.list({ since: null, page: null }));
    expect(refused).toEqual(['limit-minute']);
    expect(error.resumeAtMs).toBeGreaterThan(nowMs);
  });
}
