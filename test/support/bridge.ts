import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { connectSystem } from '../../client/connect.ts';
import type { Bookbridge } from '../../client/open.ts';
import type { Config } from '../../domain/config.ts';
import { pauseSchedule, startImport, startSync } from '../../client/runs.ts';
import { pressAccept } from '../../scripts/person.ts';
import { hectorSetup } from '../../scripts/setup.ts';
import { makeLoaners, readBooks, readHector } from '../../scripts/simulated.ts';
import { findDifferences } from '../../scripts/verify.ts';
import { expectedBooks, loadDataSet, type DataSet } from '../../simulators/data/index.ts';
import { defaultToken, startHectorSimulator } from '../../simulators/hector/index.ts';
import { organizationFrom } from '../../simulators/zoho/from-data.ts';
import type { ZohoOptions } from '../../simulators/zoho/options.ts';
import { startZohoSimulator, type ZohoSimulator } from '../../simulators/zoho/index.ts';
import type { Simulator } from '../../simulators/kit/simulator.ts';
import { openStore, type Store } from '../../store/store.ts';
import type { RunResult } from '../../workflows/messages.ts';
import { createWorker } from '../../worker/worker.ts';
import { temporalEnvironment } from './temporal-environment.ts';
import { createWorkerProcesses, type WorkerProcess } from './worker-process.ts';

