import { decimal } from '../domain/money.ts';
import type { ExpectedBooks } from '../simulators/data/index.ts';
import type { SimulatedBooks, SimulatedHector, SimulatedShop } from './simulated.ts';

/**
 * Holds both systems against what the data set says they must contain in the end, to the cent.
 *
 * @returns every difference, in words; none where all is exactly as it should be
 */
export function findDifferences(expected: ExpectedBooks, all: SimulatedBooks, hector: SimulatedHector): string[] {
  const books = { ...all, contacts: all.contacts.filter((contact) => !isOfShop(contact)), invoices: all.invoices.filter((invoice) => !isOfShop(invoice)) };
  return [
    ...compareNames('contact', expected.contacts.names, books.contacts.map(({ contact_name: name }) => name), expected.contacts.count),
    ...compareNames('part', expected.parts, imported(hector.parts, ({ description }) => description)),
    ...compareNames('place', expected.places, imported(hector.places, ({ name }) => name)),
    ...compareInvoices(expected, books),
  ];
}

/**
 * Holds Books against a shop: one draft invoice for each order that was paid, with its total to the cent, and one credit note for each refund.
 *
 * @returns every difference, in words
 */
export function findShopDifferences({ orders }: SimulatedShop, { invoices, creditnotes }: SimulatedBooks): string[] {
  const byReference = Map.groupBy(invoices.filter(isOfShop), (invoice) => invoice.reference_number);
  const differences = orders.flatMap(({ number, status, currency, total }) => {
    const found = byReference.get(number) ?? [];
    const wanted = status === 'processing' || status === 'completed' ? 1 : 0;
    if (found.length !== wanted) return [`order ${number}, which is ${status}, has ${found.length} invoices instead of ${wanted}`];
    return found.flatMap((invoice) => [
      ...differs(`invoice of order ${number}`, 'total', `${decimal(total).toFixed()} ${currency}`, `${decimal(invoice.total).toFixed()} ${invoice.currency_code}`),
      ...differs(`invoice of order ${number}`, 'status', 'draft', invoice.status),
    ]);
  });
  const refunds = orders.filter(({ status }) => status !== 'refunded').flatMap(({ id, refunds: given }) => given.map((refund) => ({ ...refund, key: `:refunds:${id}:${refund.id}` })));
  // Some shops book a refund of nothing, for instance of a line that cost nothing.
  const ofMoney = refunds.filter(({ total }) => !decimal(total).isZero());
  if (creditnotes.length !== ofMoney.length) differences.push(`there are ${creditnotes.length} credit notes instead of ${ofMoney.length}`);
  for (const { key, total } of ofMoney) {
    const note = creditnotes.find(({ custom_field_hash: { cf_bookbridge_id: own } }) => own.endsWith(key));
    differences.push(...differs(`credit note ${key}`, 'total', decimal(total).toFixed(), note ? decimal(note.total).toFixed() : 'that of none'));
  }
  return differences;
}

/** By the key that an integration leaves on what it makes; Hector's are the only other ones here. */
function isOfShop({ custom_field_hash: { cf_bookbridge_id: key } }: { readonly custom_field_hash: { readonly cf_bookbridge_id: string } }): boolean {
  return /^[^:]*:(orders|buyers|refunds):/.test(key);
}

function differs(of: string, what: string, wanted: string, found: string): string[] {
  return wanted === found ? [] : [`${of}: ${what} is ${found} instead of ${wanted}`];
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
  const invoiceOf = `invoice of ${invoice.reference_number}`;
  return [
    ...differs(invoiceOf, 'customer', expected.contactName, invoice.customer_name),
    ...differs(invoiceOf, 'status', 'draft', invoice.status),
    ...differs(invoiceOf, 'sub total', decimal(expected.subTotal).toFixed(), decimal(invoice.sub_total).toFixed()),
    ...differs(invoiceOf, 'total', decimal(expected.total).toFixed(), decimal(invoice.total).toFixed()),
    ...differs(
      invoiceOf, 'lines',
      expected.lines.map(({ item, quantity, rate }) => lineOf(item, quantity, rate)).join(', '),
      invoice.line_items.map(({ name, quantity, rate }) => lineOf(name, quantity, rate)).join(', '),
    ),
  ];
}
