import { setTimeout as delay } from 'node:timers/promises';
import { isGrpcDeadlineError } from '@temporalio/client';
import { CommandError, exitCodes } from './command-error.ts';
import type { Bookbridge } from './open.ts';

/** After so long without an answer, it is seen whether Temporal is there at all; again and again, as it may go away meanwhile. */
const LOOK_EVERY_MS = 2_000;
/** So long Temporal may take to say that it is there. */
const THERE_WITHIN_MS = 3_000;
/** So long it may take for all else where it is: only to say when a schedule is due, it takes up to four seconds when it has to look whether its run has ended. */
const ANSWER_WITHIN_MS = 30_000;

/**
 * Asks Temporal something, or has it begin something: patiently where it is there, and without trying again and again where it is away.
 * What waits for a run to end is no such thing.
 *
 * @throws CommandError where Temporal does not answer
 */
export async function promptly<Answer>({ temporal }: Pick<Bookbridge, 'temporal'>, ask: () => Promise<Answer>): Promise<Answer> {
  const answered = new AbortController();
  try {
    // What Temporal's client still tries when its absence is noticed ends at the deadline.
    return await Promise.race([temporal.withDeadline(Date.now() + ANSWER_WITHIN_MS, ask), absenceOf(temporal, answered.signal)]);
  } catch (error) {
    if (!(error instanceof Absence) && !isGrpcDeadlineError(error)) throw error;
    throw new CommandError('Temporal does not answer.', { exit: exitCodes.unreachable, remedy: 'Look at the Temporal server; what was under way goes on when it is back.', cause: error });
  } finally {
    answered.abort();
  }
}

class Absence extends Error {}

/**
 * @param unwanted once nobody wants to know it any longer
 * @throws Absence as soon as Temporal is away
 */
async function absenceOf(temporal: Bookbridge['temporal'], unwanted: AbortSignal): Promise<never> {
  for (;;) {
    await delay(LOOK_EVERY_MS, undefined, { signal: unwanted });
    try {
      await temporal.withDeadline(Date.now() + THERE_WITHIN_MS, () => temporal.workflowService.getSystemInfo({}));
    } catch (cause) {
      throw new Absence('Temporal is away', { cause });
    }
  }
}
