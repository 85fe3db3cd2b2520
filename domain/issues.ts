import type { z } from 'zod';

/** What zod found, in words: each the field that is wrong, and how: `billing.email: Invalid input …`. */

export function firstIssue({ issues: [issue] }: z.ZodError): string {
  return issue ? describe(issue) : 'is not usable';
}

export function allIssues({ issues }: z.ZodError): string {
  return issues.map(describe).join('; ');
}

function describe({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}
