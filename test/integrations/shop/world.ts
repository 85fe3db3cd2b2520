import type { Decimal } from 'decimal.js';
import type { RemoteRecord } from '../../../connectors/resource.ts';
import type { Json, JsonObject } from '../../../domain/json.ts';
import { decimal } from '../../../domain/money.ts';
import type { Flow, FlowRecord, IntegrationContext, Known, Mapped, Module, Write } from '../../../integrations/integration.ts';
import { customers } from '../../../integrations/shop/buyers.ts';
import { orders } from '../../../integrations/shop/orders.ts';
import { refunds } from '../../../integrations/shop/refunds.ts';
import { readShopContext } from '../../../integrations/shop/settings.ts';
import { addUp, type Tax, type Totals } from '../../../simulators/zoho/books/totals.ts';
import type { Address, Link } from '../../../store/types.ts';

/** What the mapping of one order needs around it, without store or engine. */

const settings: JsonObject = { organizationId: '460000001', ordersFrom: '2026-01-01', timeZone: 'Europe/Paris' };

export function contextWith(different: JsonObject = {}): IntegrationContext {
  return readShopContext({ ...settings, ...different }, { currencyCode: 'EUR', digits: 2 }, 'shop');
}

/** Books' taxes, by their names. */
export interface BooksTaxes {
  readonly [name: string]: { readonly percentage: string; readonly group?: readonly string[]; readonly inactive?: boolean };
}

export const frenchTaxes: BooksTaxes = { 'TVA 20': { percentage: '20' }, 'TVA 5,5': { percentage: '5.5' }, 'TVA 0': { percentage: '0' } };

/** The id that a tax of an example has in Books. */
export function taxId(name: string): string {
  return `46-${name}`;
}

interface Partners {
  /** What the invoice of the order has from the last sync; absent: there is none. */
  readonly invoiced?: JsonObject;
  readonly isBuyerKnown?: boolean;
  /** Whether the refunds of the order have credit notes. */
  readonly isCredited?: boolean;
}

/** Taxes, currencies, and the contact and the invoice that belong to every order of an example. */
export function knownWith(order: JsonObject, taxes: BooksTaxes = frenchTaxes, { invoiced, isBuyerKnown = true, isCredited = false }: Partners = {}): Known {
  const listings: Readonly<Record<string, { id: string; data: JsonObject }[]>> = {
    taxes: Object.entries(taxes).map(([name, { percentage, group, inactive }]) => ({
      id: taxId(name), data: { tax_name: name, tax_percentage: percentage, tax_type: group ? 'tax_group' : 'tax', ...(inactive && { is_inactive: true }) },
    })),
    currencies: [['EUR', 2], ['USD', 2], ['JPY', 0], ['KWD', 3]].map(([code, digits]) => ({ id: `46-${code}`, data: { currency_code: code, price_precision: digits } as JsonObject })),
  };
  return {
    link: (here) => {
      if (here.resource === 'buyers') return isBuyerKnown ? linkOf(here, { side: 'books', resource: 'contacts', id: '46-contact' }) : null;
      if (here.resource === 'refunds') return isCredited ? linkOf(here, { side: 'books', resource: 'creditnotes', id: '46-note' }) : null;
      return invoiced && here.resource === 'orders' ? linkOf(here, { side: 'books', resource: 'invoices', id: '46-invoice' }, invoiced) : null;
    },
    data: ({ resource }) => (resource === 'orders' ? order : null),
    isGone: () => false,
    all: (_side, resource) => listings[resource] ?? [],
  };
}

function linkOf(other: Address, books: Address, base: JsonObject = {}): Link {
  return { module: 'orders', other, books, base: { books: base }, variance: null };
}

const billing: JsonObject = {
  firstName: 'Zoé', lastName: 'Lefèvre', company: '', email: 'zoe@example.com', phone: '+33 1', street: '12, rue de la Paix', street2: '', city: 'Paris', state: '', zip: '75002', country: 'FR',
};

export const tva20: JsonObject = { id: '1', name: 'TVA 20', percentage: '20' };
export const tva55: JsonObject = { id: '2', name: 'TVA 5,5', percentage: '5.5' };

/** A line: two of something for 20 and 4 of tax unless said differently. */
export function lineWith(different: JsonObject = {}): JsonObject {
  return {
    id: '1', kind: 'product', name: 'Guitar strings', description: '', sku: '', productId: '7', quantity: '2', amount: '20', tax: '4', discount: '0', discountTax: '0', taxes: [tva20], ...different,
  };
}

/** An order that is paid: two sets of strings for 24 euros unless said differently. Its total is that of its lines. */
export function orderWith(different: JsonObject = {}): JsonObject {
  const lines = (different['lines'] ?? [lineWith()]) as JsonObject[];
  const sum = (...fields: string[]) => lines.reduce((so, line) => fields.reduce((all, field) => (field.startsWith('-') ? all.minus(text(line[field.slice(1)])) : all.plus(text(line[field]))), so), decimal(0));
  return {
    number: '1001', status: 'processing', isPaid: true, isCancelled: false, placedAt: '2026-11-20T23:30:00.000Z', paidAt: '2026-11-20T23:31:00.000Z', currency: 'EUR',
    pricesIncludeTax: true, customerId: null, billing, discountNames: [],
    total: sum('amount', 'tax', '-discount', '-discountTax').toDecimalPlaces(2).toFixed(), totalTax: sum('tax', '-discountTax').toFixed(), refunds: [], note: '', ...different, lines,
  };
}

