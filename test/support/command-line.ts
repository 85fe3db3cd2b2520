import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { pressAccept } from '../../scripts/person.ts';
import { hectorSetup } from '../../scripts/setup.ts';
import { makeLoaners } from '../../scripts/simulated.ts';
import { loadDataSet, type DataSet } from '../../simulators/data/index.ts';
import { startHectorSimulator } from '../../simulators/hector/index.ts';
import type { Simulator } from '../../simulators/kit/simulator.ts';
import { organizationFrom } from '../../simulators/zoho/from-data.ts';
import { startZohoSimulator, type ZohoSimulator } from '../../simulators/zoho/index.ts';
import type { ZohoOptions } from '../../simulators/zoho/options.ts';
import { temporalEnvironment } from './temporal-environment.ts';

/** So seldom that no sync by schedule comes between those of a test; that of every day would come at midnight (UTC). */
export const SELDOM_SECONDS = 10 * 365 * 86_400;

export const launcher = fileURLToPath(new URL('../../client/bookbridge.mjs', import.meta.url));

/** What a command left behind. */
export interface Ended {
  readonly exit: number;
  /** Standard output. */
  readonly out: string;
  /** Standard error: remarks, progress, errors. */
  readonly err: string;
}

export interface Running {
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly ended: Promise<Ended>;
  /** Resolves with all output so far as soon as it holds this. */
  says(text: string | RegExp): Promise<string>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Starts the real command, as a shell does. */
export function startCommand(args: readonly string[], env: Environment, program: readonly [string, ...string[]] = [process.execPath, launcher], input = ''): Running {
  const child = spawn(program[0], [...program.slice(1), ...args], { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(input);
  const watchers: (() => void)[] = [];
  const text = { out: '', err: '' };
  for (const [name, stream] of [['out', child.stdout], ['err', child.stderr]] as const) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text[name] += part;
      for (const look of watchers) look();
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ exit: code ?? -1, ...text }));
  });
  return {
    process: child, ended,
    says: (wanted) => new Promise((resolve, reject) => {
      const look = () => {
        const all = text.out + text.err;
        if (typeof wanted === 'string' ? all.includes(wanted) : wanted.test(all)) resolve(all);
      };
      watchers.push(look);
      look();
      void ended.then(({ exit }) => reject(new Error(`It ended with ${exit} before it said ${String(wanted)}: ${text.out}${text.err}`)));
    }),
  };
}

/** Two simulated systems, an empty database, and the command line; no worker until a test starts one. */
export interface CommandLine {
  readonly zoho: ZohoSimulator;
  readonly hector: Simulator;
  readonly dataSet: DataSet;
  readonly env: Environment;
  /** The settings, in a file. */
  settingsFile(settings?: Record<string, unknown>): Promise<string>;
  /** @param input what it reads on its standard input */
  start(args: readonly string[], env?: Environment, input?: string): Running;
  /** Runs a command to its end. */
  run(...args: string[]): Promise<Ended>;
  /** Runs a command with `--json` and reads the last line it printed. */
  json<T>(schema: z.ZodType<T>, ...args: string[]): Promise<T>;
  /** Runs a command that asks a person, as one does: starts it, follows the printed address, presses Accept. */
  accept(args: readonly string[], env?: Environment): Promise<Ended>;
  /** Connects that way. */
  connect(settings?: Record<string, unknown>, env?: Environment): Promise<Ended>;
  startWorker(): Promise<Running>;
  makeLoaners(count: number): Promise<void>;
  /** Changes a record of Hector in a way its own pages would not allow. */
  force(resource: string, id: string, fields: Record<string, unknown>): Promise<void>;
  stop(): Promise<void>;
}

/** The same, connected, with a worker, and imported. */
export async function startImported(options: CommandLineOptions = {}): Promise<CommandLine> {
  const line = await startCommandLine(options);
  await line.connect();
  await line.startWorker();
  await line.run('import');
  return line;
}

const page = z.object({ authorizeUrl: z.url() });

interface CommandLineOptions {
  readonly limits?: ZohoOptions['limits'];
  /** Further options of the simulated Zoho. */
  readonly zoho?: Omit<ZohoOptions, 'organizations' | 'limits'>;
  /** Further variables of every command. */
  readonly env?: Environment;
  /** What is different in every settings file. */
  readonly setup?: Readonly<Record<string, unknown>>;
}

export async function startCommandLine({ limits, zoho: zohoOptions, env: further = {}, setup: different = {} }: CommandLineOptions = {}): Promise<CommandLine> {
  const { address, namespace, taskQueue } = temporalEnvironment();
  const dataSet = await loadDataSet(null);
  const zoho = await startZohoSimulator({ ...zohoOptions, organizations: [organizationFrom(dataSet.books)], limits: limits ?? { minute: null, block: null, concurrent: null } });
  const hector = await startHectorSimulator({ dataSet });
  const folder = await mkdtemp(join(tmpdir(), 'bookbridge-'));
  const env = {
    TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, BOOKBRIDGE_TASK_QUEUE: taskQueue,
    DATABASE_URL: `sqlite:${join(folder, 'store.sqlite')}`, BOOKBRIDGE_KEY: randomBytes(32).toString('base64'),
    ZOHO_ACCOUNTS_URL: zoho.url, ZOHO_API_URL: zoho.url, TZ: 'UTC', NO_COLOR: '1', ...further,
  };
  const workers: Running[] = [];
  const start = (args: readonly string[], more: Environment = {}, input = '') => startCommand(args, { ...env, ...more }, undefined, input);
  const settingsFile = async (settings: Record<string, unknown> = {}) => {
    const file = join(folder, `settings-${randomBytes(3).toString('hex')}.json`);
    const setup = hectorSetup({ id: 'hector', dataSet, hectorUrl: hector.url, zohoState: zoho.state() });
    await writeFile(file, JSON.stringify({ ...setup, syncIntervalSeconds: SELDOM_SECONDS, ...different, ...settings }));
    return file;
  };
  const accept = async (args: readonly string[], more: Environment = {}) => {
    const running = start([...args, '--json'], more);
    // Where something is wrong already, nobody is asked.
    const said = await running.says('authorizeUrl').catch(() => null);
    if (said !== null) await pressAccept(page.parse(JSON.parse(said.split('\n')[0] ?? '')).authorizeUrl);
    return running.ended;
  };
  return {
    zoho, hector, dataSet, env, settingsFile, start,
    run: (...args) => start(args).ended,
    async json(schema, ...args) {
      const { out, err, exit } = await start([...args, '--json']).ended;
      const line = out.trimEnd().split('\n').at(-1) ?? '';
      if (line === '') throw new Error(`${args.join(' ')} printed nothing and ended with ${exit}: ${err}`);
      return schema.parse(JSON.parse(line));
    },
    accept,
    async connect(settings = {}, more = {}) {
      return accept(['connect', 'hector', '--settings', await settingsFile(settings)], more);
    },
    async startWorker() {
      const running = start(['worker']);
      workers.push(running);
      await running.says('"worker"');
      return running;
    },
    makeLoaners: (count) => makeLoaners(hector.url, { count }),
    async force(resource, id, fields) {
      const answer = await fetch(`${hector.url}/_simulator/records`, { method: 'POST', body: JSON.stringify({ resource, id, fields }) });
      if (!answer.ok) throw new Error(await answer.text());
    },
    async stop() {
      for (const { process: worker } of workers) worker.kill('SIGTERM');
      await Promise.all(workers.map(({ ended }) => ended));
      await zoho.close();
      await hector.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
