import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadDataSet } from '../../simulators/data/index.ts';
import { defaultToken, startHectorSimulator } from '../../simulators/hector/index.ts';
import type { Simulator } from '../../simulators/kit/simulator.ts';
import { startScriptedServer, type ScriptedServer } from '../support/scripted-server.ts';
import { until } from '../support/until.ts';

let hector: Simulator;
beforeEach(async () => {
  hector = await startHectorSimulator({ dataSet: await loadDataSet(null), webhookRetryMs: [1, 1] });
});
afterEach(() => hector.close());

async function call(method: string, path: string, body?: unknown) {
  const headers = { authorization: `Bearer ${defaultToken}` };
  const response = await fetch(hector.url + path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, json: text === '' ? null : (JSON.parse(text) as unknown) };
}

const pageSchema = z.object({ data: z.array(z.looseObject({ id: z.string() })), next: z.string().nullable() });
const recordSchema = z.looseObject({ id: z.string(), updatedAt: z.string() });

async function page(path: string) {
  return pageSchema.parse((await call('GET', path)).json);
}

async function loaner(id: string) {
  const schema = z.object({ statusId: z.string(), lines: z.array(z.object({ itemId: z.string().nullable(), description: z.string() })) });
  return schema.parse((await call('GET', `/api/v1/loaners/${id}`)).json);
}

describe('a listing', () => {
  it('goes by time of change, page by page', async () => {
    const first = await page('/api/v1/customers?limit=5');
    const second = await page(`/api/v1/customers?limit=5&after=${String(first.next)}`);
    const third = await page(`/api/v1/customers?limit=5&after=${String(second.next)}`);
    expect([...first.data, ...second.data, ...third.data].map(({ id }) => id)).toEqual(
      Array.from({ length: 12 }, (_, index) => `c-${String(index + 1).padStart(2, '0')}`),
    );
    expect(third.next).toBeNull();
  });

  it('shows a record again that changes meanwhile, and misses none', async () => {
    const first = await page('/api/v1/customers?limit=10');
    await call('PATCH', '/api/v1/customers/c-12', { name: 'Thành phố' });
    await call('PATCH', '/api/v1/customers/c-01', { name: 'Éclair & Cie' });
    const rest = await page(`/api/v1/customers?limit=10&after=${String(first.next)}`);
    expect(rest.data.map(({ id }) => id).sort((left, right) => left.localeCompare(right))).toEqual(['c-01', 'c-11', 'c-12']);
  });

  it.each(['limit=0', 'limit=201', 'after=nonsense', 'changedSince=yesterday'])('refuses %s', async (query) => {
    expect(await call('GET', `/api/v1/customers?${query}`)).toMatchObject({ status: 400, json: { error: { code: 'bad_request' } } });
  });
});

describe('a change', () => {
  it('merges attributes and leaves everything else alone', async () => {
    const made = await call('POST', '/api/v1/parts', { description: 'Stativ', stockroomId: 's-1', attributes: { colour: 'noir' }, externalReference: 'ref' });
    expect(made.status).toBe(201);
    await call('POST', '/api/v1/attributes', { key: 'size', name: 'Größe', choices: [] });
    const { id } = recordSchema.parse(made.json);
    const { json } = await call('PATCH', `/api/v1/parts/${id}`, { attributes: { size: 3 } });
    expect(json).toMatchObject({ description: 'Stativ', stockroomId: 's-1', attributes: { colour: 'noir', size: 3 }, externalReference: 'ref' });
  });

  it('that changes nothing leaves no trace', async () => {
    const before = recordSchema.parse((await call('GET', '/api/v1/customers/c-01')).json);
    await call('PATCH', '/api/v1/customers/c-01', { firstName: before['firstName'] });
    expect((await call('GET', '/api/v1/customers/c-01')).json).toEqual(before);
  });

  it('of an unknown field is refused by name', async () => {
    expect(await call('PATCH', '/api/v1/customers/c-01', { nmae: 'Éclair' })).toMatchObject({
      status: 422, json: { error: { code: 'invalid_value', field: 'nmae' } },
    });
  });

  it('frees a reference with the record that had it', async () => {
    const first = recordSchema.parse((await call('POST', '/api/v1/places', { name: 'A', externalReference: 'ref' })).json);
    expect(await call('POST', '/api/v1/places', { name: 'B', externalReference: 'ref' })).toMatchObject({
      status: 409, json: { error: { code: 'reference_taken', id: first.id } },
    });
    expect(await call('DELETE', `/api/v1/places/${first.id}`)).toMatchObject({ status: 204 });
    expect(await call('POST', '/api/v1/places', { name: 'B', externalReference: 'ref' })).toMatchObject({ status: 201 });
  });
});

