import { describe, expect, it, type TestContext } from 'vitest';
import { z } from 'zod';
import type { DataSet } from '../../simulators/data/index.ts';
import { startBridge, type Bridge } from '../support/bridge.ts';
import { byRoute, callsDuring } from '../support/calls.ts';
import { generatedData } from '../support/generated-data.ts';

type Contact = Record<string, unknown>;
type Customer = DataSet['hector']['customers'][number];

interface World {
  readonly customers: readonly (Partial<Customer> & { id: string; name: string })[];
  /** In Books from the beginning, in the names of its API. */
  readonly contacts?: readonly Contact[];
}

/** A bridge with these customers in Hector and these contacts in Books, connected. Books has yen too. */
async function connected(onTestFinished: TestContext['onTestFinished'], { customers, contacts = [] }: World, setup: Record<string, unknown> = {}): Promise<Bridge> {
  const base = await generatedData({ customers: 1, items: 1 });
  const [template] = base.hector.customers;
  if (!template) throw new Error('there is no customer to begin with');
  const plain = { ...template, email: null, phone: null, mobile: null, firstName: '', lastName: '', billingAddress: null };
  const bridge = await startBridge({ data: { ...base, hector: { ...base.hector, customers: customers.map((customer) => ({ ...plain, ...customer })), loaners: [] } }, organization: { currencies: [{ currency_code: 'JPY', price_precision: 0, exchange_rate: 0.006 }] } });
  onTestFinished(() => bridge.stop());
  for (const contact of contacts) await addContact(bridge, contact);
  await bridge.connect({}, setup);
  return bridge;
}

/** Somebody adds a contact in Books; gives its id. */
async function addContact({ zoho }: Bridge, { status, currency_code: code, ...contact }: Contact): Promise<string> {
  const currency = zoho.state().currencies.find((one) => one['currency_code'] === code);
  const { json } = await zoho.act({ method: 'POST', path: '/contacts', json: { ...contact, ...(currency && { currency_id: currency['currency_id'] }) } });
  const { contact_id: id } = (json as { contact: { contact_id: string } }).contact;
  if (status === 'inactive') await zoho.act({ method: 'POST', path: `/contacts/${id}/inactive` });
  return id;
}

const contactsSchema = z.array(z.object({
  contact_id: z.string(), contact_name: z.string(), custom_field_hash: z.object({ cf_bookbridge_id: z.string().optional() }),
  contact_persons: z.array(z.object({ first_name: z.string(), email: z.string() })),
}));

const byEmail = (email: string) => ({ contact_persons: [{ email }] });

/** The contacts of Books as far as matching changes them. */
function contactsOf({ zoho }: Bridge) {
  return contactsSchema.parse(zoho.state().contacts).map(({ contact_id: id, contact_name: name, custom_field_hash: { cf_bookbridge_id: key = null }, contact_persons: persons }) => ({
    id, name, key, persons: persons.map(({ first_name: first, email }) => `${first} ${email}`.trim()),
  }));
}

async function failuresOf({ bookbridge, integrationId }: Bridge) {
  return (await bookbridge.store.failures(integrationId, 10)).map(({ recordId, code, detail }) => ({ recordId, code, detail }));
}

const writes = (calls: Awaited<ReturnType<typeof callsDuring>>) => byRoute(calls.filter(({ method }) => method !== 'GET'));

