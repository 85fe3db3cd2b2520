import { BookbridgeError } from '../domain/errors.ts';
import type { Flow, IntegrationContext, Module } from '../integrations/integration.ts';
import { integrationOf } from '../integrations/registry.ts';
import type { Integration } from '../store/types.ts';
import type { RecordRef, RunResult } from '../workflows/messages.ts';
import { usageError } from './command-error.ts';
import { expectActive, expectDone, expectImported } from './expectations.ts';
import type { Bookbridge } from './open.ts';
import { refreshPartners } from './partners.ts';
import { recordsById, type RecordRow } from './records.ts';
import { startSyncAlone, type RunHandle } from './runs.ts';

/** Has a run started as soon as none is under way, and waits for it; null: it was started, and nobody waits. */
export type Runner = (start: () => Promise<RunHandle | null>) => Promise<RunResult | null>;

/** What became of one record that a person named. */
export interface Named {
  readonly id: string;
  /** Why it could not be done: a code of the error table; null: it was done. */
  readonly refused: string | null;
  /** How the record is now; null: there is no such record. */
  readonly record: RecordRow | null;
}

/**
 * Reads records anew and carries them over, whether or not anything about them is new: creates what is made of them, or updates it. Those
 * that are left to a person are carried over too, and those that were withdrawn.
 *
 * @returns null where the run was only started
 * @throws CommandError where the integration does not run, or has no such module; BookbridgeError `settings-invalid` where the settings do not allow it
 */
export async function sendRecords(bookbridge: Bookbridge, integration: Integration, { module: name, ids }: NamedRecords, runner: Runner): Promise<Named[] | null> {
  expectRuns(integration);
  const { id: integrationId } = integration;
  const { asked, single, refused } = await sort(bookbridge, integration, name, ids);
  for (const flow of new Set(asked.map(({ flow }) => flow))) flow?.onRequest?.check(contextOf(integration));
  if (asked.length > 0) {
    const result = await runner(() => startSyncAlone(bookbridge, { integrationId, module: name, request: { ids: asked.map(({ id }) => id) } }));
    if (!result) return null;
    for (const [id, code] of refusedBy(result)) refused.set(id, code);
  }
  for (const record of single) {
    const result = await runner(() => startSyncAlone(bookbridge, { integrationId, module: name, record }));
    if (!result) return null;
    expectDone(result);
    if (result.recordFound === false) refused.set(record.recordId, 'record-missing');
  }
  return tell(bookbridge, integration, { module: name, ids }, refused);
}

/**
 * Deletes on the other side what was made of some records. They are not carried over again until a person sends them.
 *
 * @returns null where the run was only started
 * @throws CommandError where the integration does not run, has no such module, or deletes nothing of it
 */
export async function deleteRecords(bookbridge: Bookbridge, integration: Integration, { module, ids }: NamedRecords, runner: Runner): Promise<Named[] | null> {
  expectRuns(integration);
  expectDeletable(integration, module);
  const result = await runner(() => startSyncAlone(bookbridge, { integrationId: integration.id, module, withdraw: { ids } }));
  return result && tell(bookbridge, integration, { module, ids }, refusedBy(result), { looks: false });
}

/** Whether everything was done for a record: it was not refused, and is in no state that a person must mend. */
export function isThrough({ refused, record }: Named): boolean {
  return refused === null && record?.state !== 'failed' && record?.state !== 'waiting';
}

interface NamedRecords {
  readonly module: string;
  readonly ids: readonly string[];
}

function expectRuns(integration: Integration): void {
  expectActive(integration);
  expectImported(integration);
}

/** @throws CommandError where nothing that is made of the records of a module is ever deleted */
export function expectDeletable({ id, kind }: Pick<Integration, 'id' | 'kind'>, name: string): void {
  if (moduleOf(kind, name).flows.some(({ mayDelete }) => mayDelete !== undefined)) return;
  const others = integrationOf(kind).modules.filter(({ flows }) => flows.some(({ mayDelete }) => mayDelete !== undefined)).map((module) => module.name);
  throw usageError(`Nothing that ${id} makes of ${name} is deleted by command.`, others.length > 0 ? `It is of: ${others.join(', ')}.` : 'Delete it in the other system.');
}

function contextOf({ id, kind, settings, facts }: Integration): IntegrationContext {
  return integrationOf(kind).readContext(settings, facts, id);
}

function moduleOf(kind: string, name: string): Module {
  const module = integrationOf(kind).modules.find((one) => one.name === name);
  if (!module) throw new Error(`${kind} has no module ${name}`);
  return module;
}

interface Sorted {
  /** Carried over by one run: they are left to a person, so a run can be asked for them. */
  readonly asked: readonly { readonly id: string; readonly flow: Flow | undefined }[];
  /** Each carried over by a run of its own, which reads it by its id. */
  readonly single: readonly RecordRef[];
  readonly refused: Map<string, string>;
}

/** Sorts records by how they are carried over: by what is known of them, else by the only place there is for them. */
async function sort(bookbridge: Bookbridge, integration: Integration, module: string, ids: readonly string[]): Promise<Sorted> {
  const context = contextOf(integration);
  const places = moduleOf(integration.kind, module).flows.flatMap((flow) => flow.resources(context).map((resource) => ({ side: flow.side, resource, flow })));
  const { stored } = await recordsById(bookbridge, integration, module, ids);
  const asked: { id: string; flow: Flow | undefined }[] = [];
  const single: RecordRef[] = [];
  const refused = new Map<string, string>();
  for (const id of ids) {
    const known = stored.find((record) => record.id === id);
    const candidates = known ? places.filter(({ side, resource }) => side === known.side && resource === known.resource) : places;
    const onRequest = candidates.find(({ flow }) => flow.onRequest !== undefined);
    const [place, ...others] = candidates;
    if (onRequest) asked.push({ id, flow: onRequest.flow });
    else if (place && others.length === 0) single.push({ side: place.side, resource: place.resource, recordId: id });
    else refused.set(id, 'record-missing');
  }
  return { asked, single, refused };
}

function refusedBy(result: RunResult): Map<string, string> {
  expectDone(result);
  return new Map((result.requested ?? result.withdrawn)?.refused.map(({ id, code }) => [id, code]));
}

/** @param looks whether the other side is asked how what was made is now: one call for each */
async function tell(bookbridge: Bookbridge, integration: Integration, { module, ids }: NamedRecords, refused: ReadonlyMap<string, string>, { looks = true } = {}): Promise<Named[]> {
  const before = await recordsById(bookbridge, integration, module, ids);
  if (looks) await lookAt(bookbridge, integration, before.stored);
  const { records } = looks ? await recordsById(bookbridge, integration, module, ids) : before;
  return ids.map((id) => ({ id, refused: refused.get(id) ?? null, record: records.find((record) => record.id === id) ?? null }));
}

/** What was made is made, whether or not it can be looked at now. */
async function lookAt(bookbridge: Bookbridge, integration: Integration, stored: Awaited<ReturnType<typeof recordsById>>['stored']): Promise<void> {
  try {
    await refreshPartners(bookbridge, integration, stored);
  } catch (error) {
    if (!(error instanceof BookbridgeError)) throw error;
  }
}