/** Two simulated systems, a store, a worker and a client: all of Bookbridge in one test. */
export interface Bridge {
  readonly zoho: ZohoSimulator;
  readonly hector: Simulator;
  readonly dataSet: DataSet;
  readonly bookbridge: Bookbridge;
  readonly integrationId: string;
  /**
   * A person presses Save and Integrate, and then Accept. The schedule is paused: a test syncs when it wants to.
   *
   * @param setup what lies beside the settings, for instance `limits`
   */
  connect(settings?: Record<string, unknown>, setup?: Record<string, unknown>, options?: { remark?: (text: string) => void }): Promise<void>;
  startImport(): Promise<RunResult>;
  sync(): Promise<RunResult>;
  /** The planned loaners of the data set happen. */
  makeLoaners(count?: number): Promise<void>;
  /** What a user does in Hector: one call of its API; gives the record as it is then. */
  inHector(method: 'POST' | 'PATCH' | 'DELETE' | 'GET', path: string, fields?: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** Everything in both systems that is not as the data set says it must be in the end; none where all is exact. */
  differences(): Promise<string[]>;
  /** Takes the worker down as a deployment does, and starts another. */
  restartWorker(): Promise<void>;
  /** A worker in a process of its own, beside the others. */
  startWorkerProcess(): Promise<WorkerProcess>;
  /** The database is lost; what stays is an empty one. */
  loseStore(): Promise<void>;
  stop(): Promise<void>;
}

interface BridgeOptions {
  readonly data?: string | DataSet | null;
  readonly limits?: NonNullable<ZohoOptions['limits']>;
  readonly tokenLifeMs?: number;
  readonly callTimeoutMs?: number;
  /** Further configuration of worker and client. */
  readonly config?: Partial<Config>;
  /** What is different about the organization in Books. */
  readonly organization?: Partial<ReturnType<typeof organizationFrom>>;
  /** Further options of the simulated Zoho. */
  readonly zoho?: Omit<ZohoOptions, 'organizations' | 'limits' | 'tokenLifeMs'>;
  /** False where a test has workers in processes of their own, and none in this one. */
  readonly worker?: boolean;
}

export async function startBridge({ data = null, limits, tokenLifeMs, callTimeoutMs = 5_000, organization, zoho: zohoOptions, worker: ownWorker = true, config: configured = {} }: BridgeOptions = {}): Promise<Bridge> {
  const environment = temporalEnvironment();
  const dataSet = typeof data === 'object' && data !== null ? data : await loadDataSet(data);
  const zoho = await startZohoSimulator({
    ...zohoOptions,
    organizations: [{ ...organizationFrom(dataSet.books), ...organization }],
    limits: limits ?? { minute: null, block: null, concurrent: null },
    ...(tokenLifeMs !== undefined && { tokenLifeMs }),
  });
  const hector = await startHectorSimulator({ dataSet });
  const connection = await Connection.connect({ address: environment.address });
  const native = await NativeConnection.connect({ address: environment.address });
  const folder = await mkdtemp(join(tmpdir(), 'bookbridge-'));
  const key = randomBytes(32).toString('base64');
  let stores = 0;
  const databaseUrl = () => `sqlite:${join(folder, `store-${stores}.sqlite`)}`;
  const config: Config = {
    databaseUrl: '', key: '', taskQueue: environment.taskQueue, callTimeoutMs, lanes: 4, zoho: { accountsUrl: zoho.url, apiUrl: zoho.url },
    smtp: null, noticeAfterMs: 600_000, historyDays: 180, webhooks: null, publicUrl: null, systemUrls: {}, apiToken: null, ...configured,
  };
  const temporal = new Client({ connection, namespace: environment.namespace });
  const open = async (): Promise<Bookbridge & { store: Store }> => ({
    config, temporal, store: await openStore({ url: databaseUrl(), key, now: Date.now }), close: () => Promise.resolve(),
  });
  let bookbridge = await open();
  const integrationId = `hector-${randomBytes(3).toString('hex')}`;
  const startWorker = async () => {
    if (!ownWorker) return { stop: () => Promise.resolve() };
    const worker = await createWorker({ connection: native, namespace: environment.namespace, config, bundlePath: environment.bundlePath, store: bookbridge.store, now: Date.now });
    const ended = worker.run();
    return { stop: async () => { worker.shutdown(); await ended; } };
  };
  let worker = await startWorker();
  const processes = createWorkerProcesses(environment, () => ({
    DATABASE_URL: databaseUrl(), BOOKBRIDGE_KEY: key, BOOKBRIDGE_TASK_QUEUE: config.taskQueue,
    BOOKBRIDGE_CALL_TIMEOUT_MS: String(callTimeoutMs), ZOHO_ACCOUNTS_URL: zoho.url, ZOHO_API_URL: zoho.url,
  }));
  return {
    zoho, hector, dataSet, integrationId,
    get bookbridge() { return bookbridge; },
    async connect(settings = {}, setup = {}, options = {}) {
      const page = hectorSetup({ id: integrationId, dataSet, hectorUrl: hector.url, zohoState: zoho.state(), settings });
      await connectSystem(bookbridge, 'hector', { ...page, ...setup }, { show: ({ authorizeUrl }) => void pressAccept(authorizeUrl), timeoutMs: 20_000, ...options });
      await pauseSchedule(bookbridge, integrationId, true, 'the test syncs');
    },
    startImport: async () => (await startImport(bookbridge, integrationId)).result(),
    sync: async () => (await startSync(bookbridge, integrationId)).result(),
    makeLoaners: (count) => makeLoaners(hector.url, count === undefined ? {} : { count }),
    inHector: (method, path, fields) => callHector(hector.url, method, path, fields),
    async differences() {
      const [books, there] = await Promise.all([readBooks(zoho.url, dataSet.books.organization.id), readHector(hector.url)]);
      return findDifferences(expectedBooks(dataSet), books, there);
    },
    async restartWorker() {
      await worker.stop();
      worker = await startWorker();
    },
    startWorkerProcess: () => processes.start(),
    async loseStore() {
      await worker.stop();
      await bookbridge.store.close();
      stores += 1;
      bookbridge = await open();
      worker = await startWorker();
    },
    async stop() {
      await temporal.schedule.getHandle(`sync:${integrationId}`).delete().catch(() => undefined);
      await Promise.all([worker.stop(), processes.stopAll()]);
      await native.close();
      await connection.close();
      await bookbridge.store.close();
      await zoho.close();
      await hector.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function callHector(url: string, method: string, path: string, fields?: Record<string, unknown>): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method, headers: { authorization: `Bearer ${defaultToken}`, 'content-type': 'application/json' },
    ...(fields !== undefined && { body: JSON.stringify(fields) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`Hector answered ${method} ${path} with ${response.status}: ${text}`);
  return text === '' ? {} : JSON.parse(text) as Record<string, unknown>;
}
