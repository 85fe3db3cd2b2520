import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBooks } from '../../scripts/simulated.ts';
import type { RunResult } from '../../workflows/messages.ts';
import { startBridge, type Bridge } from '../support/bridge.ts';

type Fields = Record<string, unknown>;

/** Lays fields over a record against all rules of Hector's own pages; makes it where there is none. */
async function force({ hector }: Bridge, resource: string, id: string, fields: Fields): Promise<void> {
  const answer = await fetch(`${hector.url}/_simulator/records`, { method: 'POST', body: JSON.stringify({ resource, id, fields }) });
  if (!answer.ok) throw new Error(await answer.text());
}

const make = async (bridge: Bridge, resource: string, fields: Fields) => (await bridge.inHector('POST', `/${resource}`, fields))['id'] as string;

/** Code and words of each record that did not get through, by its id. */
async function problems({ bookbridge, integrationId }: Bridge): Promise<Record<string, string>> {
  const found = await bookbridge.store.operations.problems(integrationId, { limit: 100 });
  return Object.fromEntries(found.map(({ id, code, detail }) => [id, `${code}: ${detail}`]));
}

async function contactNames({ zoho, dataSet }: Bridge): Promise<string[]> {
  return (await readBooks(zoho.url, dataSet.books.organization.id)).contacts.map(({ contact_name: name }) => name);
}

async function invoiced({ zoho, dataSet }: Bridge): Promise<string[]> {
  return (await readBooks(zoho.url, dataSet.books.organization.id)).invoices.map(({ reference_number: reference }) => reference).sort();
}

describe('customers that cannot be carried over as they are', () => {
  let bridge: Bridge;
  let result: RunResult;
  let before: number;
  const ids: Record<string, string> = {};
  const longest = '🎬'.repeat(100);
  beforeAll(async () => {
    bridge = await startBridge();
    before = (await contactNames(bridge)).length + bridge.dataSet.hector.customers.length;
    for (const [what, name] of Object.entries({
      blank: '   ', long: 'x'.repeat(201), longest, html: '<script>alert("1")</script> & Sons', rightToLeft: '\u202Eevil\u202C هيثم', control: 'Ring\u0007 the\tbell\u0000',
      upper: 'ASH LTD', lower: 'Ash Ltd', unknown: 'Known Ltd', number: 'Number Ltd', nameless: 'Nameless Ltd',
    })) ids[what] = await make(bridge, 'customers', { name });
    await force(bridge, 'customers', ids['unknown'] ?? '', { nickname: 'Old Known', billingAddress: { city: 'Lyon', planet: 'Earth' } });
    await force(bridge, 'customers', ids['number'] ?? '', { email: 7 });
    await force(bridge, 'customers', ids['nameless'] ?? '', { name: null });
    await bridge.connect();
    result = await bridge.startImport();
  });
  afterAll(() => bridge.stop());

  it('fail one by one, each with the field and what to do, and hold up nobody', async () => {
    expect(result.counts['customers']).toEqual({ added: bridge.dataSet.hector.customers.length + 6, failed: 5 });
    const found = await problems(bridge);
    const collided = [ids['upper'], ids['lower']].find((id) => found[id ?? ''] !== undefined) ?? '';
    expect(found).toEqual({
      [ids['blank'] ?? '']: 'value-missing: name: a customer needs a name in Books',
      [ids['long'] ?? '']: 'value-invalid: name: has 201 characters, Books takes 200',
      [ids['number'] ?? '']: expect.stringMatching(/^record-unreadable: email: /),
      [ids['nameless'] ?? '']: expect.stringMatching(/^record-unreadable: name: /),
      [collided]: expect.stringMatching(/^name-collision: .*ash ltd/i),
    });
  });

  it('leave the others as they are, in any script, with HTML and right-to-left text, without control characters', async () => {
    const names = await contactNames(bridge);
    expect(names).toHaveLength(before + 6);
    expect(names).toEqual(expect.arrayContaining([longest, '<script>alert("1")</script> & Sons', '\u202Eevil\u202C هيثم', 'Ring the bell', 'Known Ltd']));
    expect(names.filter((name) => name.toLowerCase() === 'ash ltd')).toHaveLength(1);
  });

  it('leave fields that nobody knows behind', () => {
    const contact = bridge.zoho.state().contacts.find(({ contact_name: name }) => name === 'Known Ltd');
    expect(contact).toMatchObject({ billing_address: { city: 'Lyon' } });
    expect(JSON.stringify(contact)).not.toMatch(/Old Known|Earth/);
  });

  it('get through as soon as they are mended', async () => {
    const found = await problems(bridge);
    const mended: Record<string, Fields> = { number: { email: null }, nameless: { name: 'Named Ltd' } };
    for (const [what, id] of Object.entries(ids)) {
      if (found[id] === undefined) continue;
      if (mended[what]) await force(bridge, 'customers', id, mended[what]);
      else await bridge.inHector('PATCH', `/customers/${id}`, { name: `Mended ${what}` });
    }
    await bridge.sync();
    expect(await problems(bridge)).toEqual({});
    expect(await contactNames(bridge)).toHaveLength(before + Object.keys(ids).length);
  });
});

