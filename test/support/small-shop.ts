import type { PartOfBilling, ShopData, WantedOrder } from '../../simulators/shop/types.ts';

/** Three products, one for each rate of 20 % and 10 % and one without tax, sold without tax in euros by a shop in Paris. */
export function smallShop(orders: readonly Partial<WantedOrder>[] = [], settings: Partial<ShopData['settings']> = {}): ShopData {
  return {
    settings: { name: 'Lamps', currency: 'EUR', digits: 2, pricesIncludeTax: false, roundsAt: 'line', timeZone: 'Europe/Paris', ...settings },
    taxRates: [{ id: '1', name: 'TVA 20 %', percentage: '20', country: 'FR' }, { id: '2', name: 'TVA 10 %', percentage: '10', country: 'FR' }],
    products: [
      { id: '1', name: 'Lamp', sku: 'L-1', price: '40.00', taxRateIds: ['1'] }, { id: '2', name: 'Tea', sku: 'T-1', price: '5.55', taxRateIds: ['2'] },
      { id: '3', name: 'Voucher', sku: '', price: '25.00', taxRateIds: [] },
    ],
    customers: [], coupons: [{ code: 'ten', kind: 'percent', value: '10' }, { code: 'all', kind: 'percent', value: '100' }],
    orders: orders.map((order, index) => ({ ...paidOrder(order), placedAt: order.placedAt ?? `2026-05-01T10:00:${String(index).padStart(2, '0')}Z` })),
  };
}

/** Two lamps for Ada, paid; 96 euros. */
export function paidOrder(order: Partial<WantedOrder> = {}): WantedOrder {
  return { status: 'processing', billing: person('Ada', 'Martin'), lines: [{ productId: '1', quantity: 2 }], ...order };
}

/** A guest with an address in Nantes and an e-mail, unless it is told to be empty. */
export function person(firstName: string, lastName: string, more: PartOfBilling = {}): PartOfBilling {
  const email = `${firstName}.${lastName}@example.com`.toLowerCase();
  return { firstName, lastName, email, street: '1 rue du Port', city: 'Nantes', zip: '44000', country: 'FR', ...more };
}
