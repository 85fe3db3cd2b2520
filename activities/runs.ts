import type { RunCounts } from '../store/types.ts';
import { errorTable, type ErrorCode } from '../domain/errors.ts';
import type { Store } from '../store/store.ts';
import type { Deps } from './deps.ts';
import { pauseOf, toFailure, type Pause } from './failures.ts';
import { sourcesOf, withSession } from './session.ts';
import { integrationOf } from '../integrations/registry.ts';

export interface RunRequest {
  readonly integrationId: string;
  readonly runId: string;
  readonly kind: 'initialImport' | 'sync';
}

/** What a run is to do: a workflow reads it as its table of contents. */
export interface RunPlan {
  readonly kind: string;
  readonly organizationId: string;
  /** Why there is nothing to do now; null: go ahead. */
  readonly idle: string | null;
  readonly modules: readonly ModulePlan[];
}

export interface ModulePlan {
  readonly name: string;
  /** How many resources it reads. */
  readonly sources: number;
  /** The workflow that carries each of its records; null: in bulk. */
  readonly document: string | null;
}

/** Begins a run, unless the integration is not to run now. */
export async function beginRun({ store }: Deps, request: RunRequest): Promise<RunPlan> {
  try {
    const stored = await store.integrations.get(request.integrationId);
    const integration = integrationOf(stored.kind);
    const context = integration.readContext(stored.settings, stored.facts, stored.id);
    // A run that has begun ends, also where the integration is paused before it goes on in a fresh history.
    const begun = await store.runs.get(request.runId);
    const idle = begun ? null : idleReason(stored.state, request.kind === 'sync' && stored.importedAtMs === null);
    if (idle === null && !begun) {
      await retryPassing(store, stored.id);
      await store.runs.begin({ id: request.runId, integrationId: stored.id, kind: request.kind });
    }
    const modules = integration.modules.map((module) => ({ name: module.name, sources: sourcesOf(module, context).length, document: module.document }));
    return { kind: stored.kind, organizationId: stored.organizationId, idle, modules };
  } catch (error) {
    throw toFailure(error);
  }
}

/** A system that was down for longer than a run tries for must leave nothing behind: what failed because of it is tried again. */
async function retryPassing(store: Store, integrationId: string): Promise<void> {
  const codes = Object.entries(errorTable).flatMap(([code, { action }]) => (action === 'retry' ? [code as ErrorCode] : []));
  for (const code of codes) await store.operations.retry(integrationId, { by: 'reason', code });
}

function idleReason(state: 'active' | 'paused' | 'disabled', importing: boolean): string | null {
  if (state !== 'active') return `The integration is ${state}.`;
  return importing ? 'The initial import has not ended yet.' : null;
}

/** Makes sure that what the modules rely on exists, such as the attribute of the calculation type. */
export async function prepare(deps: Deps, { integrationId }: RunRequest): Promise<{ pause: Pause | null }> {
  return withSession(deps, integrationId, 'bulk', async ({ integration, context, connectors }) => {
    try {
      for (const { side, resource, key, fields } of integration.prerequisites(context)) {
        await connectors[side].writable(resource).upsert(key, fields);
      }
      return { pause: null };
    } catch (error) {
      const pause = pauseOf(error);
      if (pause) return { pause };
      throw error;
    }
  });
}

export async function endRun({ store, now }: Deps, request: RunRequest & { readonly state: 'completed' | 'failed' | 'cancelled' }): Promise<RunCounts> {
  await store.runs.end(request.runId, request.state);
  if (request.state === 'completed') await store.notices.end(request.integrationId, null);
  if (request.kind === 'initialImport' && request.state === 'completed') await store.integrations.markImported(request.integrationId, now());
  return store.runs.counts(request.runId);
}

/** What a run did so far: outcomes by module. */
export async function runCounts({ store }: Deps, { runId }: RunRequest): Promise<RunCounts> {
  return store.runs.counts(runId);
}
