import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Json } from '../../domain/json.ts';
import { seededRandom } from '../../simulators/kit/random.ts';
import type { ShopOrder } from '../../simulators/shop/types.ts';
import { callsDuring } from '../support/calls.ts';
import { seedsOf } from '../support/seeds.ts';
import { smallShop } from '../support/small-shop.ts';
import { integrationId, startShopBench, type ShopBench } from './shop-bench.ts';

/**
 * People in a shop and in Books do whatever they like, in any order, while answers get lost and systems fail; then it is quiet. What must be so
 * whatever they did is looked at in the end. A failing walk shows its seed in its name, and what was done.
 */

const steps = 120;
const keyed = { custom_field_hash: z.object({ cf_bookbridge_id: z.string().optional() }) };
const booksSchema = z.object({
  contacts: z.array(z.object({ ...keyed, contact_id: z.string() })),
  invoices: z.array(z.object({ ...keyed, invoice_id: z.string(), customer_id: z.string(), reference_number: z.string(), status: z.string(), total: z.number() })),
  creditnotes: z.array(z.object({ ...keyed, creditnote_id: z.string(), total: z.number() })),
});
const people = [
  { firstName: 'Ada', lastName: 'Martin', email: 'ada@example.com', city: 'Nantes' }, { firstName: 'Ada', lastName: 'Martin', email: 'ADA@Example.com ', city: 'Lyon' },
  { firstName: 'Ada', lastName: 'Martin', email: '' }, { firstName: 'Ada', lastName: 'Martin', email: 'ada2@example.com' }, { company: 'Ada Martin', email: 'bo@example.com' },
  { firstName: '', lastName: '', email: '' }, { firstName: 'Bo', lastName: 'Li', email: 'bo@example.com' },
];
const currencies = [['EUR', 2], ['JPY', 0], ['KWD', 3]] as const;

