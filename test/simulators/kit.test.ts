import got, { RequestError } from 'got';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { jsonBody } from '../../simulators/kit/call.ts';
import { seededRandom } from '../../simulators/kit/random.ts';
import type { Service } from '../../simulators/kit/service.ts';
import { startSimulator, type Simulator } from '../../simulators/kit/simulator.ts';
import { createSlidingWindow } from '../../simulators/kit/window.ts';

/** A service that keeps notes: enough to see what the kit does around it. */
function notesService(notes: Map<string, unknown>, work: { workMs: number }): Service {
  let limits: unknown = { calls: 5 };
  return {
    routes: [
      { method: 'PUT', path: '/notes/:id', handle: (call) => {
        notes.set(call.params['id'] ?? '', jsonBody(call));
        return { status: 200, json: { saved: call.params['id'], padding: 'x'.repeat(40) }, code: 'saved', ...(call.params['id'] && { key: call.params['id'] }) };
      } },
      { method: 'GET', path: '/notes', handle: () => ({ status: 200, json: [...notes.keys()] }) },
      { method: 'GET', path: '/broken', handle: () => { throw new Error('a mistake in the service'); } },
    ],
    unknownRoute: () => ({ status: 404, json: { error: 'unknown' } }),
    faultReply: (kind) => ({ status: kind === 'unauthorized' ? 401 : kind === 'error-before' ? 500 : 429, json: { error: kind }, code: kind }),
    state: () => Object.fromEntries(notes),
    limits: { read: () => limits, change: (value) => { limits = value; } },
    workMs: () => work.workMs,
  };
}

