import { afterEach, describe, expect, it } from 'vitest';
import { openGate, type Gate } from '../../connectors/gate.ts';
import { createHector } from '../../connectors/hector/index.ts';
import { readHectorDelivery } from '../../connectors/hector/webhooks.ts';
import { createHttp } from '../../connectors/http.ts';
import { loadDataSet } from '../../simulators/data/index.ts';
import { defaultReadOnlyToken, defaultToken, startHectorSimulator } from '../../simulators/hector/index.ts';
import type { Simulator } from '../../simulators/kit/simulator.ts';
import { startScriptedServer, type ScriptedReply, type ScriptedServer } from '../support/scripted-server.ts';

const whole = { since: null, page: null };
let server: Simulator | ScriptedServer | undefined;
afterEach(() => server?.close());

function connect(url: string, { token = defaultToken, gate = openGate, timeoutMs = 5000 } = {}) {
  return createHector({ http: createHttp({ timeoutMs }), baseUrl: url, token, gate });
}

async function connectToSimulator(options: { token?: string; gate?: Gate; timeoutMs?: number } = {}) {
  const simulator = await startHectorSimulator({ dataSet: await loadDataSet(null) });
  server = simulator;
  return { simulator, hector: connect(simulator.url, options) };
}

async function connectToAnswer(reply: ScriptedReply, gate?: Gate) {
  const scripted = await startScriptedServer(() => reply);
  server = scripted;
  return { scripted, hector: connect(scripted.url, gate && { gate }) };
}

describe('a loaner', () => {
  it('comes with its lines, what is in a kit, and penalties in decimals', async () => {
    const { simulator, hector } = await connectToSimulator();
    await fetch(`${simulator.url}/_simulator/loaners`, { method: 'POST' });
    const { records, unreadable } = await hector.readable('loaners').list(whole);
    expect(unreadable).toEqual([]);
    expect(records).toHaveLength(17);
    expect(records.find(({ id }) => id === 'l-5001')?.data).toMatchObject({
      number: 'LO-5001', statusId: 'st-08', customerId: 'c-01', userId: 'u-1', stockroomId: 's-1',
      plannedEndAt: '2026-10-05T18:00:00+02:00', returnedAt: '2026-10-06T10:00:00+02:00',
      lines: [
        { id: 'l-5001-1', kind: 'part', itemId: expect.any(String), description: 'HP EliteBook', quantity: 1, components: [] },
        { id: 'l-5001-2', kind: 'place', itemId: expect.any(String), description: 'Local B', quantity: 1, components: [] },
      ],
      penalties: [{ id: 'l-5001-p1', type: 'amount', value: '25', reason: 'late', description: 'Une journée de retard' }],
    });
    expect(records.find(({ id }) => id === 'l-5011')?.data).toMatchObject({
      lines: [
        {
          kind: 'kit', itemId: null, description: 'Kit conférence', quantity: 1,
          components: [
            { partId: expect.any(String), description: 'מיקרופון אלחוטי', quantity: 2 },
            { partId: expect.any(String), description: 'Проектор Epson', quantity: 1 },
            { partId: expect.any(String), description: 'Rallonge 10 m', quantity: 4 },
          ],
        },
        { kind: 'part', description: '三脚架 Manfrotto' },
      ],
    });
  });
});