/** Somebody walks through both systems. */
async function walk(seed: number) {
  const random = seededRandom(seed);
  const pick = <T>(all: readonly T[]): T | undefined => all[Math.floor(random() * all.length)];
  const [currency, digits] = currencies[seed % currencies.length] ?? currencies[0];
  const data = smallShop([], { currency, digits, pricesIncludeTax: seed % 2 === 0, roundsAt: seed % 4 < 2 ? 'line' : 'subtotal' });
  const products = data.products.map((product) => ({ ...product, price: Number(product.price).toFixed(digits) }));
  const kind = seed % 5 === 0 ? 'prestashop' : 'woocommerce';
  const bench = await startShopBench(kind, { ...data, products }, { refusesNegativeLines: seed % 3 === 0 });
  const { zoho, world, shop } = bench;
  const done: string[] = [];
  /** Documents that a person touched in Books: how they are is that person's affair. */
  const byHand = new Set<string>();
  const books = () => booksSchema.parse(zoho.state());
  const standing = () => world.orders().filter(({ isTrashed }) => !isTrashed);
  const act = async (method: 'POST' | 'PUT' | 'DELETE', path: string, json?: Json) => {
    // Books may refuse it.
    await zoho.act({ method, path, ...(json !== undefined && { json }) }).catch(() => undefined);
  };
  const inBooks = async (method: 'POST' | 'PUT' | 'DELETE', ends: readonly string[], json?: Json) => {
    const [invoice, end] = [pick(books().invoices), pick(ends)];
    if (!invoice || end === undefined) return;
    byHand.add(invoice.invoice_id);
    await act(method, `/invoices/${invoice.invoice_id}${end}`, json);
  };
  const withOrder = (work: (order: ShopOrder) => unknown, isMeant: (order: ShopOrder) => boolean = () => true) => async () => {
    const order = pick(standing().filter(isMeant));
    if (order) await work(order);
  };
  const place = () => world.place({
    status: pick(['processing', 'completed', 'pending', 'on-hold']), billing: pick(people),
    lines: Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({ productId: pick(products)?.id ?? '1', quantity: 1 + Math.floor(random() * 3) })),
    shipping: random() < 0.4 ? [{ name: 'Post', price: '7', taxRateIds: pick([['1'], ['2'], []]) ?? [] }] : [],
    fees: random() < 0.2 ? [{ name: 'Bonus', price: '-3', taxRateIds: [] }] : [], coupons: random() < 0.2 ? [pick(['ten', 'all']) ?? 'ten'] : [],
  });
  const isRefundable = ({ total, refunds, paidAtMs }: ShopOrder) => paidAtMs !== null && refunds.reduce((left, refund) => left.minus(refund.total), total).greaterThan(0);
  const actions: Readonly<Record<string, readonly [weight: number, work: () => unknown]>> = {
    place: [10, place],
    pay: [3, withOrder(({ id, paidAtMs }) => paidAtMs === null && world.pay(id))],
    cancel: [2, withOrder(({ id }) => world.cancel(id))],
    hold: [1, withOrder(({ id }) => world.change(id, { status: 'on-hold' }))],
    refund: [4, withOrder(({ id }) => world.refund(id, pick([{}, { amount: '1' }, { amount: '7' }])), isRefundable)],
    note: [2, withOrder(({ id }) => world.change(id, { note: `said ${random()}` }))],
    lines: [2, withOrder(({ id, lines: [line] }) => line && world.change(id, { quantities: { [line.id]: pick([0, 1, 5]) ?? 1 } }), ({ refunds }) => refunds.length === 0)],
    billing: [3, withOrder(({ id }) => world.change(id, { billing: pick(people) }))],
    remove: [1, withOrder(({ id }) => world.remove(id, { forGood: random() < 0.5 }))],
    sync: [10, () => bench.run()],
    announce: [4, withOrder(({ id }) => bench.announce(id))],
    send: [1, withOrder(({ id }) => bench.run({ module: 'orders', request: { ids: [id] } }))],
    delete: [1, withOrder(({ id }) => bench.run({ module: 'orders', withdraw: { ids: [id] } }))],
    retry: [1, () => bench.store.operations.retry(integrationId, { by: 'all' })],
    settings: [2, () => bench.connect(pick([{ refunds: 'credit-note' }, { refunds: 'void' }, { refunds: 'report' }, { discountsAs: 'fields' }, { discountsAs: 'lines' }, { taxRounding: 'line' }]) ?? {})],
    invoice: [3, () => inBooks('POST', ['/status/sent', '/status/void', '/status/draft'])],
    'delete invoice': [1, () => inBooks('DELETE', [''])],
    'edit invoice': [1, () => inBooks('PUT', [''], { adjustment: 1 })],
    contact: [2, async () => {
      const id = pick(books().contacts)?.contact_id ?? '';
      await pick([() => act('PUT', `/contacts/${id}`, { contact_name: `Renamed ${id}` }), () => act('DELETE', `/contacts/${id}`), () => act('POST', `/contacts/${id}/inactive`), () => act('POST', `/contacts/${id}/active`)])?.();
    }],
    'new contact': [1, () => act('POST', '/contacts', { contact_name: pick(['Ada Martin', 'Bo Li', 'Other']) ?? '', contact_persons: [{ email: pick(['ada@example.com', 'bo@example.com']) ?? '' }] })],
    tax: [1, () => { const tax = pick(zoho.state().taxes); if (tax) tax['is_inactive'] = tax['is_inactive'] !== true; }],
    fault: [3, () => {
      const [system, route] = pick([[zoho, 'PUT /books'], [zoho, 'GET /books'], [zoho, '* /books'], [shop, '* /']] as const) ?? [zoho, '* /books'];
      system.faults.add({ route, kind: pick(['lost-answer', 'error-before', 'malformed', 'limit-minute', 'limit-concurrent']) ?? 'reset', times: 1 + Math.floor(random() * 3), probability: 0.5, seed });
    }],
    'lose the store': [0.2, () => bench.loseStore()],
  };
  const total = Object.values(actions).reduce((sum, [weight]) => sum + weight, 0);
  await bench.run({}, 'initialImport');
  for (let count = 0; count < steps; count += 1) {
    bench.advance(60_000 + Math.floor(random() * 600_000));
    let at = random() * total;
    const [name, [, work]] = Object.entries(actions).find(([, [weight]]) => (at -= weight) < 0) ?? ['sync', [0, () => bench.run()]];
    done.push(name);
    await work();
  }
  for (const system of [zoho, shop]) system.faults.remove();
  for (let quiet = 0; quiet < 3; quiet += 1) {
    bench.advance(7 * 3_600_000);
    expect(await bench.run()).toBe(null);
  }
  return { bench, byHand, done: done.join(', '), books };
}