describe('simulator kit', () => {
  let simulator: Simulator;
  let notes: Map<string, unknown>;
  const work = { workMs: 0 };
  const client = got.extend({ retry: { limit: 0 }, throwHttpErrors: false, timeout: { request: 5000 } });

  beforeEach(async () => {
    notes = new Map();
    work.workMs = 0;
    simulator = await startSimulator(() => notesService(notes, work));
  });
  afterEach(() => simulator.close());

  const put = (id: string) => client.put(`${simulator.url}/notes/${id}`, { json: { text: id } });
  const broken = (promise: Promise<unknown>) => promise.then(() => 'answered', (error: unknown) => (error instanceof RequestError ? error.code : 'other'));

  test('routes with parameters, literal ones, and unknown ones', async () => {
    expect((await put('a%20b')).statusCode).toBe(200);
    expect(await client(`${simulator.url}/notes`).json()).toEqual(['a b']);
    expect((await client(`${simulator.url}/nowhere`)).statusCode).toBe(404);
    expect((await client.delete(`${simulator.url}/notes`)).statusCode).toBe(404);
  });

  test('logs and counts each call, but none of the control routes', async () => {
    await put('a');
    await put('b');
    await client(`${simulator.url}/_simulator/state`);
    const { entries } = await client(`${simulator.url}/_simulator/log?after=1`).json<{ entries: unknown[] }>();
    expect(entries).toMatchObject([{ n: 2, method: 'PUT', path: '/notes/b', route: 'PUT /notes/:id', status: 200, code: 'saved', key: 'b', fault: null }]);
    expect(await client(`${simulator.url}/_simulator/summary`).json()).toEqual({
      calls: 2, byRoute: { 'PUT /notes/:id': 2 }, byStatus: { 200: 2 }, byCode: { saved: 2 }, limited: 0, byFault: {},
    });
  });

  test('a lost answer has taken effect, a reset has not', async () => {
    simulator.faults.add({ route: 'PUT /notes/lost', kind: 'lost-answer' });
    simulator.faults.add({ route: 'PUT /notes/reset', kind: 'reset' });
    expect(await broken(put('lost'))).toBe('ECONNRESET');
    expect(await broken(put('reset'))).toBe('ECONNRESET');
    expect([...notes.keys()]).toEqual(['lost']);
    expect(simulator.log().map(({ status, fault }) => ({ status, fault }))).toEqual([
      { status: 0, fault: 'lost-answer' }, { status: 0, fault: 'reset' },
    ]);
  });

  test('malformed JSON has taken effect, an HTML page and the service\'s own refusals have not', async () => {
    for (const kind of ['malformed', 'html', 'error-before', 'unauthorized', 'limit-minute'] as const) {
      simulator.faults.add({ route: `PUT /notes/${kind}`, kind });
    }
    const malformed = await put('malformed');
    expect(malformed.statusCode).toBe(200);
    expect(() => JSON.parse(malformed.body) as unknown).toThrow(SyntaxError);
    expect((await put('html')).headers['content-type']).toContain('text/html');
    expect((await put('error-before')).statusCode).toBe(500);
    expect((await put('unauthorized')).statusCode).toBe(401);
    expect((await put('limit-minute')).statusCode).toBe(429);
    expect([...notes.keys()]).toEqual(['malformed']);
    expect(simulator.summary()).toMatchObject({ limited: 1, byFault: { html: 1, unauthorized: 1 } });
  });

  test('a hanging call never ends, and does not keep the simulator from closing', async () => {
    simulator.faults.add({ route: '* /', kind: 'hang' });
    const hanging = client.put(`${simulator.url}/notes/a`, { json: {}, timeout: { request: 200 } });
    expect(await broken(hanging)).toBe('ETIMEDOUT');
    expect(notes.size).toBe(0);
  });

  test('a slow call takes effect', async () => {
    simulator.faults.add({ route: '* /', kind: 'slow', delayMs: 20 });
    expect((await put('a')).statusCode).toBe(200);
    expect(notes.size).toBe(1);
  });

  test('faults come and go over HTTP, end after their times, and are refused when unusable', async () => {
    const faults = `${simulator.url}/_simulator/faults`;
    await client.post(faults, { json: [{ route: 'PUT /notes', kind: 'unauthorized', times: 2 }, { route: '* /', kind: 'limit-day' }] });
    expect((await put('a')).statusCode).toBe(401);
    expect((await put('a')).statusCode).toBe(401);
    expect((await put('a')).statusCode).toBe(429);
    expect(await client(faults).json()).toMatchObject({ faults: [{ id: 1, hits: 2 }, { id: 2, hits: 1 }] });
    await client.delete(faults);
    expect((await put('a')).statusCode).toBe(200);
    const refused = await client.post(faults, { json: { route: 'PUT', kind: 'quake' } });
    expect(refused.statusCode).toBe(400);
    expect(refused.body).toContain('kind');
  });

  test('the same seed hits the same calls', async () => {
    const pattern = async () => {
      simulator.faults.remove();
      simulator.faults.add({ route: 'PUT /', kind: 'error-before', probability: 0.4, seed: 7 });
      const statuses: number[] = [];
      for (let n = 0; n < 30; n += 1) statuses.push((await put('a')).statusCode);
      return statuses;
    };
    const first = await pattern();
    expect(await pattern()).toEqual(first);
    expect(new Set(first)).toEqual(new Set([200, 500]));
  });

  test('limits are read and changed over HTTP', async () => {
    const limits = `${simulator.url}/_simulator/limits`;
    expect(await client(limits).json()).toEqual({ calls: 5 });
    expect(await client.post(limits, { json: { calls: 9 } }).json()).toEqual({ calls: 9 });
  });

  test('a mistake in a handler answers 500 and leaves the simulator running', async () => {
    const complaints = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const response = await client(`${simulator.url}/broken`);
    expect(response.statusCode).toBe(500);
    expect(complaints.mock.lastCall?.[0]).toContain('a mistake in the service');
    complaints.mockRestore();
    expect((await put('a')).statusCode).toBe(200);
  });

  test('two simulators run side by side on free ports', async () => {
    const other = await startSimulator(() => notesService(new Map(), work));
    expect(other.url).not.toBe(simulator.url);
    await other.close();
  });
});

describe('sliding window', () => {
  test('lets as many calls through in any stretch of its length as it says', () => {
    const window = createSlidingWindow();
    const limit = { calls: 3, windowMs: 1000 };
    for (const atMs of [0, 400, 800]) window.add(atMs);
    expect(window.full(limit, 900)).toBe(true);
    expect(window.freeAtMs(limit, 900)).toBe(1000);
    expect(window.full(limit, 1000)).toBe(false);
    window.add(1000);
    expect(window.freeAtMs(limit, 1100)).toBe(1400);
  });

  test('never lets more through than it says, whatever the order of calls (random, seed 42)', () => {
    const random = seededRandom(42);
    const window = createSlidingWindow();
    const limit = { calls: 10, windowMs: 1000 };
    const granted: number[] = [];
    let nowMs = 0;
    for (let n = 0; n < 5000; n += 1) {
      nowMs += Math.floor(random() * 120);
      if (window.full(limit, nowMs)) continue;
      window.add(nowMs);
      granted.push(nowMs);
    }
    const crowded = granted.filter((atMs, index) => (granted[index + limit.calls] ?? Infinity) - atMs < limit.windowMs);
    expect(crowded).toEqual([]);
  });
});
