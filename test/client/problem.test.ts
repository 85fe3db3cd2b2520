import { expect, it } from 'vitest';
import { reportProblem } from '../../client/problem.ts';

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