describe('planned loaners', () => {
  it('use imported items, by name, and parts of Hector\'s own where there is none', async () => {
    const laptop = recordSchema.parse((await call('POST', '/api/v1/parts', { description: 'HP EliteBook', externalReference: 'x:1' })).json);
    const place = recordSchema.parse((await call('POST', '/api/v1/places', { name: 'Local B', externalReference: 'x:2' })).json);
    await call('POST', '/api/v1/parts', { description: 'HP EliteBook' });
    await call('POST', '/api/v1/attributes', { key: 'calculation_type', name: 'Calculation type', choices: ['By hour', 'Per transaction'] });
    const made = await call('POST', '/_simulator/loaners', { count: 13 });
    expect(made).toMatchObject({ status: 200, json: { left: 4, made: expect.arrayContaining([{ id: 'l-5001', number: 'LO-5001', completed: true }]) } });
    expect((await loaner('l-5001')).lines.map(({ itemId }) => itemId)).toEqual([laptop.id, place.id]);
    const cable = (await loaner('l-5013')).lines.find(({ description }) => description.startsWith('Rallonge'));
    expect((await call('GET', `/api/v1/parts/${String(cable?.itemId)}`)).json).toMatchObject({ description: 'Rallonge 10 m', externalReference: null });
    expect((await call('GET', `/api/v1/parts/${laptop.id}`)).json).toMatchObject({ attributes: { calculation_type: 'By hour' } });
  });

  it('are completed or not, as planned, and can be completed later', async () => {
    await call('POST', '/_simulator/loaners');
    expect((await loaner('l-5014')).statusId).toBe('st-08');
    expect((await loaner('l-5015')).statusId).toBe('st-04');
    await call('POST', '/_simulator/loaners/l-5015/complete', { returnedAt: '2026-11-20T12:00:00Z' });
    expect((await call('GET', '/api/v1/loaners/l-5015')).json).toMatchObject({ statusId: 'st-08', returnedAt: '2026-11-20T12:00:00Z' });
  });

  it('come again under new numbers where that is wanted', async () => {
    await call('POST', '/_simulator/loaners');
    expect(await call('POST', '/_simulator/loaners', { count: 1 })).toMatchObject({ json: { made: [], left: 0 } });
    expect(await call('POST', '/_simulator/loaners', { count: 1, again: true })).toMatchObject({ json: { made: [{ id: 'l-5001-2', number: 'LO-5001-2' }] } });
  });
});

