import { describe, it, type TestContext } from 'vitest';
import { startBridge } from '../support/bridge.ts';
import { byRoute, callsDuring } from '../support/calls.ts';
import { generatedData } from '../support/generated-data.ts';
import { unlimited } from '../support/limits.ts';
import { booksOf, openShop, problemsOf, startShopBridge, type ShopBridge } from '../support/shop-bridge.ts';
import { paidOrder, person, smallShop } from '../support/small-shop.ts';

type Orders = Parameters<typeof smallShop>[0];

/** A shop whose orders are imported into books that know these contacts, in the names of the API. */
async function connected(onTestFinished: TestContext['onTestFinished'], { orders, contacts = [] }: { orders: Orders; contacts?: Record<string, unknown>[] }): Promise<ShopBridge> {
  const bridge = await startShopBridge({ data: smallShop(orders), organization: { contacts: contacts as never, currencies: [{ currency_code: 'CHF' }] } });
  onTestFinished(() => bridge.stop());
  await bridge.connect();
  return bridge;
}

const keyOf = ({ integrationId }: { readonly integrationId: string }, buyer: string) => `${integrationId}:buyers:${buyer}:EUR`;
const contactsOf = (bridge: Pick<ShopBridge, 'zoho'>) => booksOf(bridge).contacts.map(({ contact_id: id, contact_name: name, custom_field_hash: { cf_bookbridge_id: key }, billing_address: { city }, contact_persons: persons }) => ({
  id, name, key, city, emails: persons.map(({ email }) => email),
}));
const writes = (calls: Awaited<ReturnType<typeof callsDuring>>) => byRoute(calls.filter(({ method }) => method !== 'GET'));

