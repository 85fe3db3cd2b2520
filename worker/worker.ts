import { setTimeout as sleep } from 'node:timers/promises';
import { Worker, type NativeConnection } from '@temporalio/worker';
import { createActivities } from '../activities/index.ts';
import { createHttp } from '../connectors/http.ts';
import { createMailer } from '../connectors/mail.ts';
import type { Config } from '../domain/config.ts';
import type { Store } from '../store/store.ts';
import { ensureSearchAttributes } from './search-attributes.ts';

interface WorkerRequest {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly config: Pick<Config, 'taskQueue' | 'callTimeoutMs' | 'lanes' | 'smtp' | 'noticeAfterMs' | 'historyDays'>;
  /** The bundled workflows (bundle.ts). */
  readonly bundlePath: string;
  readonly store: Store;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A call that has begun is allowed to end before the worker does; what it did not begin, another worker takes. */
const SHUTDOWN_GRACE = '15 seconds';
/** Heartbeats are how a step hears that it has been cancelled, so they are not held back for long. */
const HEARTBEAT_EVERY = '4 seconds';
const DAY_MS = 86_400_000;
/** Activities at once: what the store and one organization's concurrency can use. More would only be refused by the quota. */
const ACTIVITIES_MAX = 12;
/** Workflows that are kept between two of their steps; what does not fit is replayed from its history. */
const WORKFLOWS_MAX = 200;

/** A worker that hosts all workflows and activities on one task queue. */
export async function createWorker({ connection, namespace, config, bundlePath, store, now }: WorkerRequest): Promise<Worker> {
  await ensureSearchAttributes(connection, namespace);
  return Worker.create({
    connection, namespace, taskQueue: config.taskQueue, workflowBundle: { codePath: bundlePath },
    activities: createActivities({
      store, now, lanes: config.lanes, noticeAfterMs: config.noticeAfterMs, historyMs: config.historyDays * DAY_MS,
      mail: config.smtp && createMailer(config.smtp),
      sleep: (ms) => sleep(ms),
      http: (signal) => createHttp({ timeoutMs: config.callTimeoutMs, signal }),
    }),
    maxConcurrentActivityTaskExecutions: ACTIVITIES_MAX,
    maxCachedWorkflows: WORKFLOWS_MAX,
    shutdownGraceTime: SHUTDOWN_GRACE,
    maxHeartbeatThrottleInterval: HEARTBEAT_EVERY,
  });
}
