import { Decimal } from 'decimal.js';
import { countedTaxes, countedNet, shareOf, totalsOf } from './arithmetic.ts';
import { billingOf, found, makeLines, overlaid, type Shop } from './making.ts';
import type {
  PartOfBilling, RefundLine, ShopCustomer, ShopData, ShopLine, ShopOrder, ShopProduct, ShopRefund, ShopSettings, StatusName, TaxRate, WantedCharge, WantedLine, WantedOrder, WantedRefund,
} from './types.ts';

/** What happened to an order, for webhooks. */
export interface ShopEvent {
  readonly kind: 'created' | 'updated' | 'deleted';
  readonly order: ShopOrder;
}

export interface OrderChange {
  readonly status?: StatusName | undefined;
  readonly billing?: PartOfBilling | undefined;
  readonly note?: string | undefined;
  /** New quantities of lines, by id; 0 takes the line out. What coupons took off a line stays in proportion. */
  readonly quantities?: Readonly<Record<string, number>> | undefined;
  readonly addLines?: readonly WantedLine[] | undefined;
  readonly addShipping?: readonly WantedCharge[] | undefined;
  readonly addFees?: readonly WantedCharge[] | undefined;
}

/** The orders of a shop and what may happen to them. Every operation on an order that is not there throws an Error. */
export interface ShopWorld {
  readonly settings: ShopSettings;
  taxRates(): readonly TaxRate[];
  products(): readonly ShopProduct[];
  customers(): readonly ShopCustomer[];
  /** All that are not deleted for good, in the order of their ids; those in the bin too. */
  orders(): readonly ShopOrder[];
  order(id: string): ShopOrder | undefined;
  place(wanted: WantedOrder): ShopOrder;
  change(id: string, change: OrderChange): ShopOrder;
  /** @param at ISO 8601 with zone; now unless told */
  pay(id: string, at?: string): ShopOrder;
  cancel(id: string): ShopOrder;
  refund(id: string, wanted?: WantedRefund): ShopRefund;
  /** Into the bin; `forGood` leaves nothing. */
  remove(id: string, options?: { readonly forGood?: boolean }): void;
  /** Orders keep their lines, without what only the product knows. */
  removeProduct(id: string): void;
}

export const paidStatuses: readonly StatusName[] = ['processing', 'completed'];
const firstOrderId = 1000;

interface WorldOptions {
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Is told of every change after the beginning, in order. */
  readonly emit?: (event: ShopEvent) => void;
}

/** @param data what the shop begins with; its orders are as old as they say */
export function createShopWorld(data: ShopData, { now = Date.now, emit = () => undefined }: WorldOptions = {}): ShopWorld {
  const orders = new Map<string, ShopOrder>();
  const products = new Map(data.products.map((product) => [product.id, product]));
  let [lastId, lastItemId] = [firstOrderId, 0];
  const newId = () => String((lastId += 1));
  const shop: Shop = {
    settings: data.settings, products, rates: byId(data.taxRates), customers: byId(data.customers),
    coupons: new Map(data.coupons.map((coupon) => [coupon.code, coupon])), newItemId: () => String((lastItemId += 1)),
  };

  function store(order: ShopOrder, kind: ShopEvent['kind'] | null): ShopOrder {
    orders.set(order.id, order);
    if (kind !== null) emit({ kind, order });
    return order;
  }
  function update(id: string, change: (order: ShopOrder) => Partial<ShopOrder>): ShopOrder {
    const order = found('order', orders, id);
    return store({ ...order, changedAtMs: Math.max(now(), order.changedAtMs), ...change(order) }, 'updated');
  }
  function place(wanted: WantedOrder, number?: string, isInitial = false): ShopOrder {
    const order = makeOrder(wanted, newId(), number, shop, { nowMs: now(), isInitial });
    return store(order, isInitial ? null : 'created');
  }
  function refund(id: string, wanted: WantedRefund, isInitial = false): ShopRefund {
    const order = found('order', orders, id);
    const made = makeRefund(order, wanted, newId(), shop, now());
    const isWhole = order.total.equals([...order.refunds, made].reduce((sum, { total }) => sum.plus(total), new Decimal(0)));
    const changed: ShopOrder = { ...order, changedAtMs: isInitial ? Math.max(order.changedAtMs, made.refundedAtMs) : Math.max(now(), order.changedAtMs), refunds: [...order.refunds, made], ...(isWhole && { status: 'refunded' }) };
    store(changed, isInitial ? null : 'updated');
    return made;
  }

  for (const { number, refunds = [], ...wanted } of data.orders) {
    const { id, lines } = place(wanted, number, true);
    for (const { lines: places, ...rest } of refunds) {
      refund(id, { ...rest, lines: places?.map(({ line, quantity }) => ({ lineId: lines[line]?.id ?? '', quantity })) }, true);
    }
  }

  return {
    settings: data.settings,
    taxRates: () => data.taxRates,
    products: () => [...products.values()],
    customers: () => data.customers,
    orders: () => [...orders.values()],
    order: (id) => orders.get(id),
    place: (wanted) => place(wanted),
    change: (id, change) => update(id, (order) => changed(order, change, shop, now())),
    pay: (id, at) => update(id, () => ({ status: 'processing', paidAtMs: at === undefined ? now() : Date.parse(at) })),
    cancel: (id) => update(id, () => ({ status: 'cancelled' })),
    refund: (id, wanted = {}) => refund(id, wanted),
    remove: (id, { forGood = false } = {}) => {
      const order = { ...found('order', orders, id), isTrashed: true, changedAtMs: now() };
      store(order, 'deleted');
      if (forGood) orders.delete(id);
    },
    removeProduct: (id) => {
      products.delete(id);
      for (const order of orders.values()) {
        const lines = order.lines.map((line) => (line.productId === id ? { ...line, sku: null, productId: null } : line));
        orders.set(order.id, { ...order, lines });
      }
    },
  };
}

