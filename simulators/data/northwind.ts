import { z } from 'zod';
import { northwindTaxes } from './northwind-shop.ts';
import { dataSetSchema, type DataSet } from './types.ts';

/** The parts of Northwind that mean something here; suppliers, freight, discounts and the like are left aside. */
const optional = z.string().nullable();
export const northwindSchema = z.object({
  customers: z.array(z.object({
    CustomerID: z.string(), CompanyName: z.string(), ContactName: optional, Address: optional, City: optional,
    Region: optional, PostalCode: optional, Country: optional, Phone: optional,
  })),
  products: z.array(z.object({ ProductID: z.number(), ProductName: z.string(), UnitPrice: z.number(), QuantityPerUnit: optional })),
  suppliers: z.array(z.unknown()),
  orders: z.array(z.object({
    OrderID: z.number(), CustomerID: z.string(), OrderDate: z.string(), ShippedDate: optional, RequiredDate: optional,
    Lines: z.array(z.object({ ProductID: z.number(), Quantity: z.int() })),
  })),
});
type Northwind = z.output<typeof northwindSchema>;

const stockroomId = 'stockroom-1';
const categoryId = 'category-1';

/**
 * Reads Northwind as a lending business: its products are the items in Books, its customers are Hector's, and every order
 * is a loaner from the order date to the shipped date. What has not been shipped is not completed.
 *
 * @param source the four tables in one object
 * @throws ZodError where an order names a product or a value that cannot be used
 */
export function fromNorthwind(source: Northwind): DataSet {
  const productNames = new Map(source.products.map((product) => [product.ProductID, product.ProductName]));
  return dataSetSchema.parse({
    books: {
      organization: { id: '10234695', name: 'Northwind Traders', currencyCode: 'USD', countryCode: 'US', timeZone: 'UTC' },
      items: source.products.map((product) => ({
        name: product.ProductName, rate: String(product.UnitPrice), unit: 'pcs', description: product.QuantityPerUnit ?? '',
        productType: 'goods', accountName: 'Sales',
      })),
      contacts: [],
      // Items of the lending business are not taxed; the shop's orders are.
      taxes: northwindTaxes.map(({ name, percentage }) => ({ name, percentage })),
      accounts: [{ name: 'Sales', type: 'income' }, { name: 'Accounts Receivable', type: 'accounts_receivable' }],
      users: [{ name: 'Nancy Davolio', email: 'nancy@northwind.example', role: 'admin' }],
      currencies: [{ code: 'USD', symbol: '$', name: 'US Dollar' }],
    },
    hector: {
      customers: source.customers.map(customer),
      users: [],
      categories: [{ id: categoryId, name: 'Zoho Books', kind: 'lots' }],
      stockrooms: [{ id: stockroomId, name: 'Warehouse', loanersActivated: true, resourceField: 'customer' }],
      statuses: [
        { id: 'status-new', label: 'New', state: 'not_started' },
        { id: 'status-out', label: 'Out', state: 'in_progress' },
        { id: 'status-completed', label: 'Completed', state: 'completed' },
        { id: 'status-cancelled', label: 'Cancelled', state: 'archived' },
      ],
      attributes: [],
      loaners: source.orders.map((order) => loaner(order, productNames)),
    },
    settings: {
      calculationTypeParts: 'Per transaction', calculationTypePlaces: 'Per transaction', penaltyItem: null,
      useHectorCustomers: true, timeZone: 'UTC', categoryId, stockroomId,
    },
  });
}

function customer(row: Northwind['customers'][number]) {
  const contact = (row.ContactName ?? '').trim();
  const [firstName = '', ...rest] = contact.split(/\s+/);
  const known = [row.Address, row.City, row.PostalCode, row.Country].some((part) => part !== null);
  return {
    // One identifier ends in a blank.
    id: row.CustomerID.trim(), name: row.CompanyName, firstName, lastName: rest.join(' '), phone: row.Phone,
    billingAddress: known
      ? { attention: contact, street: row.Address, city: row.City, state: row.Region, zip: row.PostalCode, country: row.Country }
      : null,
  };
}

function loaner(order: Northwind['orders'][number], productNames: ReadonlyMap<number, string>) {
  const shippedAt = order.ShippedDate === null ? null : utc(order.ShippedDate);
  return {
    id: String(order.OrderID), number: String(order.OrderID), customerId: order.CustomerID.trim(), stockroomId,
    plannedStartAt: utc(order.OrderDate), plannedEndAt: order.RequiredDate === null ? null : utc(order.RequiredDate),
    startedAt: utc(order.OrderDate), returnedAt: shippedAt, completed: shippedAt !== null,
    lines: order.Lines.map((line) => ({ kind: 'part', item: productNames.get(line.ProductID), quantity: line.Quantity })),
  };
}

/** `1996-07-04 00:00:00.000`, which has no zone, as a time in UTC. */
function utc(timestamp: string): string {
  return `${timestamp.replace(' ', 'T')}Z`;
}
