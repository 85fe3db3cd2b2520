import { decimal, roundMoney, type Money } from '../../domain/money.ts';
import type { Refund } from '../../domain/order.ts';
import type { BillLine } from './lines.ts';
import { netOf, total } from './prediction.ts';

interface Given {
  readonly refund: Refund;
  /** Prices of its order are with tax. */
  readonly isInclusive: boolean;
  /** Decimal places of the currency. */
  readonly digits: number;
}

/**
 * What was given back for no line in particular, as one line for each tax of the order, in the share that it had of what was paid. Where a shop gave
 * back less than the lines it names, the lines are below zero, for the taxes of those lines.
 *
 * @param own the lines of the refund
 * @param ofOrder the lines of the order
 */
export function restLines({ refund, isInclusive, digits }: Given, own: readonly BillLine[], ofOrder: readonly BillLine[]): BillLine[] {
  const rest = decimal(refund.total).minus(total(refund.lines.map(givenBack)));
  // No more than half a cent for each amount and each tax is rounding, which the adjustment takes.
  const halves = own.reduce((count, { tax }) => count + 1 + tax.parts.length, 0);
  if (rest.abs().lessThanOrEqualTo(decimal(10).pow(-digits).times(halves / 2))) return [];
  const paid = ({ amount, discount, tax }: BillLine) => (isInclusive ? amount.minus(discount) : amount.minus(discount).times(tax.percentage.div(100).plus(1)));
  const sharing = rest.isNegative() ? own : ofOrder;
  const whole = total(sharing.map(paid));
  const alikes = [...Map.groupBy(sharing, ({ taxKey }) => taxKey).values()];
  // Where a fee takes all off, what was paid is nothing but rounding, and no tax has a share in it.
  const groups = whole.isZero() ? alikes.slice(0, 1) : alikes.filter((alike) => !total(alike.map(paid)).isZero());
  let shared = decimal(0);
  let rounded = decimal(0);
  return groups.flatMap((alike, index) => {
    const [first] = alike;
    // Rounded by what all so far have, so that no share is below zero because others were rounded up.
    shared = index === groups.length - 1 ? rest : shared.plus(rest.times(total(alike.map(paid))).div(whole));
    const share = roundMoney(shared, digits).minus(rounded);
    rounded = rounded.plus(share);
    if (!first || share.isZero()) return [];
    const amount = isInclusive ? share : netOf(share, first.tax);
    return [{ name: 'Refund', description: '', quantity: decimal(1), amount, discount: decimal(0), tax: first.tax, taxKey: first.taxKey }];
  });
}

function givenBack({ amount, tax, discount, discountTax }: Refund['lines'][number]): Money {
  return decimal(amount).plus(tax).minus(discount).minus(discountTax);
}