describe('records', () => {
  it('come without fields nobody asked for, with null for what is absent, and with text for ids', async () => {
    const customer = { id: 12345678901234567890n.toString(), name: 'Ōtsuka', active: true, updatedAt: '2026-01-01T00:00:00Z', shoeSize: 43 };
    const { hector } = await connectToAnswer({ body: { data: [{ ...customer, id: 7 }, customer], next: null } });
    const { records } = await hector.readable('customers').list(whole);
    expect(records.map(({ id }) => id)).toEqual(['7', '12345678901234567890']);
    expect(records[0]?.data).toEqual({
      id: '7', name: 'Ōtsuka', firstName: null, lastName: null, email: null, phone: null, mobile: null, language: null, currency: null,
      billingAddress: null, active: true, updatedAt: '2026-01-01T00:00:00Z',
    });
    expect(records[0]?.modifiedAt).toBe('2026-01-01T00:00:00Z');
  });

  it('keep the attributes of a person, lists and all, and are read whatever those say', async () => {
    const attributes = { calculation_type: 'By hour', colours: ['red', 'blue'], size: { width: 2 }, old: null };
    const lamp = { id: 'p-1', name: 'Lamp', description: 'Lamp', attributes, updatedAt: '2026-01-01T00:00:00Z' };
    const { hector } = await connectToAnswer({ body: { data: [lamp], next: null } });
    for (const resource of ['parts', 'places']) {
      const { records, unreadable } = await hector.readable(resource).list(whole);
      expect({ attributes: records[0]?.data['attributes'], unreadable }).toEqual({ attributes, unreadable: [] });
    }
  });

  it.each([['null', null], ['absent', undefined]])('have an empty list where it is %s, but for the lines of a loaner, which must be there', async (_what, nothing) => {
    const loaner = { id: 'l-1', number: 'LO-1', statusId: 'st-08', plannedStartAt: '2026-01-01T00:00:00Z', lines: [], penalties: nothing, updatedAt: '2026-01-01T00:00:00Z' };
    const attribute = { id: 'a-1', key: 'colour', name: 'Colour', choices: nothing };
    const { hector } = await connectToAnswer({ body: { data: [{ ...loaner, ...attribute }, { ...loaner, id: 'l-2', lines: nothing }], next: null } });
    expect((await hector.readable('attributes').list(whole)).records).toMatchObject([{ id: 'a-1', data: { choices: [] } }]);
    const { records, unreadable } = await hector.readable('loaners').list(whole);
    expect(records).toMatchObject([{ id: 'a-1', data: { penalties: [] } }]);
    expect(unreadable).toEqual([{ id: 'l-2', detail: expect.stringMatching(/^lines: /) }]);
  });

  it('are asked for 200 at a time, with the token in a header', async () => {
    const { scripted, hector } = await connectToAnswer({ body: { data: [], next: 'further' } });
    const page = await hector.readable('parts').list({ since: '2026-01-01T00:00:00Z', page: 'here' });
    expect(page).toEqual({ records: [], unreadable: [], next: 'further' });
    expect(scripted.requests[0]).toMatchObject({
      path: '/api/v1/parts', query: { limit: '200', after: 'here', changedSince: '2026-01-01T00:00:00Z' },
      headers: { authorization: `Bearer ${defaultToken}` },
    });
  });

  it('have ids that cannot lead to another address', async () => {
    const { scripted, hector } = await connectToAnswer({ status: 404, body: {} });
    expect(await hector.readable('parts').get('../users?x=')).toBeNull();
    expect(scripted.requests[0]?.path).toBe('/api/v1/parts/..%2Fusers%3Fx%3D');
  });

  it('that cannot be read alone are the record\'s own fault', async () => {
    const { hector } = await connectToAnswer({ body: { id: 'c-1', updatedAt: '2026-01-01T00:00:00Z' } });
    await expect(hector.readable('customers').get('c-1')).rejects.toMatchObject({ code: 'record-unreadable', detail: expect.stringContaining('name') });
  });
});

