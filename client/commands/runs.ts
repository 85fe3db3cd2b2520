import { integrationOf } from '../../integrations/registry.ts';
import type { RecordStanding } from '../../store/operations.ts';
import type { Integration } from '../../store/types.ts';
import type { RecordRef, RunResult } from '../../workflows/messages.ts';
import { chooseIntegration, expectModule, moduleNames } from '../choose.ts';
import { CommandError, exitCodes, usageError, type ExitCode } from '../command-error.ts';
import { expectActive, expectDone, expectImported } from '../expectations.ts';
import { follow, noWorker, type Interrupted } from '../follow.ts';
import { lookAt } from '../looked.ts';
import { openBookbridge, type Bookbridge } from '../open.ts';
import { commandFor, print, remark } from '../print.ts';
import type { RunOptions, SyncOptions } from '../program.ts';
import { explain } from '../reasons.ts';
import { describeRun } from '../run-report.ts';
import { countWorkers, runUnderWay, startImportAlone, startSyncAlone, type RunHandle } from '../runs.ts';
import { isSeen, tell } from '../send.ts';
import { describeSent } from '../sent-report.ts';
import { plainColumns } from '../terminal.ts';
import { plainText, wrapText } from '../text-width.ts';
import { clock } from '../time.ts';

/** Starts the initial import, or shows the one that is under way. */
export async function importAll(options: RunOptions): Promise<ExitCode> {
  return withIntegration(options, async (bookbridge, integration) => {
    expectActive(integration);
    const start = async () => {
      const started = await startImportAlone(bookbridge, integration.id);
      if (started || !options.wait) return started;
      // Who waits joins the import that is under way.
      const running = await runUnderWay(bookbridge, integration.id);
      return running?.kind === 'initialImport' ? running.handle : null;
    };
    return runAndTell(bookbridge, integration, options, { start, modules: moduleNames(integration) });
  });
}

/** Syncs all, one module or one record. */
export async function sync(options: SyncOptions): Promise<ExitCode> {
  return withIntegration(options, async (bookbridge, integration) => {
    expectActive(integration);
    expectImported(integration);
    const module = expectModule(integration, options.module);
    const { id: integrationId } = integration;
    if (options.record === undefined) {
      const start = () => startSyncAlone(bookbridge, { integrationId, ...(module !== undefined && { module }) });
      return runAndTell(bookbridge, integration, options, { start, modules: module === undefined ? moduleNames(integration) : [module] });
    }
    const target = await locate(bookbridge, integration, options.record, module);
    const start = () => startSyncAlone(bookbridge, { integrationId, ...target });
    return syncRecord(bookbridge, integration, options, { ...target, start });
  });
}

/** Opens everything, chooses the integration, and closes everything. */
export async function withIntegration(options: RunOptions, work: (bookbridge: Bookbridge, integration: Integration) => Promise<ExitCode>): Promise<ExitCode> {
  const bookbridge = await openBookbridge(process.env, { create: false });
  try {
    return await work(bookbridge, await chooseIntegration(bookbridge, options));
  } finally {
    await bookbridge.close();
  }
}

interface Wanted {
  /** Starts the run; null while another one is under way. */
  readonly start: () => Promise<RunHandle | null>;
  readonly modules: readonly string[];
}

async function runAndTell(bookbridge: Bookbridge, integration: Integration, options: RunOptions, wanted: Wanted): Promise<ExitCode> {
  const startedMs = Date.now();
  const result = await run(bookbridge, integration, options, wanted);
  if (result === null) return exitCodes.ok;
  expectDone(integration, result);
  print(options.json, { integration: integration.id, ...result }, () => describeRun(integration, result, Date.now() - startedMs));
  return exitCodes.ok;
}

/**
 * Starts a run as soon as none is under way, and waits for it unless told not to.
 *
 * @returns null where it was only started, which has been said
 */
export async function run(bookbridge: Bookbridge, integration: Integration, { wait, json }: RunOptions, { start, modules }: Wanted): Promise<RunResult | null> {
  const { id: integrationId } = integration;
  const out = json ? null : process.stderr;
  for (;;) {
    const handle = await start();
    if (!wait) {
      const workers = await countWorkers(bookbridge);
      if (workers === 0) remark(json, noWorker(bookbridge));
      print(json, { integration: integrationId, started: handle !== null }, () => `${handle ? 'Started.' : 'A run is under way, so none was started.'} See how far it is: ${commandFor(integrationId, 'status')}`);
      return null;
    }
    if (handle) return follow(bookbridge, { integrationId, handle, modules }, out);
    await awaitRunUnderWay(bookbridge, integration, { json, why: 'This one begins after it.', interrupted: neverBegun(integrationId) });
  }
}

