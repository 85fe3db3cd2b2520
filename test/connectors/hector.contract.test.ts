import { createHttp } from '../../connectors/http.ts';
import { createHector } from '../../connectors/hector/index.ts';
import type { Gate } from '../../connectors/gate.ts';
import type { JsonObject } from '../../domain/json.ts';
import { loadDataSet } from '../../simulators/data/index.ts';
import { defaultToken, startHectorSimulator } from '../../simulators/hector/index.ts';
import type { ResourceUnderTest } from '../contract/resource-under-test.ts';
import { describeResource } from '../contract/resource.contract.ts';

interface Case {
  /** Fields of record number `n`. */
  readonly fields: (n: number) => JsonObject;
  /** What somebody changes. */
  readonly changed: JsonObject;
  /** A field without which the record cannot be read. */
  readonly vital: string;
  readonly initial?: ResourceUnderTest['initial'];
}

const loaner = {
  statusId: 'st-08', customerId: 'c-01', userId: null, stockroomId: 's-1', plannedStartAt: '2026-10-05T09:00:00+02:00',
  lines: [], penalties: [],
};

const cases: Record<string, Case> = {
  customers: { fields: (n) => ({ name: `Müller ${n}` }), changed: { name: 'Мюллер' }, vital: 'name' },
  users: { fields: (n) => ({ firstName: `Anaïs ${n}`, lastName: 'Ó Briain' }), changed: { firstName: 'Ana' }, vital: 'lastName' },
  loaners: { fields: (n) => ({ ...loaner, number: `LO-${n}` }), changed: { notes: '返却済み' }, vital: 'plannedStartAt' },
  parts: {
    fields: (n) => ({ description: `Stativ ${n}`, stockroomId: 's-1' }), changed: { description: '三脚架' }, vital: 'description',
    initial: { first: { categoryId: 'k-1' }, second: { categoryId: 'k-2' }, shown: { categoryId: 'k-1' } },
  },
  places: {
    fields: (n) => ({ name: `Salle ${n}` }), changed: { name: 'غرفة' }, vital: 'name',
    initial: { first: { stockroomId: 's-1' }, second: { stockroomId: 's-2' }, shown: { stockroomId: 's-1' } },
  },
  attributes: {
    fields: (n) => ({ name: `Farbe ${n}` }), changed: { name: 'Χρώμα' }, vital: 'name',
    initial: { first: { choices: ['a'] }, second: { choices: ['b'] }, shown: { choices: ['a'] } },
  },
  categories: { fields: (n) => ({ name: `Licht ${n}`, kind: 'lots' }), changed: { name: 'אור' }, vital: 'name' },
  stockrooms: { fields: (n) => ({ name: `Lager ${n}` }), changed: { name: '倉庫' }, vital: 'name' },
  statuses: { fields: (n) => ({ label: `Zurück ${n}`, state: 'completed' }), changed: { label: 'Zwrócone' }, vital: 'state' },
};

const full = new Set(['categories', 'stockrooms', 'attributes', 'statuses']);

for (const [resourceName, example] of Object.entries(cases)) {
  const listing = full.has(resourceName) ? 'full' : 'changed';
  const writable = example.initial !== undefined;
  describeResource(
    `Hector's ${resourceName}`,
    { listing, writable, pageSize: 200, keepsInitial: writable, listsDeletions: listing === 'changed' },
    (gate) => setup(resourceName, example, gate),
  );
}

async function setup(resourceName: string, { fields, changed, vital, initial }: Case, gate: Gate): Promise<ResourceUnderTest> {
  const simulator = await startHectorSimulator({ dataSet: await loadDataSet(null) });
  const connector = createHector({ http: createHttp({ timeoutMs: 20_000 }), baseUrl: simulator.url, token: defaultToken, gate });

  async function send(method: string, path: string, body: JsonObject = {}): Promise<{ id: string }> {
    const headers = { authorization: `Bearer ${defaultToken}` };
    const response = await fetch(`${simulator.url}${path}`, { method, headers, ...(method === 'DELETE' ? {} : { body: JSON.stringify(body) }) });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return response.status === 204 ? { id: '' } : ((await response.json()) as { id: string });
  }
  const own = `/api/v1/${resourceName}`;

  return {
    connector,
    resourceName,
    seed: async (count) => {
      const ids: string[] = [];
      // Attributes must have a key.
      const key = (n: number) => (resourceName === 'attributes' ? { key: `seed_${n}` } : {});
      for (let n = 0; n < count; n += 1) ids.push((await send('POST', own, { ...fields(n), ...key(n) })).id);
      return ids;
    },
    touch: async (id) => {
      await send('PATCH', `${own}/${id}`, changed);
      return changed;
    },
    remove: async (id) => {
      await send('DELETE', `${own}/${id}`);
    },
    spoil: async (id) => {
      await send('POST', '/_simulator/records', { resource: resourceName, id, fields: { [vital]: 7 } });
    },
    inject: (kind, times) => {
      simulator.faults.add({ route: '* /api', kind, ...(times !== undefined && { times }) });
      return Promise.resolve();
    },
    calls: () => Promise.resolve(simulator.summary().calls),
    close: () => simulator.close(),
    sampleFields: fields,
    change: { fields: changed, shown: changed },
    ...(initial && { initial }),
    volatile: ['updatedAt'],
  };
}