describe('a refusal', () => {
  it('of a value names the field', async () => {
    const { hector } = await connectToSimulator();
    const parts = hector.writable('parts');
    await expect(parts.upsert('key', { description: 'Lamp', categoryId: 'nowhere' })).rejects.toMatchObject({
      code: 'value-invalid', detail: expect.stringMatching(/^categoryId: /),
    });
    await expect(parts.upsert('key', { description: 'Lamp' }, { attributes: { colour: 'pink' } })).rejects.toMatchObject({
      code: 'value-invalid', detail: expect.stringMatching(/^attributes\.colour: /),
    });
    await expect(parts.upsert('key', { description: '' })).rejects.toMatchObject({
      code: 'value-missing', detail: expect.stringMatching(/^description: /),
    });
  });

  it('of a write by a token that may only read is a missing permission', async () => {
    const { hector } = await connectToSimulator({ token: defaultReadOnlyToken });
    expect((await hector.readable('customers').list(whole)).records).toHaveLength(12);
    await expect(hector.writable('parts').upsert('key', { description: 'Lamp' })).rejects.toMatchObject({ code: 'permission-missing' });
  });

  it.each([
    ['another conflict', { status: 409, body: { error: { code: 'locked', message: 'Being counted.' } } }, 'refused', 'Being counted'],
    ['a taken reference without an owner', { status: 409, body: { error: { code: 'reference_taken', message: 'Taken.' } } }, 'refused', 'Taken'],
    ['no error of Hector\'s at all', { status: 418, body: {} }, 'refused', '418'],
    ['an API that is somewhere else', { status: 301, headers: { location: '/login' } }, 'settings-invalid', '/api/v1'],
    ['an address without the API', { status: 404, body: {} }, 'settings-invalid', '/parts'],
  ])('with %s has a name', async (_what, reply, code, words) => {
    const { hector } = await connectToAnswer(reply);
    await expect(hector.writable('parts').upsert('key', {})).rejects.toMatchObject({ code, detail: expect.stringContaining(words) });
  });

  it('never shows the token', async () => {
    const { hector } = await connectToSimulator({ token: 'a-secret-token' });
    await expect(hector.readable('parts').list(whole)).rejects.toSatisfy((error: unknown) => !String(error).includes('a-secret-token'));
  });

  it.each([
    ['seconds', () => '90', 90_000],
    // A date has no milliseconds.
    ['a date', (nowMs: number) => new Date(nowMs + 3_600_000).toUTCString(), 3_599_000],
    ['nothing', () => undefined, null],
    ['nonsense', () => 'soon', null],
  ])('by a limit tells the quota when to come back: %s', async (_what, retryAfterAt, leastMs) => {
    const told: (number | null)[] = [];
    const gate: Gate = {
      pass: (call) => call(),
      refused: (_code, resumeAtMs) => {
        told.push(resumeAtMs === null ? null : resumeAtMs);
        return Promise.resolve(42);
      },
    };
    const nowMs = Date.now();
    const retryAfter = retryAfterAt(nowMs);
    const { hector } = await connectToAnswer({ status: 429, body: {}, ...(retryAfter !== undefined && { headers: { 'retry-after': retryAfter } }) }, gate);
    await expect(hector.readable('parts').list(whole)).rejects.toMatchObject({ code: 'limit-minute', resumeAtMs: 42 });
    expect(told.map((atMs) => atMs !== null && leastMs !== null && atMs >= nowMs + leastMs)).toEqual([leastMs !== null]);
  });
});

it('gives up a call that is not answered in time', async () => {
  const { simulator, hector } = await connectToSimulator({ timeoutMs: 200 });
  simulator.faults.add({ route: '* /api', kind: 'hang' });
  await expect(hector.readable('parts').list(whole)).rejects.toMatchObject({ code: 'system-unreachable' });
});

it('reads a delivery whose ids are numbers as one whose ids are text', () => {
  const deliver = (id: string | number, recordId: string | number) => readHectorDelivery(Buffer.from(JSON.stringify({ id, event: 'loaner.changed', recordId, occurredAt: '2026-01-01T00:00:00Z' })));
  expect(deliver(1, 7)).toEqual(deliver('1', '7'));
  expect(deliver(1, 7)).toEqual({ resource: 'loaners', recordId: '7' });
});

it('knows its resources and no others', () => {
  const hector = connect('http://127.0.0.1:1');
  expect(() => hector.readable('invoices')).toThrow('invoices');
  expect(() => hector.writable('customers')).toThrow('customers');
});
