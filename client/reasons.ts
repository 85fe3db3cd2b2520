import { errorTable } from '../domain/errors.ts';

/** What happened and what to do, in words; empty where the table does not know the code. */
export function explain(code: string | null): { readonly what: string; readonly remedy: string } {
  const entries: Readonly<Record<string, { readonly what: string; readonly remedy: string }>> = errorTable;
  return (code === null ? undefined : entries[code]) ?? { what: '', remedy: '' };
}

export const reasonCodes = Object.keys(errorTable) as (keyof typeof errorTable)[];
