import { z } from 'zod';
import { createProcesses, jsonLine, nodeCommand } from '../../scripts/processes.ts';
import type { TemporalEnvironment } from './temporal-environment.ts';

/** A worker in a process of its own. */
export interface WorkerProcess {
  /** Ends it between two instructions, as a power cut does. */
  kill(): Promise<void>;
  /** Ends it as a deployment does. */
  stop(): Promise<void>;
}

export interface WorkerProcesses {
  start(): Promise<WorkerProcess>;
  stopAll(): Promise<void>;
}

const ready = z.object({ worker: z.string() });
const GRACE_MS = 20_000;

/** @param env variables of the next worker, beside those of Temporal */
export function createWorkerProcesses({ address, namespace, logFolder }: TemporalEnvironment, env: () => Record<string, string>): WorkerProcesses {
  // A worker that is killed ends unexpectedly, as it should.
  const processes = createProcesses(logFolder, () => undefined);
  let started = 0;
  return {
    async start() {
      started += 1;
      const running = await processes.start({
        name: `worker-${namespace}-${process.pid}-${started}`, command: nodeCommand('worker/main.ts'), ready: jsonLine(ready), graceMs: GRACE_MS,
        env: { ...env(), TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace },
      });
      return {
        stop: () => running.stop(),
        async kill() {
          process.kill(-running.pid, 'SIGKILL');
          await running.ended;
        },
      };
    },
    stopAll: () => processes.stopAll(),
  };
}