/** What is there twice, or is not what its order comes to although nobody was told. */
async function defectsOf({ store, world }: ShopBench, { contacts, invoices, creditnotes }: z.output<typeof booksSchema>, byHand: ReadonlySet<string>): Promise<string[]> {
  const keys = [...contacts, ...invoices, ...creditnotes].flatMap(({ custom_field_hash: { cf_bookbridge_id: key } }) => (key === undefined || key === '' ? [] : [key]));
  const numbers = invoices.filter(({ status }) => status !== 'void').map((invoice) => invoice.reference_number);
  const found = [keys, numbers].flatMap((all) => all.filter((one, index) => all.indexOf(one) !== index)).map((one) => `${one} is there twice`);
  const counts = await store.operations.counts(integrationId);
  found.push(...counts.filter(({ state }) => state === 'pending').map(({ module, count }) => `${count} ${module} are still pending`));
  for (const order of world.orders().filter(({ isTrashed }) => !isTrashed)) {
    const address = { side: 'other', resource: 'orders', id: order.id } as const;
    const [at] = (await store.reports.standings(integrationId, [address])).values();
    const [link] = (await store.links(integrationId, [address])).values();
    const isPaid = (order.status === 'processing' || order.status === 'completed') && order.lines.length > 0;
    if (!isPaid || at?.state === 'failed' || at?.state === 'waiting' || at?.state === 'withdrawn' || (link && byHand.has(link.books.id))) continue;
    const invoice = invoices.find(({ invoice_id: id }) => id === link?.books.id);
    if (invoice?.total !== order.total.toNumber()) found.push(`order ${order.id} of ${order.total.toFixed()} has an invoice of ${invoice?.total ?? 'nothing'}`);
  }
  const problems = await store.operations.problems(integrationId, { limit: 1_000 });
  for (const { resource, id, code, detail } of problems) {
    const [, waitsFor] = /^waits for \S+ (.+)$/.exec(detail) ?? [];
    if (code === null) found.push(`${resource} ${id} failed for no reason`);
    // What a person had deleted is not carried over before somebody sends it.
    const isWithdrawn = (await store.operations.find(integrationId, waitsFor ?? '')).some(({ state }) => state === 'withdrawn');
    if (waitsFor !== undefined && !isWithdrawn && !problems.some((other) => other.id === waitsFor)) found.push(`${resource} ${id} waits for ${waitsFor}, with which nothing is wrong`);
  }
  return found;
}

describe('a shop and its books', () => {
  it.for(seedsOf(1, 5, 10, 12))('are as they should be after a walk through both (seed %i)', { timeout: 120_000 }, async (seed) => {
    const { bench, byHand, done, books } = await walk(seed);
    expect({ done, defects: await defectsOf(bench, books(), byHand) }).toEqual({ done, defects: [] });
    const before = books();
    bench.advance(600_000);
    expect({ done, calls: await callsDuring(bench.zoho, () => bench.run()) }).toEqual({ done, calls: [] });
    const problems = new Set((await bench.store.operations.problems(integrationId, { limit: 1_000 })).map(({ resource, id }) => `${resource}/${id}`));
    const untold = (await bench.reconcile()).filter(({ record, partner, code, detail }) => {
      const both = [record, partner].flatMap((one) => one ?? []);
      // What was deleted by a person, or is left as other settings made it, is what nobody else says.
      if (detail.endsWith('is gone') || code?.startsWith('refund-') === true) return false;
      // What was left behind before the store was lost is noticed by a reconciliation only.
      if (code === 'document-stale' && done.includes('lose the store')) return false;
      return !both.some(({ resource, id }) => problems.has(`${resource}/${id}`) || byHand.has(id));
    });
    expect({ done, untold }).toEqual({ done, untold: [] });
    expect(books()).toEqual(before);
  });
});
