import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor, type ConnectionOptions } from '@temporalio/client';
import type { Bookbridge } from './open.ts';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];

/** Temporal may be there, but slow: only to say when a schedule is due, it takes up to four seconds when it has to look whether its run has ended. */
const ANSWER_WITHIN_MS = 30_000;
/** Some three seconds, where Temporal is away and every attempt fails at once; its client's own ten take twenty. */
const PROMPT_ATTEMPTS = 6;

const patient = makeGrpcRetryInterceptor(defaultGrpcRetryOptions());
const prompt = makeGrpcRetryInterceptor(defaultGrpcRetryOptions({ maxAttempts: PROMPT_ATTEMPTS }));

/** Tries again what Temporal did not answer, and less often where somebody waits for it: such a call has a deadline. */
export const tryingAgain: Interceptor = (options, nextCall) => (options.deadline === undefined ? patient : prompt)(options, nextCall);

/**
 * Asks Temporal something, or has it begin something: patiently where it is there, and without trying again and again where it is away.
 * What waits for a run to end is no such thing.
 *
 * @param ask one thing after the other, so that nothing is still tried when the first one has failed
 * @throws an error of gRPC, or one caused by it, where Temporal does not answer
 */
export function promptly<Answer>({ temporal }: Pick<Bookbridge, 'temporal'>, ask: () => Promise<Answer>): Promise<Answer> {
  return temporal.withDeadline(Date.now() + ANSWER_WITHIN_MS, ask);
}
