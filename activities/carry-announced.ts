import { recordOf } from './batch.ts';
import type { Deps } from './deps.ts';
import { carryOne, type DocumentRequest } from './documents.ts';
import { orPaused, type Pause } from './failures.ts';
import { pendingAmong, recordsIn } from './fetch-record.ts';
import { readReferences } from './fetch-references.ts';
import { moduleOf, withSession } from './session.ts';
import { innerOf, listingOf } from './sources.ts';

/**
 * Carries over what is pending of a record that was announced and of what came inside it, module by module: what is referred to before what
 * refers to it. Documents are left to their workflows. It can be repeated: what was carried over is not pending any more.
 */
export async function carryAnnounced(deps: Deps, request: DocumentRequest): Promise<{ pause: Pause | null }> {
  return withSession(deps, request.integrationId, 'document', async (session) => {
    const { integration, context, signal } = session;
    const { integrationId, side, resource, recordId: id } = request;
    const listing = listingOf(integration, moduleOf(integration, request.module), { side, resource }, context);
    const change = await deps.store.change(integrationId, { side, resource, id });
    if (!listing || !change) return { pause: null };
    const records = recordsIn(listing, id, change.deleted ? [] : innerOf(listing, [recordOf(change)], context));
    return orPaused<{ pause: Pause | null }>(async () => {
      for (const { name: module } of integration.modules.filter(({ document }) => document === null)) {
        // Looked up anew for each module: what waited for a record of the one before is pending now.
        for (const { id: recordId, ...at } of await pendingAmong(deps, session, records.filter((record) => record.module === module))) {
          signal.throwIfAborted();
          const wanted = { ...request, ...at, recordId };
          await readReferences(deps, session, wanted);
          await carryOne(deps, session, wanted);
        }
      }
      return { pause: null };
    }, (pause) => ({ pause }));
  });
}
