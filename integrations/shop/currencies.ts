import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import { readRecord, type Known } from '../integration.ts';
import type { ShopContext } from './settings.ts';

/** A currency of the organization. */
export interface Currency {
  /** In Books. */
  readonly id: string;
  /** ISO 4217. */
  readonly code: string;
  /** Decimal places. */
  readonly digits: number;
}

const listedSchema = z.object({ currency_code: z.string(), price_precision: z.int().min(0).optional() });

/**
 * The currency of an order, as Books has it.
 *
 * @throws BookbridgeError `currency-unknown`
 */
export function currencyOf(code: string, known: Pick<Known, 'all'>, { organization }: ShopContext): Currency {
  const all = known.all('books', 'currencies').map(({ id, data }) => ({ id, ...readRecord(listedSchema, data) }));
  const found = all.find((one) => one.currency_code === code);
  if (!found) throw new BookbridgeError('currency-unknown', { detail: `${code}: Books has only ${all.map((one) => one.currency_code).join(', ') || 'none that is known yet'}` });
  // Facts of the organization say how its own currency is rounded; of the others only the list does.
  const usual = code === organization.currencyCode ? organization.digits : 2;
  return { id: found.id, code, digits: found.price_precision ?? usual };
}
