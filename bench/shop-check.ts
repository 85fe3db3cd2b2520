import { z } from 'zod';
import { decimal } from '../domain/money.ts';
import type { World } from './ground.ts';

/** What the simulators themselves know, each in its own words, so that no mistake of the product can hide in the expectation. */
const keyed = { custom_field_hash: z.object({ cf_bookbridge_id: z.string().default('') }) };
const total = z.coerce.string();
const booksSchema = z.object({
  contacts: z.array(z.object({ contact_id: z.string() })),
  invoices: z.array(z.object({ reference_number: z.string(), status: z.string(), total, currency_code: z.string() })),
  creditnotes: z.array(z.object({ status: z.string(), total, ...keyed })),
});
const shopSchema = z.object({
  orders: z.array(z.object({
    id: z.string(), number: z.string(), status: z.string(), currency: z.string(), total, customerId: z.string().nullable(),
    billing: z.object({ email: z.string(), company: z.string(), firstName: z.string(), lastName: z.string() }), refunds: z.array(z.object({ id: z.string(), total })),
  })),
});

type Books = z.output<typeof booksSchema>;
type Shop = z.output<typeof shopSchema>;

export async function readShopAndBooks({ zoho, other }: World, organization: string): Promise<{ books: Books; inShop: Shop }> {
  const [books, inShop] = await Promise.all([zoho.state(organization), other.state()]);
  return { books: booksSchema.parse(books), inShop: shopSchema.parse(inShop) };
}

/**
 * Holds every order and every refund against its document: one draft with its total for each order that was paid and not given back whole, and one
 * for each of their refunds that came to something; and one contact for each buyer, who is known by the e-mail or else by name.
 *
 * @returns every difference, in words
 */
export function findShopErrors({ orders }: Shop, { contacts, invoices, creditnotes }: Books): string[] {
  const byNumber = Map.groupBy(invoices, ({ reference_number: number }) => number);
  const notes = Map.groupBy(creditnotes, ({ custom_field_hash: { cf_bookbridge_id: key } }) => key.split(':').slice(2).join(':'));
  const isDue = ({ status }: Shop['orders'][number]) => status === 'processing' || status === 'completed';
  const due = orders.filter(isDue);
  const buyers = new Set(due.map(({ billing: { email, company, firstName, lastName } }) => (email || company || `${firstName} ${lastName}`).normalize('NFC').toLowerCase()));
  const wanted = due.flatMap(({ id, refunds }) => refunds.filter((refund) => !decimal(refund.total).isZero()).map((refund) => ({ key: `${id}:${refund.id}`, total: refund.total })));
  return [
    ...orders.filter((order) => !isDue(order) && byNumber.has(order.number)).map(({ number }) => `order ${number} has an invoice`),
    ...due.flatMap((order) => errorsOf(`order ${order.number}`, `${order.total} ${order.currency}`, byNumber.get(order.number)?.map((one) => ({ ...one, total: `${one.total} ${one.currency_code}` })))),
    ...wanted.flatMap((refund) => errorsOf(`refund ${refund.key}`, refund.total, notes.get(refund.key))),
    ...(contacts.length !== buyers.size ? [`there are ${contacts.length} contacts for ${buyers.size} buyers`] : []),
    ...(invoices.length > due.length ? [`there are ${invoices.length} invoices for ${due.length} orders`] : []),
    ...(creditnotes.length > wanted.length ? [`there are ${creditnotes.length} credit notes for ${wanted.length} refunds`] : []),
  ];
}

function errorsOf(what: string, wanted: string, documents: readonly { readonly total: string; readonly status: string }[] = []): string[] {
  const [document] = documents;
  if (!document || documents.length > 1) return [`${what} has ${documents.length} documents`];
  const same = amountOf(document.total) === amountOf(wanted);
  return [...(same ? [] : [`${what} comes to ${document.total} instead of ${wanted}`]), ...(document.status === 'draft' ? [] : [`${what}: its document is ${document.status}`])];
}

/** `12.50 EUR` and `12.5 EUR` are the same. */
function amountOf(text: string): string {
  const [amount = '', currency = ''] = text.split(' ');
  return `${decimal(amount).toFixed()} ${currency}`;
}