describe.concurrent('a buyer', () => {
  it('is the contact with the same e-mail, whose billing data follow the order and whose name stays', async ({ expect, onTestFinished }) => {
    const bridge = await connected(onTestFinished, {
      orders: [{ billing: person('Ada', 'Martin', { email: 'ADA@example.com', company: 'Martin SARL' }) }],
      contacts: [{ contact_name: 'Martin, Ada (wholesale)', billing_address: { address: 'Old street 1', city: 'Rennes' }, contact_persons: [{ first_name: 'A.', email: 'ada@example.com' }, { first_name: 'Max', email: 'max@example.com' }] }],
    });
    const calls = await callsDuring(bridge.zoho, () => bridge.startImport());
    expect(writes(calls)).toEqual({ 'PUT /books/v3/contacts/:id': 1, 'PUT /books/v3/invoices': 1 });
    expect(contactsOf(bridge)).toMatchObject([{ name: 'Martin, Ada (wholesale)', key: keyOf(bridge, 'ada@example.com'), city: 'Nantes', emails: ['ADA@example.com', 'max@example.com'] }]);
    expect(booksOf(bridge).contacts).toMatchObject([{ company_name: 'Martin SARL' }]);
    expect(booksOf(bridge).invoices).toMatchObject([{ customer_name: 'Martin, Ada (wholesale)', total: 96 }]);
    expect(byRoute(await callsDuring(bridge.zoho, () => bridge.sync()))).toEqual({});
  });

  it('is else the contact with the same name, whatever its case', async ({ expect, onTestFinished }) => {
    const bridge = await connected(onTestFinished, { orders: [{}], contacts: [{ contact_name: 'ADA martin' }, { contact_name: 'Bob Roux' }] });
    const calls = await callsDuring(bridge.zoho, () => bridge.startImport());
    expect(writes(calls)).toEqual({ 'PUT /books/v3/contacts/:id': 1, 'PUT /books/v3/invoices': 1 });
    expect(contactsOf(bridge)).toMatchObject([{ name: 'ADA martin', emails: ['ada.martin@example.com'], city: 'Nantes' }, { name: 'Bob Roux', emails: [] }]);
  });

  it('is created where there is neither, and never again', async ({ expect, onTestFinished }) => {
    const bridge = await connected(onTestFinished, { orders: [{}, { billing: person('Ada', 'Martin', { email: ' Ada.MARTIN@example.com' }) }], contacts: [{ contact_name: 'Bob Roux' }] });
    const calls = await callsDuring(bridge.zoho, () => bridge.startImport());
    expect(writes(calls)).toEqual({ 'PUT /books/v3/contacts': 1, 'PUT /books/v3/invoices': 2 });
    expect(contactsOf(bridge)[0]).toMatchObject({ name: 'Ada Martin', key: keyOf(bridge, 'ada.martin@example.com') });
  });

  it('has the billing data of the newest order, and the name that the bookkeeper gave since', async ({ expect, onTestFinished }) => {
    const bridge = await connected(onTestFinished, { orders: [{}] });
    await bridge.startImport();
    const [contact] = contactsOf(bridge);
    await bridge.zoho.act({ method: 'PUT', path: `/contacts/${contact?.id}`, json: { contact_name: 'Martin, Ada' } });
    bridge.world.place(paidOrder({ billing: person('Ada', 'Martin', { city: 'Brest', street: '2 quai de la Douane' }) }));
    const calls = await callsDuring(bridge.zoho, () => bridge.sync());
    expect(writes(calls)).toEqual({ 'PUT /books/v3/contacts/:id': 1, 'PUT /books/v3/invoices': 1 });
    expect(contactsOf(bridge)).toMatchObject([{ name: 'Martin, Ada', city: 'Brest' }]);
    expect(await bridge.differences()).toEqual([]);
  });

  it('of the same name as somebody else is told apart by the e-mail, and its later orders write no contact', async ({ expect, onTestFinished }) => {
    const bridge = await connected(onTestFinished, { orders: [{}] });
    await bridge.startImport();
    const second = person('Ada', 'Martin', { email: 'other@example.com' });
    bridge.world.place(paidOrder({ billing: second }));
    const calls = await callsDuring(bridge.zoho, () => bridge.sync());
    expect(contactsOf(bridge).map(({ name, emails }) => [name, ...emails])).toEqual([['Ada Martin', 'ada.martin@example.com'], ['Ada Martin (other@example.com)', 'other@example.com']]);
    // The first try finds the name taken.
    expect(writes(calls)).toEqual({ 'PUT /books/v3/contacts': 2, 'PUT /books/v3/invoices': 1 });
    bridge.world.place(paidOrder({ billing: second }));
    bridge.world.place(paidOrder({}));
    expect(byRoute(await callsDuring(bridge.zoho, () => bridge.sync()))).toEqual({ 'PUT /books/v3/invoices': 2 });
    expect(byRoute(await callsDuring(bridge.zoho, () => bridge.sync()))).toEqual({});
    expect(booksOf(bridge).invoices.map(({ customer_name: name }) => name)).toEqual(expect.arrayContaining(['Ada Martin', 'Ada Martin (other@example.com)']));
  });

  it('in another currency is another contact', async ({ expect, onTestFinished }) => {
    const bridge = await connected(onTestFinished, { orders: [{}, { currency: 'CHF' }] });
    await bridge.startImport();
    expect(new Set(contactsOf(bridge).map(({ key }) => key))).toEqual(new Set(['EUR', 'CHF'].map((currency) => `${bridge.integrationId}:buyers:ada.martin@example.com:${currency}`)));
    expect(booksOf(bridge).invoices.map(({ currency_code: code, total }) => [code, total])).toEqual([['EUR', 96], ['CHF', 96]]);
    expect(await problemsOf(bridge)).toEqual([]);
  });
});

describe.concurrent('a guest', () => {
  it('without e-mail is known by the name, and without both nobody is invoiced and the others go on', async ({ expect, onTestFinished }) => {
    const bridge = await connected(onTestFinished, {
      orders: [{ billing: person('Ada', 'Martin', { email: '' }) }, { billing: { country: 'FR' } }, { billing: person('Bob', 'Roux') }, { billing: { firstName: 'Ada', lastName: 'MARTIN' } }],
    });
    const calls = await callsDuring(bridge.zoho, () => bridge.startImport());
    expect(writes(calls)).toEqual({ 'PUT /books/v3/contacts': 2, 'PUT /books/v3/invoices': 3 });
    expect(contactsOf(bridge).map(({ name, emails }) => [name.toLowerCase(), ...emails.filter(Boolean)])).toEqual([['ada martin'], ['bob roux', 'bob.roux@example.com']]);
    expect(await problemsOf(bridge)).toMatchObject([{ module: 'orders', id: '1002', code: 'value-missing' }]);
    bridge.world.change('1002', { billing: person('Eve', 'Blanc') });
    await bridge.sync();
    expect(await problemsOf(bridge)).toEqual([]);
    expect(await bridge.differences()).toEqual([]);
  });
});

