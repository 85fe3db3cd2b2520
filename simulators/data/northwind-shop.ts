import { Decimal } from 'decimal.js';
import { z } from 'zod';
import type { Billing, InitialOrder, ShopData } from '../shop/types.ts';

/** The parts of Northwind that mean something in a shop. */
const optional = z.string().nullable();
export const northwindShopSchema = z.object({
  customers: z.array(z.object({
    CustomerID: z.string(), CompanyName: z.string(), ContactName: optional, Address: optional, City: optional,
    Region: optional, PostalCode: optional, Country: optional, Phone: optional,
  })),
  products: z.array(z.object({ ProductID: z.int(), ProductName: z.string(), UnitPrice: z.number() })),
  orders: z.array(z.object({
    OrderID: z.int(), CustomerID: z.string(), OrderDate: z.string(), ShippedDate: optional, Freight: z.number(),
    Lines: z.array(z.object({ ProductID: z.int(), UnitPrice: z.number(), Quantity: z.int(), Discount: z.number().min(0).max(1) })),
  })),
});
type Northwind = z.output<typeof northwindShopSchema>;

/** The rates of this shop, which Northwind does not have: products take them in turn, freight the first. */
export const northwindTaxes = [
  { id: '1', name: 'Sales tax 8.25 %', percentage: '8.25', country: '' },
  { id: '2', name: 'Sales tax 5 %', percentage: '5', country: '' },
] as const;

const countries: Readonly<Record<string, string>> = {
  Argentina: 'AR', Austria: 'AT', Belgium: 'BE', Brazil: 'BR', Canada: 'CA', Denmark: 'DK', Finland: 'FI', France: 'FR', Germany: 'DE', Ireland: 'IE', Italy: 'IT',
  Mexico: 'MX', Norway: 'NO', Poland: 'PL', Portugal: 'PT', Spain: 'ES', Sweden: 'SE', Switzerland: 'CH', UK: 'GB', USA: 'US', Venezuela: 'VE',
};

/**
 * Reads Northwind as a shop whose prices are without tax: discounts are on the lines, freight is shipping, and what was shipped is paid.
 * Customers are numbered in the order of the file, and their addresses of e-mail are made up from contact and identifier.
 */
export function shopFromNorthwind({ customers, products, orders }: Northwind): ShopData {
  const ids = new Map(customers.map(({ CustomerID }, index) => [CustomerID, String(index + 1)]));
  return {
    settings: { name: 'Northwind Traders', currency: 'USD', digits: 2, pricesIncludeTax: false, roundsAt: 'line', timeZone: 'America/Los_Angeles' },
    taxRates: northwindTaxes,
    products: products.map(({ ProductID, ProductName, UnitPrice }) => ({
      id: String(ProductID), name: ProductName, sku: `NW-${ProductID}`, price: String(UnitPrice), taxRateIds: [ProductID % 2 === 0 ? '2' : '1'],
    })),
    customers: customers.map((row) => ({ id: ids.get(row.CustomerID) ?? '', billing: billing(row) })),
    coupons: [],
    orders: orders.map((order) => shopOrder(order, ids)),
  };
}

function billing(row: Northwind['customers'][number]): Billing {
  const [firstName = '', ...rest] = (row.ContactName ?? '').trim().split(/\s+/);
  const account = (row.ContactName ?? 'office').normalize('NFD').toLowerCase().replaceAll(/[^a-z\s]/g, '').trim().replaceAll(/\s+/g, '.');
  return {
    firstName, lastName: rest.join(' '), company: row.CompanyName, email: `${account}@${row.CustomerID.trim().toLowerCase()}.example`, phone: row.Phone ?? '',
    street: row.Address ?? '', street2: '', city: row.City ?? '', state: row.Region ?? '', zip: row.PostalCode ?? '', country: countries[row.Country ?? ''] ?? '',
  };
}

function shopOrder(order: Northwind['orders'][number], customerIds: ReadonlyMap<string, string>): InitialOrder {
  return {
    number: String(order.OrderID), placedAt: utc(order.OrderDate), customerId: customerIds.get(order.CustomerID) ?? null,
    ...(order.ShippedDate === null ? { status: 'on-hold', paidAt: null } : { status: 'completed', paidAt: utc(order.ShippedDate) }),
    lines: order.Lines.map(({ ProductID, UnitPrice, Quantity, Discount }) => ({
      productId: String(ProductID), quantity: Quantity, price: String(UnitPrice), ...(Discount > 0 && { discountPercent: new Decimal(Discount).times(100).toFixed() }),
    })),
    shipping: order.Freight > 0 ? [{ name: 'Freight', price: String(order.Freight), taxRateIds: [northwindTaxes[0].id] }] : [],
  };
}

/** `1996-07-04 00:00:00.000`, which has no zone, as a time in UTC. */
function utc(timestamp: string): string {
  return `${timestamp.replace(' ', 'T')}Z`;
}
