import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import type { SearchAttributeType } from '@temporalio/common';
import type { SearchAttributeKey } from '@temporalio/common/lib/search-attributes.js';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { freePort } from './free-port.ts';
import type { Processes, RunningProcess } from './processes.ts';
import { findTemporal } from './temporal-cli.ts';

const startAttempts = 3;
const connectMs = 2_000;
const uiMs = 20_000;
/** SERVING in the gRPC health protocol. */
const servingStatus = 1;

/**
 * Settings of the server that a default one lacks. Priorities and fairness are off by default; order and pace are exact
 * only with one partition per task queue; and a single-shard server polls its queues only 20 times a second unless
 * told otherwise, which makes every step of a workflow take 100 ms. One that reads the search attributes from its database
 * with every call that names any says that there is no such namespace where the database, on a busy machine, takes 3 seconds.
 */
const dynamicConfig = {
  'matching.useNewMatcher': true,
  'matching.enableFairness': true,
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  'history.transferProcessorMaxPollRPS': 2000,
  'history.timerProcessorMaxPollRPS': 2000,
  'system.forceSearchAttributesCacheRefreshOnRead': false,
};

/** How the `temporal` program calls the types. */
const typeNames: Record<SearchAttributeType, string> = {
  TEXT: 'Text',
  KEYWORD: 'Keyword',
  INT: 'Int',
  DOUBLE: 'Double',
  BOOL: 'Bool',
  DATETIME: 'Datetime',
  KEYWORD_LIST: 'KeywordList',
};

export interface TemporalServerOptions {
  /** Starts the server and writes its log (`temporal.log`). */
  readonly processes: Processes;
  /** The search attributes that workflows set; registered at its start, they need not be waited for. */
  readonly searchAttributes: readonly SearchAttributeKey<SearchAttributeType>[];
  /** Workflows survive a restart in this file; without one they live as long as the server. */
  readonly dbFile?: string;
  /** Port of the gRPC service; a free one by default. */
  readonly port?: number;
  /** Port of the Temporal UI; a free one by default. */
  readonly uiPort?: number;
  /** Whether the Temporal UI is served; true by default. */
  readonly ui?: boolean;
  /** Namespaces beyond `default`. */
  readonly namespaces?: readonly string[];
  /** Told about what takes time, line by line. */
  readonly log: (line: string) => void;
}

export interface TemporalServer {
  /** Host and port of the gRPC service. */
  readonly address: string;
  /** Address of the Temporal UI; null when there is none, or none is known. */
  readonly uiUrl: string | null;
  readonly namespace: string;
  /** False when the server was there before, at TEMPORAL_ADDRESS. */
  readonly started: boolean;
  /** Ends the server if it was started here. */
  stop(): Promise<void>;
}

/**
 * Gives a Temporal server that answers: the one at TEMPORAL_ADDRESS if that is set (with the other variables of
 * Temporal's environment configuration, and its UI at TEMPORAL_UI_URL), else one that is started on free ports.
 *
 * @throws ProcessError when the server does not start; Error when none can be found, or the given one does not answer
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const given = process.env['TEMPORAL_ADDRESS'];
  if (given !== undefined && given !== '') return useServer(given);
  const program = await findTemporal({ log: options.log });
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(program.command, options);
    } catch (error) {
      // Another process may have taken one of the ports in the meantime.
      const isPortTaken = error instanceof Error && /address already in use/.test(error.message);
      if (!isPortTaken || attempt === startAttempts || options.port !== undefined) throw error;
    }
  }
}

async function useServer(address: string): Promise<TemporalServer> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const { tls, apiKey, metadata } = connectionOptions;
  let connection;
  try {
    connection = await Connection.connect({
      address,
      connectTimeout: '5s',
      ...(tls === undefined || tls === null ? {} : { tls }),
      ...(typeof apiKey === 'string' ? { apiKey } : {}),
      ...(metadata === undefined ? {} : { metadata }),
    });
  } catch (error) {
    throw new Error(`The Temporal server at TEMPORAL_ADDRESS (${address}) does not answer. Start it, or unset TEMPORAL_ADDRESS to have one started.`, { cause: error });
  }
  await connection.close();
  return { address, uiUrl: process.env['TEMPORAL_UI_URL'] ?? null, namespace, started: false, stop: async () => {} };
}

async function start(command: string, options: TemporalServerOptions): Promise<TemporalServer> {
  const port = options.port ?? (await freePort());
  const uiPort = options.ui === false ? null : (options.uiPort ?? (await freePort()));
  const address = `127.0.0.1:${port}`;
  const running = await options.processes.start({
    name: 'temporal',
    command: [command, ...serverArguments(options, port, uiPort)],
    env: { TEMPORAL_ADDRESS: undefined, TEMPORAL_NAMESPACE: undefined },
    ready: async () => ((await isServing(address)) ? true : undefined),
  });
  return {
    address,
    uiUrl: uiPort === null ? null : await answeringUi(`http://127.0.0.1:${uiPort}`, running, options.log),
    namespace: 'default',
    started: true,
    stop: () => running.stop(),
  };
}

function serverArguments(options: TemporalServerOptions, port: number, uiPort: number | null): string[] {
  const each = (flag: string, values: readonly string[]): string[] => values.flatMap((value) => [flag, value]);
  return [
    'server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'warn',
    ...(uiPort === null ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...(options.dbFile === undefined ? [] : ['--db-filename', options.dbFile]),
    ...each('--namespace', options.namespaces ?? []),
    ...each('--search-attribute', options.searchAttributes.map(({ name, type }) => `${name}=${typeNames[type]}`)),
    ...each('--dynamic-config-value', Object.entries(dynamicConfig).map(([key, value]) => `${key}=${value}`)),
  ];
}

async function isServing(address: string): Promise<boolean> {
  let connection;
  try {
    connection = await Connection.connect({ address, connectTimeout: connectMs });
    const { status } = await connection.healthService.check({ service: 'temporal.api.workflowservice.v1.WorkflowService' });
    await connection.workflowService.describeNamespace({ namespace: 'default' });
    return Object.is(status, servingStatus);
  } catch {
    return false;
  } finally {
    await connection?.close();
  }
}

async function answeringUi(url: string, server: RunningProcess<unknown>, log: (line: string) => void): Promise<string | null> {
  const deadline = performance.now() + uiMs;
  while (performance.now() < deadline) {
    const response = await fetch(url, { signal: AbortSignal.timeout(connectMs) }).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok === true) return url;
    await delay(100);
  }
  log(`The Temporal UI does not answer at ${url}; see ${server.logFile}.`);
  return null;
}
