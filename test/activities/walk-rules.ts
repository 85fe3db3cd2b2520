import { z } from 'zod';
import { expectedBooks, type DataSet } from '../../simulators/data/index.ts';
import { callsDuring } from '../support/calls.ts';
import { integrationId, type Walking } from './walk-bench.ts';

/** A status of the data set that counts as completed. */
export const COMPLETED = 'st-08';

export const hectorSchema = z.object({
  customers: z.array(z.object({ id: z.string(), name: z.string(), active: z.boolean() })),
  parts: z.array(z.object({ id: z.string(), description: z.string(), externalReference: z.string().nullable() })),
  loaners: z.array(z.object({
    id: z.string(), number: z.string(), statusId: z.string(), customerId: z.string().nullable(), stockroomId: z.string(), plannedStartAt: z.string(), plannedEndAt: z.string(),
    lines: z.array(z.object({ itemId: z.string(), quantity: z.number() })), penalties: z.array(z.object({ type: z.enum(['amount', 'points']), value: z.string() })),
  })),
});
const custom = z.array(z.object({ api_name: z.string(), value: z.unknown() }));
export const booksSchema = z.object({
  contacts: z.array(z.object({ contact_id: z.string(), contact_name: z.string(), custom_fields: custom })),
  items: z.array(z.object({ item_id: z.string(), name: z.string(), rate: z.number(), custom_fields: custom })),
  invoices: z.array(z.object({ invoice_id: z.string(), status: z.string(), sub_total: z.number(), custom_fields: custom })),
});

/** What has been done by hand, and how it began. */
interface Walked {
  readonly dataSet: DataSet;
  readonly hector: z.output<typeof hectorSchema>;
  /** Ids of contacts and invoices in Books. */
  readonly touched: ReadonlySet<string>;
  /** A person has everything tried again: of what is put right in Books alone, nobody hears before that. */
  readonly isRetried: boolean;
  /** What the items were called in the beginning, by their ids. */
  readonly itemNames: ReadonlyMap<string, string>;
}

function keyOf({ custom_fields: fields }: { readonly custom_fields: z.output<typeof custom> }): unknown {
  return fields.find(({ api_name: name }) => name === 'cf_bookbridge_id')?.value;
}

