import { z } from 'zod';
import { decimalSchema } from '../../domain/money.ts';

/**
 * Rows of PrestaShop's webservice as its JSON shows them, reduced to the fields this connector reads. Which values are numbers and which are
 * text depends on the versions of PHP and of the database, so both are taken everywhere; "nothing" is empty text, null, false, `0` for ids, or
 * not there at all.
 */

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** Empty where there is nothing. */
const text = scalar.optional().transform((value) => (value === null || value === undefined || typeof value === 'boolean' ? '' : String(value)));
const id = z.union([z.string().regex(/^[1-9]\d*$/, 'is not an id'), z.int().positive()]).transform(String);
/** `0` is how PrestaShop refers to nothing. */
const reference = text.transform((value) => (value === '' || value === '0' ? null : value));
const flag = scalar.optional().transform((value) => value === true || value === 1 || value === '1');
const decimal = decimalSchema;
/** Columns that older versions do not have, or leave empty. */
const decimalOrZero = z.preprocess((value) => (value === '' || value === null || value === undefined || value === false ? 0 : value), decimalSchema);
/** The shop's own time; `0000-00-00 00:00:00` is none. */
const time = z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/, 'is not a time such as 2026-11-21 13:30:00');
const timeOrNull = text.transform((value) => (value === '' || value.startsWith('0000') ? null : value)).pipe(time.nullable());

/** A name in every language of the shop, or plain text where it has only one. */
const translated = z
  .union([z.array(z.object({ id: text, value: text })), text])
  .transform((value) => (typeof value === 'string' ? (_language: string) => value : (language: string) => (value.find((entry) => entry.id === language) ?? value[0])?.value ?? ''));

/** What belongs to a record: not there, empty text or `[]` without any, and an object instead of a list where a module meant well. */
function association<T extends z.ZodType>(name: string, row: T) {
  return z.preprocess((value) => {
    const found: unknown = isObject(value) ? value[name] : undefined;
    return isObject(found) ? Object.values(found) : (found ?? []) === '' ? [] : (found ?? []);
  }, z.array(row));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const orderRowSchema = z.object({
  id, reference: text, current_state: reference, id_currency: id, id_customer: reference, id_address_invoice: reference, id_carrier: reference,
  date_add: time, date_upd: time, invoice_date: timeOrNull,
  total_discounts_tax_excl: decimal, total_discounts_tax_incl: decimal, total_paid_tax_excl: decimal, total_paid_tax_incl: decimal,
  total_shipping_tax_excl: decimal, total_shipping_tax_incl: decimal, carrier_tax_rate: decimalOrZero,
  total_wrapping_tax_excl: decimalOrZero, total_wrapping_tax_incl: decimalOrZero,
});

export const detailSchema = z.object({
  id, product_id: reference, product_name: z.string().min(1), product_reference: text, product_quantity: decimal,
  total_price_tax_excl: decimal, total_price_tax_incl: decimal, ecotax: decimalOrZero, ecotax_tax_rate: decimalOrZero,
  associations: association('taxes', z.object({ id })),
});

export const cartRuleSchema = z.object({ id, name: text, value: decimal, value_tax_excl: decimal, free_shipping: flag, deleted: flag });

export const slipSchema = z.object({
  id, id_order: id, date_add: time, date_upd: time, amount: decimalOrZero, order_slip_type: text,
  total_products_tax_excl: decimalOrZero, total_products_tax_incl: decimalOrZero,
  total_shipping_tax_excl: decimalOrZero, total_shipping_tax_incl: decimalOrZero, shipping_cost_amount: decimalOrZero,
  // Their own `id` is that of the slip, so it tells no line from another.
  associations: association('order_slip_details', z.object({ id_order_detail: id, product_quantity: decimal, amount_tax_excl: decimal, amount_tax_incl: decimal })),
});

export const addressSchema = z.object({
  id, firstname: text, lastname: text, company: text, address1: text, address2: text, postcode: text, city: text, phone: text, phone_mobile: text,
  id_country: reference, id_state: reference,
});

export const customerSchema = z.object({ id, firstname: text, lastname: text, email: text, is_guest: flag, id_default_group: reference });
export const paymentSchema = z.object({ order_reference: text, amount: decimal, date_add: time });
export const messageSchema = z.object({ message: text, private: flag, id_employee: reference });
export const siblingSchema = z.object({ id, reference: text });

/** `precision` is new in 1.7.7; before, `decimals` says whether there are any. */
export const currencySchema = z.object({ id, iso_code: z.string().length(3), precision: text, decimals: text });
export const taxSchema = z.object({ id, rate: decimal, name: translated, active: flag, deleted: flag });
export const stateSchema = z.object({ id, name: translated, paid: flag, deleted: flag });
export const groupSchema = z.object({ id, price_display_method: text });
export const countrySchema = z.object({ id, iso_code: text });
export const regionSchema = z.object({ id, name: text });
export const carrierSchema = z.object({ id, name: text });
export const configurationSchema = z.object({ name: z.string(), value: text, id_shop: reference, id_shop_group: reference });

export const errorsSchema = z.object({ errors: z.array(z.object({ code: z.union([z.number(), z.string()]).nullish().transform((code) => (code === null || code === undefined ? 0 : Number(code))), message: text })) });

export type OrderRow = z.output<typeof orderRowSchema>;
export type Detail = z.output<typeof detailSchema>;
export type CartRule = z.output<typeof cartRuleSchema>;
export type Slip = z.output<typeof slipSchema>;
export type Address = z.output<typeof addressSchema>;
export type Customer = z.output<typeof customerSchema>;
export type Payment = z.output<typeof paymentSchema>;
export type Message = z.output<typeof messageSchema>;
export type Sibling = z.output<typeof siblingSchema>;
export type Tax = z.output<typeof taxSchema>;
