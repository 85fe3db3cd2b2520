import { expect, test } from 'vitest';
import { z } from 'zod';
import { allIssues, firstIssue } from '../../domain/issues.ts';

const { error } = z.strictObject({ billing: z.object({ email: z.string() }), total: z.number() }).safeParse({ billing: {}, total: 'x', colour: 1 });
const { error: whole } = z.object({}).safeParse(null);

test('each thing that is wrong is named with its field, and what is wrong as a whole without one', () => {
  const email = 'billing.email: Invalid input: expected string, received undefined';
  expect(error && firstIssue(error)).toBe(email);
  expect(error && allIssues(error)).toBe(`${email}; total: Invalid input: expected number, received string; Unrecognized key: "colour"`);
  expect(whole && firstIssue(whole)).toBe('Invalid input: expected object, received null');
});
