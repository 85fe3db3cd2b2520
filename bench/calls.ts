import { defaultToken } from '../simulators/hector/index.ts';
import { startWorld, type Ground, type World } from './ground.ts';
import { atMost, exactly, row, shown, type Row } from './rows.ts';

const GROUP = 'Calls to Books';
const ID = 'hector';
const PAGE = 200;

interface CallsOptions {
  readonly customers: number;
  readonly loaners: number;
  readonly runs: number;
}

/** What an import, an idle sync and an invoice cost in calls. */
export async function measureCalls(ground: Ground, { customers, loaners, runs }: CallsOptions): Promise<Row[]> {
  const items = 2 * PAGE;
  const counts = new Map<string, number[]>();
  const note = (name: string, calls: number) => counts.set(name, [...counts.get(name) ?? [], calls]);
  for (let run = 0; run < runs; run += 1) {
    const world = await startWorld(ground, { sizes: { customers, loaners, items }, reads: true });
    try {
      await world.connect({ id: ID });
      await world.startWorker();
      // The copies of reader.ts are read with everything else, and have nothing to do with an import.
      const before = await world.zoho.summary();
      await world.import(ID);
      const { byRoute } = await world.zoho.summary();
      const made = (route: string) => (byRoute[route] ?? 0) - (before.byRoute[route] ?? 0);
      const copies = 1 + Math.ceil(customers / PAGE);
      note('import', made('PUT /books/v3/contacts') + made('GET /books/v3/contacts') + made('GET /books/v3/items') + made('GET /books/v3/invoices') - copies);
      for (const module of ['customers', 'items', 'loaners', 'read-contacts', 'read-invoices']) note(module, await callsOf(world, () => world.sync(ID, module)));
      await world.other.makeLoaners(loaners);
      note('loans', await callsOf(world, () => world.sync(ID, 'loaners')) / loaners);
    } finally {
      await world.stop();
    }
  }
  const of = (name: string) => counts.get(name) ?? [];
  const limit = customers + Math.ceil(customers / PAGE) + 5;
  return [
    row(GROUP, `Import of ${shown(customers)} customers and ${items} items into an empty organization`, of('import'), 'calls', { beside: `N + N/200 + 5 = ${shown(limit)}`, target: atMost(limit) }),
    row(GROUP, 'Idle sync, customers of Hector', of('customers'), 'calls', { beside: 'nothing is listed in Books', target: exactly(0) }),
    row(GROUP, `Idle sync, ${items} items of Books (no filter)`, of('items'), 'calls', { beside: 'one per 200 records', target: atMost(items / PAGE) }),
    row(GROUP, `Idle sync, ${shown(customers)} contacts of Books (no filter), a reading module`, of('read-contacts'), 'calls', { beside: 'one per 200 records', target: atMost(Math.ceil(customers / PAGE)) }),
    row(GROUP, 'Idle sync, invoices of Books (filter), a reading module', of('read-invoices'), 'calls', { beside: '1', target: atMost(1) }),
    row(GROUP, 'Idle sync, loaners', of('loaners'), 'calls', { target: exactly(0) }),
    row(GROUP, `Invoice for a completed loaner (${loaners})`, of('loans'), 'calls each', { beside: '1', target: atMost(1) }),
  ];
}

interface DayOptions {
  readonly contacts: number;
  readonly changes: number;
  /** Syncs that are run; fewer than a day's are scaled up to a day, which the row says. */
  readonly syncs: number;
}

const SYNCS_A_DAY = 144;
/** A published template's own schedule: a full scan of contacts every 5 minutes, 288 × (pages + 1). */
const rivalsCalls = (contacts: number) => 288 * (contacts / PAGE + 1);

/** A whole day of syncs every ten minutes, each of them real, one after the other. */
export async function measureDay(ground: Ground, { contacts, changes, syncs }: DayOptions): Promise<Row[]> {
  const world = await startWorld(ground, { sizes: { customers: contacts, items: PAGE }, reads: true });
  try {
    await world.connect({ id: ID });
    await world.startWorker();
    await world.import(ID);
    let changed = 0;
    const calls = await callsOf(world, async () => {
      for (let sync = 0; sync < syncs; sync += 1) {
        for (; changed < Math.floor(((sync + 1) * changes) / SYNCS_A_DAY); changed += 1) await changeInHector(world, changed);
        for (const module of ['customers', 'items', 'loaners']) await world.sync(ID, module);
      }
    });
    const reading = await callsOf(world, () => world.sync(ID, 'read-contacts'));
    const scaled = syncs === SYNCS_A_DAY ? `${SYNCS_A_DAY} real syncs` : `${syncs} real syncs × ${SYNCS_A_DAY / syncs}`;
    const rival = `a rival template that lists all contacts every 5 minutes: ${shown(rivalsCalls(contacts))}`;
    return [
      row(GROUP, `A day in step within 10 minutes: ${shown(contacts)} contacts from Hector, ${changes} changes of phone or address, ${PAGE} items (${scaled})`, [calls * (SYNCS_A_DAY / syncs)], 'calls', { beside: rival, target: atMost(rivalsCalls(contacts)) }),
      row(GROUP, `The same day where contacts are read out of Books, which has no filter (one sync × ${SYNCS_A_DAY})`, [reading * SYNCS_A_DAY], 'calls', { beside: rival }),
    ];
  } finally {
    await world.stop();
  }
}

/** Every other change is one of the person, which costs two calls: Books replaces the persons of a contact, so they are read first. */
async function changeInHector(world: World, index: number): Promise<void> {
  const response = await fetch(`${world.other.url}/api/v1/customers/c-${String(index).padStart(6, '0')}`, {
    method: 'PATCH', headers: { authorization: `Bearer ${defaultToken}`, 'content-type': 'application/json' }, body: JSON.stringify(index % 2 === 0 ? { phone: `+33 1 ${index}` } : { billingAddress: { street: `${index}, rue Neuve`, city: 'Paris', zip: '75010', country: 'France' } }),
  });
  if (!response.ok) throw new Error(`Hector answered ${response.status}: ${await response.text()}`);
}

/** Calls that were made to Books meanwhile. */
async function callsOf({ zoho }: World, work: () => Promise<unknown>): Promise<number> {
  const before = (await zoho.summary()).calls;
  await work();
  return (await zoho.summary()).calls - before;
}
