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

/** A line whose price is looked for. */
interface Line {
  readonly amount: Money;
  readonly discount: Money;
  readonly quantity: Money;
}

/**
 * The price of one piece, with as few decimals as needed, so that Books comes to exactly the amount of the line, before its discount and after it.
 * Where no price does, or where Books would refuse the quantity, the line is one piece that costs the amount.
 *
 * @param line amount and discount, both of the whole line and rounded to the currency
 * @param digits decimal places of the currency
 */
export function priceOf(line: Line, digits: number): Price {
  const { amount, quantity } = line;
  if (quantity.greaterThan(0)) {
    for (let decimals = digits; decimals <= RATE_DIGITS_MAX; decimals += 1) {
      const rate = roundMoney(amount.div(quantity), decimals);
      if (comesTo(line, rate.times(quantity), digits)) return { quantity, rate, isWhole: false };
    }
  }
  return { quantity: decimal(1), rate: amount, isWhole: !quantity.equals(1) };
}

/** Books takes the discount off before it rounds, and takes off no more than there is (assumed). */
function comesTo({ amount, discount }: Line, exact: Money, digits: number): boolean {
  if (!roundMoney(exact, digits).equals(amount)) return false;
  return discount.isZero() || (discount.lessThanOrEqualTo(exact) && roundMoney(exact.minus(discount), digits).equals(amount.minus(discount)));
}