describe('a customer that was in Books before', () => {
  it('is linked by e-mail, whatever its case, with one call, and gets the name it has in Hector', async ({ onTestFinished }) => {
    const bridge = await connected(onTestFinished, {
      customers: [{ id: 'c1', name: 'Éclair SARL', email: 'Zoe@Eclair.example' }],
      contacts: [{ contact_name: 'Eclair', ...byEmail('zoe@eclair.example') }],
    });
    const calls = await callsDuring(bridge.zoho, async () => {
      expect((await bridge.startImport()).counts['customers']).toEqual({ updated: 1 });
    });
    expect(contactsOf(bridge)).toMatchObject([{ name: 'Éclair SARL', key: `${bridge.integrationId}:customers:c1`, persons: ['Zoe@Eclair.example'] }]);
    expect(byRoute(calls)).toMatchObject({ 'GET /books/v3/contacts': 1, 'PUT /books/v3/contacts/:id': 1 });
    expect(byRoute(calls)).not.toHaveProperty('PUT /books/v3/contacts');
  });

  it('is linked by its exact name, whatever its case and the blanks around it', async ({ onTestFinished }) => {
    const bridge = await connected(onTestFinished, { customers: [{ id: 'c1', name: '  ÉCLAIR sarl ' }], contacts: [{ contact_name: 'Éclair SARL' }] });
    expect((await bridge.startImport()).counts['customers']).toEqual({ updated: 1 });
    expect(contactsOf(bridge)).toMatchObject([{ key: `${bridge.integrationId}:customers:c1` }]);
  });

  it('is told in the history, with what it was found by', async ({ onTestFinished }) => {
    const bridge = await connected(onTestFinished, {
      customers: [{ id: 'c1', name: 'Éclair', email: 'zoe@eclair.example' }], contacts: [{ contact_name: 'éclair', ...byEmail('zoe@eclair.example') }],
    });
    await bridge.startImport();
    const history = await bridge.bookbridge.store.operations.history(bridge.integrationId, { module: 'customers', limit: 10 });
    expect(history.find(({ code }) => code === 'matched')?.detail).toMatch(/^contacts \d+ "éclair" was there, found by e-mail and name$/);
  });

  it('keeps the persons that Hector knows nothing of, now and whenever it changes', async ({ onTestFinished }) => {
    const bridge = await connected(onTestFinished, {
      customers: [{ id: 'c1', name: 'Éclair', firstName: 'Zoé', email: 'zoe@eclair.example' }],
      contacts: [{ contact_name: 'Éclair', contact_persons: [{ first_name: 'Zoe', email: 'old@eclair.example', is_primary_contact: true }, { first_name: 'Max', email: 'max@eclair.example', department: 'IT' }] }],
    });
    await bridge.startImport();
    expect(contactsOf(bridge)).toMatchObject([{ persons: ['Zoé zoe@eclair.example', 'Max max@eclair.example'] }]);
    await bridge.inHector('PATCH', '/customers/c1', { email: 'new@eclair.example' });
    await bridge.sync();
    expect(contactsOf(bridge)).toMatchObject([{ persons: ['Zoé new@eclair.example', 'Max max@eclair.example'] }]);
    expect(bridge.zoho.state().contacts[0]).toMatchObject({ contact_persons: [{ is_primary_contact: true }, { department: 'IT', is_primary_contact: false }] });
  });

  it('goes on as any other: a second import and a sync ask nothing about contacts', async ({ onTestFinished }) => {
    const bridge = await connected(onTestFinished, { customers: [{ id: 'c1', name: 'Éclair' }, { id: 'c2', name: 'New' }], contacts: [{ contact_name: 'Éclair' }] });
    await bridge.startImport();
    const calls = await callsDuring(bridge.zoho, async () => {
      await bridge.startImport();
      await bridge.sync();
    });
    expect(byRoute(calls)).toEqual({ 'GET /books/v3/items': 2 });
  });

  it('is nobody who is a vendor in Books: that is a collision of names, or somebody with the same address', async ({ onTestFinished }) => {
    const bridge = await connected(onTestFinished, {
      customers: [{ id: 'c1', name: 'Power' }, { id: 'c2', name: 'Light', email: 'bill@power.example' }],
      contacts: [{ contact_name: 'Power', contact_type: 'vendor', ...byEmail('bill@power.example') }],
    });
    expect((await bridge.startImport()).counts['customers']).toEqual({ added: 1, failed: 1 });
    expect(await failuresOf(bridge)).toMatchObject([{ recordId: 'c1', code: 'name-collision' }]);
    expect(bridge.zoho.state().contacts[0]).toMatchObject({ contact_name: 'Power', contact_type: 'vendor', custom_fields: [] });
  });

  it('is nobody who is billed in another currency', async ({ onTestFinished }) => {
    const bridge = await connected(onTestFinished, {
      customers: [{ id: 'c1', name: 'Eclair SARL', email: 'zoe@eclair.example' }],
      contacts: [{ contact_name: 'Éclair', currency_code: 'JPY', ...byEmail('zoe@eclair.example') }],
    });
    expect((await bridge.startImport()).counts['customers']).toEqual({ added: 1 });
    expect(contactsOf(bridge)).toMatchObject([{ name: 'Éclair', key: null }, { name: 'Eclair SARL', key: `${bridge.integrationId}:customers:c1` }]);
  });

  it('is not one that is inactive and only has the same address', async ({ onTestFinished }) => {
    const bridge = await connected(onTestFinished, {
      customers: [{ id: 'c1', name: 'Éclair SARL', email: 'zoe@eclair.example' }], contacts: [{ contact_name: 'Éclair (old)', status: 'inactive', ...byEmail('zoe@eclair.example') }],
    });
    expect((await bridge.startImport()).counts['customers']).toEqual({ added: 1 });
  });
});

