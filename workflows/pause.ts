import { sleep, upsertSearchAttributes } from '@temporalio/workflow';
import type { HAND_OVER as handOver, Pause } from '../activities/failures.ts';
import { systemTitle } from '../domain/systems.ts';
import { searchAttributes } from './search-attributes.ts';
import { watchLimits } from './stops.ts';

/**
 * A pause shorter than this changes no search attribute: the limit of a minute is over before anybody has searched for it, and
 * two changes for each would be half of what a long import costs in Temporal. Timer and current details show every pause.
 */
const SILENT_MS = 120_000;
/** Who is told again and again that too many calls are under way, or to go on at a time that has passed, asks less and less often. */
const BUSY_FIRST_MS = 250;
const BUSY_MAX_MS = 10_000;

/** What a step says that has worked for long and hands over to a fresh one. */
const HAND_OVER: typeof handOver = 'hand-over';

/** Zoho's systems as people call them. */
const names: Record<string, string> = { 'zoho-books': 'Books', 'zoho-accounts': 'Zoho' };

const reasons: Record<string, string> = {
  'limit-minute': 'allows no call',
  'limit-day': 'allows no call today',
  'limit-share': 'the rest of the calls is kept for single documents',
  'limit-concurrent': 'as many calls are under way as allowed',
  'limit-token': 'Zoho gives no access token',
};

/** What a pause says to a person, for instance "Books allows no call until 14:05:00 UTC". */
export function describePause({ code, resumeAtMs, system = 'zoho-books' }: Pause): string {
  const reason = reasons[code] ?? 'waits to try again';
  const subject = code === 'limit-minute' || code === 'limit-day' ? `${names[system] ?? systemTitle(system)} ` : '';
  return `${subject}${reason} until ${new Date(resumeAtMs).toISOString().slice(11, 19)} UTC`;
}

/** Sleeps on a durable timer until the pause ends; the timer carries its reason. */
async function waitOut(pause: Pause): Promise<void> {
  const forMs = Math.max(pause.resumeAtMs - Date.now(), 1);
  if (forMs > SILENT_MS) upsertSearchAttributes([{ key: searchAttributes.state, value: 'paused' }]);
  await sleep(forMs, { summary: describePause(pause) });
  if (forMs > SILENT_MS) upsertSearchAttributes([{ key: searchAttributes.state, value: 'running' }]);
}

export interface Watch {
  readonly integrationId: string;
  /** Told of each pause before it begins. */
  readonly onPause: (pause: Pause) => void;
  /** Told when it is over; may begin a fresh history, unless a person was told of a stop and it has to be noted when it ends. */
  readonly onResume?: (mayBeginAfresh: boolean) => Promise<void>;
}

interface StepResult {
  readonly pause: Pause | null;
  /** Of a step that goes through many records: how many it read, how many it wrote. */
  readonly read?: number;
  readonly carried?: number;
}

/** Repeats a step until it is through, waiting out every limit it meets. */
export async function throughLimits<Result extends StepResult>(step: () => Promise<Result>, { integrationId, onPause, onResume }: Watch): Promise<Result> {
  const limits = watchLimits(integrationId);
  let busy = 0;
  for (;;) {
    const result = await step();
    if (gotSomewhere(result)) await limits.goesOn();
    if (result.pause === null) return result;
    if (result.pause.code === HAND_OVER) {
      await onResume?.(!limits.isOpen());
      continue;
    }
    busy = isBusy(result, result.pause) ? busy + 1 : 0;
    const pause = busy > 1 ? longer(result.pause, busy) : result.pause;
    onPause(pause);
    await limits.pauses(pause);
    await waitOut(pause);
    await onResume?.(!limits.isOpen());
  }
}

/** Whether a call went through that a limit might have stopped. */
function gotSomewhere({ pause, read = 0, carried = 0 }: StepResult): boolean {
  return pause === null || read > 0 || carried > 0;
}

/** Whether a pause says nothing of when to ask again. One is over before it begins where the clock of a worker is behind Temporal's. */
function isBusy(result: StepResult, { code, resumeAtMs }: Pause): boolean {
  return code === 'limit-concurrent' || (resumeAtMs <= Date.now() && !gotSomewhere(result));
}

function longer(pause: Pause, times: number): Pause {
  return { ...pause, resumeAtMs: Math.max(pause.resumeAtMs, Date.now()) + Math.min(BUSY_FIRST_MS * 2 ** (times - 1), BUSY_MAX_MS) };
}
