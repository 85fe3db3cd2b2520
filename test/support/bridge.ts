import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { connectHector } from '../../client/connect-hector.ts';
import type { Bookbridge } from '../../client/open.ts';
import { startImport, startSync } from '../../client/runs.ts';
import { pressAccept } from '../../scripts/person.ts';
import { hectorSetup } from '../../scripts/setup.ts';
import { loadDataSet, type DataSet } from '../../simulators/data/index.ts';
import { startHectorSimulator } from '../../simulators/hector/index.ts';
import { organizationFrom } from '../../simulators/zoho/from-data.ts';
import { startZohoSimulator, type ZohoSimulator } from '../../simulators/zoho/index.ts';
import type { Simulator } from '../../simulators/kit/simulator.ts';
import { openStore } from '../../store/store.ts';
import type { RunResult } from '../../workflows/messages.ts';
import { createWorker } from '../../worker/worker.ts';
import { temporalEnvironment } from './temporal-environment.ts';

/** Two simulated systems, a store, a worker and a client: all of Bookbridge in one test. */
export interface Bridge {
  readonly zoho: ZohoSimulator;
  readonly hector: Simulator;
  readonly dataSet: DataSet;
  readonly bookbridge: Bookbridge;
  readonly integrationId: string;
  /** A person presses Save and Integrate, and then Accept. */
  connect(settings?: Record<string, unknown>): Promise<void>;
  startImport(): Promise<RunResult>;
  sync(): Promise<RunResult>;
  /** The planned loaners of the data set happen. */
  makeLoaners(count?: number): Promise<void>;
  /** Takes the worker down as a crash or a deployment does, and starts another. */
  restartWorker(): Promise<void>;
  stop(): Promise<void>;
}

interface BridgeOptions {
  readonly data?: string | DataSet | null;
  readonly limits?: NonNullable<Parameters<typeof startZohoSimulator>[0]>['limits'];
  readonly tokenLifeMs?: number;
  readonly callTimeoutMs?: number;
}

export async function startBridge({ data = null, limits, tokenLifeMs, callTimeoutMs = 5_000 }: BridgeOptions = {}): Promise<Bridge> {
  const environment = temporalEnvironment();
  const dataSet = typeof data === 'object' && data !== null ? data : await loadDataSet(data);
  const zoho = await startZohoSimulator({
    organizations: [organizationFrom(dataSet.books)],
    limits: limits ?? { minute: null, block: null, concurrent: null },
    ...(tokenLifeMs !== undefined && { tokenLifeMs }),
  });
  const hector = await startHectorSimulator({ dataSet });
  const folder = await mkdtemp(join(tmpdir(), 'bookbridge-'));
  const store = await openStore({ url: `sqlite:${join(folder, 'store.sqlite')}`, key: randomBytes(32).toString('base64'), now: Date.now });
  const connection = await Connection.connect({ address: environment.address });
  const native = await NativeConnection.connect({ address: environment.address });
  const config = {
    databaseUrl: '', key: '', taskQueue: environment.taskQueue, callTimeoutMs, lanes: 4,
    zoho: { accountsUrl: zoho.url, apiUrl: zoho.url },
  };
  const bookbridge: Bookbridge = {
    config, store, temporal: new Client({ connection, namespace: environment.namespace }), close: () => Promise.resolve(),
  };
  const integrationId = `hector-${randomBytes(3).toString('hex')}`;
  const startWorker = async () => {
    const worker = await createWorker({ connection: native, namespace: environment.namespace, config, bundlePath: environment.bundlePath, store, now: Date.now });
    const ended = worker.run();
    return { stop: async () => { worker.shutdown(); await ended; } };
  };
  let worker = await startWorker();
  return {
    zoho, hector, dataSet, bookbridge, integrationId,
    async connect(settings = {}) {
      const setup = hectorSetup({ id: integrationId, dataSet, hectorUrl: hector.url, zohoState: zoho.state(), settings });
      await connectHector(bookbridge, setup, { show: ({ authorizeUrl }) => void pressAccept(authorizeUrl), timeoutMs: 20_000 });
    },
    startImport: async () => (await startImport(bookbridge, integrationId)).result(),
    sync: async () => (await startSync(bookbridge, integrationId)).result(),
    async makeLoaners(count) {
      const response = await fetch(`${hector.url}/_simulator/loaners`, { method: 'POST', body: JSON.stringify(count === undefined ? {} : { count }) });
      if (!response.ok) throw new Error(await response.text());
    },
    async restartWorker() {
      await worker.stop();
      worker = await startWorker();
    },
    async stop() {
      await bookbridge.temporal.schedule.getHandle(`sync:${integrationId}`).delete().catch(() => undefined);
      await worker.stop();
      await native.close();
      await connection.close();
      await store.close();
      await zoho.close();
      await hector.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
