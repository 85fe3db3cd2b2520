import { z } from 'zod';
import {
  addressSchema, cartRuleSchema, customerSchema, detailSchema, messageSchema, orderRowSchema, paymentSchema, siblingSchema, slipSchema, type Tax,
} from './schemas.ts';
import type { ShopClock } from './time.ts';

/** An order with all that belongs to it; named as the webservice names it, because people read these names where something is wrong. */
export const bundleSchema = z.object({
  order: orderRowSchema,
  order_details: z.array(detailSchema),
  order_cart_rules: z.array(cartRuleSchema),
  order_slips: z.array(slipSchema),
  /** Null where it was taken out of the database. */
  address: addressSchema.nullable(),
  customer: customerSchema.nullable(),
  order_payments: z.array(paymentSchema),
  messages: z.array(messageSchema),
  /** All orders with the same reference, this one among them. */
  siblings: z.array(siblingSchema),
});

export type Bundle = z.output<typeof bundleSchema>;

/** What the shop says of the things that this order refers to. */
export interface Surroundings {
  readonly clock: ShopClock;
  readonly language: string;
  readonly taxes: ReadonlyMap<string, Tax>;
  /** ISO 4217. */
  readonly currency: string;
  /** Decimal places of it. */
  readonly digits: number;
  readonly isPaid: boolean;
  readonly isCancelled: boolean;
  readonly pricesIncludeTax: boolean;
  readonly carrier: string;
  /** ISO 3166. */
  readonly country: string;
  readonly region: string;
}
