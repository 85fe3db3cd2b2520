import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateShop } from '../../simulators/shop/generate.ts';
import { prestaShopKey, prestaShopOrdersKey, startPrestaShopSimulator, type PrestaShopSimulator } from '../../simulators/shop/prestashop.ts';

/** The simulator against docs/apis/prestashop.md: what the connector stands on is not to be true of the connector alone. */
let simulator: PrestaShopSimulator;
beforeEach(async () => {
  simulator = await startPrestaShopSimulator({ data: generateShop({ orders: 12, settings: { timeZone: 'Asia/Tokyo' } }) });
});
afterEach(() => simulator.close());

interface Asked {
  readonly method?: string;
  readonly key?: string | null;
}

async function ask(path: string, query: Record<string, string> = {}, { method = 'GET', key = prestaShopKey }: Asked = {}) {
  const headers: Record<string, string> = key === null ? {} : { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` };
  const response = await fetch(`${simulator.url}/api/${path}?${new URLSearchParams({ output_format: 'JSON', ...query }).toString()}`, { method, headers });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : (JSON.parse(text) as Record<string, Record<string, unknown>[]>) };
}

async function ids(query: Record<string, string>) {
  const { body } = await ask('orders', query);
  return Array.isArray(body) ? [] : (body?.['orders'] ?? []).map(({ id }) => Number(id));
}

const codeOf = async (answer: ReturnType<typeof ask>) => {
  const { status, body } = await answer;
  return [status, body?.['errors']?.[0]?.['code']];
};

describe('a listing', () => {
  it('has ids only unless more is asked for, and no name where there is nothing', async () => {
    expect((await ask('orders', { limit: '1' })).body).toEqual({ orders: [{ id: expect.any(Number) }] });
    expect((await ask('orders', { 'filter[id]': '[99999]', display: 'full' })).body).toEqual([]);
  });

  it('is filtered by value, by list, by range and by bounds that exclude what they bound', async () => {
    const all = await ids({});
    const [first = 0, second = 0, third = 0] = all;
    expect(all).toHaveLength(12);
    expect(await ids({ 'filter[id]': String(second) })).toEqual([second]);
    expect(await ids({ 'filter[id]': `[${first}|${third}]` })).toEqual([first, third]);
    expect(await ids({ 'filter[id]': `[${first},${third}]` })).toEqual(all.filter((id) => id <= third));
    expect(await ids({ 'filter[id]': `>[${second}]` })).toEqual(all.filter((id) => id > second));
    expect(await ids({ 'filter[id]': `<[${second}]` })).toEqual([first]);
    expect(await ids({ 'filter[reference]': `%[${String(first).slice(-2)}]` })).toContain(first);
  });

  it('is cut by a start and a count, and sorted', async () => {
    const all = await ids({});
    expect(await ids({ limit: '2,3' })).toEqual(all.slice(2, 5));
    expect(await ids({ sort: '[id_DESC]', limit: '3' })).toEqual(all.toReversed().slice(0, 3));
  });

  it("is filtered by times on the shop's clock, with date=1 only", async () => {
    const { body } = await ask('orders', { display: 'full', 'filter[id]': `[${String((await ids({}))[6])}]` });
    const [row] = body?.['orders'] ?? [];
    const order = simulator.world.order(String(row?.['id']));
    expect(row?.['date_add']).toBe(new Date((order?.placedAtMs ?? 0) + 9 * 3_600_000).toISOString().slice(0, 19).replace('T', ' '));
    expect(await ids({ date: '1', 'filter[date_add]': `>[${String(row?.['date_add'])}]` })).toHaveLength(5);
    expect(await codeOf(ask('orders', { 'filter[date_add]': '>[2026-01-01 00:00:00]' }))).toEqual([400, 32]);
  });
});

describe('one row', () => {
  it('is an object, or a list of one where it is told what to display, and nothing at all where it is not', async () => {
    const [id] = await ids({});
    expect((await ask(`orders/${id}`)).body).toHaveProperty('order.id', id);
    expect((await ask(`orders/${id}`, { display: 'full' })).body).toHaveProperty('orders.0.id', id);
    expect(await ask('orders/99999')).toEqual({ status: 404, body: null });
  });
});

describe('a refusal', () => {
  it.each([
    ['a filter on what is worked out', 'orders', { 'filter[current_state]': '2' }, 400, 34],
    ['a filter that does not exist', 'orders', { 'filter[shoe_size]': '43' }, 400, 32],
    ['an empty filter', 'orders', { 'filter[id]': '' }, 400, 33],
    ['a field that does not exist', 'orders', { display: '[id,shoe_size]' }, 400, 35],
    ['a display without brackets', 'orders', { display: 'id' }, 400, 36],
    ['a direction that is none', 'orders', { sort: '[id_UP]' }, 400, 37],
    ['sorting by a time without date=1', 'orders', { sort: '[date_upd_ASC]' }, 400, 38],
    ['a limit of three numbers', 'orders', { limit: '1,2,3' }, 400, 39],
    ['a resource that does not exist', 'shoes', {}, 400, 27],
  ])('has a code of its own for %s', async (_what, path, query, status, code) => {
    expect(await codeOf(ask(path, query))).toEqual([status, code]);
  });

  it('has one for each way in which a key is not good', async () => {
    expect(await codeOf(ask('orders', {}, { key: null }))).toEqual([401, 16]);
    expect(await codeOf(ask('orders', {}, { key: '' }))).toEqual([401, 17]);
    expect(await codeOf(ask('orders', {}, { key: 'short' }))).toEqual([401, 18]);
    expect(await codeOf(ask('orders', {}, { key: 'X'.repeat(32) }))).toEqual([401, 20]);
    expect(await codeOf(ask('customers', {}, { key: prestaShopOrdersKey }))).toEqual([401, 26]);
    expect(await codeOf(ask('orders', {}, { method: 'DELETE' }))).toEqual([405, 25]);
    expect((await ask('orders', { ws_key: prestaShopKey }, { key: null })).status).toBe(200);
  });
});

it('lets no more calls through than the host allows', async () => {
  await fetch(`${simulator.url}/_simulator/limits`, { method: 'POST', body: JSON.stringify({ minute: { calls: 1, windowMs: 60_000 } }) });
  expect((await ask('orders')).status).toBe(200);
  expect((await ask('orders')).status).toBe(429);
});
