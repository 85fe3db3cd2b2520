import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { connectSystem } from '../../client/connect.ts';
import type { Bookbridge } from '../../client/open.ts';
import { pauseSchedule } from '../../client/runs.ts';
import type { Config } from '../../domain/config.ts';
import { pressAccept } from '../../scripts/person.ts';
import { startZohoSimulator, type ZohoSimulator } from '../../simulators/zoho/index.ts';
import type { ZohoOptions } from '../../simulators/zoho/options.ts';
import { openStore, type Store } from '../../store/store.ts';
import { createWorker } from '../../worker/worker.ts';
import { SELDOM_SECONDS } from './command-line.ts';
import { temporalEnvironment } from './temporal-environment.ts';
import { createWorkerProcesses, type WorkerProcess } from './worker-process.ts';

/** As in the product: simulators answer late where everything runs on one busy machine. */
const CALL_TIMEOUT_MS = 30_000;

/** A simulated Books, a store, a worker and a client: all of Bookbridge, with nothing connected to it yet. */
export interface Installation {
  readonly zoho: ZohoSimulator;
  readonly bookbridge: Bookbridge;
  /**
   * A person presses Save and Integrate, and then Accept. The schedule is paused: a test syncs when it wants to.
   *
   * @param setup the settings page, with the id of the integration
   */
  connect(kind: string, setup: Record<string, unknown>, options?: { remark?: (text: string) => void }): Promise<void>;
  /** Takes the worker down as a deployment does, and starts another. */
  restartWorker(): Promise<void>;
  /** A worker in a process of its own, beside the others. */
  startWorkerProcess(): Promise<WorkerProcess>;
  /** The database is lost; what stays is an empty one. */
  loseStore(): Promise<void>;
  stop(): Promise<void>;
}

export interface InstallationOptions {
  /** Of the simulated Zoho. */
  readonly zoho: ZohoOptions;
  /** Of the worker: whoever connects is as patient as always. */
  readonly callTimeoutMs?: number | undefined;
  /** Further configuration of worker and client. */
  readonly config?: Partial<Config> | undefined;
  /** False where a test has workers in processes of their own, and none in this one. */
  readonly worker?: boolean | undefined;
}

export async function startInstallation({ zoho: zohoOptions, callTimeoutMs = CALL_TIMEOUT_MS, config: configured = {}, worker: ownWorker = true }: InstallationOptions): Promise<Installation> {
  const environment = temporalEnvironment();
  const zoho = await startZohoSimulator(zohoOptions);
  const connection = await Connection.connect({ address: environment.address });
  const native = await NativeConnection.connect({ address: environment.address });
  const folder = await mkdtemp(join(tmpdir(), 'bookbridge-'));
  const key = randomBytes(32).toString('base64');
  let stores = 0;
  const databaseUrl = () => `sqlite:${join(folder, `store-${stores}.sqlite`)}`;
  const config: Config = {
    databaseUrl: '', key: '', taskQueue: environment.taskQueue, callTimeoutMs: CALL_TIMEOUT_MS, lanes: 4, zoho: { accountsUrl: zoho.url, apiUrl: zoho.url },
    smtp: null, noticeAfterMs: 600_000, historyDays: 180, webhooks: null, publicUrl: null, systemUrls: {}, apiToken: null, ...configured,
  };
  const temporal = new Client({ connection, namespace: environment.namespace });
  const open = async (): Promise<Bookbridge & { store: Store }> => ({
    config, temporal, store: await openStore({ url: databaseUrl(), key, now: Date.now }), close: () => Promise.resolve(),
  });
  let bookbridge = await open();
  const startWorker = async () => {
    if (!ownWorker) return { stop: () => Promise.resolve() };
    const worker = await createWorker({ connection: native, namespace: environment.namespace, config: { ...config, callTimeoutMs }, bundlePath: environment.bundlePath, store: bookbridge.store, now: Date.now });
    const ended = worker.run();
    return { stop: async () => { worker.shutdown(); await ended; } };
  };
  let worker = await startWorker();
  const processes = createWorkerProcesses(environment, () => ({
    DATABASE_URL: databaseUrl(), BOOKBRIDGE_KEY: key, BOOKBRIDGE_TASK_QUEUE: config.taskQueue,
    BOOKBRIDGE_CALL_TIMEOUT_MS: String(callTimeoutMs), ZOHO_ACCOUNTS_URL: zoho.url, ZOHO_API_URL: zoho.url,
  }));
  const connected = new Set<string>();
  return {
    zoho,
    get bookbridge() { return bookbridge; },
    async connect(kind, setup, options = {}) {
      // No sync by schedule begins before the schedule is paused.
      const id = await connectSystem(bookbridge, kind, { syncIntervalSeconds: SELDOM_SECONDS, ...setup }, { show: ({ authorizeUrl }) => void pressAccept(authorizeUrl), timeoutMs: 20_000, ...options });
      connected.add(id);
      await pauseSchedule(bookbridge, id, true, 'the test syncs');
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
      for (const id of connected) await temporal.schedule.getHandle(`sync:${id}`).delete().catch(() => undefined);
      await Promise.all([worker.stop(), processes.stopAll()]);
      await native.close();
      await connection.close();
      await bookbridge.store.close();
      await zoho.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
