import { Decimal } from 'decimal.js';
import { decimal, roundMoney, type Money } from '../../../domain/money.ts';

export interface Tax {
  readonly id: string;
  readonly name: string;
  readonly percentage: Money;
}

/** A share in percent, or an amount. */
export type Discount = { readonly percent: Money } | { readonly amount: Money };

export interface DocumentLine {
  readonly rate: Money;
  readonly quantity: Money;
  /** Counts only where discounts belong to lines. */
  readonly discount: Discount | null;
  readonly tax: Tax | null;
}

export interface Document {
  readonly lines: readonly DocumentLine[];
  readonly discountType: 'item_level' | 'entity_level';
  /** Counts only where the discount belongs to the whole. */
  readonly discount: Discount | null;
  readonly isDiscountBeforeTax: boolean;
  /** Rates contain the tax. */
  readonly isInclusiveTax: boolean;
  readonly shippingCharge: Money;
  readonly adjustment: Money;
  /** Decimal places of the currency. */
  readonly digits: number;
}

interface LineTotals {
  readonly discountAmount: Money;
  /** Without tax, also where rates contain it. */
  readonly itemTotal: Money;
  readonly itemTotalWithTax: Money;
  readonly taxAmount: Money;
}

export interface Totals {
  readonly lines: readonly LineTotals[];
  readonly subTotal: Money;
  readonly discountTotal: Money;
  readonly taxTotal: Money;
  readonly taxes: readonly { readonly tax: Tax; readonly amount: Money }[];
  readonly total: Money;
}

/**
 * Adds a document up as Books does: each line is rounded half up, its tax too, and the sums are sums of rounded amounts
 * (Zoho Books API v3, Invoices; rounding of tax at line level is Books' default setting).
 */
export function addUp(document: Document): Totals {
  const lines = document.lines.map((line) => netLine(document, line));
  const subTotal = sum(lines.map(({ itemTotal }) => itemTotal));
  const isWhole = document.discountType === 'entity_level';
  const wholeBefore = isWhole && document.isDiscountBeforeTax ? discountOn(document, document.discount, subTotal) : decimal(0);
  const taxed = lines.map((line, index) => ({ ...line, taxAmount: lineTax(document, document.lines[index]?.tax ?? null, line, wholeBefore, subTotal) }));
  const taxTotal = sum(taxed.map(({ taxAmount }) => taxAmount));
  const wholeAfter = isWhole && !document.isDiscountBeforeTax ? discountOn(document, document.discount, subTotal.plus(taxTotal)) : decimal(0);
  const discountTotal = isWhole ? wholeBefore.plus(wholeAfter) : sum(lines.map(({ discountAmount }) => discountAmount));
  const total = subTotal.minus(wholeBefore).minus(wholeAfter).plus(taxTotal).plus(document.shippingCharge).plus(document.adjustment);
  return { lines: taxed, subTotal, discountTotal, taxTotal, taxes: byTax(document, taxed), total: roundMoney(total, document.digits) };
}

type NetLine = Omit<LineTotals, 'taxAmount'>;

function netLine(document: Document, line: DocumentLine): NetLine {
  const gross = line.rate.times(line.quantity);
  const discountAmount = document.discountType === 'item_level' ? discountOn(document, line.discount, gross) : decimal(0);
  const amount = roundMoney(gross.minus(discountAmount), document.digits);
  if (!line.tax) return { discountAmount, itemTotal: amount, itemTotalWithTax: amount };
  const factor = line.tax.percentage.div(100).plus(1);
  if (document.isInclusiveTax) return { discountAmount, itemTotal: roundMoney(amount.div(factor), document.digits), itemTotalWithTax: amount };
  return { discountAmount, itemTotal: amount, itemTotalWithTax: amount.plus(roundMoney(amount.times(factor.minus(1)), document.digits)) };
}

function lineTax(document: Document, tax: Tax | null, line: NetLine, wholeDiscount: Money, subTotal: Money): Money {
  if (!tax) return decimal(0);
  if (wholeDiscount.isZero() || subTotal.isZero()) return line.itemTotalWithTax.minus(line.itemTotal);
  const taxable = line.itemTotal.minus(line.itemTotal.times(wholeDiscount).div(subTotal));
  return roundMoney(taxable.times(tax.percentage).div(100), document.digits);
}

function discountOn(document: Document, discount: Discount | null, base: Money): Money {
  if (!discount) return decimal(0);
  return roundMoney('percent' in discount ? base.times(discount.percent).div(100) : discount.amount, document.digits);
}

function byTax(document: Document, lines: readonly LineTotals[]): { tax: Tax; amount: Money }[] {
  const taxes = new Map<string, { tax: Tax; amount: Money }>();
  for (const [index, { taxAmount }] of lines.entries()) {
    const tax = document.lines[index]?.tax;
    if (!tax) continue;
    const known = taxes.get(tax.id);
    taxes.set(tax.id, { tax, amount: known ? known.amount.plus(taxAmount) : taxAmount });
  }
  return [...taxes.values()];
}

function sum(amounts: readonly Money[]): Money {
  return amounts.reduce((total, amount) => total.plus(amount), new Decimal(0));
}
