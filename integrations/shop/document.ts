import { BookbridgeError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import { decimal, roundMoney, type Money } from '../../domain/money.ts';
import type { Finding } from '../../store/types.ts';
import { lineOf, paragraphOf } from '../text.ts';
import type { Currency } from './currencies.ts';
import { asLines, reduced, withDiscounts, type DiscountedLine } from './discounts.ts';
import type { BillLine } from './lines.ts';
import { predict } from './prediction.ts';
import { priceOf } from './price.ts';
import type { ShopSettings } from './settings.ts';
import type { BooksTax } from './taxes.ts';

/** Greatest lengths in Books (API page "Invoices": name and description of a line, adjustment_description). */
const NAME_LENGTH_MAX = 100;
const DESCRIPTION_LENGTH_MAX = 2000;

/** What an order, or a refund, comes to in the shop. */
export interface Bill {
  readonly lines: readonly BillLine[];
  /** Prices are with tax. */
  readonly isInclusive: boolean;
  /** Such as the codes of coupons. */
  readonly discountNames: readonly string[];
  /** With tax. */
  readonly total: Money;
  /** Null where the shop does not say. */
  readonly totalTax: Money | null;
  readonly currency: Currency;
  /** Whether lines have a field for discounts in such a document: the API pages know none in credit notes. */
  readonly hasDiscounts: boolean;
}

/**
 * The money of a document: its lines, and in the adjustment what Books rounds differently, so that its total is the shop's.
 *
 * @throws BookbridgeError `amounts-differ` where the lines do not come to the total, `value-invalid`
 */
export function documentOf(bill: Bill, settings: ShopSettings): { readonly fields: JsonObject; readonly notes: readonly Finding[] } {
  const { isInclusive, currency, total } = bill;
  const hasFields = settings.discountsAs === 'fields' && bill.hasDiscounts;
  if (total.decimalPlaces() > currency.digits) {
    throw new BookbridgeError('value-invalid', { detail: `total: ${total.toFixed()} has more decimals than ${currency.code}, which has ${currency.digits} in Books` });
  }
  const lines = discountedLines(bill, settings);
  const { adjustment, notes } = adjust(bill, lines, settings);
  return {
    fields: {
      currency_id: currency.id,
      is_inclusive_tax: isInclusive,
      ...(hasFields && { discount_type: 'item_level', is_discount_before_tax: true }),
      line_items: lines.map((line) => lineFields(line, currency.digits)),
      adjustment: adjustment.toFixed(),
      ...(!adjustment.isZero() && { adjustment_description: 'Rounding' }),
    },
    notes,
  };
}

function discountedLines({ lines, discountNames, currency: { digits }, hasDiscounts }: Bill, { discountsAs }: ShopSettings): DiscountedLine[] {
  if (discountsAs === 'lines') return asLines(lines, discountNames, digits);
  return hasDiscounts ? withDiscounts(lines, digits) : reduced(lines, digits);
}

/** So much Books may differ: half a cent for each tax of a line in the shop, and for each amount and tax of one in Books. */
function toleranceOf({ lines: given, currency: { digits } }: Bill, lines: readonly DiscountedLine[]): Money {
  const taxes = (some: readonly { readonly tax: BooksTax }[]) => some.reduce((count, { tax }) => count + tax.parts.length, 0);
  const halves = taxes(given) + taxes(lines) + lines.length;
  return decimal(10).pow(-digits).times(Math.max(halves / 2, 1));
}

function adjust(bill: Bill, lines: readonly DiscountedLine[], { taxRounding }: ShopSettings): { adjustment: Money; notes: Finding[] } {
  const { isInclusive, currency: { digits, code }, total, totalTax } = bill;
  const predicted = predict(lines.map(({ amount, discount, tax }) => ({ amount: amount.minus(discount), tax })), { isInclusive, taxRounding, digits });
  const adjustment = total.minus(predicted.total);
  const tolerance = toleranceOf(bill, lines);
  if (adjustment.abs().greaterThan(tolerance)) {
    throw new BookbridgeError('amounts-differ', { detail: `the lines come to ${predicted.total.toFixed(digits)} ${code}, and the total is ${total.toFixed(digits)} ${code}` });
  }
  const taxDifference = totalTax === null ? decimal(0) : totalTax.minus(predicted.tax);
  if (taxDifference.abs().greaterThan(tolerance)) {
    throw new BookbridgeError('amounts-differ', { detail: `Books would come to a tax of ${predicted.tax.toFixed(digits)} ${code} for these lines, and the shop's is ${roundMoney(totalTax ?? decimal(0), digits).toFixed(digits)} ${code}` });
  }
  const note: Finding = { code: 'rounding-adjusted', detail: `${adjustment.toFixed(digits)} ${code}: Books comes to ${predicted.total.toFixed(digits)}, the shop to ${total.toFixed(digits)}` };
  return { adjustment, notes: adjustment.isZero() ? [] : [note] };
}

function lineFields({ name, description, quantity, amount, discount, tax }: DiscountedLine, digits: number): JsonObject {
  const price = priceOf({ amount, discount, quantity }, digits);
  const short = paragraphOf(lineOf(name), NAME_LENGTH_MAX);
  const remarks = [
    ...(short === lineOf(name) ? [] : [lineOf(name)]),
    ...(price.isWhole ? [`Quantity: ${quantity.toFixed()}`] : []),
    ...(description === '' ? [] : [description]),
  ];
  return {
    name: short, description: paragraphOf(remarks.join('\n'), DESCRIPTION_LENGTH_MAX),
    quantity: price.quantity.toFixed(), rate: price.rate.toFixed(),
    ...(!discount.isZero() && { discount: discount.toFixed() }),
    ...(tax.id !== null && { tax_id: tax.id }),
  };
}
