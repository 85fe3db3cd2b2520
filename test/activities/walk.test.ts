import { describe, expect, it } from 'vitest';
import { loadDataSet, type DataSet } from '../../simulators/data/index.ts';
import type { FaultKind } from '../../simulators/kit/faults.ts';
import { seededRandom } from '../../simulators/kit/random.ts';
import { defaultToken } from '../../simulators/hector/index.ts';
import { seedsOf } from '../support/seeds.ts';
import { booksSchema, COMPLETED, hectorSchema, wrongByReconcile, wrongIn, wrongWhenIdle } from './walk-rules.ts';
import { integrationId, startWalking, type Walking } from './walk-bench.ts';

/**
 * People do at random what people do on both sides, systems fail as systems fail, and syncs come in between. Once all of that has ended, both sides must be as
 * the rules say, whatever happened in which order: nothing lost, nothing twice, and a reason for whatever is not there.
 */

const ACTIONS = 60;
/** Of every other walk. */
const LOST_AT = 40;
const STATUSES = [COMPLETED, COMPLETED, 'st-05'];
/** Names that collide, and addresses that are somebody else's too. */
const NAMES = ['Ann', 'ANN', 'Bob', 'Cleo', 'Zed', 'Dora'];
const MAILS = [null, 'ann@example.com', 'Ann@Example.com', 'zed@example.com'];
const FAULTS: readonly FaultKind[] = ['lost-answer', 'error-before', 'malformed', 'html', 'reset', 'limit-minute'];

type Random = () => number;

async function smallData(): Promise<DataSet> {
  const base = await loadDataSet(null);
  return {
    books: { ...base.books, contacts: [{ name: 'Zed', type: 'customer', email: 'zed@example.com', phone: null }], items: base.books.items.slice(0, 4) },
    hector: { ...base.hector, customers: [], loaners: [], calculationTypes: {} }, settings: { ...base.settings, calculationTypeParts: 'By day' },
  };
}

/** A person at either system, who remembers which documents and contacts of Books were changed by hand. */
function person({ zoho, hector }: Walking, random: Random) {
  const touched = new Set<string>();
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const inHector = async (method: string, path: string, fields?: object) => {
    const response = await fetch(`${hector.url}/api/v1${path}`, { method, headers: { authorization: `Bearer ${defaultToken}`, 'content-type': 'application/json' }, ...(fields && { body: JSON.stringify(fields) }) });
    await response.arrayBuffer();
  };
  const inBooks = async (method: 'POST' | 'PUT' | 'DELETE', path: string, id: string, json?: Record<string, string>) => {
    touched.add(id);
    await zoho.act({ method, path, ...(json && { json }) });
  };
  const books = () => booksSchema.parse(zoho.state());
  const state = async () => hectorSchema.parse(await (await fetch(`${hector.url}/_simulator/state`)).json());
  const days = (count: number) => new Date(Date.UTC(2026, 9, 1) + count * 86_400_000).toISOString();
  const lines = (parts: readonly { id: string; description: string }[], index: number) =>
    parts.filter(() => random() < 0.4).map(({ id, description }, at) => ({ id: `${index}-${at}`, kind: 'part', itemId: id, description, quantity: 1 + Math.floor(random() * 3) }));
  const penalties = (index: number) => (random() < 0.3 ? [{ id: `p-${index}`, type: pick(['amount', 'points']), value: '7.50', reason: 'late' }] : []);
  const doings: Record<string, (index: number) => Promise<unknown>> = {
    'makes a customer': () => inHector('POST', '/customers', { name: pick(NAMES), email: pick(MAILS) }),
    'changes a customer': async (index) => inHector('PATCH', `/customers/${pick((await state()).customers)?.id ?? 'none'}`, pick([{ name: pick(NAMES) }, { name: `New ${index}` }, { name: `Renamed ${index}` }, { email: pick(MAILS) }, { phone: `${index}` }, { billingAddress: { city: `City ${index}` } }])),
    'deactivates a customer': async () => inHector('PATCH', `/customers/${pick((await state()).customers)?.id ?? 'none'}`, { active: random() < 0.3 }),
    'makes a part': (index) => inHector('POST', '/parts', { description: `Own ${index}` }),
    'makes a loaner': async (index) => {
      const { customers, parts } = await state();
      await inHector('POST', '/loaners', { number: `LO-${index}`, statusId: pick(STATUSES), customerId: pick([...customers, null])?.id ?? null, stockroomId: 's-1', plannedStartAt: days(0), plannedEndAt: days(random() * 30), lines: lines(parts, index), penalties: penalties(index) });
    },
    'changes a loaner': async (index) => {
      const { customers, parts, loaners } = await state();
      await inHector('PATCH', `/loaners/${pick(loaners)?.id ?? 'none'}`, pick([{ statusId: pick(STATUSES) }, { lines: lines(parts, index) }, { plannedEndAt: days(random() * 30) }, { customerId: pick(customers)?.id ?? null }, { notes: `${index}` }, { penalties: penalties(index) }]));
    },
    'deletes a loaner': async () => inHector('DELETE', `/loaners/${pick((await state()).loaners)?.id ?? 'none'}`),
    'makes an item': (index) => zoho.act({ method: 'POST', path: '/items', json: { name: `Item ${index}`, rate: '3.35' } }),
    'renames an item': async (index) => zoho.act({ method: 'PUT', path: `/items/${pick(books().items)?.item_id ?? 'none'}`, json: { name: `Renamed ${index}` } }),
    'makes a contact': () => zoho.act({ method: 'POST', path: '/contacts', json: { contact_name: pick(NAMES) ?? '', contact_persons: [{ email: pick(MAILS) ?? '' }] } }),
    'renames a contact': async (index) => {
      const id = pick(books().contacts)?.contact_id ?? 'none';
      await inBooks('PUT', `/contacts/${id}`, id, { contact_name: `By hand ${index}` });
    },
    'sends or voids an invoice': async () => {
      const id = pick(books().invoices)?.invoice_id ?? 'none';
      await inBooks('POST', `/invoices/${id}/status/${random() < 0.5 ? 'sent' : 'void'}`, id);
    },
    'deletes an invoice': async () => {
      const id = pick(books().invoices)?.invoice_id ?? 'none';
      await inBooks('DELETE', `/invoices/${id}`, id);
    },
  };
  return { touched, state, pick, doings };
}

