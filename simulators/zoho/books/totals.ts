import { Decimal } from 'decimal.js';
import { decimal, roundMoney, type Money } from '../../../domain/money.ts';

export interface TaxPart {
  readonly id: string;
  readonly name: string;
  readonly percentage: Money;
}

/** A tax, whose only part is itself, or a group of several; the percentage is that of all parts. */
export interface Tax extends TaxPart {
  readonly parts: readonly TaxPart[];
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
  /** Taxes are rounded line by line, or once for the whole document. */
  readonly taxRounding: 'item_level' | 'entity_level';
  readonly shippingCharge: Money;
  readonly adjustment: Money;
  /** Decimal places of the currency. */
  readonly digits: number;
}

export interface TaxAmount {
  readonly tax: TaxPart;
  readonly amount: Money;
}

interface LineTotals {
  readonly discountAmount: Money;
  /** Without tax, also where rates contain it. */
  readonly itemTotal: Money;
  readonly itemTotalWithTax: Money;
  readonly taxes: readonly TaxAmount[];
}

export interface Totals {
  readonly lines: readonly LineTotals[];
  readonly subTotal: Money;
  readonly discountTotal: Money;
  readonly taxTotal: Money;
  readonly taxes: readonly TaxAmount[];
  readonly total: Money;
}

/**
 * Adds a document up as Books does: each line is rounded half up, its tax too, part by part, and the sums are sums of rounded amounts
 * (Zoho Books API v3, Invoices). An organization may have its taxes rounded once instead; answers call that `tax_rounding`.
 */
export function addUp(document: Document): Totals {
  const lines = document.lines.map((line) => netLine(document, line));
  const isWhole = document.discountType === 'entity_level';
  const netSum = sum(lines.map(({ itemTotal }) => itemTotal));
  const wholeBefore = isWhole && document.isDiscountBeforeTax ? discountOn(document, document.discount, netSum) : decimal(0);
  const taxed = lines.map((line) => ({ ...line, taxes: lineTaxes(document, line, wholeBefore, netSum) }));
  const taxes = document.taxRounding === 'entity_level' ? wholeTaxes(document, lines, wholeBefore, netSum) : byTax(taxed.flatMap((line) => line.taxes));
  const taxTotal = sum(taxes.map(({ amount }) => amount));
  const isRoundedOnce = document.taxRounding === 'entity_level' && document.isInclusiveTax && wholeBefore.isZero();
  const subTotal = isRoundedOnce ? sum(lines.map(({ amount }) => amount)).minus(taxTotal) : netSum;
  const wholeAfter = isWhole && !document.isDiscountBeforeTax ? discountOn(document, document.discount, subTotal.plus(taxTotal)) : decimal(0);
  const discountTotal = isWhole ? wholeBefore.plus(wholeAfter) : sum(lines.map(({ discountAmount }) => discountAmount));
  const total = subTotal.minus(wholeBefore).minus(wholeAfter).plus(taxTotal).plus(document.shippingCharge).plus(document.adjustment);
  return {
    lines: taxed.map((line) => ({ ...line, itemTotalWithTax: document.isInclusiveTax ? line.amount : line.amount.plus(sum(line.taxes.map(({ amount }) => amount))) })),
    subTotal, discountTotal, taxTotal, taxes, total: roundMoney(total, document.digits),
  };
}

interface NetLine {
  readonly tax: Tax | null;
  readonly discountAmount: Money;
  /** What rate and quantity come to after the line's discount, with the tax where rates contain it. */
  readonly amount: Money;
  readonly itemTotal: Money;
}

function netLine(document: Document, line: DocumentLine): NetLine {
  const { tax } = line;
  const gross = line.rate.times(line.quantity);
  const discountAmount = document.discountType === 'item_level' ? discountOn(document, line.discount, gross) : decimal(0);
  const amount = roundMoney(gross.minus(discountAmount), document.digits);
  const itemTotal = tax && document.isInclusiveTax ? roundMoney(amount.div(factorOf(tax)), document.digits) : amount;
  return { tax, discountAmount, amount, itemTotal };
}

/** The taxes of a line, each rounded. Where rates contain them, the last part takes what the others leave, so that nothing is lost. */
function lineTaxes(document: Document, line: NetLine, wholeDiscount: Money, netSum: Money): TaxAmount[] {
  const { tax } = line;
  if (!tax) return [];
  const isContained = document.isInclusiveTax && wholeDiscount.isZero();
  const base = isContained ? line.amount.div(factorOf(tax)) : discounted(line.itemTotal, wholeDiscount, netSum);
  const taxes = tax.parts.map((part) => ({ tax: part, amount: roundMoney(base.times(part.percentage).div(100), document.digits) }));
  if (!isContained) return taxes;
  const others = sum(taxes.slice(0, -1).map(({ amount }) => amount));
  return taxes.map((one, index) => (index === taxes.length - 1 ? { ...one, amount: line.amount.minus(line.itemTotal).minus(others) } : one));
}

/** The taxes of the whole document, each rounded once. */
function wholeTaxes(document: Document, lines: readonly NetLine[], wholeDiscount: Money, netSum: Money): TaxAmount[] {
  const exact = lines.flatMap((line) => {
    const { tax } = line;
    if (!tax) return [];
    const isContained = document.isInclusiveTax && wholeDiscount.isZero();
    const base = isContained ? line.amount.div(factorOf(tax)) : discounted(line.itemTotal, wholeDiscount, netSum);
    return tax.parts.map((part) => ({ tax: part, amount: base.times(part.percentage).div(100) }));
  });
  return byTax(exact).map(({ tax, amount }) => ({ tax, amount: roundMoney(amount, document.digits) }));
}

/** What is left of a line's amount when a discount on the whole is spread over all lines. */
function discounted(amount: Money, wholeDiscount: Money, netSum: Money): Money {
  return wholeDiscount.isZero() || netSum.isZero() ? amount : amount.minus(amount.times(wholeDiscount).div(netSum));
}

function factorOf(tax: Tax): Money {
  return tax.percentage.div(100).plus(1);
}

function discountOn(document: Document, discount: Discount | null, base: Money): Money {
  if (!discount) return decimal(0);
  return roundMoney('percent' in discount ? base.times(discount.percent).div(100) : discount.amount, document.digits);
}

function byTax(amounts: readonly TaxAmount[]): TaxAmount[] {
  const taxes = new Map<string, TaxAmount>();
  for (const { tax, amount } of amounts) {
    const known = taxes.get(tax.id);
    taxes.set(tax.id, { tax, amount: known ? known.amount.plus(amount) : amount });
  }
  return [...taxes.values()];
}

function sum(amounts: readonly Money[]): Money {
  return amounts.reduce((total, amount) => total.plus(amount), new Decimal(0));
}
