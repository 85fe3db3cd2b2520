import type { Flow, IntegrationContext, Module } from '../integrations/integration.ts';
import { integrationOf } from '../integrations/registry.ts';
import type { Integration } from '../store/types.ts';
import type { RecordRef, RunResult } from '../workflows/messages.ts';
import { usageError } from './command-error.ts';
import { expectActive, expectDone, expectImported } from './expectations.ts';
import { lookAt, type Looked } from './looked.ts';
import type { Bookbridge } from './open.ts';
import { recordsById, type RecordRow } from './records.ts';
import { startSyncAlone, type RunHandle } from './runs.ts';
import { isGone } from './sent-report.ts';

/** Has a run started as soon as none is under way, and waits for it; null: it was started, and nobody waits. */
export type Runner = (start: () => Promise<RunHandle | null>) => Promise<RunResult | null>;

/** What became of one record that a person named. */
export interface Named {
  readonly id: string;
  /** Why it could not be done: a code of the error table; null: it was done. */
  readonly refused: string | null;
  /** How the record is now; null: there is no such record. */
  readonly record: RecordRow | null;
  /** What the other side has of it; null: nobody looked. */
  readonly looked: Looked | null;
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
  const runIds: string[] = [];
  for (const flow of new Set(asked.map(({ flow }) => flow))) flow?.onRequest?.check(contextOf(integration));
  if (asked.length > 0) {
    const result = await runner(() => startSyncAlone(bookbridge, { integrationId, module: name, request: { ids: asked.map(({ id }) => id) } }));
    if (!result) return null;
    for (const [id, code] of refusedBy(integration, result)) refused.set(id, code);
    runIds.push(result.runId);
  }
  for (const record of single) {
    const result = await runner(() => startSyncAlone(bookbridge, { integrationId, module: name, record }));
    if (!result) return null;
    expectDone(integration, result);
    if (result.recordFound === false) refused.set(record.recordId, 'record-missing');
    runIds.push(result.runId);
  }
  return tell(bookbridge, integration, { module: name, ids }, { refused, looked: await lookAt(bookbridge, integration, { module: name, ids, runIds }) });
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
  return result && tell(bookbridge, integration, { module, ids }, { refused: refusedBy(integration, result) });
}

/** Whether everything was done for a record: it was not refused, and is in no state that a person must mend. */
export function isThrough({ refused, record }: Named): boolean {
  return refused === null && record?.state !== 'failed' && record?.state !== 'waiting';
}

/** Whether it is also known to be on the other side. */
export function isSeen({ record, looked }: Named): boolean {
  return !looked?.reason && !(record && isGone(record));
}

/** By the ids of the records. */
interface Outcomes {
  readonly refused?: ReadonlyMap<string, string>;
  readonly looked?: ReadonlyMap<string, Looked>;
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

/** @throws CommandError where several records need a run each: there is one at a time, so only the first would be started */
export function expectOneRun({ kind }: Pick<Integration, 'kind'>, name: string, ids: readonly string[]): void {
  if (ids.length === 1 || moduleOf(kind, name).flows.every(({ onRequest }) => onRequest !== undefined)) return;
  throw usageError(`Of ${name}, only one record at a time can be sent with --no-wait.`, 'Send them without it, and they are sent one after the other.');
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

function refusedBy(integration: Integration, result: RunResult): Map<string, string> {
  expectDone(integration, result);
  return new Map((result.requested ?? result.withdrawn)?.refused.map(({ id, code }) => [id, code]));
}

/** How the records that a person named are now. */
export async function tell(bookbridge: Bookbridge, integration: Integration, { module, ids }: NamedRecords, { refused = new Map(), looked = new Map() }: Outcomes): Promise<Named[]> {
  const { records } = await recordsById(bookbridge, integration, module, ids);
  return ids.map((id) => ({ id, refused: refused.get(id) ?? null, record: records.find((record) => record.id === id) ?? null, looked: looked.get(id) ?? null }));
}
