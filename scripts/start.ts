/**
 * `npm start`: the whole of Bookbridge on one machine, with simulators in the place of Zoho, Hector and a shop. It authorises,
 * imports, lets loaners happen, creates their invoices and those of the shop's orders, and holds all systems against what they should contain.
 */
import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { connectSystem } from '../client/connect.ts';
import { pauseSchedule } from '../client/runs.ts';
import { loadDataSet, type DataSet } from '../simulators/data/index.ts';
import { pressAccept } from './person.ts';
import { runMainJob } from './main-job.ts';
import { keepRunning } from './keep-running.ts';
import { printReport } from './report.ts';
import { explainFailures } from './failures.ts';
import { stopOnSignals } from './processes.ts';
import { hectorSetup, shopSetup } from './setup.ts';
import { readBooks } from './simulated.ts';
import { startSystems, type Systems } from './systems.ts';

/** Both on one organization, whose calls they share. */
const integrations = { hector: 'hector', shop: 'shop' } as const;
/** Short enough to be seen at work in one run; Zoho gives ten tokens in ten minutes, which is enough for a slow machine, but not where it goes on. */
const TOKEN_LIFE_MS = { once: 40_000, goesOn: 120_000 };
/** Books' minute, made short so that nobody waits for a real one. */
const WINDOW_MS = 3_000;
/** Who makes ten times the calls of a minute is blocked by Books for an hour; this minute is short, too. */
const BLOCK_MINUTES = 10;
const SYNC_INTERVAL_SECONDS = 10;

interface Options {
  readonly once: boolean;
  readonly data?: string;
  readonly temporalPort?: number;
  readonly uiPort?: number;
  readonly zohoPort?: number;
  readonly hectorPort?: number;
  readonly shopPort?: number;
}

await new Command('npm start --')
  .description('Runs Bookbridge with simulated systems: a whole day of lending and invoicing in a minute.')
  .option('--once', 'stop after the main job; the last line is JSON, and the exit code is 0 only if all is as it should be', false)
  .option('--data <file>', 'data set of your own: our format, or Northwind\'s')
  .option('--temporal-port <port>', 'port of the Temporal server', port)
  .option('--ui-port <port>', 'port of the Temporal UI', port)
  .option('--zoho-port <port>', 'port of the simulated Zoho', port)
  .option('--hector-port <port>', 'port of the simulated Hector', port)
  .option('--shop-port <port>', 'port of the simulated shop', port)
  .action((options: Options) => main(options))
  .parseAsync();

async function main(options: Options): Promise<void> {
  const startedMs = Date.now();
  // npm runs scripts in the folder of the package; a file is named from where the user stands.
  const dataFile = options.data === undefined ? null : resolve(process.env['INIT_CWD'] ?? '.', options.data);
  const dataSet = await loadDataSet(dataFile);
  const limits = limitsFor(dataSet);
  let systems: Systems | undefined;
  stopOnSignals(async () => systems?.stop());
  systems = await startSystems({
    folder: fileURLToPath(new URL('../.bookbridge', import.meta.url)), dataFile, booksLimits: { ...limits, block: { calls: limits.minute.calls * BLOCK_MINUTES, windowMs: WINDOW_MS, blockMs: 3_600_000 } }, tokenLifeMs: options.once ? TOKEN_LIFE_MS.once : TOKEN_LIFE_MS.goesOn,
    ports: { temporal: options.temporalPort, ui: options.uiPort, zoho: options.zohoPort, hector: options.hectorPort, woocommerce: options.shopPort },
    log: (line) => console.log(line),
    onUnexpectedEnd: (message) => { console.error(message); process.exitCode = 1; },
  });
  try {
    await connect(systems, dataSet, limits);
    // So that its runs take no part of the work away from those that are counted below.
    await pauseSchedules(systems, true, 'until the main job is done');
    const report = await runMainJob(systems, { ...integrations, dataSet, startedMs });
    const failures = await Promise.all(Object.values(integrations).map((id) => explainFailures(systems.bookbridge.store, id)));
    printReport(process.stdout, report, failures.flat(), systems.temporal.uiUrl);
    if (options.once) {
      process.exitCode = report.differences.length === 0 && (process.exitCode ?? 0) === 0 ? 0 : 1;
      const { differences, ...facts } = report;
      console.log(JSON.stringify({ ...facts, differences: differences.length }));
    } else {
      await pauseSchedules(systems, false, 'the main job is done');
      await keepRunning(systems, integrations, dataSet.books.organization.id);
    }
  } finally {
    await systems.stop();
  }
}

async function pauseSchedules({ bookbridge }: Systems, paused: boolean, note: string): Promise<void> {
  for (const id of Object.values(integrations)) await pauseSchedule(bookbridge, id, paused, note);
}

/** The limits of the real service, with a window and a number of calls small enough for each run to meet them. */
function limitsFor({ hector, books }: DataSet) {
  const expectedCalls = hector.customers.length + books.items.length / 200 + hector.loaners.length;
  const calls = Math.max(20, Math.min(100, Math.ceil(expectedCalls / 10)));
  return { minute: { calls, windowMs: WINDOW_MS }, day: { calls: 5000, windowMs: 86_400_000 }, concurrent: 10 };
}

async function connect(systems: Systems, { books, ...dataSet }: DataSet, limits: object): Promise<void> {
  const { organization: { id: organizationId } } = books;
  const zohoState = await readBooks(systems.zohoUrl, organizationId);
  const setups = {
    hector: hectorSetup({ id: integrations.hector, dataSet: { books, ...dataSet }, hectorUrl: systems.hectorUrl, zohoState }),
    woocommerce: shopSetup({ id: integrations.shop, organizationId, shopUrl: systems.shopUrl }),
  };
  for (const [kind, setup] of Object.entries(setups)) {
    await connectSystem(systems.bookbridge, kind, { ...setup, limits, syncIntervalSeconds: SYNC_INTERVAL_SECONDS }, {
      show({ authorizeUrl }) {
        console.log(`Authorise Bookbridge for ${kind}: ${authorizeUrl}\n(the simulated user presses Accept)`);
        void pressAccept(authorizeUrl);
      },
      timeoutMs: 30_000,
    });
  }
}

function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new InvalidArgumentError('It is not a port number.');
  return Number(text);
}
