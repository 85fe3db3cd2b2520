import { isGrpcDeadlineError } from '@temporalio/client';
import { CommandError, exitCodes } from './command-error.ts';
import type { Bookbridge } from './open.ts';

/** So long Temporal may take for what it does at once where it is there. */
const ANSWER_WITHIN_MS = 5_000;

/**
 * Asks Temporal something, or has it begin something, without trying again and again where it is away. What waits for a run to end is no such thing.
 *
 * @throws CommandError where Temporal does not answer
 */
export async function promptly<Answer>({ temporal }: Pick<Bookbridge, 'temporal'>, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await temporal.withDeadline(Date.now() + ANSWER_WITHIN_MS, ask);
  } catch (error) {
    if (!isGrpcDeadlineError(error)) throw error;
    throw new CommandError('Temporal does not answer.', { exit: exitCodes.unreachable, remedy: 'Look at the Temporal server; what was under way goes on when it is back.', cause: error });
  }
}
