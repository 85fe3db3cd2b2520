import { Decimal } from 'decimal.js';
import type { JsonObject } from '../../../domain/json.ts';
import { decimal } from '../../../domain/money.ts';
import { numberOf, textOf, objectsOf } from './fields.ts';
import type { DiscountInput, DocumentInput, LineInput } from './document-fields.ts';
import { digitsOf } from './documents.ts';
import type { Organization } from './organization.ts';
import { invalidValue, missingValue, tooManyLines } from './refusal.ts';
import type { BooksRecord } from './table.ts';
import { readTax } from './taxes.ts';
import { addUp, type Discount, type Document, type DocumentLine, type TaxAmount, type Totals } from './totals.ts';

/** A line before it is added up: what is answered of it, and what is computed with. */
interface ReadLine {
  readonly fields: JsonObject;
  readonly line: DocumentLine;
}

/**
 * Lines, settings of the calculation and totals of a document after a write, in the API's names.
 *
 * @param exchangeRate of the document's currency
 * @throws BooksRefusal for lines that cannot be used, and for a total below zero
 */
export function compute(organization: Organization, given: DocumentInput, before: JsonObject | undefined, customer: BooksRecord, exchangeRate: number): JsonObject {
  const inputs = given.line_items ?? (before ? storedLines(before) : []);
  if (inputs.length === 0) throw missingValue('line_items');
  const { maxLines } = organization.rules;
  if (maxLines !== null && inputs.length > maxLines) throw tooManyLines(maxLines);
  const lines = inputs.map((input, index) => readLine(organization, input, index, customer, exchangeRate));
  const discount = given.discount ?? stored(before, 'discount');
  const isInclusiveTax = given.is_inclusive_tax ?? before?.['is_inclusive_tax'] === true;
  const discountType = given.discount_type ?? (before?.['discount_type'] === 'item_level' ? 'item_level' : defaultDiscountType(discount, lines));
  const document: Document = {
    lines: lines.map(({ line }) => line),
    discountType,
    discount: readDiscount(discount),
    isDiscountBeforeTax: given.is_discount_before_tax ?? before?.['is_discount_before_tax'] !== false,
    isInclusiveTax,
    taxRounding: organization.rules.taxRounding,
    shippingCharge: given.shipping_charge ?? decimal(numberOf(before, 'shipping_charge')),
    adjustment: given.adjustment ?? decimal(numberOf(before, 'adjustment')),
    digits: digitsOf(organization, customer),
  };
  const totals = addUp(document);
  if (totals.total.isNegative() && !totals.total.isZero()) throw invalidValue('total');
  return answered(document, lines, totals, discount);
}

function answered(document: Document, lines: readonly ReadLine[], totals: Totals, discount: DiscountInput): JsonObject {
  return {
    line_items: lines.map(({ fields }, index) => lineAnswer(fields, totals.lines[index], document.isInclusiveTax)),
    discount: discount instanceof Decimal ? discount.toNumber() : (discount ?? 0),
    discount_total: totals.discountTotal.toNumber(),
    discount_type: document.discountType,
    is_discount_before_tax: document.isDiscountBeforeTax,
    is_inclusive_tax: document.isInclusiveTax,
    tax_rounding: document.taxRounding,
    shipping_charge: document.shippingCharge.toNumber(),
    adjustment: document.adjustment.toNumber(),
    sub_total: totals.subTotal.toNumber(),
    tax_total: totals.taxTotal.toNumber(),
    taxes: totals.taxes.map(taxAnswer),
    total: totals.total.toNumber(),
    price_precision: document.digits,
  };
}

/** Answers call a tax by name and share: `VAT (12.5%)`. */
function taxAnswer({ tax, amount }: TaxAmount): JsonObject {
  return { tax_id: tax.id, tax_name: `${tax.name} (${tax.percentage.toString()}%)`, tax_amount: amount.toNumber() };
}

function lineAnswer(fields: JsonObject, totals: Totals['lines'][number] | undefined, isInclusiveTax: boolean): JsonObject {
  if (!totals) return fields;
  return {
    ...fields,
    discount_amount: totals.discountAmount.toNumber(),
    item_total: totals.itemTotal.toNumber(),
    ...(isInclusiveTax && { item_total_inclusive_of_tax: totals.itemTotalWithTax.toNumber() }),
    line_item_taxes: totals.taxes.map(taxAnswer),
  };
}

/** What a line leaves out comes from its item. A line without item is taken as it is: the documentation and clients differ. */
function readLine(organization: Organization, input: LineInput, index: number, customer: BooksRecord, exchangeRate: number): ReadLine {
  const item = input.item_id ? organization.items.get(input.item_id) : undefined;
  if (input.item_id && !item) throw invalidValue('item_id');
  if (!item && !input.name && !input.description) throw missingValue('item_id');
  const quantity = input.quantity ?? decimal(1);
  if (quantity.lessThanOrEqualTo(0)) throw invalidValue('quantity');
  const rate = (input.rate ?? (item ? decimal(numberOf(item.fields, 'rate')) : undefined))?.toDecimalPlaces(organization.rules.rateDigits, Decimal.ROUND_HALF_UP);
  if (!rate) throw missingValue('rate');
  if (rate.isNegative() && organization.rules.refusesNegativeLines) throw invalidValue('rate');
  const discount = readDiscount(input.discount);
  if (discount && 'amount' in discount && (discount.amount.isNegative() || discount.amount.greaterThan(rate.times(quantity).abs()))) throw invalidValue('discount');
  const tax = readTax(organization, input.tax_id ?? (customer.fields['is_taxable'] === false ? '' : textOf(item?.fields, 'tax_id')));
  const text = (name: 'name' | 'description' | 'unit') => input[name] ?? textOf(item?.fields, name);
  return {
    line: { rate, quantity, discount, tax },
    fields: {
      line_item_id: input.line_item_id ?? organization.nextId(), item_id: input.item_id ?? '', item_type: item?.fields['item_type'] ?? '',
      product_type: item?.fields['product_type'] ?? '', name: text('name'), description: text('description'), item_order: index + 1,
      rate: rate.toNumber(), bcy_rate: rate.times(exchangeRate).toNumber(), quantity: quantity.toNumber(), unit: text('unit'),
      discount: input.discount instanceof Decimal ? input.discount.toNumber() : (input.discount ?? 0),
      tax_id: tax?.id ?? '', tax_name: tax?.name ?? '', tax_type: tax ? (tax.parts.length > 1 ? 'tax_group' : 'tax') : '', tax_percentage: tax?.percentage.toNumber() ?? 0,
      line_item_category: 'line_item',
    },
  };
}

function readDiscount(discount: DiscountInput): Discount | null {
  if (discount === undefined) return null;
  if (discount instanceof Decimal) return discount.isZero() ? null : { amount: discount };
  return { percent: decimal(discount.slice(0, -1)) };
}

function defaultDiscountType(discount: DiscountInput, lines: readonly ReadLine[]): 'item_level' | 'entity_level' {
  return readDiscount(discount) === null && lines.some(({ line }) => line.discount) ? 'item_level' : 'entity_level';
}

/** The lines of a stored document, as input again: totals are computed anew when only its settings change. */
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
