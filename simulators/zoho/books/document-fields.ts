import { z } from 'zod';
import { customFieldsInput } from './custom-fields.ts';
import { amount, flag, idText, text } from './input.ts';

const date = z.iso.date();

/** A number, or a share such as `10%`. */
const discount = z.union([z.string().regex(/^\d+(\.\d+)?%$/), amount]);
export type DiscountInput = z.output<typeof discount>;

const lineInput = z.object({
  line_item_id: idText.optional(),
  item_id: idText.optional(),
  name: text(100).optional(),
  description: text(2000).optional(),
  rate: amount.optional(),
  quantity: amount.optional(),
  unit: text(100).optional(),
  discount: discount.optional(),
  tax_id: idText.optional(),
  item_order: z.coerce.number().optional(),
});
export type LineInput = z.output<typeof lineInput>;

/** What invoices and credit notes share. */
const documentInput = z.object({
  customer_id: idText.optional(),
  currency_id: idText.optional(),
  exchange_rate: amount.optional(),
  reference_number: text(100).optional(),
  date: date.optional(),
  discount: discount.optional(),
  is_discount_before_tax: flag.optional(),
  discount_type: z.enum(['entity_level', 'item_level']).optional(),
  is_inclusive_tax: flag.optional(),
  line_items: z.array(lineInput).optional(),
  shipping_charge: amount.optional(),
  adjustment: amount.optional(),
  adjustment_description: text(200).optional(),
  notes: text(5000).optional(),
  terms: text(10_000).optional(),
  place_of_supply: text(10).optional(),
  custom_fields: customFieldsInput.optional(),
});
export type DocumentInput = z.output<typeof documentInput>;

/** Zoho Books API v3, Invoices. */
export const invoiceInput = documentInput.extend({
  invoice_number: text(100).optional(),
  due_date: z.union([z.literal('').transform(() => undefined), date]).optional(),
  payment_terms: z.union([z.int(), z.string().regex(/^\d+$/).transform(Number)]).optional(),
  payment_terms_label: text(100).optional(),
  salesperson_name: text(200).optional(),
  zcrm_potential_id: idText.optional(),
});
export type InvoiceInput = z.output<typeof invoiceInput>;

/** Zoho Books API v3, Credit Notes. */
export const creditnoteInput = documentInput.extend({
  creditnote_number: text(100).optional(),
  ignore_auto_number_generation: flag.optional(),
  is_draft: flag.optional(),
});
