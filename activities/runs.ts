import type { JsonObject } from '../domain/json.ts';
import type { Integration, Module } from '../integrations/integration.ts';
import { integrationOf } from '../integrations/registry.ts';
import type { Store } from '../store/store.ts';
import type { RunCounts } from '../store/types.ts';
import type { Deps } from './deps.ts';
import { orPaused, toFailure, type Pause } from './failures.ts';
import { isJudged } from './judge-anew.ts';
import { retryReasons } from './retry-reasons.ts';
import { withSession } from './session.ts';
import { listingsOf, modulesFor } from './sources.ts';

export interface RunRequest {
  readonly integrationId: string;
  readonly runId: string;
  readonly kind: 'initialImport' | 'sync';
}

export interface BeginRequest extends RunRequest {
  /** Only this module and what belongs to it; null: all. */
  readonly module: string | null;
  /** Whether nothing is read nor carried over: the run has only its module. */
  readonly isAlone: boolean;
}

/** What a run is to do: a workflow reads it as its table of contents. */
export interface RunPlan {
  readonly kind: string;
  readonly organizationId: string;
  /** Why there is nothing to do now; null: go ahead. */
  readonly idle: string | null;
  /** Whether what is stored is to be judged anew before anything else, because the settings have changed. */
  readonly judgesAnew: boolean;
  /** In dependency order. */
  readonly modules: readonly ModulePlan[];
}

export interface ModulePlan {
  readonly name: string;
  /** How many listings it reads. */
  readonly sources: number;
  /** The workflow that carries each of its records; null: in bulk. */
  readonly document: Module['document'];
}

/** Begins a run, unless the integration is not to run now. */
export async function beginRun({ store }: Deps, request: BeginRequest): Promise<RunPlan> {
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
    const judgesAnew = idle === null && !(await isJudged(store, stored, integration, context));
    const modules = modulesOf(integration, request).map((module) => ({ name: module.name, sources: listingsOf(integration, module, context).length, document: module.document }));
    return { kind: stored.kind, organizationId: stored.organizationId, idle, judgesAnew, modules };
  } catch (error) {
    throw toFailure(error);
  }
}

function modulesOf(integration: Integration, { module: only, isAlone }: BeginRequest): readonly Module[] {
  if (only === null) return integration.modules;
  return isAlone ? integration.modules.filter(({ name }) => name === only) : modulesFor(integration, only);
}

/** A system that was down for longer than a run tries for must leave nothing behind: what failed because of it is tried again. */
async function retryPassing(store: Store, integrationId: string): Promise<void> {
  await retryReasons(store, integrationId, (_code, { action }) => action === 'retry', 'clock');
}

function idleReason(state: 'active' | 'paused' | 'disabled', importing: boolean): string | null {
  if (state !== 'active') return `The integration is ${state}.`;
  return importing ? 'The initial import has not ended yet.' : null;
}

/** Makes sure that what the modules rely on exists, such as the attribute of the calculation type. */
export async function prepare(deps: Deps, { integrationId }: RunRequest): Promise<{ pause: Pause | null }> {
  return withSession(deps, integrationId, 'bulk', async ({ integration, context, connectors }) => {
    return orPaused<{ pause: Pause | null }>(async () => {
      for (const { side, resource, key, fields } of integration.prerequisites(context)) {
        const writable = connectors[side].writable(resource);
        const { record } = await writable.upsert(key, {}, fields);
        const completed = completedLists(record.data, fields);
        if (Object.keys(completed).length > 0) await writable.update(record.id, completed);
      }
      return { pause: null };
    }, (pause) => ({ pause }));
  });
}

/** The lists of a record that lack something, with it behind what a person has made of them. */
function completedLists(record: JsonObject, wanted: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(wanted).flatMap(([field, values]) => {
    const present = record[field];
    if (!Array.isArray(values) || !Array.isArray(present)) return [];
    const lacking = values.filter((value) => !present.includes(value));
    return lacking.length === 0 ? [] : [[field, [...present, ...lacking]]];
  }));
}

/** Ends a run, and deletes a little of what is older than anybody wants to know. */
export async function endRun({ store, now, historyMs }: Deps, request: RunRequest & { readonly state: 'completed' | 'failed' | 'cancelled' }): Promise<RunCounts> {
  await store.runs.end(request.runId, request.state);
  if (historyMs !== undefined) await prune(store, request.integrationId, now() - historyMs);
  if (request.state === 'completed') await store.notices.end(request.integrationId, null);
  if (request.kind === 'initialImport' && request.state === 'completed') await store.integrations.markImported(request.integrationId, now());
  return store.runs.counts(request.runId);
}

/** What is paused or disabled ends no run of its own: each run does it for one of those as well, whichever that is, so that each has its turn. */
async function prune(store: Store, integrationId: string, beforeMs: number): Promise<void> {
  await store.runs.prune(integrationId, beforeMs);
  const resting = (await store.integrations.list()).filter(({ id, state }) => id !== integrationId && state !== 'active');
  const one = resting[Math.floor(Math.random() * resting.length)];
  if (one) await store.runs.prune(one.id, beforeMs);
}

/** What a run did so far: outcomes by module. */
export async function runCounts({ store }: Deps, { runId }: RunRequest): Promise<RunCounts> {
  return store.runs.counts(runId);
}
