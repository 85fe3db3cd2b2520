import { seededRandom, type Random } from '../kit/random.ts';
import type { Billing, InitialOrder, ShopData, ShopSettings, StatusName, WantedOrder } from './types.ts';

interface Wanted {
  readonly orders: number;
  readonly seed?: number;
  readonly settings?: Partial<ShopSettings>;
  /** Fees below zero, which not every shop has. */
  readonly reductions?: boolean;
  /** Whether the last tax is on the one before it too. */
  readonly compound?: boolean;
}

const settings: ShopSettings = { name: 'Generated', currency: 'EUR', digits: 2, pricesIncludeTax: true, roundsAt: 'line', timeZone: 'Europe/Athens' };
const words = ['Müller', 'Zoë', 'Ångström', 'Мария', 'Ιωάννου', '李', 'غرفة', 'אור', 'O’Brien', '🎸', 'Łódź', 'A & B <i>', '"quoted"', 'ﬁnal', 'e\u0301'];
const countries = ['FR', 'DE', 'GR', 'CH', 'JP', 'US', 'BR'];
const statuses: readonly StatusName[] = ['processing', 'processing', 'completed', 'completed', 'completed', 'pending', 'on-hold', 'cancelled', 'failed'];
const firstOrderMs = Date.UTC(2025, 8, 1);

/** A shop of any size; the same seed gives the same shop. */
export function generateShop({ orders, seed = 1, settings: given = {}, reductions = true, compound = false }: Wanted): ShopData {
  const random = seededRandom(seed);
  const chosen = { ...settings, ...given };
  const products = Array.from({ length: 30 }, (_, index) => ({
    id: String(index + 1), name: `${pick(random, words)} ${index + 1}`, sku: random() < 0.8 ? `SKU-${index + 1}` : '',
    price: price(random, chosen), taxRateIds: pick(random, [['1'], ['1'], ['2'], ['3', '4'], []]),
  }));
  const customers = Array.from({ length: Math.max(3, Math.ceil(orders / 5)) }, (_, index) => ({ id: String(index + 1), billing: billing(random, `customer-${index + 1}`) }));
  return {
    settings: chosen,
    taxRates: [
      { id: '1', name: 'TVA 20 %', percentage: '20', country: 'FR' }, { id: '2', name: 'TVA 5,5 %', percentage: '5.5', country: 'FR' },
      { id: '3', name: 'GST', percentage: '5', country: 'CA' }, { id: '4', name: 'QST', percentage: '9.975', country: 'CA', isCompound: compound },
    ],
    products,
    customers,
    coupons: [{ code: 'zehn', kind: 'percent', value: '10' }, { code: 'trois', kind: 'amount', value: '3' }, { code: 'alles', kind: 'percent', value: '100' }],
    orders: Array.from({ length: orders }, (_, index) => initialOrder(random, { customers: customers.length, products: products.length, chosen, index, reductions })),
  };
}

interface Range {
  readonly customers: number;
  readonly products: number;
  readonly chosen: ShopSettings;
  readonly index: number;
  readonly reductions: boolean;
}

function initialOrder(random: Random, range: Range): InitialOrder {
  const order = generateOrder(random, range);
  const placedAtMs = firstOrderMs + range.index * 60_000;
  const { status = 'pending' } = order;
  const isPaid = status === 'processing' || status === 'completed';
  const refunds = isPaid && random() < 0.15
    ? [{ reason: pick(random, words), refundedAt: iso(placedAtMs + 7_200_000), ...pick(random, [{ amount: '0.01' }, { lines: [{ line: 0, quantity: 1 }] }, {}]) }]
    : [];
  return { ...order, placedAt: iso(placedAtMs), paidAt: isPaid ? iso(placedAtMs + Math.floor(random() * 3_600_000)) : null, refunds };
}

/** What somebody may order, now and in any shop of {@link generateShop}. */
export function generateOrder(random: Random, { customers, products, chosen, index, reductions }: Range): WantedOrder {
  const isGuest = random() < 0.4;
  const taxRateIds = pick(random, [['1'], ['2'], ['3', '4'], []]);
  return {
    status: pick(random, statuses),
    ...(isGuest ? { billing: billing(random, random() < 0.9 ? `guest-${index}` : '') } : { customerId: String(1 + Math.floor(random() * customers)) }),
    lines: Array.from({ length: 1 + Math.floor(random() * 4) }, () => ({
      productId: String(1 + Math.floor(random() * products)), quantity: 1 + Math.floor(random() * 9),
      ...(random() < 0.1 && { discountPercent: pick(random, ['5', '12.5', '33', '100']) }), ...(random() < 0.1 && { description: `Größe: ${pick(random, words)}` }),
    })),
    shipping: random() < 0.6 ? [{ name: `Versand ${pick(random, words)}`, price: price(random, chosen), taxRateIds }] : [],
    fees: random() < 0.2 ? [{ name: pick(random, words), price: reductions && random() < 0.5 ? `-${price(random, { digits: 0 })}` : price(random, chosen), taxRateIds }] : [],
    coupons: random() < 0.25 ? [pick(random, ['zehn', 'trois', 'trois', 'alles'])] : [],
    ...(random() < 0.1 && { note: pick(random, words) }),
  };
}

function billing(random: Random, account: string): Billing {
  const isCompany = random() < 0.3;
  return {
    firstName: pick(random, words), lastName: pick(random, words), company: isCompany ? `${pick(random, words)} ${pick(random, words)}` : '',
    email: account === '' ? '' : `${account}@example.com`, phone: random() < 0.5 ? `+${Math.floor(random() * 1e11)}` : '',
    street: `${pick(random, words)} ${Math.floor(random() * 99)}`, street2: random() < 0.1 ? pick(random, words) : '', city: pick(random, words), state: '',
    zip: String(Math.floor(random() * 99_999)), country: pick(random, countries),
  };
}

function price(random: Random, { digits }: Pick<ShopSettings, 'digits'>): string {
  return (0.01 + random() ** 3 * 400).toFixed(digits);
}

function pick<T>(random: Random, all: readonly T[]): T {
  const one = all[Math.floor(random() * all.length)];
  if (one === undefined) throw new Error('there is nothing to pick from');
  return one;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
