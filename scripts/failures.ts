import { errorTable, type ErrorCode } from '../domain/errors.ts';
import type { Store } from '../store/store.ts';

const SHOWN_MAX = 20;

/** What did not get through, each with its reason and what to do about it. */
export async function explainFailures(store: Store, integrationId: string) {
  const failures = await store.failures(integrationId, SHOWN_MAX);
  return failures.map((failure) => ({ ...failure, remedy: failure.code === null ? '' : remedyOf(failure.code) }));
}

function remedyOf(code: ErrorCode): string {
  return errorTable[code].remedy;
}
