import { z } from 'zod';
import { jsonBody, type Call, type Reply } from '../kit/call.ts';
import type { Service } from '../kit/service.ts';
import { statusNames } from './types.ts';
import type { ShopWorld } from './world.ts';

const id = z.string().regex(/^\d+$/);
const amount = z.string().regex(/^-?\d+(\.\d+)?$/);
const time = z.iso.datetime({ offset: true });
const billing = z.record(z.string(), z.string());
const line = z.strictObject({ productId: id, quantity: z.int().min(1), price: amount.optional(), discountPercent: amount.optional(), description: z.string().optional() });
const charge = z.strictObject({ name: z.string(), price: amount, taxRateIds: z.array(id).default([]) });
const status = z.enum(statusNames);

const placeSchema = z.strictObject({
  placedAt: time.optional(), paidAt: time.nullable().optional(), customerId: id.nullable().optional(), billing: billing.optional(), currency: z.string().optional(), lines: z.array(line),
  shipping: z.array(charge).optional(), fees: z.array(charge).optional(), coupons: z.array(z.string()).optional(), note: z.string().optional(), status: status.optional(),
});
const changeSchema = z.strictObject({
  id, status: status.optional(), billing: billing.optional(), note: z.string().optional(), quantities: z.record(id, z.int().min(0)).optional(),
  addLines: z.array(line).optional(), addShipping: z.array(charge).optional(), addFees: z.array(charge).optional(),
});
const refundSchema = z.strictObject({
  id, lines: z.array(z.strictObject({ lineId: id, quantity: z.int().min(1) })).optional(), amount: amount.optional(), reason: z.string().optional(), refundedAt: time.optional(),
});

/**
 * The control routes every simulated shop adds to those of the kit, each a POST with the id in the body: `orders` places one, `orders/change`,
 * `orders/pay` {id, at?}, `orders/cancel`, `orders/refund`, `orders/remove` {id, forGood?}, `orders/spoil` {id, fields}, and `products/remove`.
 */
export function shopControl(world: ShopWorld, spoil: (orderId: string, fields: Readonly<Record<string, unknown>>) => void): NonNullable<Service['control']> {
  return {
    'POST orders': (call) => ok(world.place(placeSchema.parse(jsonBody(call)))),
    'POST orders/change': (call) => {
      const { id, ...change } = changeSchema.parse(jsonBody(call));
      return ok(world.change(id, change));
    },
    'POST orders/pay': (call) => {
      const { id: orderId, at } = z.strictObject({ id, at: time.optional() }).parse(jsonBody(call));
      return ok(world.pay(orderId, at));
    },
    'POST orders/cancel': (call) => ok(world.cancel(idOf(call))),
    'POST orders/refund': (call) => {
      const { id, ...wanted } = refundSchema.parse(jsonBody(call));
      return ok(world.refund(id, wanted));
    },
    'POST orders/remove': (call) => {
      const { id: orderId, forGood = false } = z.strictObject({ id, forGood: z.boolean().optional() }).parse(jsonBody(call));
      world.remove(orderId, { forGood });
      return ok({});
    },
    'POST orders/spoil': (call) => {
      const { id: orderId, fields } = z.strictObject({ id: z.string(), fields: z.record(z.string(), z.unknown()) }).parse(jsonBody(call));
      spoil(orderId, fields);
      return ok({});
    },
    'POST products/remove': (call) => {
      world.removeProduct(idOf(call));
      return ok({});
    },
  };
}

function idOf(call: Call): string {
  return z.strictObject({ id }).parse(jsonBody(call)).id;
}

function ok(json: unknown): Reply {
  return { status: 200, json };
}