describe.concurrent('a contact that several integrations share', () => {
  it('keeps key and name where Hector made it, and both go on without writing over each other', async ({ expect, onTestFinished }) => {
    const data = await generatedData({ customers: 2, loaners: 2 });
    const bridge = await startBridge({ data });
    onTestFinished(() => bridge.stop());
    const [customer] = data.hector.customers;
    const billing = person('Ada', 'Martin', { email: String(customer?.email).toUpperCase(), company: 'Another name' });
    const shop = await openShop(bridge.installation, smallShop([{ billing }]));
    onTestFinished(() => shop.close());
    await bridge.connect({}, unlimited);
    await bridge.startImport();
    await shop.connect();
    const calls = await callsDuring(bridge.zoho, () => shop.startImport());
    expect(byRoute(calls)).toMatchObject({ 'PUT /books/v3/contacts/:id': 1, 'PUT /books/v3/invoices': 1 });
    expect(byRoute(calls)).not.toHaveProperty('PUT /books/v3/contacts');
    const shared = { name: customer?.name, key: `${bridge.integrationId}:customers:${customer?.id}`, city: 'Nantes' };
    expect(contactsOf(bridge)[0]).toMatchObject(shared);

    const again = await callsDuring(bridge.zoho, async () => {
      for (let round = 0; round < 2; round += 1) {
        await bridge.sync();
        await shop.sync();
      }
    });
    expect(writes(again)).toEqual({});
    expect(contactsOf(bridge)[0]).toMatchObject(shared);

    await bridge.inHector('PATCH', `/customers/${customer?.id}`, { name: 'Renamed in Hector' });
    await bridge.makeLoaners();
    expect(writes(await callsDuring(bridge.zoho, () => bridge.sync()))).toEqual({ 'PUT /books/v3/contacts/:id': 1, 'PUT /books/v3/invoices': 2 });
    shop.world.place(paidOrder({ billing: { ...billing, city: 'Brest' } }));
    expect(writes(await callsDuring(bridge.zoho, () => shop.sync()))).toEqual({ 'PUT /books/v3/contacts/:id': 1, 'PUT /books/v3/invoices': 1 });
    expect(writes(await callsDuring(bridge.zoho, async () => { await bridge.sync(); await shop.sync(); }))).toEqual({});
    expect(contactsOf(bridge)).toMatchObject([{ name: data.hector.customers[1]?.name }, { ...shared, name: 'Renamed in Hector', city: 'Brest' }]);
    expect(await shop.differences()).toEqual([]);
  });

  it('has the name that Hector knows where a shop made it before, and the key of the shop', async ({ expect, onTestFinished }) => {
    const data = await generatedData({ customers: 2, loaners: 2 });
    const bridge = await startBridge({ data });
    onTestFinished(() => bridge.stop());
    const [customer] = data.hector.customers;
    const billing = person('Ada', 'Martin', { email: customer?.email ?? '' });
    const shop = await openShop(bridge.installation, smallShop([{ billing }]));
    onTestFinished(() => shop.close());
    await shop.connect();
    await shop.startImport();
    await bridge.connect({}, unlimited);
    await bridge.startImport();
    const shared = { name: customer?.name, key: keyOf(shop, customer?.email ?? '') };
    expect(contactsOf(bridge)).toMatchObject([shared, { name: data.hector.customers[1]?.name }]);
    await bridge.makeLoaners();
    shop.world.place(paidOrder({ billing }));
    const calls = await callsDuring(bridge.zoho, async () => {
      for (const integration of [shop, bridge, shop, bridge]) await integration.sync();
    });
    expect(writes(calls)).toEqual({ 'PUT /books/v3/invoices': 3 });
    expect(contactsOf(bridge)[0]).toMatchObject(shared);
  });

  it('has the newest billing data of two shops, which do not write over each other as long as nothing changes', async ({ expect, onTestFinished }) => {
    const bridge = await connected(onTestFinished, { orders: [{}] });
    const inBrest = person('Ada', 'Martin', { city: 'Brest' });
    const second = await openShop(bridge.installation, smallShop([{ billing: inBrest }]), 'prestashop');
    onTestFinished(() => second.close());
    await second.connect();
    await bridge.startImport();
    expect(writes(await callsDuring(bridge.zoho, () => second.startImport()))).toEqual({ 'PUT /books/v3/contacts/:id': 1, 'PUT /books/v3/invoices': 1 });
    bridge.world.place(paidOrder());
    second.world.place(paidOrder({ billing: inBrest }));
    const calls = await callsDuring(bridge.zoho, async () => {
      for (const shop of [bridge, second, bridge, second]) await shop.sync();
    });
    expect(byRoute(calls)).toEqual({ 'PUT /books/v3/invoices': 2 });
    expect(contactsOf(bridge)).toMatchObject([{ key: keyOf(bridge, 'ada.martin@example.com'), city: 'Brest' }]);
    expect([...await bridge.differences(), ...await second.differences()]).toEqual([]);
  });
});