/** What waits for its turn waits in the command: Temporal knows nothing of it. */
const neverBegun = (integrationId: string): Interrupted => ({ left: 'What you asked for has not begun, and does not; only the run that was under way goes on.', remedy: `Repeat the command when that one has ended. See how far it is: ${commandFor(integrationId, 'status')}` });

interface Awaiting {
  readonly json: boolean;
  /** What a person is told of it. */
  readonly why: string;
  readonly interrupted?: Interrupted;
}

/** Shows the run that is under way until it ends, however it ends. */
export async function awaitRunUnderWay(bookbridge: Bookbridge, integration: Integration, { json, why, interrupted }: Awaiting): Promise<void> {
  const other = await runUnderWay(bookbridge, integration.id);
  if (!other) return;
  remark(json, `${other.kind === 'sync' ? 'A sync' : 'The initial import'} has been under way since ${clock(other.startedMs)}. ${why}`);
  try {
    await follow(bookbridge, { integrationId: integration.id, handle: other.handle, modules: moduleNames(integration) }, json ? null : process.stderr, interrupted);
  } catch (error) {
    // Its failure is not that of this command; Ctrl-C is.
    if (error instanceof CommandError) throw error;
  }
}

interface Target {
  readonly module: string;
  readonly record: RecordRef;
}

/** Finds out which record is meant: by what is known of it, else by the only resource the module has. */
async function locate({ store }: Bookbridge, integration: Integration, recordId: string, module: string | undefined): Promise<Target> {
  const known = await store.operations.find(integration.id, recordId, module);
  const [first, ...others] = known;
  if (first && others.length === 0) return { module: first.module, record: { side: first.side, resource: first.resource, recordId: first.id } };
  if (first) {
    const places = [...new Set(known.map((record) => record.module))];
    throw usageError(`There are several records ${recordId}: ${known.map((record) => `${record.module} ${record.id}`).join(', ')}.`, places.length > 1 ? `Name the module with --module ${places.join(' or ')}.` : 'Give the id in the system the record comes from.');
  }
  if (module === undefined) throw usageError(`No record ${recordId} is known yet.`, `Name the module with --module (${moduleNames(integration).join(', ')}), and it is looked for.`);
  const definition = integrationOf(integration.kind);
  const context = definition.readContext(integration.settings, integration.facts, integration.id);
  const places = definition.modules.filter(({ name }) => name === module).flatMap(({ flows }) => flows.flatMap((flow) => flow.resources(context).map((resource) => ({ side: flow.side, resource }))));
  const [place, ...more] = places;
  if (!place || more.length > 0) throw usageError(`No record ${recordId} is known yet.`, `Sync the module instead: ${commandFor(integration.id, `sync --module ${module}`)}`);
  return { module, record: { ...place, recordId } };
}

async function syncRecord(bookbridge: Bookbridge, integration: Integration, options: SyncOptions, { start, module, record }: Target & Pick<Wanted, 'start'>): Promise<ExitCode> {
  const result = await run(bookbridge, integration, options, { start, modules: [module] });
  if (result === null) return exitCodes.ok;
  expectDone(integration, result);
  if (result.recordFound === false) throw new CommandError(`There is no record ${record.recordId} in ${record.resource}.`, { exit: exitCodes.failed, remedy: 'Check the id in the system the record comes from.' });
  const standing = (await bookbridge.store.operations.find(integration.id, record.recordId, module)).find(({ id, resource }) => id === record.recordId && resource === record.resource);
  const asked = { module, ids: [record.recordId] };
  const [named] = await tell(bookbridge, integration, asked, { looked: await lookAt(bookbridge, integration, { ...asked, runIds: [result.runId] }) });
  const text = () => (named?.record ? describeSent(integration, module, named) : standing ? describeStanding(standing) : 'It is done.');
  print(options.json, { integration: integration.id, ...result, record: standing ?? null, looked: named?.looked ?? null }, () => wrapText(plainText(text()), process.stdout.columns ?? plainColumns));
  const isFailed = standing?.state === 'failed' || standing?.state === 'waiting' || (named && !isSeen(named));
  return isFailed ? exitCodes.failed : exitCodes.ok;
}

const standingTexts: Readonly<Record<RecordStanding['state'], string>> = {
  done: 'is in step', observed: 'is known', pending: 'is to be carried over by the next run', skipped: 'was left out', waiting: 'waits for another record', failed: 'failed',
  withdrawn: 'was withdrawn, and is carried over again only where a person sends it',
};

/** Where a record stands, why, and what to do. */
export function describeStanding({ module, id, state, code, detail }: RecordStanding): string {
  const { what, remedy } = explain(code);
  return `${module} ${id} ${standingTexts[state]}.${code === null ? '' : ` ${code}: ${what} ${detail}. ${remedy}`}`;
}
