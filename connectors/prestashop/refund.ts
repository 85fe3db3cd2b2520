import { Decimal } from 'decimal.js';
import { refundSchema, type Refund } from '../../domain/order.ts';
import { sum } from './apportion.ts';
import type { Surroundings } from './bundle.ts';
import { splitDiscount, type Discount } from './discounts.ts';
import { chargeLines, knownTaxes, productLines, taxesOf, withDiscounts, type DraftLine } from './lines.ts';
import type { Detail, OrderRow, Slip } from './schemas.ts';

/**
 * What a credit slip gives back, with tax. A slip has the totals of its products and, where a person typed another amount (type 2), that amount
 * instead (OrderSlip::create); slips from before 1.6.0.10 have no totals at all.
 */
export function slipTotal(slip: Slip): Decimal {
  const { amount, total_products_tax_excl: excluding, total_products_tax_incl: including } = slip;
  if (including.isZero() && slip.total_shipping_tax_incl.isZero()) return amount.plus(slip.shipping_cost_amount);
  const isTyped = slip.order_slip_type === '2' && !amount.isZero() && !amount.equals(excluding) && !amount.equals(including);
  return (isTyped ? amount : including).plus(slip.total_shipping_tax_incl);
}

interface Refunded {
  readonly slip: Slip;
  readonly order: Pick<OrderRow, 'carrier_tax_rate'>;
  /** The rows of the order. */
  readonly details: readonly Detail[];
}

/** PrestaShop's credit slip in the words of all shops. It has no reason. */
export function toRefund({ slip, order, details }: Refunded, shop: Pick<Surroundings, 'clock' | 'language' | 'taxes' | 'digits' | 'carrier'>): Refund {
  const total = slipTotal(slip);
  const taxes = new Map(details.map((detail) => [detail.id, taxesOf(detail, shop.taxes, shop.language)]));
  const known = knownTaxes([...taxes.values()], shop.taxes, shop.language);
  const goods = slip.associations.flatMap((row) => {
    const detail = details.find(({ id }) => id === row.id_order_detail);
    const priced = { quantity: row.product_quantity, excluding: row.amount_tax_excl, including: row.amount_tax_incl };
    return detail && !priced.including.isZero() ? productLines(detail, priced, taxes.get(detail.id) ?? [], known) : [];
  });
  const shipping = chargeLines(
    'shipping', { id: 'shipping', name: shop.carrier },
    { quantity: new Decimal(1), excluding: slip.total_shipping_tax_excl, including: slip.total_shipping_tax_incl }, order.carrier_tax_rate, known,
  );
  const lines = [...goods, ...shipping];
  return refundSchema.parse({
    orderId: slip.id_order, reason: '', refundedAt: shop.clock.iso(slip.date_add), total: total.toFixed(),
    lines: withDiscounts(lines, reduction(lines, total, shop.digits)),
  } satisfies Refund);
}

/**
 * Less may be given back than the products cost, because a voucher is kept back or a person typed an amount: that is a discount on the refund.
 */
function reduction(lines: readonly DraftLine[], total: Decimal, digits: number): readonly Discount[] {
  const amount = sum(lines.map((line) => line.amount));
  const tax = sum(lines.map((line) => line.tax));
  const kept = amount.plus(tax).minus(total);
  if (kept.lessThanOrEqualTo(0)) return [];
  const ofTax = kept.times(tax).dividedBy(amount.plus(tax)).toDecimalPlaces(Math.max(digits, kept.decimalPlaces()), Decimal.ROUND_HALF_UP);
  return splitDiscount({ amount: kept.minus(ofTax), tax: ofTax }, lines.map((line) => ({ ...line, taxKey: JSON.stringify(line.taxes) })), digits);
}
