import { seededRandom } from '../simulators/kit/random.ts';
import { generateOrder, generateShop } from '../simulators/shop/generate.ts';
import type { ShopData, WantedOrder } from '../simulators/shop/types.ts';
import type { ZohoOptions } from '../simulators/zoho/options.ts';

/** Names in the orders of a generated shop are few, so that tests meet namesakes; here each buyer with an e-mail has a name of their own, as most people have. */
function withOwnName<T extends Pick<WantedOrder, 'billing'>>(buyer: T): T {
  const { billing } = buyer;
  const account = billing?.email?.split('@')[0] ?? '';
  if (!billing || account === '') return buyer;
  return { ...buyer, billing: { ...billing, lastName: `${billing.lastName ?? ''} ${account}`, ...(billing.company && { company: `${billing.company} ${account}` }) } };
}

/**
 * A shop with discounts, fees, shipping, guests and refunds. What was ordered on account is paid; cancelled and failed orders remain, about two of nine.
 */
export function shopOf(orders: number): ShopData {
  const shop = generateShop({ orders });
  return {
    ...shop,
    customers: shop.customers.map(withOwnName),
    orders: shop.orders.map((order) => withOwnName(order.status === 'pending' || order.status === 'on-hold' ? { ...order, status: 'processing', paidAt: null } : order)),
  };
}

/** Books as whoever keeps the books of that shop has set it up: its rates as taxes, and the two that stand together as a tax group. */
export function booksOfShop({ settings, taxRates }: ShopData = shopOf(1)): Omit<NonNullable<ZohoOptions['organizations']>[number], 'organization_id'> {
  return {
    name: settings.name, currency_code: settings.currency, price_precision: settings.digits, time_zone: settings.timeZone,
    taxes: taxRates.map(({ name, percentage }) => ({ tax_name: name, tax_percentage: Number(percentage) })),
    tax_groups: [{ tax_group_name: 'GST + QST', taxes: ['GST', 'QST'] }],
  };
}

/** Orders as that shop gets them from day to day, all paid: about four of ten are of guests who were never there before. */
export function newOrders(shop: ShopData, count: number): WantedOrder[] {
  const random = seededRandom(2);
  return Array.from({ length: count }, (_, number) => {
    const order = generateOrder(random, { customers: shop.customers.length, products: shop.products.length, chosen: shop.settings, index: shop.orders.length + number, reductions: true });
    const billing = order.billing && { ...order.billing, email: `visitor-${number}@example.com` };
    return withOwnName<WantedOrder>({ ...order, status: 'processing', ...(billing && { billing }) });
  });
}
