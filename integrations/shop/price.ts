import { decimal, roundMoney, type Money } from '../../domain/money.ts';

/** Decimals that a rate of a line keeps in Books (API page "Invoices", rate of a line). */
const RATE_DIGITS_MAX = 6;

/** The price of one piece as a line of Books has it. */
export interface Price {
  readonly quantity: Money;
  readonly rate: Money;
  /** Whether the line is one piece in Books because no price of one piece comes to the amount of all. */
  readonly isWhole: boolean;
}

/**
 * The price of one piece, with as few decimals as needed, so that Books comes to exactly the amount of the line. Where no price does, or where
 * Books would refuse the quantity, the line is one piece that costs the amount.
 *
 * @param amount of the line, rounded to the currency
 * @param digits decimal places of the currency
 */
export function priceOf(amount: Money, quantity: Money, digits: number): Price {
  if (quantity.greaterThan(0)) {
    for (let decimals = digits; decimals <= RATE_DIGITS_MAX; decimals += 1) {
      const rate = roundMoney(amount.div(quantity), decimals);
      if (roundMoney(rate.times(quantity), digits).equals(amount)) return { quantity, rate, isWhole: false };
    }
  }
  return { quantity: decimal(1), rate: amount, isWhole: !quantity.equals(1) };
}
