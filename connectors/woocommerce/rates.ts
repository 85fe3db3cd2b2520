import type { Decimal } from 'decimal.js';
import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import { firstIssue } from '../../domain/issues.ts';
import { API, isSuccess, refusal, type WooCommerceCall } from './call.ts';
import { taxRateSchema, type OrderRow, type TaxLine } from './schemas.ts';

export interface Rate {
  readonly id: string;
  readonly name: string;
  readonly percentage: Decimal;
  /** Undefined where the shop does not say. */
  readonly isCompound: boolean | undefined;
}

/** Null: nothing is known of the rate. */
export type Rates = (id: string) => Rate | null;

const PAGE_SIZE = 100;

/**
 * The rates of an order as the order itself has them; what it does not say, because it comes from a WooCommerce before 3.7, is taken from the rates
 * the shop has now.
 */
export function ratesOf(lines: readonly TaxLine[], shopRates: ReadonlyMap<string, Rate>): Rates {
  const own = new Map(lines.map((line) => [line.rate_id, line]));
  return (id) => {
    const line = own.get(id);
    if (line?.rate_percent) return { id, name: line.label, percentage: line.rate_percent, isCompound: line.compound };
    const known = shopRates.get(id);
    return known ? { ...known, name: line?.label === undefined || line.label === '' ? known.name : line.label } : null;
  };
}

/** Whether the order itself does not say the percentage of a rate it is taxed with. */
export function lacksRates(row: Pick<OrderRow, 'line_items' | 'shipping_lines' | 'fee_lines' | 'tax_lines'>): boolean {
  const own = new Set(row.tax_lines.filter(({ rate_percent: percent }) => percent !== null).map(({ rate_id: id }) => id));
  return [...row.line_items, ...row.shipping_lines, ...row.fee_lines].some(({ taxes }) => taxes.some(({ id, total, subtotal }) => (total ?? subtotal) !== null && !own.has(id)));
}

/** The tax rates of the shop, read when they are first needed and then believed: one call for each hundred. */
export function createShopRates(call: WooCommerceCall): () => Promise<ReadonlyMap<string, Rate>> {
  let known: Promise<ReadonlyMap<string, Rate>> | null = null;
  return () => {
    known ??= readAll(call).catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  };
}

async function readAll(call: WooCommerceCall): Promise<ReadonlyMap<string, Rate>> {
  const rates = new Map<string, Rate>();
  for (let page = 1; ; page += 1) {
    const rows = await readTaxes(call, page);
    for (const { id, name, rate, compound } of rows) rates.set(id, { id, name, percentage: rate, isCompound: compound });
    if (rows.length < PAGE_SIZE) return rates;
  }
}

/** One page of `GET /taxes`. */
export async function readTaxes(call: WooCommerceCall, page: number): Promise<z.output<typeof taxRateSchema>[]> {
  const path = `${API}/taxes`;
  const answer = await call({ method: 'GET', path, query: { per_page: String(PAGE_SIZE), page: String(page), orderby: 'id', order: 'asc' } });
  if (!isSuccess(answer)) throw refusal(answer, path);
  const parsed = z.array(taxRateSchema).safeParse(answer.body);
  if (!parsed.success) throw new BookbridgeError('answer-unreadable', { detail: `The list ${path} of the shop is not one: ${firstIssue(parsed.error)}` });
  return parsed.data;
}