function byId<T extends { readonly id: string }>(all: readonly T[]): ReadonlyMap<string, T> {
  return new Map(all.map((one) => [one.id, one]));
}

function makeOrder(wanted: WantedOrder, id: string, number: string | undefined, shop: Shop, { nowMs, isInitial }: { nowMs: number; isInitial: boolean }): ShopOrder {
  const { lines, coupons } = makeLines(wanted, shop);
  const status = wanted.status ?? 'pending';
  const placedAtMs = wanted.placedAt === undefined ? nowMs : Date.parse(wanted.placedAt);
  const paidAtMs = wanted.paidAt === undefined ? (paidStatuses.includes(status) || status === 'refunded' ? placedAtMs : null) : wanted.paidAt === null ? null : Date.parse(wanted.paidAt);
  return {
    id, number: number ?? id, status, currency: wanted.currency ?? shop.settings.currency, pricesIncludeTax: shop.settings.pricesIncludeTax,
    placedAtMs, changedAtMs: isInitial ? Math.max(placedAtMs, paidAtMs ?? placedAtMs) : nowMs, paidAtMs, completedAtMs: status === 'completed' ? (paidAtMs ?? placedAtMs) : null,
    customerId: wanted.customerId ?? null, billing: billingOf(wanted, shop), lines, coupons, refunds: [], note: wanted.note ?? '',
    ...totalsOf(lines, shop.settings), isTrashed: false,
  };
}

function changed(order: ShopOrder, { status, billing, note, quantities = {}, addLines = [], addShipping, addFees }: OrderChange, shop: Shop, nowMs: number): Partial<ShopOrder> {
  const kept = order.lines.flatMap((line) => withQuantity(line, quantities[line.id] ?? line.quantity));
  const added = makeLines({ lines: addLines, shipping: addShipping, fees: addFees }, shop).lines;
  const lines = [...kept, ...added];
  const isPaidNow = status !== undefined && paidStatuses.includes(status) && order.paidAtMs === null;
  return {
    ...(status !== undefined && { status }), ...(isPaidNow && { paidAtMs: nowMs }), ...(status === 'completed' && { completedAtMs: nowMs }),
    ...(note !== undefined && { note }), billing: overlaid(order.billing, billing), lines, ...totalsOf(lines, shop.settings),
  };
}

function withQuantity(line: ShopLine, quantity: number): ShopLine[] {
  if (quantity === line.quantity) return [line];
  if (quantity === 0) return [];
  const part = [quantity, line.quantity] as const;
  const places = 6;
  return [{ ...line, quantity, before: shareOf(line.before, part, places), after: shareOf(line.after, part, places) }];
}

/** Where no lines are told, it is money for no line in particular, as shops book it when the status is set to refunded. */
function makeRefund(order: ShopOrder, { lines: wanted = [], amount, reason, refundedAt }: WantedRefund, id: string, shop: Shop, nowMs: number): ShopRefund {
  const lines = wanted.map(({ lineId, quantity }): RefundLine => {
    const line = order.lines.find((candidate) => candidate.id === lineId);
    if (!line) throw new Error(`There is no line ${lineId} in order ${order.id}.`);
    return { lineId, id: shop.newItemId(), quantity, priced: shareOf(line.after, [quantity, line.quantity], shop.settings.digits) };
  });
  const left = order.refunds.reduce((sum, { total }) => sum.minus(total), order.total);
  const ofLines = lines.reduce((sum, { priced }) => sum.plus(countedNet(priced.net, shop.settings)).plus(countedTaxes(priced, shop.settings)), new Decimal(0));
  const total = Decimal.min(left, amount !== undefined ? new Decimal(amount) : lines.length > 0 ? ofLines : left);
  return { id, reason: reason ?? '', refundedAtMs: refundedAt === undefined ? nowMs : Date.parse(refundedAt), total, lines };
}
