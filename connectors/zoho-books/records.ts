import { z } from 'zod';
import { amount, count, date, discount, flag, id, maybe, percentage, text, time } from './fields.ts';

/**
 * The fields that are read, by the names of the API (https://www.zoho.com/books/api/v3/, one page per resource). What is not
 * optional here is what a record cannot be used without.
 */

const address = z.object({
  attention: text, address: text, street2: text, city: text, state: text, state_code: text, zip: text,
  country: text, country_code: text, phone: text, fax: text,
}).partial();

const contactPerson = z.object({
  contact_person_id: id,
  salutation: text.optional(),
  first_name: text.optional(),
  last_name: text.optional(),
  email: text.optional(),
  phone: text.optional(),
  mobile: text.optional(),
  designation: text.optional(),
  department: text.optional(),
  is_primary_contact: maybe(flag),
});

/** `billing_address` and `contact_persons` only on the single record. */
export const contact = z.object({
  contact_id: id,
  contact_name: z.string().min(1),
  company_name: text.optional(),
  contact_type: text.optional(),
  status: text.optional(),
  first_name: text.optional(),
  last_name: text.optional(),
  email: text.optional(),
  phone: text.optional(),
  mobile: text.optional(),
  language_code: text.optional(),
  currency_id: text.optional(),
  currency_code: text.optional(),
  billing_address: maybe(address),
  contact_persons: maybe(z.array(contactPerson)),
  last_modified_time: maybe(time),
});

export const item = z.object({
  item_id: id,
  name: z.string().min(1),
  rate: maybe(amount),
  unit: text.optional(),
  status: text.optional(),
  description: text.optional(),
  sku: text.optional(),
  product_type: text.optional(),
  item_type: text.optional(),
  tax_id: text.optional(),
  tax_percentage: percentage.optional(),
  last_modified_time: maybe(time),
});

/** Headers and subtotals among the lines have neither rate nor quantity. */
const line = z.object({
  line_item_id: maybe(id),
  item_id: text.optional(),
  name: text.optional(),
  description: text.optional(),
  rate: maybe(amount),
  quantity: maybe(amount),
  unit: text.optional(),
  discount: discount.optional(),
  item_total: maybe(amount),
  tax_id: text.optional(),
  tax_percentage: percentage.optional(),
});

/** What invoices and credit notes share; `sub_total`, `tax_total` and `line_items` only on the single record. */
const document = z.object({
  status: z.string().min(1),
  customer_id: id,
  total: amount,
  reference_number: text.optional(),
  date: date.optional(),
  customer_name: text.optional(),
  sub_total: maybe(amount),
  tax_total: maybe(amount),
  adjustment: maybe(amount),
  balance: maybe(amount),
  currency_id: text.optional(),
  currency_code: text.optional(),
  exchange_rate: maybe(amount),
  is_inclusive_tax: maybe(flag),
  /** `item_level`: taxes are rounded line by line. `entity_level`: once for the document. */
  tax_rounding: text.optional(),
  line_items: maybe(z.array(line)),
  last_modified_time: maybe(time),
});

export const invoice = document.extend({ invoice_id: id, invoice_number: text, due_date: date.optional() });

/** The single record calls the time of change `updated_time`. */
export const creditnote = document.extend({
  creditnote_id: id,
  creditnote_number: text,
  updated_time: maybe(time),
});

export const organization = z.object({
  organization_id: id,
  name: z.string().min(1),
  is_default_org: maybe(flag),
  is_org_active: maybe(flag),
  plan_name: text.optional(),
  language_code: text.optional(),
  time_zone: text.optional(),
  currency_id: text.optional(),
  currency_code: text.optional(),
  price_precision: maybe(count),
});

export const tax = z.object({
  tax_id: id,
  tax_name: text,
  tax_percentage: percentage,
  /** `tax`, `compound_tax`, or, as observed, `tax_group`: several taxes in one. */
  tax_type: text.optional(),
  is_default_tax: maybe(flag),
  is_inactive: maybe(flag),
});

export const account = z.object({
  account_id: id,
  account_name: text,
  account_code: text.optional(),
  account_type: text.optional(),
  is_active: maybe(flag),
  last_modified_time: maybe(time),
});

/** `email` only in the list. */
export const user = z.object({
  user_id: id,
  name: text,
  email: text.optional(),
  user_role: text.optional(),
  status: text.optional(),
});

export const currency = z.object({
  currency_id: id,
  currency_code: z.string().min(1),
  currency_name: text.optional(),
  currency_symbol: text.optional(),
  price_precision: maybe(count),
  exchange_rate: maybe(amount),
  is_base_currency: maybe(flag),
});
