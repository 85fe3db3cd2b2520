import { z } from 'zod';
import { decimal, decimalSchema } from '../../domain/money.ts';

/**
 * Orders and refunds as WooCommerce's REST API v3 gives them (documentation of the API, "Order properties", "Order refund properties"), reduced
 * to the fields that are read. Plug-ins leave out or add what they like: what may be absent has one spelling of "nothing".
 */

/** Ids are numbers in WooCommerce; 0 stands for none. */
const id = z.union([z.int(), z.string().regex(/^\d+$/)]).transform(String);
const idOrNull = z.union([z.int(), z.string(), z.null()]).optional().transform((value) => (value === null || value === undefined || Number(value) === 0 ? null : String(value)));
const text = z.string().nullish().transform((value) => value ?? '');

/** Money is text; it is read as a decimal, never as a float. Of a millionth PHP makes `1.0E-6`. */
const amountText = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;
const money = z.string().regex(amountText, 'is not an amount').transform(decimal);

/** In UTC and without zone, as the fields `…_gmt` are. */
const time = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/, 'is not a time').transform((value, context) => {
  const at = new Date(`${value}Z`);
  if (!Number.isNaN(at.getTime())) return at.toISOString();
  context.addIssue('is not a time');
  return z.NEVER;
});

/** Empty where the rate does not touch the line, or the side. */
const lineTax = z.object({ id, total: text, subtotal: text }).transform(({ id, total, subtotal }, context) => {
  const [after, before] = [total, subtotal].map((value) => (value === '' ? null : amountText.test(value) ? decimal(value) : undefined));
  if (after !== undefined && before !== undefined) return { id, total: after, subtotal: before };
  context.addIssue({ code: 'custom', message: 'is not an amount', path: [after === undefined ? 'total' : 'subtotal'] });
  return z.NEVER;
});
export type LineTax = z.output<typeof lineTax>;

const taxes = z.array(lineTax).nullish().transform((value) => value ?? []);

/** Whatever plug-ins write there, no order is unreadable because of it. */
const metaEntry = z.looseObject({ key: z.unknown(), value: z.unknown(), display_key: z.unknown(), display_value: z.unknown() }).partial();
const meta = z.array(metaEntry.catch({})).catch([]);
export type Meta = z.output<typeof meta>;

const productLine = z.object({
  id, name: text, product_id: idOrNull, quantity: decimalSchema, subtotal: money, subtotal_tax: money, total: money, total_tax: money, taxes, meta_data: meta, sku: text,
});
export type ProductLine = z.output<typeof productLine>;

const charge = { id, total: money, total_tax: money, taxes, meta_data: meta };
const shippingLine = z.object({ ...charge, method_title: text });
const feeLine = z.object({ ...charge, name: text });

/** `rate_percent` is younger than the rest (WooCommerce 3.7), and null in orders that are older than it. */
const taxLine = z.object({ rate_id: id, label: text, rate_percent: decimalSchema.nullish().transform((value) => value ?? null), compound: z.boolean().optional() });
export type TaxLine = z.output<typeof taxLine>;

const none = <T>(value: T[] | null | undefined) => value ?? [];
const parts = {
  line_items: z.array(productLine), shipping_lines: z.array(shippingLine).nullish().transform(none), fee_lines: z.array(feeLine).nullish().transform(none),
  tax_lines: z.array(taxLine).nullish().transform(none),
};

export const orderRowSchema = z.object({
  id, number: z.union([z.string(), z.number()]).transform(String), status: z.string(), currency: z.string(), prices_include_tax: z.boolean(),
  date_created_gmt: time, date_modified_gmt: time, date_paid_gmt: time.nullish().transform((value) => value ?? null),
  total: money, total_tax: money, customer_id: idOrNull, customer_note: text,
  billing: z.object({
    first_name: text, last_name: text, company: text, address_1: text, address_2: text, city: text, state: text, postcode: text, country: text, email: text, phone: text,
  }),
  ...parts,
  coupon_lines: z.array(z.object({ code: z.string() })).nullish().transform(none),
  refunds: z.array(z.object({ id, reason: text, total: money })).nullish().transform(none),
});
export type OrderRow = z.output<typeof orderRowSchema>;

export const refundRowSchema = z.object({ id, date_created_gmt: time, amount: money, reason: text, ...parts });
export type RefundRow = z.output<typeof refundRowSchema>;

/** Enough of an order to know which it is and whether it is one at all. */
export const identitySchema = z.object({ id, status: z.string().optional().catch(undefined), date_modified_gmt: time.nullable().catch(null) });

export const taxRateSchema = z.object({ id, name: text, rate: decimalSchema, country: text, compound: z.boolean().optional() });
export const statusSchema = z.object({ slug: z.string().min(1), name: z.string() });
export const optionSchema = z.object({ id: z.string(), value: z.unknown() });
export const siteSchema = z.object({ name: text, timezone_string: text });
