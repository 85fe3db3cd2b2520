import { decimal, type Money } from '../../domain/money.ts';
import type { OrderLine } from '../../domain/order.ts';
import { total } from './prediction.ts';
import { taxKey } from './taxes.ts';

/** Further from what its rate gives, in any currency, a tax is not rounded but mixed. */
const MIXED_FROM = decimal('0.02');

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
  if (!first || groups.length === 0 || !reductions.some((line) => !keys.has(taxKey(line.taxes)) || isMixed(line))) return lines;
  const whole = total(goods.map(netOf));
  const taken = total(reductions.map(({ amount }) => decimal(amount)));
  const names = [...new Set(reductions.map(({ name }) => name))];
  const divided = groups.flatMap(([, alike], index): OrderLine[] => {
    const share = total(alike.map(netOf)).div(whole);
    const amount = taken.times(share);
    const taxes = alike[0]?.taxes ?? [];
    const tax = total(taxes.map(({ percentage }) => amount.times(percentage).div(100)));
    return [{ ...first, id: `${first.id}:${index}`, name: names.join(', '), quantity: '1', amount: amount.toFixed(), tax: tax.toFixed(), discount: '0', discountTax: '0', taxes }];
  });
  return lines.flatMap((line) => (line === first ? divided : reductions.includes(line) ? [] : [line]));
}

/** What comes to nothing needs no tax, such as a fee that has nothing to take anything off. */
function isNothing({ kind, amount, tax }: OrderLine): boolean {
  return kind !== 'product' && decimal(amount).isZero() && decimal(tax).isZero();
}

function netOf({ amount, discount }: OrderLine): Money {
  return decimal(amount).minus(discount);
}

function isMixed({ amount, tax, taxes }: OrderLine): boolean {
  const plain = total(taxes.map(({ percentage }) => decimal(amount).times(percentage).div(100)));
  return plain.minus(tax).abs().greaterThan(MIXED_FROM);
}
