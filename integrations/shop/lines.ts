import { decimal, type Money } from '../../domain/money.ts';
import type { OrderLine } from '../../domain/order.ts';
import type { Known } from '../integration.ts';
import { lineOf } from '../text.ts';
import { withoutMixedTaxes } from './reductions.ts';
import type { ShopSettings } from './settings.ts';
import { matchTax, taxKey, type BooksTax } from './taxes.ts';

/** A line on its way to Books, before it is rounded; amounts are with tax where the document's are. */
export interface BillLine {
  readonly name: string;
  readonly description: string;
  readonly quantity: Money;
  /** Before discounts, of the whole line; may be below zero. */
  readonly amount: Money;
  readonly discount: Money;
  readonly tax: BooksTax;
  /** Lines with the same key are taxed alike. */
  readonly taxKey: string;
}

const kinds = { product: 'Product', shipping: 'Shipping', fee: 'Fee' } as const;

/**
 * The lines of an order or of a refund with their taxes in Books.
 *
 * @param isInclusive whether amounts are to be with tax
 * @param digits decimal places of the currency
 * @throws BookbridgeError `tax-unmatched`, `tax-ambiguous`
 */
export function billLines(given: readonly OrderLine[], { isInclusive, digits }: { isInclusive: boolean; digits: number }, known: Pick<Known, 'all'>, settings: ShopSettings): BillLine[] {
  const lines = withoutMixedTaxes(given);
  const matched = matchedTaxes(lines, digits, known, settings);
  const none: BooksTax = { id: null, percentage: decimal(0), parts: [] };
  return lines.map((line) => {
    const key = taxKey(line.taxes);
    const withTax = (net: string, tax: string) => (isInclusive ? decimal(net).plus(tax) : decimal(net));
    return {
      name: lineOf(line.name) || lineOf(line.sku) || kinds[line.kind],
      description: [line.description.trim(), line.sku.trim() === '' ? '' : `SKU: ${lineOf(line.sku)}`].filter(Boolean).join('\n'),
      quantity: decimal(line.quantity), amount: withTax(line.amount, line.tax), discount: withTax(line.discount, line.discountTax),
      tax: matched.get(key) ?? none, taxKey: key,
    };
  });
}

/** Each combination of rates is looked for once, by what it came to on all its lines. */
function matchedTaxes(lines: readonly OrderLine[], digits: number, known: Pick<Known, 'all'>, settings: ShopSettings): Map<string, BooksTax> {
  const groups = Map.groupBy(lines, ({ taxes }) => taxKey(taxes));
  return new Map([...groups].map(([key, some]) => {
    const net = some.reduce((sum, { amount }) => sum.plus(amount), decimal(0));
    const tax = some.reduce((sum, line) => sum.plus(line.tax), decimal(0));
    return [key, matchTax({ taxes: some[0]?.taxes ?? [], net, tax, rounding: decimal(10).pow(-digits).times(some.length) }, known, settings)];
  }));
}
