import { Context } from '@temporalio/activity';

/**
 * Tells Temporal, while a step works, that its worker lives. By a timer, because a step between two slow answers has nothing
 * to report and is alive all the same; what hangs is ended by the time-out of each call and of the step itself. It is by
 * heartbeats, too, that a step hears of its cancellation.
 */
export async function heartbeating<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const { heartbeatTimeoutMs } = context.info;
  if (heartbeatTimeoutMs === undefined) return work();
  const timer = setInterval(() => context.heartbeat(), heartbeatTimeoutMs / 4);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
