import { errorTable, type ErrorCode } from '../domain/errors.ts';
import type { Store } from '../store/store.ts';

/** How the engine goes on after an error. */
export type Behaviour = (typeof errorTable)[ErrorCode];

/**
 * Has everything tried again that failed for some reasons of the error table.
 *
 * @param by whether a person's doing is behind it: then what is believed for a while is looked at anew
 */
export async function retryReasons(store: Store, integrationId: string, isMeant: (code: ErrorCode, behaviour: Behaviour) => boolean, by: 'person' | 'clock'): Promise<void> {
  for (const [code, behaviour] of Object.entries(errorTable) as [ErrorCode, Behaviour][]) {
    if (isMeant(code, behaviour)) await store.operations.retry(integrationId, { by: 'reason', code }, by);
  }
}