/** Whatever is not as the rules say once nothing more happens, in words. */
export async function wrongIn(walking: Walking, { dataSet, hector, touched, isRetried, itemNames }: Walked): Promise<string[]> {
  const wrong: string[] = [];
  const { customers, parts, loaners } = hector;
  const { contacts, items, invoices } = booksSchema.parse(walking.zoho.state());
  const problems = await walking.store.operations.problems(integrationId, { limit: 1000 });
  const problemOf = (resource: string, id: string) => problems.find((one) => one.resource === resource && one.id === id) ?? null;
  const linkOf = async (resource: string, id: string) => [...(await walking.store.links(integrationId, [{ side: 'other', resource, id }])).values()][0]?.books.id;
  for (const { state: standing, module, count } of await walking.store.operations.counts(integrationId)) if (standing === 'pending') wrong.push(`${count} ${module} are pending`);
  for (const { resource, id, code } of problems) if (code === null) wrong.push(`${resource} ${id} failed without a code`);
  for (const all of [contacts, items, invoices]) {
    const keys = all.map(keyOf).filter((key) => key !== undefined && key !== '');
    if (new Set(keys).size < keys.length) wrong.push(`a key is there twice: ${keys.join(', ')}`);
  }

  for (const { id, name, active } of customers) {
    const contact = contacts.find((one) => keyOf(one) === `${integrationId}:customers:${id}`);
    if (problemOf('customers', id)) continue;
    // Who is inactive before the first sync is left out, also before the first one after the store was lost.
    if (!active && (await linkOf('customers', id)) === undefined) continue;
    if (!contact) wrong.push(`customer ${id} has no contact`);
    else if (!touched.has(contact.contact_id) && contact.contact_name !== name) wrong.push(`customer ${id} is ${name} and its contact ${contact.contact_name}`);
  }
  for (const { item_id: id, name } of items) {
    const found = parts.filter(({ externalReference }) => externalReference === `${integrationId}:items:${id}`);
    const isPlace = name === 'Local B' || itemNames.get(id) === 'Local B';
    if (!isPlace && (found.length !== 1 || found[0]?.description !== name)) wrong.push(`item ${name} is ${found.map(({ description }) => description).join(', ') || 'no part'}`);
  }

  // Every line with an item that came from Books, by the name it has in the data set of the expectation.
  const nameOfPart = new Map(parts.map(({ id, externalReference }) => [id, externalReference === null ? `own ${id}` : externalReference.slice(`${integrationId}:items:`.length)]));
  const expectation = expectedBooks({
    ...dataSet,
    books: { ...dataSet.books, contacts: [], items: items.map(({ item_id: id, rate }) => ({ name: id, rate: `${rate}`, unit: '', description: '', productType: 'service', taxName: null, accountName: null })) },
    hector: {
      ...dataSet.hector, calculationTypes: {},
      customers: customers.map(({ id }) => ({ id, name: id, firstName: '', lastName: '', email: null, phone: null, mobile: null, language: null, currency: null, billingAddress: null, active: true })),
      loaners: loaners.map(({ lines, penalties, statusId, ...loaner }) => ({
        ...loaner, userId: null, startedAt: null, returnedAt: null, completed: statusId === COMPLETED, notes: '',
        lines: lines.map(({ itemId, quantity }) => ({ kind: 'part', item: nameOfPart.get(itemId) ?? itemId, quantity, components: [] })),
        penalties: penalties.map((penalty) => ({ ...penalty, reason: 'late', description: '' })),
      })),
    },
    settings: { ...dataSet.settings, penaltyItem: [...itemNames].find(([, name]) => name === 'Penalty')?.[0] ?? null },
  });
  for (const { id, number, invoice: wanted, reason } of expectation.loaners) {
    const problem = problemOf('loaners', id);
    const linked = await linkOf('loaners', id);
    const invoice = invoices.find(({ invoice_id: invoiceId }) => invoiceId === linked);
    const stands = invoice !== undefined && invoice.status !== 'void';
    if (wanted === null) {
      if (stands && problem === null) wrong.push(`${number} (${reason}) has an invoice that stands, and nobody was told`);
      if (isRetried && !stands && reason === 'not-completed' && problem?.code === 'document-stale') wrong.push(`${number}: no invoice stands`);
    } else if (problem === null && !(linked !== undefined && touched.has(linked)) && Number(invoice?.sub_total) !== Number(wanted.subTotal)) {
      wrong.push(`${number} comes to ${invoice?.sub_total ?? 'nothing'} instead of ${wanted.subTotal}`);
    } else if (problem?.code === 'reference-missing') {
      const customer = customers.find((one) => one.id === loaners.find((loaner) => loaner.id === id)?.customerId);
      if (customer?.active === true && problemOf('customers', customer.id) === null) wrong.push(`${number} waits for a customer that is there`);
    }
  }
  return wrong;
}

export async function wrongWhenIdle(walking: Walking): Promise<string[]> {
  const wrong: string[] = [];
  await walking.run();
  const written = await callsDuring(walking.hector, async () => {
    const calls = await callsDuring(walking.zoho, () => walking.run());
    if (calls.length !== 1 || calls[0]?.method !== 'GET') wrong.push(`an idle sync calls ${calls.map(({ method, path }) => `${method} ${path}`).join(', ')}`);
  });
  if (written.length !== 4 || written.some(({ method }) => method !== 'GET')) wrong.push(`an idle sync calls ${written.map(({ method, path }) => `${method} ${path}`).join(', ')}`);
  return wrong;
}

/** What a reconciliation finds is in the problems, or the doing of a person. */
export async function wrongByReconcile(walking: Walking, { touched, hasLostStore }: Pick<Walked, 'touched'> & { readonly hasLostStore: boolean }): Promise<string[]> {
  const wrong: string[] = [];
  const problems = await walking.store.operations.problems(integrationId, { limit: 1000 });
  const isProblem = ({ resource, id }: { resource: string; id: string }) => problems.some((one) => one.resource === resource && one.id === id);
  for (const { kind, record, partner, code, detail } of await walking.reconcile()) {
    // What was left behind before the store was lost is noticed by a reconciliation only.
    if (code === 'document-stale' && hasLostStore) continue;
    const isKnown = [record, partner].some((one) => one !== null && (touched.has(one.id) || isProblem(one)));
    if (!isKnown) wrong.push(`reconcile: ${kind} ${record.resource} ${record.id} ${detail}`);
  }
  return wrong;
}
