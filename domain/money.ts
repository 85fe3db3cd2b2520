import { Decimal } from 'decimal.js';
import { z } from 'zod';

/** Money and quantities are decimals from the wire to the wire; they travel in JSON as strings. */
export type Money = Decimal;

/** A decimal from outside: a JSON number or numeric text (Books uses both for the same field). */
export const decimalSchema = z
  .union([z.number(), z.string().regex(/^-?\d+(\.\d+)?$/, 'is not a decimal number')])
  .transform((value) => new Decimal(value));

/** @throws Error of decimal.js where a text is no number: what comes from outside goes through {@link decimalSchema} */
export function decimal(value: string | number | Decimal): Decimal {
  return new Decimal(value);
}

/**
 * Rounds half up to the digits of a currency, as Books does for each line.
 *
 * @param value the exact amount
 * @param digits decimal places of the currency (2 for EUR, 0 for JPY)
 */
export function roundMoney(value: Decimal, digits: number): Decimal {
  return value.toDecimalPlaces(digits, Decimal.ROUND_HALF_UP);
}

/**
 * @param currency ISO 4217
 * @returns the decimal places that a currency usually has (2 for EUR, 0 for JPY); 2 where it is none
 */
export function usualDigits(currency: string): number {
  if (!/^[A-Z]{3}$/.test(currency)) return 2;
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}