describe('loaners that cannot be invoiced as they are', () => {
  let bridge: Bridge;
  const ids: Record<string, string> = {};
  /** Item of Books and part of Hector by name. */
  let itemIds: Record<string, string>;
  let partIds: Record<string, string>;
  const penalty = (value: string) => ({ penalties: [{ id: 'p', type: 'amount', value, reason: 'late', description: '' }] });

  async function makeLoaner(what: string, fields: Fields, part = 'HP EliteBook'): Promise<void> {
    const completed = bridge.dataSet.hector.statuses.find(({ state }) => state === 'completed')?.id;
    const lines = [{ id: 'l', kind: 'part', itemId: partIds[part], description: part, quantity: 1 }];
    ids[what] = await make(bridge, 'loaners', {
      number: what, statusId: completed, customerId: 'c-01', stockroomId: bridge.dataSet.settings.stockroomId, lines,
      plannedStartAt: '2026-10-05T09:00:00Z', plannedEndAt: '2026-10-05T18:00:00Z', startedAt: '2026-10-05T09:00:00Z', returnedAt: '2026-10-05T18:00:00Z', ...fields,
    });
  }

  beforeAll(async () => {
    bridge = await startBridge();
    await bridge.connect();
    await bridge.startImport();
    itemIds = Object.fromEntries(bridge.zoho.state().items.map((item) => [item['name'], item['item_id']])) as Record<string, string>;
    const links = await bridge.bookbridge.store.links(bridge.integrationId, Object.values(itemIds).map((id) => ({ side: 'books', resource: 'items', id })));
    partIds = Object.fromEntries(Object.entries(itemIds).map(([name, id]) => [name, links.get(`books/items/${id}`)?.other.id ?? '']));
    await bridge.inHector('PATCH', `/parts/${partIds['HP EliteBook']}`, { attributes: { calculation_type: 'By hour' } });
    await makeLoaner('good', {});
    await makeLoaner('no end', { plannedEndAt: null, returnedAt: null });
    await makeLoaner('ends before it starts', { returnedAt: '2026-10-05T08:59:59Z' });
    await makeLoaner('no customer', { customerId: null });
    await makeLoaner('negative penalty', penalty('5.00'));
    await force(bridge, 'loaners', ids['negative penalty'] ?? '', penalty('-5.00'));
    await makeLoaner('too many decimals', penalty('10.005'));
    await makeLoaner('no lines', {});
    await force(bridge, 'loaners', ids['no lines'] ?? '', { lines: null });
    await makeLoaner('unknown field', {});
    await force(bridge, 'loaners', ids['unknown field'] ?? '', { mood: 'good' });
    await makeLoaner('item gone in Books', {}, 'Проектор Epson');
    await makeLoaner('part gone in Hector', {}, '三脚架 Manfrotto');
    await bridge.zoho.act({ method: 'DELETE', path: `/items/${itemIds['Проектор Epson']}` });
    await bridge.inHector('DELETE', `/parts/${partIds['三脚架 Manfrotto']}`);
    await bridge.sync();
  });
  afterAll(() => bridge.stop());

  it('fail one by one, each with the field and what to do', async () => {
    expect(await problems(bridge)).toEqual({
      [ids['no end'] ?? '']: 'period-invalid: the loaner has no end',
      [ids['ends before it starts'] ?? '']: expect.stringMatching(/^period-invalid: it ends on 2026-10-05T08:59:59Z, before it starts/),
      [ids['no customer'] ?? '']: 'value-missing: customer: the loaner has none to invoice',
      [ids['negative penalty'] ?? '']: 'value-invalid: penalties.0.value: -5 is below zero',
      [ids['too many decimals'] ?? '']: expect.stringMatching(/^value-invalid: penalties.0.value: 10.005 has more decimals than /),
      [ids['no lines'] ?? '']: expect.stringMatching(/^record-unreadable: lines: /),
      [ids['item gone in Books'] ?? '']: 'value-invalid: lines: "Проектор Epson" × 1 is the item "Проектор Epson", which was deleted in Books',
    });
  });

  it('leave nothing half done, and the others are invoiced', async () => {
    expect(await invoiced(bridge)).toEqual(['good', 'part gone in Hector', 'unknown field']);
  });

  it('stay where they are when they are tried again as they are', async () => {
    const before = await problems(bridge);
    await bridge.bookbridge.store.operations.retry(bridge.integrationId, { by: 'all' });
    await bridge.sync();
    expect(Object.keys(await problems(bridge)).sort()).toEqual(Object.keys(before).sort());
  });

  it('are invoiced as soon as they are mended, once', async () => {
    for (const what of ['no end', 'ends before it starts']) await bridge.inHector('PATCH', `/loaners/${ids[what]}`, { returnedAt: '2026-10-05T10:00:00Z' });
    await bridge.inHector('PATCH', `/loaners/${ids['no customer']}`, { customerId: 'c-01' });
    for (const what of ['negative penalty', 'too many decimals']) await force(bridge, 'loaners', ids[what] ?? '', penalty('5.00'));
    for (const what of ['no lines', 'item gone in Books']) {
      await force(bridge, 'loaners', ids[what] ?? '', { lines: [{ id: 'l', kind: 'part', itemId: partIds['HP EliteBook'], description: '', quantity: 1, components: [] }] });
    }
    await bridge.sync();
    expect(await problems(bridge)).toEqual({});
    expect(await invoiced(bridge)).toEqual(Object.keys(ids).sort());
    const { counts } = await bridge.sync();
    expect(Object.keys(counts['loaners'] ?? {})).toEqual(['unchanged']);
  });
});

