import { decimal, roundMoney, type Money } from '../../domain/money.ts';
import type { Order, Refund } from '../../domain/order.ts';
import { taxKey } from './taxes.ts';
import type { BillLine } from './lines.ts';
import { netOf, total } from './prediction.ts';

interface Given {
  readonly refund: Refund;
  readonly order: Order;
  /** Decimal places of the currency. */
  readonly digits: number;
}

/**
 * What was given back for no line in particular, as one line for each tax of the order, in the share that it had of what was paid. Where a shop gave
 * back less than the lines it names, the lines are below zero.
 *
 * @param ofOrder the lines of the order as {@link Given.order} has them
 */
export function restLines({ refund, order, digits }: Given, ofOrder: readonly BillLine[]): BillLine[] {
  const rest = decimal(refund.total).minus(total(refund.lines.map((line) => withTax(line))));
  // No more than rounding, which the adjustment takes.
  if (rest.abs().lessThanOrEqualTo(decimal(10).pow(-digits).times(refund.lines.length))) return [];
  const paid = Map.groupBy(order.lines, ({ taxes }) => taxKey(taxes));
  const whole = total(order.lines.map((line) => withTax(line)));
  if (whole.isZero()) return [];
  let left = roundMoney(rest, digits);
  return [...paid].flatMap(([key, lines], index) => {
    const alike = ofOrder.find((line) => line.taxKey === key);
    if (!alike) return [];
    const share = index === paid.size - 1 ? left : roundMoney(rest.times(total(lines.map((line) => withTax(line)))).div(whole), digits);
    left = left.minus(share);
    if (share.isZero()) return [];
    const amount = order.pricesIncludeTax ? share : netOf(share, alike.tax);
    return [{ name: 'Refund', description: '', quantity: decimal(1), amount, discount: decimal(0), tax: alike.tax, taxKey: key }];
  });
}

/** What was paid for a line, or given back of it. */
function withTax({ amount, tax, discount, discountTax }: Order['lines'][number]): Money {
  return decimal(amount).plus(tax).minus(discount).minus(discountTax);
}
