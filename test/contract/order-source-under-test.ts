import type { Gate } from '../../connectors/gate.ts';
import type { Connector, Resource } from '../../connectors/resource.ts';
import type { Order, Refund } from '../../domain/order.ts';
import type { FaultKind } from '../../simulators/kit/faults.ts';
import type { Random } from '../../simulators/kit/random.ts';
import { generateOrder } from '../../simulators/shop/generate.ts';
import type { ShopData, ShopOrder, ShopRefund } from '../../simulators/shop/types.ts';
import type { ShopWorld } from '../../simulators/shop/world.ts';

/** What is known of a shop's software before any test runs. */
export interface OrderSourceTraits {
  /** Orders in a full page. */
  readonly pageSize: number;
  /** Whether an order that is put away is listed as deleted among the changes. */
  readonly listsDeletions: boolean;
  /** Whether the software knows fees below zero. */
  readonly reductions: boolean;
  /** Whether it says which rates are on those before them. */
  readonly tellsCompound: boolean;
}

/** One shop with its connector, fresh for each test. */
export interface OrderSourceUnderTest {
  readonly connector: Connector;
  /** What is in the shop, and what may happen there, past the connector. */
  readonly world: ShopWorld;
  /** What the connector must read of an order: that of simulators/shop/expect.ts, with what this software calls differently laid over it. */
  expectedOrder(order: ShopOrder): Order;
  expectedRefund(refund: ShopRefund, order: ShopOrder): Refund;
  /** Spoils an order so that the connector cannot read it. */
  spoil(orderId: string): void;
  /** Makes every API call fail in this way from now on, or only the next `times`. */
  inject(kind: FaultKind, times?: number): void;
  /** API calls the shop has seen. */
  calls(): number;
  close(): Promise<void>;
}

/** @param gate what the connector takes its calls from */
export type StartOrderSource = (data: ShopData, gate: Gate) => Promise<OrderSourceUnderTest>;

/** The shop of the test that is running. */
export interface Opened {
  readonly shop: OrderSourceUnderTest;
  readonly orders: Resource;
  readonly refunds: Resource;
  /** Calls that went through the gate. */
  readonly passed: () => number;
  /** Limits the gate was told of. */
  readonly refused: readonly string[];
}

/** Somebody places an order, pays, changes, cancels, gives money back or puts an order away. Tells the id of an order that went away. */
export function stir(world: ShopWorld, random: Random, { reductions }: OrderSourceTraits): string | null {
  const standing = world.orders().filter(({ isTrashed }) => !isTrashed);
  const order = standing[Math.floor(random() * standing.length)];
  const what = random();
  if (!order || what < 0.3) {
    const [customers, products] = [world.customers().length, world.products().length];
    world.place(generateOrder(random, { customers, products, chosen: world.settings, index: 0, reductions }));
  } else if (what < 0.5) world.pay(order.id);
  else if (what < 0.65) world.change(order.id, { note: `changed ${what}` });
  else if (what < 0.75) world.cancel(order.id);
  else if (what < 0.85) world.refund(order.id, { amount: '0.01' });
  else {
    world.remove(order.id, { forGood: what < 0.93 });
    return order.id;
  }
  return null;
}

/** Where a value is not text, a flag or nothing: money and ids never are. */
export function numbersIn(value: unknown, path = 'data'): string[] {
  if (typeof value === 'number') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => numbersIn(inner, `${path}.${name}`));
}
