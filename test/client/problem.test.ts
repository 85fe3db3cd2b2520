import { WorkflowFailedError } from '@temporalio/client';
import { RetryState } from '@temporalio/common';
import { expect, it } from 'vitest';
import { toFailure } from '../../activities/failures.ts';
import { reportProblem } from '../../client/problem.ts';
import { BookbridgeError, errorTable } from '../../domain/errors.ts';
import { wrongInput } from '../../domain/wrong-input.ts';

function report(error: unknown, json: boolean): { exit: number; text: string } {
  let text = '';
  const exit = reportProblem(error, { json, err: { write: (more) => { text += more; } } });
  return { exit, text };
}

it('what nobody foresaw comes with its stack, which is inside the JSON where JSON was asked for', () => {
  const error = new TypeError('no function');
  expect(report(error, false)).toEqual({ exit: 1, text: `error: Something happened that Bookbridge does not know. Report it with these lines:\n${error.stack}\n` });
  expect(JSON.parse(report(error, true).text)).toMatchObject({ error: { exit: 1, stack: error.stack } });
});

it('why a run failed comes with what to do apart from it, which is said once', () => {
  const { what, remedy } = errorTable['authorization-revoked'];
  const cause = toFailure(new BookbridgeError('authorization-revoked', { detail: 'Zoho said invalid_code' })) as Error;
  const error = new WorkflowFailedError('failed', cause, RetryState.NON_RETRYABLE_FAILURE);
  expect(report(error, false)).toEqual({ exit: 1, text: `error: The run failed. ${what} Zoho said invalid_code. ${remedy}\n` });
  expect(JSON.parse(report(error, true).text)).toEqual({ error: { code: 'authorization-revoked', message: `The run failed. ${what} Zoho said invalid_code.`, remedy, exit: 1 } });
});

it('several things at once come with what to do about all of them, and about each', () => {
  const error = wrongInput([{ field: 'BOOKBRIDGE_KEY', detail: 'is missing', remedy: 'Set it.' }, { field: 'DATABASE_URL', detail: 'is no address', remedy: 'Correct it.' }]);
  expect(report(error, false).text).toBe('error: 2 things are not as they must be, and nothing was done. Correct them, and start again:\n  - BOOKBRIDGE_KEY: is missing. Set it.\n  - DATABASE_URL: is no address. Correct it.\n');
  expect(JSON.parse(report(error, true).text)).toMatchObject({ error: { remedy: 'Correct them, and start again:', exit: 2 } });
});
