import { organizationId } from './data.ts';
import { noLimits, startWorld, until, type Ground } from './ground.ts';
import { exactly, row, shown, type Row } from './rows.ts';

const GROUP = 'Crashes';
/** Slow enough for a worker to be killed in the middle of a step. */
const WORK_MS = 40;

interface CrashOptions {
  readonly customers: number;
  readonly loaners: number;
  /** How often the worker is killed while contacts are written, and again while invoices are. */
  readonly kills: number;
}

/** Kills workers while they create, and counts what is there twice or not at all. */
export async function measureCrashes(ground: Ground, { customers, loaners, kills }: CrashOptions): Promise<Row[]> {
  const world = await startWorld(ground, { sizes: { customers, loaners }, workMs: WORK_MS, limits: noLimits });
  try {
    await world.connect({ id: 'hector' });
    let worker = await world.startWorker();
    const callsOf = async (route: string) => (await world.zoho.summary()).byRoute[route] ?? 0;
    const killDuring = async (running: Promise<unknown>, route: string, records: number) => {
      for (let kill = 1; kill <= kills; kill += 1) {
        const before = await callsOf(route);
        // Not where a group of endings has just been written down: some calls are committed in Books, and nothing here knows of them.
        await until(async () => (await callsOf(route)) >= before + Math.floor(records / (kills + 2)) + 7, { what: `${route} again` });
        await worker.kill();
        worker = await world.startWorker();
      }
      await running;
    };
    await killDuring(world.import('hector'), 'PUT /books/v3/contacts', customers);
    await world.other.makeLoaners(loaners);
    await killDuring(world.sync('hector'), 'PUT /books/v3/invoices', loaners);
    await world.sync('hector');
    const state = await world.zoho.state(organizationId());
    const contacts = distinct(state['contacts'], 'contact_name');
    const invoices = distinct(state['invoices'], 'reference_number');
    const what = `${shown(customers)} contacts and ${shown(loaners)} invoices created, worker killed ${2 * kills} times (kill -9)`;
    return [
      row(GROUP, `${what}: duplicates`, [contacts.doubled + invoices.doubled], '', { target: exactly(0) }),
      row(GROUP, '… missing', [customers - contacts.count + (loaners - invoices.count)], '', { target: exactly(0) }),
    ];
  } finally {
    await world.stop();
  }
}

function distinct(records: unknown, field: string): { count: number; doubled: number } {
  const values = (records as Record<string, unknown>[]).map((record) => record[field]);
  const count = new Set(values).size;
  return { count, doubled: values.length - count };
}
