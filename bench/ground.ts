import { randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { z } from 'zod';
import { connectSystem } from '../client/connect.ts';
import type { Bookbridge } from '../client/open.ts';
import { pauseSchedule, startImport, startSyncAlone } from '../client/runs.ts';
import { readConfig } from '../domain/config.ts';
import { createLogFolder } from '../scripts/logs.ts';
import { pressAccept } from '../scripts/person.ts';
import { createProcesses, jsonLine, nodeCommand, type Processes } from '../scripts/processes.ts';
import { hectorSetup, shopSetup } from '../scripts/setup.ts';
import { startTemporalServer } from '../scripts/temporal-server.ts';
import { openStore } from '../store/store.ts';
import { workflowBundle } from '../worker/bundle.ts';
import type { RunResult } from '../workflows/messages.ts';
import { searchAttributes } from '../workflows/search-attributes.ts';
import { controlOf, type Control } from './control.ts';
import { dataSetOf, organizationId, type Sizes } from './data.ts';
import type { SimulatorSpec } from './simulator.ts';

/** What all benchmarks stand on: one Temporal server, and a folder for what they store. */
export interface Ground {
  readonly processes: Processes;
  readonly folder: string;
  readonly logFolder: string;
  readonly address: string;
  readonly log: (line: string) => void;
  /** What a reader of the results has to know. */
  readonly remarks: string[];
  startSimulator(name: 'zoho' | 'hector' | 'woocommerce', spec: SimulatorSpec): Promise<{ control: Control; stop: () => Promise<void> }>;
  stop(): Promise<void>;
}

/** Books and the system beside it, a store, and workers in processes of their own. */
export interface World {
  readonly zoho: Control;
  /** Hector, or a shop where there are orders. */
  readonly other: Control;
  readonly bookbridge: Bookbridge;
  /** The file of the store, to look into. */
  readonly storeFile: string;
  /**
   * Connects an integration with an organization; its schedule stays paused.
   *
   * @param limits what the integration knows of Books' limits; none: more than anything uses
   */
  connect(request: { id: string; organization?: number; settings?: Record<string, unknown>; limits?: Record<string, unknown> }): Promise<void>;
  startWorker(): Promise<BenchWorker>;
  import(id: string): Promise<RunResult>;
  /** @param module only this one */
  sync(id: string, module?: string): Promise<RunResult>;
  stop(): Promise<void>;
}

export interface BenchWorker {
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** Memory that is resident now; 0 where it has ended. */
  residentBytes(): number;
}

const simulatorReady = z.object({ simulator: z.string(), url: z.url() });
const workerReady = z.object({ worker: z.string() });
export const unlimited = { minute: { calls: 100_000, windowMs: 1_000 }, day: { calls: 10_000_000, windowMs: 86_400_000 }, concurrent: 1_000 };
/** Limits of a simulator that refuses nothing. */
export const noLimits = { minute: null, day: null, concurrent: null, block: null };
let started = 0;

/** @param folder where it may store */
export async function startGround(folder: string, log: (line: string) => void): Promise<Ground> {
  const logFolder = createLogFolder(join(folder, 'logs'));
  removeLeftOvers(folder);
  const storeFolder = join(folder, `bench-${process.pid}`);
  mkdirSync(storeFolder, { recursive: true });
  const processes = createProcesses(logFolder, (error) => { if (!/worker/.test(error.message)) log(error.message); });
  const stop = async () => {
    await processes.stopAll();
    rmSync(storeFolder, { recursive: true, force: true });
  };
  try {
    const [{ address }] = await Promise.all([
      startTemporalServer({ processes, log, searchAttributes: Object.values(searchAttributes), ui: false }),
      workflowBundle(),
    ]);
    return {
      processes, folder: storeFolder, logFolder, address, log, stop, remarks: [],
      async startSimulator(name, spec) {
        started += 1;
        const running = await processes.start({ name: `${name}-${started}`, command: nodeCommand('bench/simulator.ts', name, JSON.stringify(spec)), ready: jsonLine(simulatorReady), readyTimeoutMs: 120_000 });
        return { control: controlOf(running.ready.url), stop: () => running.stop() };
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What benchmarks stored that were killed. */
function removeLeftOvers(folder: string): void {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const pid = Number(/^bench-(\d+)$/.exec(name)?.[1] ?? Number.NaN);
    if (!Number.isNaN(pid) && !isRunning(pid)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

interface WorldOptions {
  readonly sizes: Sizes;
  readonly limits?: Record<string, unknown>;
  readonly workMs?: number;
  readonly quotaHeaders?: boolean;
  /** Workers also know the modules of reader.ts. */
  readonly reads?: boolean;
  /** Simulated Books that is there already. */
  readonly zoho?: Control;
  readonly nodeOptions?: readonly string[];
}

export async function startWorld(ground: Ground, options: WorldOptions): Promise<World> {
  const { sizes, limits = noLimits, workMs = 0, quotaHeaders = false } = options;
  const kind = sizes.orders === undefined ? 'hector' : 'woocommerce';
  const [zoho, other] = await Promise.all([
    options.zoho ? { control: options.zoho, stop: () => Promise.resolve() } : ground.startSimulator('zoho', { ...sizes, limits, workMs, quotaHeaders } as SimulatorSpec),
    ground.startSimulator(kind, { ...sizes, organizations: 1, contacts: 0, invoices: 0 }),
  ]);
  const dataSet = await dataSetOf({ items: sizes.items ?? 3, customers: 1, loaners: 0 });
  started += 1;
  const queue = `bench-${process.pid}-${started}`;
  const storeFile = join(ground.folder, `store-${started}.sqlite`);
  const env = {
    DATABASE_URL: `sqlite:${storeFile}`, BOOKBRIDGE_KEY: randomBytes(32).toString('base64'), BOOKBRIDGE_TASK_QUEUE: queue,
    ZOHO_ACCOUNTS_URL: zoho.control.url, ZOHO_API_URL: zoho.control.url,
  };
  const config = readConfig(env);
  const store = await openStore({ url: config.databaseUrl, key: config.key, now: Date.now });
  const connection = await Connection.connect({ address: ground.address });
  const bookbridge: Bookbridge = { config, store, temporal: new Client({ connection }), close: () => Promise.resolve() };
  const workers: BenchWorker[] = [];
  const schedules: string[] = [];
  return {
    zoho: zoho.control, other: other.control, bookbridge, storeFile,
    async connect({ id, organization = 0, settings = {}, limits: known = unlimited }) {
      const organizationSetting = organizationId(organization);
      const setup = kind === 'woocommerce' ? shopSetup({ id, organizationId: organizationSetting, shopUrl: other.control.url, settings })
        : hectorSetup({ id, dataSet, hectorUrl: other.control.url, zohoState: { items: [] }, settings: { organizationId: organizationSetting, ...settings } });
      await connectSystem(bookbridge, kind, { ...setup, limits: known }, { show: ({ authorizeUrl }) => void pressAccept(authorizeUrl), timeoutMs: 30_000 });
      await pauseSchedule(bookbridge, id, true, 'the benchmark syncs');
      schedules.push(id);
    },
    async startWorker() {
      const worker = await startWorker(ground, { ...env, TEMPORAL_ADDRESS: ground.address, TEMPORAL_NAMESPACE: 'default' }, options);
      workers.push(worker);
      return worker;
    },
    import: async (id) => (await startImport(bookbridge, id)).result(),
    async sync(id, module) {
      const handle = await startSyncAlone(bookbridge, { integrationId: id, ...(module !== undefined && { module }) });
      if (!handle) throw new Error(`a run of ${id} is under way`);
      return handle.result();
    },
    async stop() {
      for (const id of schedules) await bookbridge.temporal.schedule.getHandle(`sync:${id}`).delete().catch(() => undefined);
      await Promise.all(workers.map((worker) => worker.stop()));
      await connection.close();
      await store.close();
      await Promise.all([zoho.stop(), other.stop()]);
      for (const ending of ['', '-wal', '-shm']) rmSync(storeFile + ending, { force: true });
    },
  };
}

const readerUrl = pathToFileURL(fileURLToPath(new URL('reader.ts', import.meta.url))).href;

async function startWorker(ground: Ground, env: Record<string, string>, { reads = false, nodeOptions = [] }: WorldOptions): Promise<BenchWorker> {
  started += 1;
  const flags = [...(reads ? [`--import=${readerUrl}`] : []), ...nodeOptions];
  const running = await ground.processes.start({
    name: `worker-${started}`, command: nodeCommand('worker/main.ts'), graceMs: 20_000, ready: jsonLine(workerReady),
    env: { ...env, NODE_OPTIONS: flags.length > 0 ? flags.join(' ') : undefined },
  });
  return {
    stop: () => running.stop(),
    async kill() {
      process.kill(-running.pid, 'SIGKILL');
      await running.ended;
    },
    residentBytes: () => residentBytes(running.pid),
  };
}

/** The largest process of a group: the worker itself, beside the shell that guards it. */
function residentBytes(groupId: number): number {
  const lines = execFileSync('ps', ['-A', '-o', 'pgid=,rss='], { encoding: 'utf8' }).split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  return Math.max(0, ...lines.filter(([group]) => group === groupId).map(([, kilobytes = 0]) => kilobytes)) * 1024;
}

/** Waits until something is so. */
export async function until(isSo: () => boolean | Promise<boolean>, { everyMs = 20, timeoutMs = 600_000, what = 'something' } = {}): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`${what} did not happen within ${timeoutMs / 1000} s`);
    await delay(everyMs);
  }
}
