import { decimal, roundMoney, type Money } from '../../domain/money.ts';
import type { BooksTax } from './taxes.ts';

/** A line as it is added up: what rate, quantity and discount come to, rounded to the currency; with the tax where rates contain it. */
export interface CountedLine {
  readonly amount: Money;
  readonly tax: BooksTax;
}

interface Counting {
  readonly isInclusive: boolean;
  /** Whether Books rounds taxes line by line, or once for the document. */
  readonly taxRounding: 'line' | 'document';
  /** Decimal places of the currency. */
  readonly digits: number;
}

/**
 * What Books will make of lines, without adjustment (docs/apis/zoho-books.md, "How a document adds up"). Where rates contain the tax, the total
 * is the sum of the lines. Where they do not, the tax is on top: of each line, rounded part by part, or of each tax of the whole document.
 *
 * @returns the total with tax, and the tax within
 */
export function predict(lines: readonly CountedLine[], counting: Counting): { readonly total: Money; readonly tax: Money } {
  const sum = total(lines.map(({ amount }) => amount));
  const tax = counting.taxRounding === 'line' ? total(lines.map((line) => lineTax(line, counting))) : documentTax(lines, counting);
  return counting.isInclusive ? { total: sum, tax } : { total: sum.plus(tax), tax };
}

function lineTax({ amount, tax }: CountedLine, { isInclusive, digits }: Counting): Money {
  if (isInclusive) return amount.minus(roundMoney(netOf(amount, tax), digits));
  return total(tax.parts.map((part) => roundMoney(amount.times(part).div(100), digits)));
}

function documentTax(lines: readonly CountedLine[], { isInclusive, digits }: Counting): Money {
  const parts = lines.flatMap(({ amount, tax }) => {
    const net = isInclusive ? netOf(amount, tax) : amount;
    return tax.parts.map((part, index) => ({ key: `${tax.id}/${index}`, tax: net.times(part).div(100) }));
  });
  const byPart = Map.groupBy(parts, ({ key }) => key).values();
  return total([...byPart].map((some) => roundMoney(total(some.map(({ tax }) => tax)), digits)));
}

/** Without the tax that it contains. */
export function netOf(amount: Money, { percentage }: Pick<BooksTax, 'percentage'>): Money {
  return amount.div(percentage.div(100).plus(1));
}

export function total(amounts: Iterable<Money>): Money {
  let sum = decimal(0);
  for (const amount of amounts) sum = sum.plus(amount);
  return sum;
}