describe.each(seedsOf(1, 2, 3, 4, 5, 6, 7, 8, 9, 10))('after a random walk (TEST_SEED=%i)', (seed) => {
  it('both sides are as the rules say, and an idle sync costs what it does', { timeout: 120_000 }, async () => {
    const random = seededRandom(seed);
    const dataSet = await smallData();
    const walking = await startWalking(dataSet);
    const { zoho, hector, clock } = walking;
    const { touched, state, pick, doings } = person(walking, random);
    const log: string[] = [];
    const itemNames = new Map(booksSchema.parse(zoho.state()).items.map(({ item_id: id, name }) => [id, name]));
    await walking.run('initialImport');
    const engine: Record<string, (index: number) => Promise<unknown>> = {
      'a sync': () => walking.run(),
      'a sync with faults': async (index) => {
        const [simulator, route] = random() < 0.6 ? [zoho, '* /books/v3'] : [hector, '* /api'];
        simulator.faults.add({ route, kind: pick(FAULTS) ?? 'reset', times: 1 + Math.floor(random() * 6), probability: 0.5, seed: index });
        await walking.run();
        simulator.faults.remove();
      },
      'a webhook': async () => walking.announced(pick((await state()).loaners)?.id ?? 'none'),
      'a sync and a webhook at once': async () => {
        const id = pick((await state()).loaners)?.id ?? 'none';
        await Promise.all([walking.run(), walking.announced(id), doings['changes a customer']?.(0)]);
      },
      'a retry': () => walking.store.operations.retry(integrationId, { by: 'all' }),
      'some time': () => { clock.aheadMs += Math.floor(random() * 7_200_000); return Promise.resolve(); },
    };
    const losesStore = seed % 2 === 1;
    for (let index = 0; index < ACTIONS; index += 1) {
      const [name, act] = losesStore && index === LOST_AT ? ['the store is lost', () => walking.loseStore()] as const : pick(Object.entries(random() < 0.35 ? engine : doings)) ?? ['', () => Promise.resolve()];
      log.push(`${index}: ${name}`);
      await act(index);
    }
    const endsIn = async (isRetried: boolean) => {
      for (let time = 0; time < 2; time += 1) {
        await walking.run();
        clock.aheadMs += 600_000;
      }
      return wrongIn(walking, { dataSet, hector: await state(), touched, isRetried, itemNames });
    };
    const wrong = await endsIn(false);
    // A person has everything tried once more, although nothing was decided.
    await walking.store.operations.retry(integrationId, { by: 'all' });
    wrong.push(...await endsIn(true), ...await wrongWhenIdle(walking), ...await wrongByReconcile(walking, { touched, hasLostStore: losesStore }));
    expect(wrong, `TEST_SEED=${seed}\n${log.join('\n')}`).toEqual([]);
  });
});
