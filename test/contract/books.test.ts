import { z } from 'zod';
import type { Gate } from '../../connectors/gate.ts';
import type { Http } from '../../connectors/http.ts';
import type { JsonObject } from '../../domain/json.ts';
import { startZohoSimulator } from '../../simulators/zoho/index.ts';
import { connectBooks } from '../support/zoho.ts';
import type { ResourceTraits, ResourceUnderTest } from './resource-under-test.ts';
import { describeResource } from './resource.contract.ts';

const traits: ResourceTraits = { listing: 'full', writable: true, pageSize: 200, keepsInitial: true, clockStepMs: 1100 };

/** How one resource of Books is filled and changed by somebody else. */
interface Kind {
  readonly name: 'contacts' | 'items' | 'invoices' | 'creditnotes';
  readonly one: string;
  readonly idField: string;
  /** A field without which the record cannot be read. */
  readonly needs: string;
  sample(n: number, needed: Needed): JsonObject;
  readonly touched: JsonObject;
  readonly initial: NonNullable<ResourceUnderTest['initial']>;
}

/** What a document needs to exist. */
interface Needed {
  readonly customerId: string;
  readonly itemId: string;
}

const contacts: Kind = {
  name: 'contacts', one: 'contact', idField: 'contact_id', needs: 'contact_name',
  sample: (n) => ({ contact_name: `Bowman ${n}` }),
  touched: { company_name: 'Bowman and Co' },
  initial: { first: { contact_type: 'customer', language_code: 'fr' }, second: { contact_type: 'customer', language_code: 'de' }, shown: { language_code: 'fr' } },
};

const items: Kind = {
  name: 'items', one: 'item', idField: 'item_id', needs: 'name',
  sample: (n) => ({ name: `Laptop ${n}`, rate: '14.99' }),
  touched: { description: 'lent by the hour' },
  initial: { first: { unit: 'hectorplace' }, second: { unit: 'pcs' }, shown: { unit: 'hectorplace' } },
};

const invoices: Kind = {
  name: 'invoices', one: 'invoice', idField: 'invoice_id', needs: 'total',
  sample: (n, { customerId, itemId }) => ({ customer_id: customerId, line_items: [{ item_id: itemId, rate: '2.5', quantity: String(n + 1) }] }),
  touched: { reference_number: 'L-2' },
  // The date of an invoice without one is today's, and it cannot be due before.
  initial: { first: { due_date: '2099-01-01' }, second: { due_date: '2099-02-02' }, shown: { due_date: '2099-01-01' } },
};

const creditnotes: Kind = {
  name: 'creditnotes', one: 'creditnote', idField: 'creditnote_id', needs: 'total',
  sample: (n, { customerId }) => ({ customer_id: customerId, line_items: [{ name: `Refund ${n}`, rate: '2.5', quantity: '1' }] }),
  touched: { reference_number: 'R-2' },
  initial: { first: { date: '2027-01-01' }, second: { date: '2027-02-02' }, shown: { date: '2027-01-01' } },
};

describeResource('Zoho Books: contacts', traits, (gate) => setUp(contacts, gate));
describeResource('Zoho Books: items', traits, (gate) => setUp(items, gate));
describeResource('Zoho Books: invoices', { ...traits, listing: 'changed', removable: true }, (gate) => setUp(invoices, gate));
describeResource('Zoho Books: creditnotes', { ...traits, listing: 'changed', removable: true }, (gate) => setUp(creditnotes, gate));

async function setUp(kind: Kind, gate: Gate): Promise<ResourceUnderTest> {
  const simulator = await startZohoSimulator({ limits: { minute: null, block: null, day: null } });
  const spoiled = new Set<string>();
  const { books } = await connectBooks(simulator.url, { gate, through: spoiling(kind, spoiled) });

  /** Works in the pages of Books, past the API. */
  async function work(method: 'POST' | 'PUT' | 'DELETE', path: string, json?: JsonObject): Promise<Record<string, unknown>> {
    const reply = await simulator.act({ method, path, ...(json && { json }) });
    const answer = z.looseObject({ code: z.literal(0) }).safeParse(reply.json);
    if (!answer.success) throw new Error(`${method} ${path}: ${JSON.stringify(reply)}`);
    return answer.data;
  }

  async function add({ name, one, idField }: Pick<Kind, 'name' | 'one' | 'idField'>, fields: JsonObject): Promise<string> {
    const answer = await work('POST', `/${name}`, fields);
    return z.string().parse(z.looseObject({}).parse(answer[one])[idField]);
  }

  const needed: Needed = kind.name === 'invoices' || kind.name === 'creditnotes'
    ? { customerId: await add(contacts, { contact_name: 'A customer' }), itemId: await add(items, { name: 'An item', rate: 2.5 }) }
    : { customerId: '', itemId: '' };

  return {
    connector: books,
    resourceName: kind.name,
    seed: async (count) => {
      const ids: string[] = [];
      for (let n = 0; n < count; n++) ids.push(await add(kind, kind.sample(1000 + n, needed)));
      return ids;
    },
    touch: async (id) => {
      await work('PUT', `/${kind.name}/${id}`, kind.touched);
      return kind.touched;
    },
    remove: async (id) => { await work('DELETE', `/${kind.name}/${id}`); },
    spoil: (id) => {
      spoiled.add(id);
      return Promise.resolve();
    },
    inject: (fault, times) => {
      // A token is renewed before anybody hears of it, so it is the renewal, too, that has to be refused.
      simulator.faults.add({ route: fault === 'unauthorized' ? '* /' : '* /books', kind: fault, ...(times !== undefined && { times }) });
      return Promise.resolve();
    },
    calls: () => Promise.resolve(simulator.summary().calls),
    close: () => simulator.close(),
    sampleFields: (n) => kind.sample(n, needed),
    change: { fields: kind.touched, shown: kind.touched },
    initial: kind.initial,
    volatile: ['last_modified_time', 'updated_time'],
  };
}

/** Takes the total or the name out of spoiled rows on their way: Books itself lets nobody empty them. */
function spoiling(kind: Kind, spoiled: ReadonlySet<string>): (http: Http) => Http {
  const bodySchema = z.looseObject({ [kind.name]: z.array(z.looseObject({})) });
  return (http) => async (request) => {
    const answer = await http(request);
    const body = bodySchema.safeParse(answer.body);
    if (spoiled.size === 0 || !body.success) return answer;
    const rows = body.data[kind.name]?.map((row) => (spoiled.has(String(row[kind.idField])) ? { ...row, [kind.needs]: undefined } : row));
    return { ...answer, body: { ...body.data, [kind.name]: rows } };
  };
}
