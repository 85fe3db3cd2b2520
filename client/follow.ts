import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseUnavailable } from '../store/unavailable.ts';
import { progressQuery, type Progress as RunProgress, type RunResult } from '../workflows/messages.ts';
import { CommandError, exitCodes } from './command-error.ts';
import type { Bookbridge } from './open.ts';
import { commandFor } from './print.ts';
import { showProgress, type Progress } from './progress.ts';
import { explain } from './reasons.ts';
import { describeRetrying } from './run-report.ts';
import { countWorkers, retryingOf, type Retrying, type RunHandle } from './runs.ts';
import type { Output } from './terminal.ts';
import { clock } from './time.ts';

const POLL_MS = 300;
/** A query is answered by a worker: where none is free in this time, the next look will do. */
const QUERY_MS = 2_000;
/** How often it is looked whether there is a worker at all, and whether a step fails again and again. */
const HEALTH_EVERY_MS = 5_000;

interface Followed {
  readonly integrationId: string;
  readonly handle: RunHandle;
  /** Modules the run goes through, in order. */
  readonly modules: readonly string[];
}

/** What a person is told who presses Ctrl-C. */
export interface Interrupted {
  /** What becomes of what was waited for. */
  readonly left: string;
  readonly remedy: string;
}

const goesOn = (integrationId: string): Interrupted => ({ left: 'The run goes on without this command.', remedy: `See how far it is: ${commandFor(integrationId, 'status')}` });

/**
 * Shows how far a run is until it ends.
 *
 * @param out where the bars are drawn; null: nothing is shown
 * @param interrupted what a person is told who presses Ctrl-C; absent: that it is the run they asked for that goes on
 * @throws WorkflowFailedError where the run fails; CommandError on Ctrl-C, which leaves the run under way
 */
export async function follow(bookbridge: Bookbridge, run: Followed, out: Output | null, interrupted = goesOn(run.integrationId)): Promise<RunResult> {
  const progress = out === null ? null : showProgress(out);
  const workers = createWorkerWatch(bookbridge, (line) => progress?.line(line));
  const retrying = nowAndThen(async () => retryingOf(await run.handle.describe()));
  const look = throughOutages(async () => show(bookbridge, run, { progress, now: await progressOf(bookbridge, run.handle, await workers()), retrying: await retrying(), ended: null }), (line) => progress?.line(line));
  try {
    const ended = await awaitEnd(bookbridge, run.handle, look, interrupted);
    await show(bookbridge, run, { progress, now: await progressOf(bookbridge, run.handle, 1), retrying: null, ended });
    return ended;
  } finally {
    progress?.finish();
  }
}

/**
 * Waits for a workflow to end, and looks now and then how far it is.
 *
 * @throws WorkflowFailedError where it fails; CommandError on Ctrl-C, which leaves it under way
 */
export async function awaitEnd<Ended extends object>({ temporal }: Bookbridge, handle: { result(): Promise<Ended> }, look: () => Promise<void>, { left, remedy }: Interrupted): Promise<Ended> {
  const interruption = new AbortController();
  const { signal } = interruption;
  const interrupt = () => interruption.abort();
  process.once('SIGINT', interrupt);
  // Else the poll for the result would hold the process for as long as the server holds the poll.
  const result = temporal.withAbortSignal(signal, () => handle.result());
  // Awaited below; until then a failure must not count as unhandled.
  result.catch(() => undefined);
  try {
    for (;;) {
      const ended = await Promise.race([result, delay(POLL_MS, null, { signal })]);
      if (ended) return ended;
      await temporal.withAbortSignal(signal, look);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new CommandError(left, { exit: exitCodes.interrupted, remedy });
  } finally {
    process.off('SIGINT', interrupt);
  }
}

/** A look that a database which is away does not end: Temporal tells how the run ends. It is said once each time it goes away. */
function throughOutages(look: () => Promise<void>, say: (line: string) => void): () => Promise<void> {
  let isAway = false;
  return async () => {
    try {
      await look();
      isAway = false;
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable)) throw error;
      if (!isAway) say(`${error.message}. The end of the run is waited for all the same.`);
      isAway = true;
    }
  };
}

interface Shown {
  readonly progress: Progress | null;
  readonly now: RunProgress | null;
  readonly retrying: Retrying | null;
  readonly ended: RunResult | null;
}

/** A bar for each module that the run has come to. */
async function show({ store }: Bookbridge, { integrationId, modules }: Followed, { progress, now, retrying, ended }: Shown): Promise<void> {
  if (!progress || ended?.idle) return;
  const runId = ended?.runId ?? now?.runId;
  if (runId === undefined) return;
  const counts = ended?.counts ?? (await store.runs.counts(runId));
  const here = now?.module ?? (retrying && now?.step === 'preparing' ? modules[0] : undefined);
  const reached = ended ? modules.length : modules.indexOf(here ?? '') + 1;
  for (const module of modules.slice(0, reached)) {
    const done = Object.values(counts[module] ?? {}).reduce((sum, count) => sum + count, 0);
    const isHere = !ended && now !== null && module === here;
    const { count } = ended ? { count: 0 } : await store.pendingSummary(integrationId, module);
    const note = isHere ? noteOf(now, retrying) : '';
    progress.update(module, { done, total: isHere && now.step !== 'carrying' ? null : done + (isHere ? count : 0), note });
  }
}

function noteOf({ step, pause }: RunProgress, retrying: Retrying | null): string {
  if (pause) return `waits until ${clock(pause.resumeAtMs)}: ${explain(pause.code).what || pause.text}`;
  if (retrying) return describeRetrying(retrying);
  return step === 'reading' ? 'reading' : '';
}

/** What the run is doing; null where nobody answers. */
export async function progressOf({ temporal }: Bookbridge, handle: RunHandle, workers: number): Promise<RunProgress | null> {
  if (workers === 0) return null;
  try {
    return await temporal.withDeadline(Date.now() + QUERY_MS, () => handle.query(progressQuery));
  } catch {
    return null;
  }
}

/** Looks now and then whether there is a worker, and says so once where there is none. */
export function createWorkerWatch(bookbridge: Bookbridge, say: (line: string) => void): () => Promise<number> {
  const workers = nowAndThen(() => countWorkers(bookbridge));
  let said = false;
  return async () => {
    const count = await workers();
    if (count === 0 && !said) say(noWorker(bookbridge));
    said ||= count === 0;
    return count;
  };
}

/** Looks no more often than every few seconds; in between, what was seen last is believed. */
function nowAndThen<Seen>(look: () => Promise<Seen>): () => Promise<Seen> {
  let last: { readonly seen: Seen; readonly atMs: number } | null = null;
  return async () => {
    if (last === null || Date.now() - last.atMs >= HEALTH_EVERY_MS) last = { seen: await look(), atMs: Date.now() };
    return last.seen;
  };
}

/** What a person is told who waits for work that nobody takes. */
export function noWorker({ config }: Bookbridge): string {
  return `No worker takes work of the task queue "${config.taskQueue}". Start one: bookbridge worker`;
}