export function billingWith(different: JsonObject): JsonObject {
  return { ...billing, ...different };
}

interface Example {
  readonly context?: IntegrationContext;
  readonly taxes?: BooksTaxes;
  /** What the document in Books has from the last sync; null: there is none. */
  readonly base?: JsonObject | null;
}

export function mapOrder(order: JsonObject, { context = contextWith(), taxes = frenchTaxes, base = null, ...partners }: Example & Partners = {}): Mapped {
  const here: Address = { side: 'other', resource: 'orders', id: '1001' };
  const link = base && linkOf(here, { side: 'books', resource: 'invoices', id: '46-invoice' }, base);
  return flowOf(orders).map({ ...here, data: order, link }, knownWith(order, taxes, partners), context);
}

export function mapRefund(refund: JsonObject, order: JsonObject, { context = contextWith(), taxes = frenchTaxes, base = {} }: Example = {}): Mapped {
  return flowOf(refunds).map({ side: 'other', resource: 'refunds', id: '1001:1', data: refund, link: null }, knownWith(order, taxes, { invoiced: base ?? {} }), context);
}

/** Maps the buyer of an order. */
export function mapBuyer(order: JsonObject, { context = contextWith(), base = null }: Example = {}): Mapped {
  const [buyer] = within(customers, order, context);
  if (!buyer) throw new Error('the order has no buyer');
  const here: Address = { side: 'other', resource: 'buyers', id: buyer.id };
  const link = base && linkOf(here, { side: 'books', resource: 'contacts', id: '46-contact' }, base);
  return flowOf(customers).map({ ...here, data: buyer.data, link }, knownWith(order), context);
}

/** What comes inside an order. */
export function within(module: Module, order: JsonObject, context = contextWith()): readonly RemoteRecord[] {
  return flowOf(module).within?.records({ id: '1001', modifiedAt: null, data: order }, context) ?? [];
}

export function recordOf(order: JsonObject, base: JsonObject | null = null): RemoteRecord & FlowRecord {
  const here: Address = { side: 'other', resource: 'orders', id: '1001' };
  return { ...here, modifiedAt: null, data: order, link: base && linkOf(here, { side: 'books', resource: 'invoices', id: '46-invoice' }, base) };
}

export function flowOf(module: Module): Flow {
  const [flow] = module.flows;
  if (!flow) throw new Error(`${module.name} has no flow`);
  return flow;
}

/** @throws Error where the record was left out */
export function written(mapped: Mapped): Write {
  if (mapped.kind === 'write') return mapped;
  throw new Error(`left out: ${mapped.finding.code}`);
}

export function linesOf(mapped: Mapped): JsonObject[] {
  return written(mapped).fields['line_items'] as JsonObject[];
}

/** The lines of a document as a person compares them: `Strings: 2 × 12, TVA 20`. */
export function amounts(mapped: Mapped): string[] {
  return linesOf(mapped).map(({ name, quantity, rate, discount, tax_id: tax }) =>
    `${text(name)}: ${text(quantity)} × ${text(rate)}${discount === undefined ? '' : ` - ${text(discount)}`}${tax === undefined ? '' : `, ${text(tax).slice(3)}`}`);
}

/** What Books makes of what is written, by the arithmetic of the simulator. */
export function addedUp(mapped: Mapped, digits: number, taxes: BooksTaxes, taxRounding: 'item_level' | 'entity_level' = 'item_level'): Totals {
  const { fields } = written(mapped);
  const all: Readonly<Record<string, Tax>> = Object.fromEntries(Object.entries(taxes).map(([name, { percentage, group }]) => {
    const own = { id: taxId(name), name, percentage: decimal(percentage) };
    return [own.id, { ...own, parts: group ? group.map((part, index) => ({ id: `${own.id}-${index}`, name: part, percentage: decimal(part) })) : [own] }];
  }));
  return addUp({
    lines: linesOf(mapped).map(({ rate, quantity, discount, tax_id: tax }) => ({
      rate: decimal(text(rate)), quantity: decimal(text(quantity)), discount: discount === undefined ? null : { amount: decimal(text(discount)) }, tax: all[text(tax)] ?? null,
    })),
    discountType: fields['discount_type'] === 'item_level' ? 'item_level' : 'entity_level', discount: null, isDiscountBeforeTax: true,
    isInclusiveTax: fields['is_inclusive_tax'] === true, taxRounding, shippingCharge: decimal(0), adjustment: adjustmentOf(mapped), digits,
  });
}

export function adjustmentOf(mapped: Mapped): Decimal {
  return decimal(text(written(mapped).fields['adjustment']));
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
