import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { BookbridgeError, errorTable } from '../domain/errors.ts';

/**
 * What Temporal is told of an error: whether to repeat the activity, and for a person what happened and what to do.
 *
 * @param error whatever was thrown; what is not ours is passed on, and Temporal repeats it
 */
export function toFailure(error: unknown): unknown {
  if (!(error instanceof BookbridgeError)) return error;
  const { what, remedy } = errorTable[error.code];
  const retry = error.action === 'retry' || error.action === 'wait';
  return ApplicationFailure.create({
    type: error.code,
    message: `${what} ${error.detail}. ${remedy}`,
    nonRetryable: !retry,
    cause: error,
    ...(retry && { category: ApplicationFailureCategory.BENIGN }),
    ...(error.resumeAtMs !== undefined && { nextRetryDelay: Math.max(0, error.resumeAtMs - Date.now()) }),
  });
}

/** Why a step stopped before its end, and when it can go on. */
export interface Pause {
  readonly resumeAtMs: number;
  readonly code: string;
  /** Whose limit it is; absent where none is. */
  readonly system?: string;
  /** How long a stop must be for a person to be told of it, milliseconds: workflows read no configuration. */
  readonly noticeAfterMs?: number;
}

/** The code of a step that worked for long and hands over to a fresh one: nothing is waited for. */
export const HAND_OVER = 'hand-over';

/**
 * A step that stops where a limit does: what it comes to, or what it came to until then.
 *
 * @param paused makes the result of a pause
 * @throws whatever the step throws that asks for no pause
 */
export async function orPaused<Result>(step: () => Promise<Result>, paused: (pause: Pause) => Result): Promise<Result> {
  try {
    return await step();
  } catch (error) {
    const pause = pauseOf(error);
    if (!pause) throw error;
    return paused(pause);
  }
}

/** The pause an error asks for, or null where it is another kind of error. */
export function pauseOf(error: unknown): Pause | null {
  if (!(error instanceof BookbridgeError) || error.action !== 'wait' || error.resumeAtMs === undefined) return null;
  return { resumeAtMs: error.resumeAtMs, code: error.code, ...(error.system !== undefined && { system: error.system }) };
}