describe('a loaner of a part that cannot be read', () => {
  let bridge: Bridge;
  beforeAll(async () => {
    bridge = await startBridge();
    await bridge.connect();
    await bridge.startImport();
  });
  afterAll(() => bridge.stop());

  /** Nine hours of one part, completed. */
  async function lend(number: string, partId: string): Promise<string> {
    const completed = bridge.dataSet.hector.statuses.find(({ state }) => state === 'completed')?.id;
    return make(bridge, 'loaners', {
      number, statusId: completed, customerId: 'c-01', stockroomId: bridge.dataSet.settings.stockroomId, lines: [{ id: 'l', kind: 'part', itemId: partId, description: 'Part', quantity: 1 }],
      plannedStartAt: '2026-10-05T09:00:00Z', plannedEndAt: '2026-10-05T18:00:00Z', startedAt: '2026-10-05T09:00:00Z', returnedAt: '2026-10-05T18:00:00Z',
    });
  }

  async function partOf(name: string): Promise<string> {
    const id = bridge.zoho.state().items.find((item) => item['name'] === name)?.['item_id'] as string;
    const links = await bridge.bookbridge.store.links(bridge.integrationId, [{ side: 'books', resource: 'items', id }]);
    return links.get(`books/items/${id}`)?.other.id ?? '';
  }

  const quantityOf = async (number: string) => (await readBooks(bridge.zoho.url, bridge.dataSet.books.organization.id)).invoices
    .filter(({ reference_number: reference }) => reference === number).flatMap(({ line_items: lines }) => lines.map(({ quantity }) => quantity));

  it('is billed by the calculation type that was read last', async () => {
    const partId = await partOf('HP EliteBook');
    await bridge.inHector('PATCH', `/parts/${partId}`, { attributes: { calculation_type: 'By hour' } });
    await bridge.sync();
    await force(bridge, 'parts', partId, { description: null });
    await lend('read before', partId);
    await bridge.sync();
    expect(await quantityOf('read before')).toEqual(['9']);
    expect(await problems(bridge)).toEqual({ [partId]: expect.stringMatching(/^record-unreadable: description: /) });
    await force(bridge, 'parts', partId, { description: 'HP EliteBook' });
    await bridge.sync();
    expect(await problems(bridge)).toEqual({});
  });

  it('waits where it never could be read, and is billed once it can', async () => {
    await bridge.zoho.act({ method: 'POST', path: '/items', json: { name: 'Crane', rate: 7 } });
    await bridge.sync();
    const partId = await partOf('Crane');
    await force(bridge, 'parts', partId, { description: null, attributes: { calculation_type: 'By hour' } });
    const loanerId = await lend('never read', partId);
    await bridge.sync();
    expect(await problems(bridge)).toMatchObject({ [loanerId]: expect.stringMatching(new RegExp(`^record-unreadable: parts ${partId} "Part": attributes: `)) as unknown });
    expect(await quantityOf('never read')).toEqual([]);
    await bridge.bookbridge.store.operations.retry(bridge.integrationId, { by: 'all' });
    await bridge.sync();
    expect(await quantityOf('never read')).toEqual([]);
    await force(bridge, 'parts', partId, { description: 'Crane' });
    await bridge.sync();
    expect(await quantityOf('never read')).toEqual(['9']);
    expect(await problems(bridge)).toEqual({});
  });
});

describe('a page that is not JSON', () => {
  let bridge: Bridge;
  beforeAll(async () => {
    bridge = await startBridge();
    await bridge.connect();
  });
  afterAll(() => bridge.stop());

  it('is read again, from either system, and nothing is lost', async () => {
    bridge.zoho.faults.add({ route: 'GET /books/v3/items', kind: 'html', times: 1 });
    bridge.zoho.faults.add({ route: 'PUT /books/v3/contacts', kind: 'malformed', times: 2 });
    bridge.hector.faults.add({ route: 'GET /api/v1/customers', kind: 'malformed', times: 1 });
    bridge.hector.faults.add({ route: 'POST /api/v1/parts', kind: 'html', times: 1 });
    await bridge.startImport();
    await bridge.makeLoaners();
    bridge.zoho.faults.add({ route: 'PUT /books/v3/invoices', kind: 'malformed', times: 2 });
    bridge.hector.faults.add({ route: 'GET /api/v1/loaners', kind: 'html', times: 1 });
    await bridge.sync();
    expect(await bridge.differences()).toEqual([]);
    expect(await problems(bridge)).toEqual({});
  });
});