describe('where it is not certain which one it is', () => {
  const twins = {
    customers: [{ id: 'c1', name: 'Éclair SARL', email: 'zoe@eclair.example' }],
    contacts: [{ contact_name: 'Éclair Paris', ...byEmail('zoe@eclair.example') }, { contact_name: 'Éclair Lyon', ...byEmail('zoe@eclair.example') }],
  };

  it('a person is asked, with the names of both, and nothing is written', async ({ onTestFinished }) => {
    const bridge = await connected(onTestFinished, twins);
    const calls = await callsDuring(bridge.zoho, () => bridge.startImport());
    const [failure] = await failuresOf(bridge);
    expect(failure).toMatchObject({ recordId: 'c1', code: 'match-ambiguous' });
    expect(failure?.detail).toMatch(/contacts \d+ "Éclair Paris" \(e-mail\), contacts \d+ "Éclair Lyon" \(e-mail\).*its key is .*:customers:c1$/);
    expect(writes(calls)).toEqual({});
  });

  it.for<[string, (bridge: Bridge, paris: string, lyon: string) => Promise<unknown>]>([
    ['merged them', ({ zoho }, _, lyon) => zoho.act({ method: 'DELETE', path: `/contacts/${lyon}` })],
    ['given one of them its name', ({ zoho }, paris) => zoho.act({ method: 'PUT', path: `/contacts/${paris}`, json: { contact_name: 'Éclair SARL' } })],
    ['entered its key in one of them', ({ zoho, integrationId }, paris) => zoho.act({ method: 'PUT', path: `/contacts/${paris}`, json: { custom_fields: [{ api_name: 'cf_bookbridge_id', value: `${integrationId}:customers:c1` }] } })],
  ])('is linked on retry when the person has %s', async ([, mend], { onTestFinished }) => {
    const bridge = await connected(onTestFinished, twins);
    const { integrationId, bookbridge: { store } } = bridge;
    await bridge.startImport();
    const [paris = '', lyon = ''] = contactsOf(bridge).map(({ id }) => id);
    await mend(bridge, paris, lyon);
    await store.operations.retry(integrationId, { by: 'all' });
    await bridge.sync();
    expect(await failuresOf(bridge)).toEqual([]);
    expect(contactsOf(bridge)[0]).toMatchObject({ name: 'Éclair SARL', key: `${integrationId}:customers:c1` });
    expect((await store.links(integrationId, [{ side: 'books', resource: 'contacts', id: paris }])).size).toBe(1);
  });

  it('the name decides between several with the same address', async ({ onTestFinished }) => {
    const bridge = await connected(onTestFinished, {
      customers: [{ id: 'c1', name: 'Éclair Lyon', email: 'zoe@eclair.example' }, { id: 'c2', name: 'Éclair Paris', email: 'zoe@eclair.example' }, { id: 'c3', name: 'Éclair Nice', email: 'zoe@eclair.example' }],
      contacts: twins.contacts,
    });
    expect((await bridge.startImport()).counts['customers']).toEqual({ updated: 2, added: 1 });
    const keyOf = (id: string) => `${bridge.integrationId}:customers:${id}`;
    expect(contactsOf(bridge)).toMatchObject([{ name: 'Éclair Paris', key: keyOf('c2') }, { name: 'Éclair Lyon', key: keyOf('c1') }, { name: 'Éclair Nice', key: keyOf('c3') }]);
  });

  it('two customers never take the same contact', async ({ onTestFinished }) => {
    const bridge = await connected(onTestFinished, {
      customers: [{ id: 'c1', name: 'Éclair Lyon', email: 'zoe@eclair.example' }, { id: 'c2', name: 'Éclair Paris', email: 'zoe@eclair.example' }],
      contacts: [{ contact_name: 'Éclair', ...byEmail('zoe@eclair.example') }],
    });
    expect((await bridge.startImport()).counts['customers']).toEqual({ failed: 2 });
    expect(await failuresOf(bridge)).toMatchObject([{ code: 'match-ambiguous', detail: expect.stringContaining('customers c2 would fit as well') }, { code: 'match-ambiguous' }]);
  });

  it('an address that many contacts share says nothing, and names decide alone', async ({ onTestFinished }) => {
    const contacts = Array.from({ length: 30 }, (_, index) => ({ contact_name: `Contact ${index}`, ...byEmail('none@example.com') }));
    const bridge = await connected(onTestFinished, { customers: [{ id: 'c1', name: 'Contact 7', email: 'none@example.com' }, { id: 'c2', name: 'New', email: 'none@example.com' }], contacts });
    expect((await bridge.startImport()).counts['customers']).toEqual({ updated: 1, added: 1 });
  });

  it('a contact that belongs to another customer already is nobody else’s', async ({ onTestFinished }) => {
    const bridge = await connected(onTestFinished, { customers: [{ id: 'c1', name: 'Éclair', email: 'zoe@eclair.example' }], contacts: [{ contact_name: 'Éclair', ...byEmail('zoe@eclair.example') }] });
    await bridge.startImport();
    await bridge.inHector('POST', '/customers', { name: 'Éclair', email: 'zoe@eclair.example' });
    await bridge.inHector('POST', '/customers', { name: 'Éclair Nice', email: 'zoe@eclair.example' });
    expect((await bridge.sync()).counts['customers']).toMatchObject({ added: 1, failed: 1 });
    expect(await failuresOf(bridge)).toMatchObject([{ code: 'name-collision' }]);
  });

  it('a customer that was deleted and made again gets its contact back by the key that the collision shows', async ({ onTestFinished }) => {
    const bridge = await connected(onTestFinished, { customers: [{ id: 'c1', name: 'Éclair' }] });
    await bridge.startImport();
    await bridge.inHector('DELETE', '/customers/c1');
    await bridge.inHector('POST', '/customers', { name: 'Éclair' });
    await bridge.sync();
    const [failure] = await failuresOf(bridge);
    const key = /; its key is (.+)$/.exec(failure?.detail ?? '')?.[1] ?? '';
    expect({ code: failure?.code, key }).toEqual({ code: 'name-collision', key: `${bridge.integrationId}:customers:${failure?.recordId}` });
    const [contact] = contactsOf(bridge);
    await bridge.zoho.act({ method: 'PUT', path: `/contacts/${contact?.id}`, json: { custom_fields: [{ api_name: 'cf_bookbridge_id', value: key }] } });
    await bridge.bookbridge.store.operations.retry(bridge.integrationId, { by: 'all' });
    await bridge.sync();
    expect(await failuresOf(bridge)).toEqual([]);
    expect(contactsOf(bridge)).toEqual([{ ...contact, key }]);
    await bridge.inHector('PATCH', `/customers/${failure?.recordId}`, { name: 'Éclair SARL' });
    await bridge.sync();
    expect(contactsOf(bridge)).toMatchObject([{ id: contact?.id, name: 'Éclair SARL' }]);
  });
});

