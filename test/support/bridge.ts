import { randomBytes } from 'node:crypto';
import type { Bookbridge } from '../../client/open.ts';
import type { Config } from '../../domain/config.ts';
import { startImport, startSync } from '../../client/runs.ts';
import { hectorSetup } from '../../scripts/setup.ts';
import { makeLoaners, readBooks, readHector } from '../../scripts/simulated.ts';
import { findDifferences } from '../../scripts/verify.ts';
import { expectedBooks, loadDataSet, type DataSet } from '../../simulators/data/index.ts';
import { defaultToken, startHectorSimulator } from '../../simulators/hector/index.ts';
import { organizationFrom } from '../../simulators/zoho/from-data.ts';
import type { ZohoOptions } from '../../simulators/zoho/options.ts';
import type { ZohoSimulator } from '../../simulators/zoho/index.ts';
import type { Simulator } from '../../simulators/kit/simulator.ts';
import type { RunResult } from '../../workflows/messages.ts';
import { startInstallation, type Installation } from './installation.ts';
import type { WorkerProcess } from './worker-process.ts';

/** Two simulated systems, a store, a worker and a client: all of Bookbridge in one test. */
export interface Bridge {
  /** What another system may be connected to as well. */
  readonly installation: Installation;
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

export async function startBridge({ data = null, limits, tokenLifeMs, organization, zoho: zohoOptions, ...options }: BridgeOptions = {}): Promise<Bridge> {
  const dataSet = typeof data === 'object' && data !== null ? data : await loadDataSet(data);
  const hector = await startHectorSimulator({ dataSet });
  const installation = await startInstallation({
    ...options,
    zoho: {
      ...zohoOptions,
      organizations: [{ ...organizationFrom(dataSet.books), ...organization }],
      limits: limits ?? { minute: null, block: null, concurrent: null },
      ...(tokenLifeMs !== undefined && { tokenLifeMs }),
    },
  });
  const { zoho } = installation;
  const integrationId = `hector-${randomBytes(3).toString('hex')}`;
  return {
    installation, zoho, hector, dataSet, integrationId,
    get bookbridge() { return installation.bookbridge; },
    async connect(settings = {}, setup = {}, more = {}) {
      const page = hectorSetup({ id: integrationId, dataSet, hectorUrl: hector.url, zohoState: zoho.state(), settings });
      await installation.connect('hector', { ...page, ...setup }, more);
    },
    startImport: async () => (await startImport(installation.bookbridge, integrationId)).result(),
    sync: async () => (await startSync(installation.bookbridge, integrationId)).result(),
    makeLoaners: (count) => makeLoaners(hector.url, count === undefined ? {} : { count }),
    inHector: (method, path, fields) => callHector(hector.url, method, path, fields),
    async differences() {
      const [books, there] = await Promise.all([readBooks(zoho.url, dataSet.books.organization.id), readHector(hector.url)]);
      return findDifferences(expectedBooks(dataSet), books, there);
    },
    restartWorker: () => installation.restartWorker(),
    startWorkerProcess: () => installation.startWorkerProcess(),
    loseStore: () => installation.loseStore(),
    async stop() {
      await installation.stop();
      await hector.close();
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