describe('webhooks', () => {
  const secret = 'a secret of some length';
  let receiver: ScriptedServer;
  let failures: number;
  beforeEach(async () => {
    failures = 0;
    receiver = await startScriptedServer((_request, earlier) => ({ status: earlier < failures ? 500 : 200 }));
  });
  afterEach(() => receiver.close());

  async function deliveries(count: number) {
    const schema = z.object({ deliveries: z.array(z.looseObject({ state: z.string() })) });
    const all = async () => schema.parse((await call('GET', '/_simulator/state?resource=statuses')).json).deliveries;
    await until(async () => (await all()).every(({ state }) => state !== 'pending'));
    const ended = await all();
    expect(ended).toHaveLength(count);
    return ended;
  }

  it('tell of completed loaners, signed, and again until somebody listens', async () => {
    failures = 2;
    const added = await call('POST', '/api/v1/webhooks', { url: `${receiver.url}/hook`, secret, events: ['loaner.completed'] });
    expect(added.status).toBe(201);
    expect(JSON.stringify(added.json)).not.toContain(secret);
    await call('POST', '/_simulator/loaners', { count: 1 });
    expect(await deliveries(1)).toMatchObject([{ state: 'delivered', attempts: 3 }]);
    const request = receiver.requests.at(-1);
    expect(JSON.parse(request?.body ?? '')).toMatchObject({ event: 'loaner.completed', recordId: 'l-5001', id: request?.headers['x-hector-delivery'] });
    expect(request?.headers['x-hector-signature']).toBe(`sha256=${createHmac('sha256', secret).update(request?.body ?? '').digest('hex')}`);
    expect(new Set(receiver.requests.map(({ body }) => body)).size).toBe(1);
  });

  it('are given up when nobody listens, and tell nothing that was not asked for', async () => {
    failures = 100;
    await call('POST', '/api/v1/webhooks', { url: receiver.url, secret, events: ['customer.changed'] });
    await call('PATCH', '/api/v1/customers/c-01', { name: 'Éclair' });
    await call('POST', '/_simulator/loaners', { count: 1 });
    expect(await deliveries(1)).toMatchObject([{ event: 'customer.changed', state: 'given-up', attempts: 3 }]);
  });

  it('tell once that a loaner is completed', async () => {
    await call('POST', '/api/v1/webhooks', { url: receiver.url, secret, events: ['loaner.completed', 'loaner.changed'] });
    await call('POST', '/_simulator/loaners', { count: 1 });
    await call('PATCH', '/api/v1/loaners/l-5001', { notes: 'checked' });
    const events = (await deliveries(3)).map(({ event }) => event);
    expect(events.filter((event) => event === 'loaner.completed')).toHaveLength(1);
  });

  it('end with their registration', async () => {
    const { id } = z.object({ id: z.string() }).parse((await call('POST', '/api/v1/webhooks', { url: receiver.url, secret, events: ['customer.changed'] })).json);
    expect(await page('/api/v1/webhooks')).toMatchObject({ data: [{ id }] });
    expect(await call('DELETE', `/api/v1/webhooks/${id}`)).toMatchObject({ status: 204 });
    await call('PATCH', '/api/v1/customers/c-01', { name: 'Éclair' });
    expect(await deliveries(0)).toEqual([]);
  });

  it.each([
    ['no address', { url: 'here', secret, events: ['loaner.completed'] }],
    ['a short secret', { url: 'http://127.0.0.1/', secret: 'short', events: ['loaner.completed'] }],
    ['an unknown event', { url: 'http://127.0.0.1/', secret, events: ['loaner.exploded'] }],
  ])('are refused with %s', async (_what, webhook) => {
    expect(await call('POST', '/api/v1/webhooks', webhook)).toMatchObject({ status: 422, json: { error: { code: 'invalid_value' } } });
  });
});

describe('limits', () => {
  it('are data: so many calls in a window, then 429 and when to come back', async () => {
    await call('POST', '/_simulator/limits', { minute: { calls: 2, windowMs: 60_000 } });
    const statuses = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await call('GET', '/api/v1/statuses')).status);
    expect(statuses).toEqual([200, 200, 429]);
    const refused = await call('GET', '/api/v1/statuses');
    expect(refused.json).toMatchObject({ error: { code: 'too_many_requests' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await call('POST', '/_simulator/limits', { minute: null });
    expect((await call('GET', '/api/v1/statuses')).status).toBe(200);
    expect(hector.summary().limited).toBe(2);
  });
});

it.each([undefined, 'Bearer wrong', defaultToken])('answers 401 to the authorization %s', async (authorization) => {
  const response = await fetch(`${hector.url}/api/v1/parts`, { headers: { ...(authorization !== undefined && { authorization }) } });
  expect(response.status).toBe(401);
});
