import { z } from 'zod';
import { decimalSchema } from './money.ts';

/**
 * An order as every shop gives it, whichever software the shop runs on: a connector to a shop has a resource `orders` of this shape, and
 * one contract suite holds all of them to it (test/contract/order-source.contract.ts). Money is decimal text in the currency of the order;
 * amounts of lines are without tax, with the tax beside them.
 */

/** Decimal text, from whatever a shop writes. */
const amount = decimalSchema.transform((value) => value.toFixed());
const text = z.string();
/** ISO 8601 with zone, in UTC. */
const time = z.iso.datetime({ offset: true });

/** One rate that a line is taxed with. */
const orderTaxSchema = z.object({
  /** The shop's own id of the rate; null where it has none. */
  id: text.nullable(),
  name: text,
  /** In percent, such as `8.1`. */
  percentage: amount,
  /** Whether it is on what the rates before it come to as well; absent where the shop does not say. */
  isCompound: z.boolean().exactOptional(),
});

const orderLineSchema = z.object({
  id: text,
  kind: z.enum(['product', 'shipping', 'fee']),
  name: text,
  description: text,
  sku: text,
  /** Null where the shop does not know the product (any more). */
  productId: text.nullable(),
  quantity: amount,
  /** Of the whole line before discounts. */
  amount,
  tax: amount,
  /** What discounts and coupons take off the whole line: zero or more. */
  discount: amount,
  discountTax: amount,
  /** None: the line is not taxed. */
  taxes: z.array(orderTaxSchema),
});

/** Who the invoice goes to. Empty text where the shop has nothing. */
export const billingSchema = z.object({
  firstName: text, lastName: text, company: text, email: text, phone: text,
  street: text, street2: text, city: text, state: text, zip: text,
  /** Name or ISO code, as the shop has it. */
  country: text,
});

export const orderSchema = z.object({
  /** What people call the order; unique in its shop only. */
  number: text,
  /** The shop's own id of the status. */
  status: text,
  /** Whether the shop itself counts the order as paid. */
  isPaid: z.boolean(),
  isCancelled: z.boolean(),
  placedAt: time,
  paidAt: time.nullable(),
  /** ISO 4217. */
  currency: text,
  /** Whether customers see prices with tax. */
  pricesIncludeTax: z.boolean(),
  /** The shop's id of the customer; null for a guest. */
  customerId: text.nullable(),
  billing: billingSchema,
  lines: z.array(orderLineSchema),
  /** What the discounts are called, such as the codes of coupons. Their amounts are on the lines. */
  discountNames: z.array(text),
  /** With tax and after discounts: what the customer paid. */
  total: amount,
  totalTax: amount,
  /** What was given back, oldest first; the lines of each only in the record of the refund itself. */
  refunds: z.array(z.object({ id: text, total: amount, reason: text })),
  note: text,
});

export type Order = z.output<typeof orderSchema>;
export type OrderLine = z.output<typeof orderLineSchema>;

/**
 * A refund, read by the id `<order>:<refund>` from the resource `refunds`. Amounts are zero or more: what is given back.
 * Lines may add up to less than the total, where money was given back for no line in particular.
 */
export const refundSchema = z.object({
  orderId: text,
  reason: text,
  refundedAt: time,
  /** With tax. */
  total: amount,
  lines: z.array(orderLineSchema),
});

export type Refund = z.output<typeof refundSchema>;
