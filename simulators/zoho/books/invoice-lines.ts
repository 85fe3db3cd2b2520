import { Decimal } from 'decimal.js';
import type { JsonObject } from '../../../domain/json.ts';
import { decimal } from '../../../domain/money.ts';
import { numberOf, textOf, objectsOf } from './fields.ts';
import type { DiscountInput, InvoiceInput, LineInput } from './invoice-fields.ts';
import { taxOf } from './items.ts';
import type { Organization } from './organization.ts';
import { invalidValue, missingValue } from './refusal.ts';
import type { BooksRecord } from './table.ts';
import { addUp, type Discount, type Document, type DocumentLine, type Tax, type Totals } from './totals.ts';

/** A line before it is added up: what is answered of it, and what is computed with. */
interface ReadLine {
  readonly fields: JsonObject;
  readonly line: DocumentLine;
}

/** Lines, settings of the calculation and totals of an invoice after a write, in the API's names. */
export function compute(organization: Organization, given: InvoiceInput, before: JsonObject | undefined, customer: BooksRecord): JsonObject {
  const inputs = given.line_items ?? (before ? storedLines(before) : []);
  if (inputs.length === 0) throw missingValue('line_items');
  const lines = inputs.map((input, index) => readLine(organization, input, index, customer));
  const discount = given.discount ?? stored(before, 'discount');
  const isInclusiveTax = given.is_inclusive_tax ?? before?.['is_inclusive_tax'] === true;
  const discountType = given.discount_type ?? (before?.['discount_type'] === 'item_level' ? 'item_level' : defaultDiscountType(discount, lines));
  const document: Document = {
    lines: lines.map(({ line }) => line),
    discountType,
    discount: readDiscount(discount),
    isDiscountBeforeTax: given.is_discount_before_tax ?? before?.['is_discount_before_tax'] !== false,
    isInclusiveTax,
    shippingCharge: given.shipping_charge ?? decimal(numberOf(before, 'shipping_charge')),
    adjustment: given.adjustment ?? decimal(numberOf(before, 'adjustment')),
    digits: digitsOf(organization, customer),
  };
  return answered(document, lines, addUp(document), discount);
}

function answered(document: Document, lines: readonly ReadLine[], totals: Totals, discount: DiscountInput): JsonObject {
  return {
    line_items: lines.map(({ fields }, index) => lineAnswer(fields, totals.lines[index], document.isInclusiveTax)),
    discount: discount instanceof Decimal ? discount.toNumber() : (discount ?? 0),
    discount_total: totals.discountTotal.toNumber(),
    discount_type: document.discountType,
    is_discount_before_tax: document.isDiscountBeforeTax,
    is_inclusive_tax: document.isInclusiveTax,
    shipping_charge: document.shippingCharge.toNumber(),
    adjustment: document.adjustment.toNumber(),
    sub_total: totals.subTotal.toNumber(),
    tax_total: totals.taxTotal.toNumber(),
    taxes: totals.taxes.map(({ tax, amount }) => ({ tax_id: tax.id, tax_name: taxLabel(tax), tax_amount: amount.toNumber() })),
    total: totals.total.toNumber(),
    price_precision: document.digits,
  };
}

/** Answers call a tax by name and share: `VAT (12.5%)`. */
function taxLabel(tax: Tax): string {
  return `${tax.name} (${tax.percentage.toString()}%)`;
}

function lineAnswer(fields: JsonObject, totals: Totals['lines'][number] | undefined, isInclusiveTax: boolean): JsonObject {
  if (!totals) return fields;
  const taxes = fields['tax_id'] === '' ? [] : [{ tax_id: fields['tax_id'] ?? '', tax_name: `${textOf(fields, 'tax_name')} (${textOf(fields, 'tax_percentage')}%)`, tax_amount: totals.taxAmount.toNumber() }];
  return {
    ...fields,
    discount_amount: totals.discountAmount.toNumber(),
    item_total: totals.itemTotal.toNumber(),
    ...(isInclusiveTax && { item_total_inclusive_of_tax: totals.itemTotalWithTax.toNumber() }),
    line_item_taxes: taxes,
  };
}

