import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { openBookbridge, type Bookbridge } from '../client/open.ts';
import { searchAttributes } from '../workflows/search-attributes.ts';
import { workflowBundle } from '../worker/bundle.ts';
import { createLogFolder } from './logs.ts';
import { createProcesses, jsonLine, nodeCommand, type Processes } from './processes.ts';
import { startTemporalServer, type TemporalServer } from './temporal-server.ts';

interface SystemsOptions {
  /** `.bookbridge` of the checkout. */
  readonly folder: string;
  /** Data set for the simulators; null: the built-in one. */
  readonly dataFile: string | null;
  /** Limits of the simulated Books, as its control route takes them. */
  readonly booksLimits: unknown;
  /** Life of an access token, milliseconds. */
  readonly tokenLifeMs: number;
  /** Ports that were asked for; all others are free ones. */
  readonly ports: { readonly [system in 'temporal' | 'ui' | SimulatorName]?: number | undefined };
  readonly log: (line: string) => void;
  readonly onUnexpectedEnd: (message: string) => void;
}

/** Everything a run talks to, each in a process of its own. */
export interface Systems {
  readonly temporal: TemporalServer;
  readonly zohoUrl: string;
  readonly hectorUrl: string;
  readonly shopUrl: string;
  readonly bookbridge: Bookbridge;
  /** Where the worker listens for webhooks. */
  readonly webhookUrl: string;
  readonly logFolder: string;
  /** Shell file with the environment of these systems: after `. FILE`, every command works with them. */
  readonly envFile: string;
  /** Ends every process and removes what the run stored. */
  stop(): Promise<void>;
}

type SimulatorName = 'zoho' | 'hector' | 'woocommerce';

const simulatorReady = z.object({ simulator: z.string(), url: z.url() });
const workerReady = z.object({ worker: z.string(), webhooks: z.url() });

/**
 * Starts a Temporal server, the simulators and a worker.
 *
 * @throws ProcessError when one of them does not start
 */
export async function startSystems(options: SystemsOptions): Promise<Systems> {
  const logFolder = createLogFolder(join(options.folder, 'logs'));
  const storeFolder = join(options.folder, `store-${process.pid}`);
  mkdirSync(storeFolder, { recursive: true });
  const processes = createProcesses(logFolder, (error) => options.onUnexpectedEnd(error.message));
  const stop = async () => {
    await processes.stopAll();
    rmSync(storeFolder, { recursive: true, force: true });
  };
  try {
    const [temporal, zohoUrl, hectorUrl, shopUrl] = await Promise.all([
      startTemporalServer({
        processes, log: options.log, searchAttributes: Object.values(searchAttributes),
        ...(options.ports.temporal !== undefined && { port: options.ports.temporal }),
        ...(options.ports.ui !== undefined && { uiPort: options.ports.ui }),
      }),
      startSimulator(processes, 'zoho', options, ['--limits', JSON.stringify(options.booksLimits), '--token-life', String(options.tokenLifeMs)]),
      startSimulator(processes, 'hector', options, []),
      startSimulator(processes, 'woocommerce', options, []),
      // The worker finds it made, and is up a second earlier.
      workflowBundle(),
    ]);
    const env = {
      TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace,
      DATABASE_URL: `sqlite:${join(storeFolder, 'bookbridge.sqlite')}`,
      BOOKBRIDGE_KEY: randomBytes(32).toString('base64'),
      BOOKBRIDGE_TASK_QUEUE: `bookbridge-${process.pid}`,
      ZOHO_ACCOUNTS_URL: zohoUrl, ZOHO_API_URL: zohoUrl,
    };
    Object.assign(process.env, env);
    const envFile = join(storeFolder, 'env');
    writeFileSync(envFile, Object.entries(env).map(([name, value]) => `export ${name}='${value.replaceAll("'", String.raw`'\\''`)}'\n`).join(''), { mode: 0o600 });
    const bookbridge = await openBookbridge(process.env);
    const worker = await processes.start({ name: 'worker', command: nodeCommand('worker/main.ts'), env: { ...env, BOOKBRIDGE_WEBHOOK_PORT: '0' }, ready: jsonLine(workerReady), graceMs: 20_000 });
    return { temporal, zohoUrl, hectorUrl, shopUrl, bookbridge, webhookUrl: worker.ready.webhooks, logFolder, envFile, stop: async () => { await bookbridge.close(); await stop(); } };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startSimulator(processes: Processes, name: SimulatorName, { dataFile, ports }: SystemsOptions, more: string[]): Promise<string> {
  const args = [name, '--port', String(ports[name] ?? 0), ...(dataFile === null ? [] : ['--data', dataFile]), ...more];
  const running = await processes.start({ name, command: nodeCommand('scripts/simulator.ts', ...args), ready: jsonLine(simulatorReady) });
  return running.ready.url;
}
