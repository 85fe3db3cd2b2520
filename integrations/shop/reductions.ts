import { decimal, type Money } from '../../domain/money.ts';
import type { OrderLine } from '../../domain/order.ts';
import { total } from './prediction.ts';
import { taxKey, toldParts } from './taxes.ts';

/** What nobody rounds to: so near two explanations of a tax are equally good. */
const NEAR = decimal('0.0005');

/**
 * A fee that takes something off works like a discount: a shop takes it off all lines, so its tax is a mixture of theirs and no tax of Books. Such
 * fees are divided between the taxes of the other lines, in the share that each has of the amount.
 *
 * @returns the lines, each with rates that other lines have too or that give its tax
 */
export function withoutMixedTaxes(given: readonly OrderLine[]): readonly OrderLine[] {
  const lines = given.map((line) => (isNothing(line) ? { ...line, taxes: [] } : line));
  const reductions = lines.filter(({ amount }) => decimal(amount).isNegative());
  const goods = lines.filter((line) => netOf(line).greaterThan(0));
  const groups = [...Map.groupBy(goods, ({ taxes }) => taxKey(taxes))];
  const keys = new Set(groups.map(([key]) => key));
  const [first] = reductions;
  if (!first || groups.length === 0) return lines;
  const whole = total(goods.map(netOf));
  const taken = total(reductions.map(({ amount }) => decimal(amount)));
  const names = [...new Set(reductions.map(({ name }) => name))];
  const divided = groups.flatMap(([, alike], index): OrderLine[] => {
    const share = total(alike.map(netOf)).div(whole);
    const amount = taken.times(share);
    const taxes = alike[0]?.taxes ?? [];
    const tax = plainTax({ amount: amount.toFixed(), taxes });
    return [{ ...first, id: `${first.id}:${index}`, name: names.join(', '), quantity: '1', amount: amount.toFixed(), tax: tax.toFixed(), discount: '0', discountTax: '0', taxes }];
  });
  // Whatever comes nearer to the tax of the shop; where both do, taxes that other lines have too are more likely to be in Books.
  const told = total(reductions.map(({ tax }) => decimal(tax)));
  const farness = (some: readonly OrderLine[]) => total(some.map(plainTax)).minus(told).abs();
  const isForeign = reductions.some(({ taxes }) => !keys.has(taxKey(taxes)));
  const isPlain = isForeign ? farness(divided).greaterThan(farness(reductions).plus(NEAR)) : farness(divided).plus(NEAR).greaterThanOrEqualTo(farness(reductions));
  if (isPlain) return lines;
  return lines.flatMap((line) => (line === first ? divided : reductions.includes(line) ? [] : [line]));
}

/** What comes to nothing needs no tax, such as a fee that has nothing to take anything off. */
function isNothing({ kind, amount, tax }: OrderLine): boolean {
  return kind !== 'product' && decimal(amount).isZero() && decimal(tax).isZero();
}

function netOf({ amount, discount }: OrderLine): Money {
  return decimal(amount).minus(discount);
}

/** What the rates give. */
function plainTax({ amount, taxes }: Pick<OrderLine, 'amount' | 'taxes'>): Money {
  return total(toldParts(taxes).map((part) => decimal(amount).times(part).div(100)));
}
