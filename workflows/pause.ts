import { sleep, upsertSearchAttributes } from '@temporalio/workflow';
import type { Pause } from '../activities/failures.ts';
import { searchAttributes } from './search-attributes.ts';

/** Waiting shorter than this is not worth a word to the operator. */
const SILENT_MS = 1_000;

const reasons: Record<string, string> = {
  'limit-minute': 'Books allows no call',
  'limit-day': 'Books allows no call today',
  'limit-share': 'the rest of the calls is kept for invoices',
  'limit-concurrent': 'as many calls are under way as allowed',
  'limit-token': 'Zoho gives no access token',
};

/** What a pause says to a person, for instance "Books allows no call until 14:05:00 UTC". */
export function describePause({ code, resumeAtMs }: Pause): string {
  return `${reasons[code] ?? 'waits to try again'} until ${new Date(resumeAtMs).toISOString().slice(11, 19)} UTC`;
}

/** Sleeps on a durable timer until the pause ends; the timer carries its reason. */
async function waitOut(pause: Pause): Promise<void> {
  const forMs = Math.max(pause.resumeAtMs - Date.now(), 1);
  if (forMs > SILENT_MS) upsertSearchAttributes([{ key: searchAttributes.state, value: 'paused' }]);
  await sleep(forMs, { summary: describePause(pause) });
  if (forMs > SILENT_MS) upsertSearchAttributes([{ key: searchAttributes.state, value: 'running' }]);
}

interface Watch {
  /** Told of each pause before it begins. */
  readonly onPause: (pause: Pause) => void;
  /** Told when it is over; may begin a fresh history. */
  readonly onResume?: () => Promise<void>;
}

/** Repeats a step until it is through, waiting out every limit it meets. */
export async function throughLimits<Result extends { readonly pause: Pause | null }>(step: () => Promise<Result>, { onPause, onResume }: Watch): Promise<Result> {
  for (;;) {
    const result = await step();
    if (result.pause === null) return result;
    onPause(result.pause);
    await waitOut(result.pause);
    await onResume?.();
  }
}
