import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { JsonObject } from '../../domain/json.ts';
import type { Module } from '../../integrations/integration.ts';
import { defaultToken } from '../../simulators/hector/index.ts';
import { startScriptedServer, type ScriptedReply, type ScriptedRequest } from '../support/scripted-server.ts';
import { zohoClient } from '../support/zoho.ts';
import { integrationId, startWorkbench } from './workbench.ts';

vi.mock('../../integrations/registry.ts', async () => {
  const { invented } = await import('./invented.ts');
  const goods: Module = { name: 'goods', observes: [{ side: 'books', resources: () => ['items'] }], document: null, flows: [] };
  const lists: Module = {
    name: 'lists', observes: [{ side: 'other', resources: () => ['parts'] }], document: null,
    flows: [{
      side: 'other', targets: ['items'], resources: () => ['loaners'], accept: () => null,
      references: ({ data }) => [{ side: 'other', resource: 'parts', id: data['number'] as string, required: false }],
      map: () => ({ kind: 'skip', finding: { code: 'not-completed', detail: '' }, notes: [] }),
    }],
  };
  return { integrationOf: () => ({ ...invented, modules: [...invented.modules, goods, lists] }) };
});

const run = { integrationId, runId: 'run' };

async function scripted(reply: (request: ScriptedRequest) => ScriptedReply) {
  const server = await startScriptedServer(reply);
  onTestFinished(() => server.close());
  return server;
}

/** Items of Books: those that are listed, and for each that is asked for by its id an answer without its name. */
async function startWithItems() {
  const bench = await startWorkbench();
  const items: { listed: JsonObject[] } = { listed: [] };
  const books = await scripted(({ path }) => (path.endsWith('/items')
    ? { body: { code: 0, message: 'success', items: items.listed, page_context: { has_more_page: false } } }
    : { body: { code: 0, message: 'success', item: { item_id: path.split('/').at(-1) } } }));
  await bench.store.connections.write(integrationId, 'zoho-client', { ...zohoClient, accountsUrl: bench.zoho.url, apiUrl: books.url });
  const pull = async (listed: JsonObject[]) => {
    items.listed = listed;
    const before = books.requests.length;
    await bench.step(bench.does().pull, { ...run, module: 'goods', source: 0 });
    return books.requests.slice(before).map(({ path }) => path.split('/v3')[1]);
  };
  const states = async (ids: string[]) => {
    const found = await bench.store.reports.standings(integrationId, ids.map((id) => ({ side: 'books', resource: 'items', id })));
    return [...found.values()].map(({ change, state, code }) => [change.recordId, state, code]);
  };
  return { bench, pull, states };
}

const item = (id: string): JsonObject => ({ item_id: id, name: `Item ${id}`, rate: 1 });

describe('a full listing', () => {
  it('goes on where a record it did not hold cannot be read by its id, and lists what is new', async () => {
    const { bench, pull, states } = await startWithItems();
    await pull([item('1'), item('2')]);
    expect(await pull([item('1')])).toEqual(['/items', '/items/2']);
    expect(await states(['1', '2'])).toEqual([['1', 'observed', null], ['2', 'failed', 'record-unreadable']]);
    expect(await bench.store.operations.history(integrationId, { limit: 10 })).toMatchObject([{ recordId: '2', outcome: 'failed', code: 'record-unreadable' }]);
    expect(await bench.store.records(integrationId, [{ side: 'books', resource: 'items', id: '2' }])).toMatchObject(new Map([['books/items/2', { name: 'Item 2' }]]));
    expect(await pull([item('1'), item('2'), item('3')])).toEqual(['/items']);
    expect(await states(['1', '2', '3'])).toEqual([['1', 'observed', null], ['2', 'observed', null], ['3', 'observed', null]]);
  });

  it('tells of a row without id, and asks for none', async () => {
    const { bench, pull } = await startWithItems();
    await pull([item('1'), { name: 'Nobody', rate: 1 }]);
    const [told] = await bench.store.operations.history(integrationId, { limit: 10 });
    expect(told).toMatchObject({ resource: 'items', recordId: '', outcome: 'failed', code: 'record-unreadable', detail: expect.stringMatching(/^items: a record without id: item_id: /) });
    expect(await pull([item('1')])).toEqual(['/items']);
    expect(await bench.store.operations.history(integrationId, { limit: 10 })).toHaveLength(1);
  });
});

describe('a place in a listing that the system does not know any more', () => {
  const sheets = { module: 'sheets', side: 'other', resource: 'loaners' } as const;

  it('has the pass begin anew, and no run fails', async () => {
    const bench = await startWorkbench();
    const id = await bench.write({});
    const pass = await bench.store.currentPass(integrationId, sheets);
    await bench.store.savePage({ ...run, place: sheets, pass, records: [], next: 'long ago', nextSince: null });
    expect(await bench.step(bench.does().pull, { ...run, module: 'people', source: 0 })).toMatchObject({ pause: null, read: 1 });
    expect(await bench.standing('loaners', id)).toMatchObject({ state: 'pending' });
    expect(await bench.store.currentPass(integrationId, sheets)).toMatchObject({ number: pass.number + 1, page: null });
  });

  it('is asked for once, and one that the same step was given is the mistake of the system', async () => {
    const bench = await startWorkbench();
    const hector = await scripted(({ query }) => (query['after'] === undefined
      ? { body: { data: [], next: 'given' } }
      : { status: 400, body: { error: { code: 'bad_request', message: 'This is no place in a listing.' } } }));
    await bench.store.connections.write(integrationId, 'hector', { baseUrl: hector.url, token: defaultToken });
    const pull = () => bench.step(bench.does().pull, { ...run, module: 'people', source: 0 });
    for (let time = 0; time < 2; time += 1) await expect(pull()).rejects.toMatchObject({ type: 'refused' });
    expect(hector.requests.map(({ query }) => query['after'] ?? null)).toEqual([null, 'given', 'given', null, 'given']);
  });
});

describe('what a document refers to', () => {
  it('stays as it is known where it cannot be read', async () => {
    const bench = await startWorkbench();
    const partId = (await bench.inHector('POST', '/parts', { description: 'Drill', attributes: {} }))['id'] as string;
    const recordId = await bench.write({}, { number: partId });
    for (const source of [0, 1]) await bench.step(bench.does().pull, { ...run, module: 'lists', source });
    const spoilt = await fetch(`${bench.hector.url}/_simulator/records`, { method: 'POST', body: JSON.stringify({ resource: 'parts', id: partId, fields: { description: null } }) });
    expect(spoilt.status).toBe(200);
    expect(await bench.step(bench.does().fetchReferences, { ...run, module: 'lists', side: 'other', resource: 'loaners', recordId })).toEqual({ pause: null });
    expect(await bench.standing('parts', partId)).toMatchObject({ state: 'observed' });
  });
});