/** What a line leaves out comes from its item. A line without item is taken as it is: the documentation and clients differ. */
function readLine(organization: Organization, input: LineInput, index: number, customer: BooksRecord): ReadLine {
  const item = input.item_id ? organization.items.get(input.item_id) : undefined;
  if (input.item_id && !item) throw invalidValue('item_id');
  if (!item && !input.name && !input.description) throw missingValue('item_id');
  const quantity = input.quantity ?? decimal(1);
  if (quantity.lessThanOrEqualTo(0)) throw invalidValue('quantity');
  const rate = input.rate ?? (item ? decimal(numberOf(item.fields, 'rate')) : undefined);
  if (!rate) throw missingValue('rate');
  const tax = lineTax(organization, input.tax_id ?? (customer.fields['is_taxable'] === false ? '' : textOf(item?.fields, 'tax_id')));
  const text = (name: 'name' | 'description' | 'unit') => input[name] ?? textOf(item?.fields, name);
  return {
    line: { rate, quantity, discount: readDiscount(input.discount), tax },
    fields: {
      line_item_id: input.line_item_id ?? organization.nextId(), item_id: input.item_id ?? '', item_type: item?.fields['item_type'] ?? '',
      product_type: item?.fields['product_type'] ?? '', name: text('name'), description: text('description'), item_order: index + 1,
      rate: rate.toNumber(), bcy_rate: rate.toNumber(), quantity: quantity.toNumber(), unit: text('unit'),
      discount: input.discount instanceof Decimal ? input.discount.toNumber() : (input.discount ?? 0),
      tax_id: tax?.id ?? '', tax_name: tax?.name ?? '', tax_type: tax ? 'tax' : '', tax_percentage: tax?.percentage.toNumber() ?? 0,
      line_item_category: 'line_item',
    },
  };
}

function lineTax(organization: Organization, taxId: string): Tax | null {
  if (taxId === '') return null;
  const tax = taxOf(organization, taxId);
  if (!tax) throw invalidValue('tax_id');
  return { id: taxId, name: textOf(tax, 'tax_name'), percentage: decimal(textOf(tax, 'tax_percentage')) };
}

function readDiscount(discount: DiscountInput): Discount | null {
  if (discount === undefined) return null;
  if (discount instanceof Decimal) return discount.isZero() ? null : { amount: discount };
  return { percent: decimal(discount.slice(0, -1)) };
}

function defaultDiscountType(discount: DiscountInput, lines: readonly ReadLine[]): 'item_level' | 'entity_level' {
  return readDiscount(discount) === null && lines.some(({ line }) => line.discount) ? 'item_level' : 'entity_level';
}

/** The lines of a stored invoice, as input again: totals are computed anew when only its settings change. */
function storedLines(fields: JsonObject): LineInput[] {
  return objectsOf(fields, 'line_items').map((line) => {
    const text = (name: string) => textOf(line, name);
    return {
      line_item_id: text('line_item_id'), name: text('name'), description: text('description'), unit: text('unit'), tax_id: text('tax_id'),
      rate: decimal(text('rate')), quantity: decimal(text('quantity')), discount: stored(line, 'discount'), ...(text('item_id') && { item_id: text('item_id') }),
    };
  });
}

function stored(fields: JsonObject | undefined, name: string): DiscountInput {
  const value = fields?.[name];
  if (typeof value === 'number') return decimal(value);
  return typeof value === 'string' ? value : undefined;
}

function digitsOf(organization: Organization, customer: BooksRecord): number {
  const currencyId = customer.fields['currency_id'];
  if (currencyId === organization.currencyId) return organization.digits;
  return Number(organization.currencies.find((currency) => currency['currency_id'] === currencyId)?.['price_precision'] ?? organization.digits);
}
