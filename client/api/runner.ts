import { setTimeout as delay } from 'node:timers/promises';
import type { Integration } from '../../store/types.ts';
import type { RunResult } from '../../workflows/messages.ts';
import type { Bookbridge } from '../open.ts';
import { promptly } from '../promptly.ts';
import { runUnderWay, type RunHandle } from '../runs.ts';
import type { Runner } from '../send.ts';
import { RefusedRequest } from './refusal.ts';

const BUSY_POLL_MS = 250;
const BUSY_RETRY_SECONDS = 10;

/**
 * Starts a run as soon as none is under way, and waits for it, but not for longer than the caller does.
 *
 * @returns a runner that gives null where the run goes on without the caller
 */
export function runnerWithin(bookbridge: Bookbridge, integration: Integration, waitMs: number): Runner {
  const endMs = Date.now() + waitMs;
  return async (start) => {
    for (;;) {
      const handle = await promptly(bookbridge, start);
      if (handle) return resultWithin(bookbridge, handle, endMs - Date.now());
      if (Date.now() >= endMs) {
        const running = await promptly(bookbridge, () => runUnderWay(bookbridge, integration.id));
        const since = running ? ` since ${new Date(running.startedMs).toISOString()}` : '';
        throw new RefusedRequest(409, { code: 'run-under-way', message: `Another run of ${integration.id} has been under way${since}, and nothing was started.`, remedy: 'Ask again when it has ended.' }, BUSY_RETRY_SECONDS);
      }
      await delay(Math.min(BUSY_POLL_MS, Math.max(0, endMs - Date.now())));
    }
  };
}

async function resultWithin({ temporal }: Pick<Bookbridge, 'temporal'>, handle: RunHandle, waitMs: number): Promise<RunResult | null> {
  if (waitMs <= 0) return null;
  const abandoned = new AbortController();
  const result = temporal.withAbortSignal(abandoned.signal, () => handle.result());
  // Where nobody waits any more, its failure is told by the status.
  result.catch(() => undefined);
  const patience = new AbortController();
  try {
    return await Promise.race([result, delay(waitMs, null, { signal: patience.signal })]);
  } finally {
    patience.abort();
    abandoned.abort();
  }
}
