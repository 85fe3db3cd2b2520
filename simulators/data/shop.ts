import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { statusNames, type ShopData } from '../shop/types.ts';
import { northwindShopSchema, shopFromNorthwind } from './northwind-shop.ts';

/** What a simulated shop begins with: the member `shop` of a data set of ours. */

const text = z.string().min(1);
const id = z.string().regex(/^\d+$/, 'is not an id of digits');
const amount = z.string().regex(/^-?\d+(\.\d+)?$/, 'is not an amount such as "4.50"');
const time = z.iso.datetime({ offset: true });
const empty = z.string().default('');

const billing = z.object({
  firstName: empty, lastName: empty, company: empty, email: empty, phone: empty,
  street: empty, street2: empty, city: empty, state: empty, zip: empty, country: empty,
});

const charge = z.object({ name: text, price: amount, taxRateIds: z.array(id).default([]) });

const order = z.strictObject({
  number: text.optional(), placedAt: time, paidAt: time.nullable().optional(), status: z.enum(statusNames).optional(),
  customerId: id.nullable().optional(), billing: billing.partial().optional(), currency: z.string().length(3).optional(),
  lines: z.array(z.strictObject({ productId: id, quantity: z.int().min(1), price: amount.optional(), discountPercent: amount.optional(), description: text.optional() })),
  shipping: z.array(charge).optional(), fees: z.array(charge).optional(), coupons: z.array(text).optional(), note: text.optional(),
  refunds: z.array(z.strictObject({
    lines: z.array(z.strictObject({ line: z.int().min(0), quantity: z.int().min(1) })).optional(), amount: amount.optional(), reason: text.optional(), refundedAt: time.optional(),
  })).optional(),
});

export const shopSettingsSchema = z.strictObject({
  name: text, currency: z.string().length(3), digits: z.int().min(0).max(3), pricesIncludeTax: z.boolean(), roundsAt: z.enum(['line', 'subtotal']), timeZone: text,
});

const shopDataSchema: z.ZodType<ShopData> = z.strictObject({
  settings: shopSettingsSchema.extend({ digits: shopSettingsSchema.shape.digits.default(2), roundsAt: shopSettingsSchema.shape.roundsAt.default('line') }),
  taxRates: z.array(z.strictObject({ id, name: text, percentage: amount, country: empty })),
  products: z.array(z.strictObject({ id, name: text, sku: empty, price: amount, taxRateIds: z.array(id).default([]) })),
  customers: z.array(z.strictObject({ id, billing })),
  coupons: z.array(z.strictObject({ code: text, kind: z.enum(['percent', 'amount']), value: amount })),
  orders: z.array(order),
});

const fileSchema = z.union([
  z.object({ shop: shopDataSchema }).transform(({ shop }) => shop),
  northwindShopSchema.transform(shopFromNorthwind),
]);
const defaultFile = new URL('shop.json', import.meta.url);

/**
 * Reads what a shop begins with: a data set of ours with a member `shop`, or Northwind's tables.
 *
 * @param file path of a JSON file; null takes the small shop that comes with the simulators
 * @throws Error which names the file and what is wrong with it
 */
export async function loadShopData(file: string | null): Promise<ShopData> {
  const source = file ?? defaultFile;
  const parsed = fileSchema.safeParse(JSON.parse(await readFile(source, 'utf8')));
  if (!parsed.success) throw new Error(`The data set ${String(source)} has no shop that can be used: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
