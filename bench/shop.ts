import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { nodeCommand } from '../scripts/processes.ts';
import type { ShopData, WantedOrder } from '../simulators/shop/types.ts';
import { countActions, eventsOf } from '../test/support/histories.ts';
import { runWorkflowId } from '../workflows/messages.ts';
import { organizationId } from './data.ts';
import { noLimits, startWorld, type Ground, type World } from './ground.ts';
import { atMost, exactly, row, shown, type Row } from './rows.ts';
import { findShopErrors, readShopAndBooks } from './shop-check.ts';
import { newOrders, shopOf } from './shop-data.ts';

const GROUP = 'Orders of a shop';
const LANES = 4;
/** Taxes, currencies, and what is there already of contacts, invoices and credit notes: one page each, as nothing is. */
const LISTINGS = 5;
const SYNCS_A_DAY = 144;
const ORDERS_A_DAY = 100;
/** Taxes and currencies are listed anew every six hours. */
const LISTINGS_A_DAY = 8;

interface ShopOptions {
  /** Imported once, because counts are the same each time. */
  readonly orders: number;
  /** Imported so often for the time, in turns with the bare loop. */
  readonly timed: { readonly orders: number; readonly runs: number };
  /** Orders of each kind that come in one by one. */
  readonly each: number;
  /** Syncs of a day that are run; fewer are scaled up to a day, which the row says. */
  readonly syncs: number;
}

/** A shop's orders into an empty organization without a limit, then once more, then what comes in from day to day. */
export async function measureShop(ground: Ground, { orders, timed, each, syncs }: ShopOptions): Promise<Row[]> {
  const times = await withShop(ground, timed, (_, found) => Promise.resolve(found));
  return withShop(ground, { orders, runs: 1 }, async (world, found) => {
    const shop = shopOf(orders);
    const arriving = await measureArriving(world, idOf(0), each);
    return [...importRows(orders, found), ...timeRows(timed.orders, times), ...arriving, ...await measureDay(world, idOf(0), shop, syncs)];
  });
}

async function withShop<Result>(ground: Ground, { orders, runs }: { orders: number; runs: number }, use: (world: World, found: readonly Imported[]) => Promise<Result>): Promise<Result> {
  const world = await startWorld(ground, { sizes: { orders, organizations: 2 * runs }, limits: noLimits });
  try {
    const token = await world.zoho.tokens();
    const found: Imported[] = [];
    for (let run = 0; run < runs; run += 1) found.push(await importOnce(world, run, token));
    return await use(world, found);
  } finally {
    await world.stop();
  }
}

const idOf = (run: number) => `shop-${run}`;

interface Calls {
  readonly books: number;
  readonly shop: number;
}

interface Imported {
  readonly calls: Calls;
  readonly seconds: number;
  readonly bareSeconds: number;
  readonly actions: number;
  readonly again: Calls & { readonly written: number; readonly seconds: number };
  readonly counts: { readonly paid: number; readonly buyers: number; readonly refunds: number };
  /** All of these. */
  readonly writes: number;
  readonly errors: readonly string[];
}

async function importOnce(world: World, run: number, token: string): Promise<Imported> {
  const id = idOf(run);
  const organization = 2 * run;
  await world.connect({ id, organization });
  const worker = await world.startWorker();
  const { calls, seconds } = await costOf(world, () => world.import(id));
  const events = await eventsOf(world.bookbridge.temporal, runWorkflowId(id));
  const again = await costOf(world, () => world.sync(id));
  const { books, inShop } = await readShopAndBooks(world, organizationId(organization));
  const { stdout } = await runBare(world.zoho.url, organization, token);
  const bare = z.object({ seconds: z.number(), writes: z.number() }).parse(JSON.parse(stdout));
  const counts = { paid: books.invoices.length, buyers: books.contacts.length, refunds: books.creditnotes.length };
  const writes = counts.paid + counts.buyers + counts.refunds;
  if (bare.writes !== writes) throw new Error(`the bare loop wrote ${bare.writes} of ${writes}`);
  await worker.stop();
  const written = Object.values(again.result.counts).reduce((sum, { added = 0, updated = 0, deleted = 0 }) => sum + added + updated + deleted, 0);
  return {
    calls, seconds, counts, writes, bareSeconds: bare.seconds, actions: (countActions(events) / counts.paid) * 1000, again: { ...again.calls, written, seconds: again.seconds },
    errors: findShopErrors(inShop, books),
  };
}

/** The same writes into the next organization of the same simulator. */
function runBare(url: string, organization: number, token: string) {
  const [program, ...args] = nodeCommand('bench/bare-shop.ts', url, organizationId(organization), organizationId(organization + 1), token, String(LANES));
  return promisify(execFile)(program, args);
}

