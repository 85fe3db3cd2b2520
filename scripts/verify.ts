import { decimal } from '../domain/money.ts';
import type { ExpectedBooks } from '../simulators/data/index.ts';
import type { SimulatedBooks, SimulatedHector } from './simulated.ts';

/**
 * Holds both systems against what the data set says they must contain in the end, to the cent.
 *
 * @returns every difference, in words; none where all is exactly as it should be
 */
export function findDifferences(expected: ExpectedBooks, books: SimulatedBooks, hector: SimulatedHector): string[] {
  return [
    ...compareNames('contact', expected.contacts.names, books.contacts.map(({ contact_name: name }) => name), expected.contacts.count),
    ...compareNames('part', expected.parts, imported(hector.parts, ({ description }) => description)),
    ...compareNames('place', expected.places, imported(hector.places, ({ name }) => name)),
    ...compareInvoices(expected, books),
  ];
}

function imported<T extends { externalReference: string | null }>(records: readonly T[], nameOf: (record: T) => string): string[] {
  return records.filter(({ externalReference }) => externalReference !== null).map(nameOf);
}

function compareNames(what: string, expected: readonly string[], found: readonly string[], count = expected.length): string[] {
  const differences = expected.filter((name) => !found.includes(name)).map((name) => `${what} "${name}" is missing`);
  if (found.length !== count) differences.push(`there are ${found.length} ${what}s instead of ${count}`);
  return differences;
}

function compareInvoices(expected: ExpectedBooks, { invoices }: SimulatedBooks): string[] {
  const byReference = Map.groupBy(invoices, (invoice) => invoice.reference_number);
  const differences = expected.loaners.flatMap((loaner) => {
    const found = byReference.get(loaner.number) ?? [];
    const wanted = loaner.invoice === null ? 0 : 1;
    if (found.length !== wanted) return [`loaner ${loaner.number} has ${found.length} invoices instead of ${wanted}`];
    const [invoice] = found;
    return invoice && loaner.invoice ? compareInvoice(loaner.invoice, invoice) : [];
  });
  const numbers = new Set(expected.loaners.map(({ number }) => number));
  const foreign = invoices.filter(({ reference_number: reference }) => !numbers.has(reference));
  return [...differences, ...foreign.map(({ invoice_number: number }) => `invoice ${number} belongs to no loaner`)];
}

type ExpectedInvoice = NonNullable<ExpectedBooks['loaners'][number]['invoice']>;

function compareInvoice(expected: ExpectedInvoice, invoice: SimulatedBooks['invoices'][number]): string[] {
  const lineOf = (item: string, quantity: string, rate: string) => `${item} ${decimal(quantity).toFixed()} × ${decimal(rate).toFixed()}`;
  const differs = (what: string, wanted: string, found: string) => (wanted === found ? [] : [`invoice of ${invoice.reference_number}: ${what} is ${found} instead of ${wanted}`]);
  return [
    ...differs('customer', expected.contactName, invoice.customer_name),
    ...differs('status', 'draft', invoice.status),
    ...differs('sub total', decimal(expected.subTotal).toFixed(), decimal(invoice.sub_total).toFixed()),
    ...differs('total', decimal(expected.total).toFixed(), decimal(invoice.total).toFixed()),
    ...differs(
      'lines',
      expected.lines.map(({ item, quantity, rate }) => lineOf(item, quantity, rate)).join(', '),
      invoice.line_items.map(({ name, quantity, rate }) => lineOf(name, quantity, rate)).join(', '),
    ),
  ];
}