describe('the listing of contacts', () => {
  it('costs one call per 200, read once, and the import of N one call each', async ({ onTestFinished }) => {
    const contacts = Array.from({ length: 410 }, (_, index) => ({ contact_name: `Contact ${index}` }));
    const customers = Array.from({ length: 20 }, (_, index) => ({ id: `c${index}`, name: index % 2 === 0 ? `Contact ${index * 20}` : `New ${index}` }));
    const bridge = await connected(onTestFinished, { customers, contacts });
    const calls = await callsDuring(bridge.zoho, async () => {
      expect((await bridge.startImport()).counts['customers']).toEqual({ added: 10, updated: 10 });
    });
    expect(byRoute(calls)).toMatchObject({ 'GET /books/v3/contacts': 3, 'PUT /books/v3/contacts': 10, 'PUT /books/v3/contacts/:id': 10 });
  });

  it('is read by a sync too where customers appear for the first time, and then no more', async ({ onTestFinished }) => {
    const bridge = await connected(onTestFinished, { customers: [], contacts: [{ contact_name: 'Éclair' }] });
    expect(byRoute(await callsDuring(bridge.zoho, () => bridge.startImport()))).not.toHaveProperty('GET /books/v3/contacts');
    await bridge.inHector('POST', '/customers', { name: 'Éclair' });
    expect(byRoute(await callsDuring(bridge.zoho, () => bridge.sync()))).toMatchObject({ 'GET /books/v3/contacts': 1, 'PUT /books/v3/contacts/:id': 1 });
    await bridge.inHector('POST', '/customers', { name: 'New' });
    expect(byRoute(await callsDuring(bridge.zoho, () => bridge.sync()))).toEqual({ 'GET /books/v3/items': 1, 'PUT /books/v3/contacts': 1 });
  });

  it('that was made by hand after the import is found when a person has the collision tried again', async ({ onTestFinished }) => {
    const bridge = await connected(onTestFinished, { customers: [{ id: 'c1', name: 'First' }] });
    await bridge.startImport();
    await addContact(bridge, { contact_name: 'Éclair' });
    await bridge.inHector('POST', '/customers', { name: 'Éclair' });
    expect((await bridge.sync()).counts['customers']).toMatchObject({ failed: 1 });
    expect(await failuresOf(bridge)).toMatchObject([{ code: 'name-collision' }]);
    // Nothing is listed anew for it before somebody has looked.
    await bridge.sync();
    expect(await failuresOf(bridge)).toMatchObject([{ code: 'name-collision' }]);
    await bridge.bookbridge.store.operations.retry(bridge.integrationId, { by: 'all' });
    await bridge.sync();
    expect(await failuresOf(bridge)).toEqual([]);
    expect(bridge.zoho.state().contacts.filter(({ contact_name: name }) => name === 'Éclair')).toHaveLength(1);
  });

  it('goes on at its page where a limit stopped it', async ({ onTestFinished }) => {
    const contacts = Array.from({ length: 500 }, (_, index) => ({ contact_name: `Contact ${index}` }));
    const bridge = await connected(onTestFinished, { customers: [{ id: 'c1', name: 'Contact 499' }], contacts }, { limits: { minute: { calls: 2, windowMs: 700 } } });
    const calls = await callsDuring(bridge.zoho, async () => {
      const { counts, pauses } = await bridge.startImport();
      expect(counts['customers']).toEqual({ updated: 1 });
      expect(pauses).toBeGreaterThan(0);
    });
    expect(calls.filter(({ route }) => route === 'GET /books/v3/contacts').map(({ query }) => new URLSearchParams(query).get('page'))).toEqual(['1', '2', '3']);
  });

  it('and lost answers leave every contact once', async ({ onTestFinished }) => {
    const customers = Array.from({ length: 16 }, (_, index) => ({ id: `c${index}`, name: `Customer ${index}`, email: `c${index}@example.com` }));
    const bridge = await connected(onTestFinished, { customers, contacts: customers.slice(0, 8).map(({ name, email }, index) => (index % 2 === 0 ? { contact_name: name } : { contact_name: `Old ${name}`, ...byEmail(email) })) });
    bridge.zoho.faults.add({ route: 'PUT /books/v3/contacts', kind: 'lost-answer', probability: 0.3, seed: 5, times: 5 });
    await bridge.startImport();
    expect(contactsOf(bridge).map(({ name, key }) => `${name} ${key}`).toSorted()).toEqual(customers.map(({ id, name }) => `${name} ${bridge.integrationId}:customers:${id}`).toSorted());
    expect(await failuresOf(bridge)).toEqual([]);
  });

  it('finds what was made before the database was lost, and links it again', async ({ onTestFinished }) => {
    const bridge = await connected(onTestFinished, {
      customers: [{ id: 'c1', name: 'Éclair', email: 'both@eclair.example' }, { id: 'c2', name: 'Éclair Lyon', email: 'both@eclair.example' }, { id: 'c3', name: 'No address' }],
    });
    await bridge.startImport();
    const before = contactsOf(bridge);
    await bridge.loseStore();
    await bridge.connect();
    expect((await bridge.startImport()).counts['customers']).toEqual({ updated: 3 });
    expect(contactsOf(bridge)).toEqual(before);
  });
});