function importRows(orders: number, found: readonly Imported[]): Row[] {
  const [first] = found;
  if (!first) return [];
  const { paid, buyers, refunds } = first.counts;
  const limit = first.writes + LISTINGS;
  const of = (value: (one: Imported) => number) => found.map(value);
  return [
    row(GROUP, `Import of ${shown(orders)} orders, ${shown(paid)} of them to be invoiced, of ${shown(buyers)} buyers, with ${shown(refunds)} refunds: calls to Books`, of(({ calls }) => calls.books), 'calls', {
      beside: `one per order, buyer and refund, and ${LISTINGS} listings: ${shown(limit)}; ${shown(Math.ceil(limit / 100))} minutes of 100 calls, ${(limit / 5000).toFixed(1)} days of 5,000`, target: atMost(limit),
    }),
    row(GROUP, '… calls to the shop', of(({ calls }) => calls.shop), 'calls', { beside: `${shown(Math.ceil(orders / 100))} pages of 100 orders, and one for each refund` }),
    row(GROUP, '… orders, refunds and buyers whose document or contact is missing, double, no draft, or not the same to the cent', of(({ errors }) => errors.length), '', { beside: first.errors[0] ?? 'the totals of the shop itself', target: exactly(0) }),
    row(GROUP, '… Temporal actions per 1,000 invoices', of(({ actions }) => actions), '', { beside: 'from history; a heartbeat every 4 s of work comes on top', target: atMost(30) }),
    row(GROUP, '… records written a second', of(({ seconds, writes }) => writes / seconds), 'records/s', { beside: `bare got loop, same writes, ${LANES} at once: ${shown(Math.round(first.writes / first.bareSeconds))} records/s` }),
    row(GROUP, 'The same once more, nothing has changed: records written', of(({ again }) => again.written), '', { target: exactly(0) }),
    row(GROUP, '… calls to Books', of(({ again }) => again.books), 'calls', { beside: 'the shop is asked what has changed', target: exactly(0) }),
    row(GROUP, '… calls to the shop', of(({ again }) => again.shop), 'calls', { beside: 'orders that have changed, and orders in the bin' }),
  ];
}

function timeRows(orders: number, found: readonly Imported[]): Row[] {
  return [
    row(GROUP, `Import of ${shown(orders)} orders: its speed as a part of a bare got loop that only makes the same writes, ${LANES} at once`, found.map(({ seconds, bareSeconds }) => bareSeconds / seconds), '', {
      beside: 'bare loop = 1, which reads and works out nothing; nothing is promised here',
    }),
  ];
}

/** Orders of one kind at a time: of buyers that Books has, of new ones, and of known ones who have moved. */
async function measureArriving(world: World, id: string, each: number): Promise<Row[]> {
  await world.startWorker();
  const { inShop } = await readShopAndBooks(world, organizationId());
  const buyers = [...new Set(inShop.orders.flatMap(({ customerId, status }) => (customerId !== null && status === 'completed' ? [customerId] : [])))].slice(0, each);
  const lines = [{ productId: '1', quantity: 2 }, { productId: '2', quantity: 1 }];
  const guest = (number: number, street: string) => ({ billing: { firstName: 'Zoé', lastName: `Lefèvre ${number}`, email: `new-${number}@example.com`, street, city: 'Paris', country: 'FR' }, lines });
  const kinds: { what: string; promised: number; orders: WantedOrder[] }[] = [
    { what: 'whose buyer is known and unchanged', promised: 1, orders: buyers.map((customerId) => ({ customerId, lines })) },
    { what: 'whose buyer is new', promised: 2, orders: buyers.map((_, number) => guest(number, '1, rue Vieille')) },
    { what: 'whose buyer is known and has moved', promised: 2, orders: buyers.map((_, number) => guest(number, '2, rue Neuve')) },
  ];
  const rows: Row[] = [];
  for (const { what, promised, orders } of kinds) {
    for (const order of orders) await world.other.happen('orders', { ...order, status: 'processing' });
    const { calls } = await costOf(world, () => world.sync(id));
    rows.push(row(GROUP, `An order ${what} (${orders.length})`, [calls.books / orders.length], 'calls each', { beside: String(promised), target: atMost(promised) }));
  }
  return rows;
}

/** A day of syncs every ten minutes, each of them real, one after the other. */
async function measureDay(world: World, id: string, shop: ShopData, syncs: number): Promise<Row[]> {
  const orders = newOrders(shop, Math.round((ORDERS_A_DAY * syncs) / SYNCS_A_DAY));
  const countBuyers = async () => (await readShopAndBooks(world, organizationId())).books.contacts.length;
  const before = await countBuyers();
  let placed = 0;
  const { calls } = await costOf(world, async () => {
    for (let sync = 0; sync < syncs; sync += 1) {
      for (; placed < Math.floor(((sync + 1) * orders.length) / syncs); placed += 1) await world.other.happen('orders', orders[placed]);
      await world.sync(id);
    }
  });
  const buyers = await countBuyers() - before;
  const idle = await costOf(world, () => world.sync(id));
  const times = SYNCS_A_DAY / syncs;
  const scaled = syncs === SYNCS_A_DAY ? `${SYNCS_A_DAY} real syncs` : `${syncs} real syncs × ${times}`;
  return [
    row(GROUP, 'A sync of a shop in which nothing has happened: calls to Books', [idle.calls.books], 'calls', { target: exactly(0) }),
    row(GROUP, `A day of a shop with ${ORDERS_A_DAY} orders, looked at every 10 minutes (${scaled}): calls to Books`, [calls.books * times + LISTINGS_A_DAY], 'calls', {
      beside: `${shown(Math.round(orders.length * times))} orders, ${shown(Math.round(buyers * times))} new buyers, and ${LISTINGS_A_DAY} listings of taxes and currencies (every 6 hours)`,
      target: atMost((orders.length + buyers) * times + LISTINGS_A_DAY),
    }),
    row(GROUP, '… calls to the shop', [calls.shop * times], 'calls', { beside: 'two per sync: orders that have changed, and orders in the bin' }),
  ];
}

async function costOf<Result>({ zoho, other }: World, work: () => Promise<Result>): Promise<{ result: Result; calls: Calls; seconds: number }> {
  const count = async () => ({ books: (await zoho.summary()).calls, shop: (await other.summary()).calls });
  const before = await count();
  const startMs = performance.now();
  const result = await work();
  const seconds = (performance.now() - startMs) / 1000;
  const after = await count();
  return { result, seconds, calls: { books: after.books - before.books, shop: after.shop - before.shop } };
}
