import type { RemoteRecord, Resource } from '../connectors/resource.ts';
import { BookbridgeError } from '../domain/errors.ts';
import type { Flow, IntegrationContext, Module, Within } from '../integrations/integration.ts';
import { integrationOf } from '../integrations/registry.ts';
import { addressText, otherSide, type Side } from '../store/types.ts';
import type { ReadRecord, Report } from '../store/reports.ts';
import type { Deps } from './deps.ts';
import { pauseOf, toFailure, type Pause } from './failures.ts';
import { unreadable, type Comparison } from './reconcile-findings.ts';
import { compareSource } from './reconcile-source.ts';
import { compareTarget } from './reconcile-target.ts';
import { moduleOf, withSession, type Session } from './session.ts';

/** One step of a reconciliation: a listing is read whole, or what was read of one resource is compared. */
export interface ReconcileStep {
  readonly kind: 'read' | 'compare-source' | 'compare-target';
  readonly module: string;
  /** Which of the module's flows, counted from 0; not for `read`. */
  readonly flow: number;
  readonly side: Side;
  readonly resource: string;
}

export interface ReconcileRequest {
  readonly integrationId: string;
  readonly reportId: string;
  /** Only this module; null: all. */
  readonly module: string | null;
}

export interface ReconcilePlan {
  readonly organizationId: string;
  readonly steps: readonly ReconcileStep[];
}

interface ReconcileStepRequest {
  readonly integrationId: string;
  readonly reportId: string;
  readonly step: ReconcileStep;
  /** Where to go on; null: at the beginning. */
  readonly place: string | null;
  /** Whether each record is read by its id too, because listings show less. */
  readonly everyField: boolean;
}

export interface ReconcileStepResult {
  readonly pause: Pause | null;
  /** Where to go on; null: the step is through. */
  readonly place: string | null;
  readonly read: number;
}

const BATCH_RECORDS = 100;
/** After this long the activity hands over to a fresh one, so that a worker can be replaced. */
const ACTIVITY_MAX_MS = 60_000;
/** A failure that passes is waited out for so long by a step that got somewhere. */
const RETRY_MS = 1_000;

/** Begins a report and says which steps lead to its end. */
export async function beginReconcile({ store }: Deps, { integrationId, reportId, module: only }: ReconcileRequest): Promise<ReconcilePlan> {
  try {
    const stored = await store.integrations.get(integrationId);
    const integration = integrationOf(stored.kind);
    const context = integration.readContext(stored.settings, stored.facts, stored.id);
    await store.reports.begin(reportId, integrationId);
    const modules = integration.modules.filter(({ name }) => only === null || name === only);
    return { organizationId: stored.organizationId, steps: modules.flatMap((module) => stepsOf(module, context)) };
  } catch (error) {
    throw toFailure(error);
  }
}

/** First every listing of the module, then each direction from both ends. */
function stepsOf(module: Module, context: IntegrationContext): ReconcileStep[] {
  const flows = module.flows.flatMap((flow, index) => {
    if (isReturned(module, flow, context)) return [];
    const at = (side: Side, resources: readonly string[]) => resources.map((resource) => ({ module: module.name, flow: index, side, resource }));
    return [{ sources: at(flow.side, flow.resources(context)), targets: at(otherSide(flow.side), flow.targets) }];
  });
  const listings = new Map(flows.flatMap(({ sources, targets }) => [...sources, ...targets]).map((step) => [`${step.side}/${step.resource}`, step]));
  return [
    ...[...listings.values()].map((step) => ({ ...step, kind: 'read' as const })),
    ...flows.flatMap(({ sources, targets }) => [
      ...sources.map((step) => ({ ...step, kind: 'compare-source' as const })),
      ...targets.map((step) => ({ ...step, kind: 'compare-target' as const })),
    ]),
  ];
}

/** What was carried over on request and is led by the other side from then on is compared on its way back. */
function isReturned(module: Module, { side, targets, onRequest }: Flow, context: IntegrationContext): boolean {
  return onRequest !== undefined && module.flows.some((back) => back.side !== side && targets.every((target) => back.resources(context).includes(target)));
}

/** Goes on with one step until it is through, the quota grants no call, or it has taken long enough. */
export async function reconcileStep(deps: Deps, request: ReconcileStepRequest): Promise<ReconcileStepResult> {
  return withSession(deps, request.integrationId, 'bulk', async (session) => {
    const { step, reportId, everyField } = request;
    const module = moduleOf(session.integration, step.module);
    const until = deps.now() + ACTIVITY_MAX_MS;
    const progress: Progress = { place: request.place, read: 0, isOver: () => session.signal.aborted || deps.now() > until };
    try {
      if (step.kind === 'read') await readWhole(deps, session, { reportId, module, step }, progress);
      else {
        const flow = module.flows[step.flow];
        if (!flow) throw new Error(`${module.name} has no flow ${step.flow}`);
        await compareAll({ deps, session, module, flow, reportId, everyField }, step, progress);
      }
      return { pause: null, place: progress.place, read: progress.read };
    } catch (error) {
      const pause = pauseOf(error) ?? (progress.place === request.place ? null : passing(error, deps.now()));
      if (!pause) throw error;
      return { pause, place: progress.place, read: progress.read };
    }
  });
}

/**
 * The pause after a failure that passes. Temporal repeats what is thrown from where it began, every page read since included, so only a step
 * that got nowhere throws it, and waits longer and longer.
 */
function passing(error: unknown, nowMs: number): Pause | null {
  return error instanceof BookbridgeError && error.action === 'retry' ? { resumeAtMs: nowMs + RETRY_MS, code: error.code } : null;
}

interface Progress {
  /** Null when the step is through, and before it has begun. */
  place: string | null;
  read: number;
  readonly isOver: () => boolean;
}

interface Listing {
  readonly reportId: string;
  readonly module: Module;
  readonly step: ReconcileStep;
}

async function readWhole({ store }: Pick<Deps, 'store'>, session: Session, { reportId, module, step }: Listing, progress: Progress): Promise<void> {
  const { side, resource: name } = step;
  const flow = module.flows.find((candidate) => candidate.side !== side && candidate.targets.includes(name));
  const inner = module.flows.find((candidate) => candidate.within && candidate.side === side && candidate.resources(session.context).includes(name));
  if (inner?.within) return readInner({ store }, session, { reportId, module, step }, inner.within, progress);
  const { connectors } = session;
  // Only what this integration writes carries its keys.
  const target = flow ? connectors[side].writable(name) : null;
  const resource: Resource = target ?? connectors[side].readable(name);
  do {
    const page = await resource.list({ since: null, page: progress.place });
    const records = page.records.filter(({ deleted }) => deleted !== true).map((record): ReadRecord => ({
      side, resource: name, id: record.id, data: record.data, key: target?.keyOf(record) ?? null, identity: identityOf(flow, record),
    }));
    await store.reports.addRecords(reportId, module.name, records);
    await store.reports.addFindings(reportId, page.unreadable.map(({ id, detail }) => unreadable(module, { side, resource: name, id }, detail)));
    progress.read += records.length;
    progress.place = page.next;
  } while (progress.place !== null && !progress.isOver());
}

/** What comes inside others' records has no listing of its own, and its newest version is the one that is stored. */
async function readInner({ store }: Pick<Deps, 'store'>, { connectors, context, stored }: Session, { reportId, module, step }: Listing, within: Within, progress: Progress): Promise<void> {
  const { side, resource } = step;
  do {
    const page = await connectors[side].readable(within.resource).list({ since: null, page: progress.place });
    const found = page.records.filter(({ deleted }) => deleted !== true).flatMap((outer) => within.records(outer, context));
    const newest = await store.records(stored.id, found.map(({ id }) => ({ side, resource, id })));
    await store.reports.addRecords(reportId, module.name, found.map(({ id, data }): ReadRecord => ({
      side, resource, id, data: newest.get(addressText({ side, resource, id })) ?? data, key: null, identity: null,
    })));
    progress.read += found.length;
    progress.place = page.next;
  } while (progress.place !== null && !progress.isOver());
}

function identityOf(flow: Flow | undefined, { data }: RemoteRecord): string | null {
  const value = flow?.identifiedBy === undefined ? null : data[flow.identifiedBy];
  return typeof value === 'string' && value !== '' ? value : null;
}

async function compareAll(comparison: Comparison, step: ReconcileStep, progress: Progress): Promise<void> {
  const { deps: { store }, reportId, module } = comparison;
  const compareBatch = step.kind === 'compare-source' ? compareSource : compareTarget;
  for (;;) {
    const records = await store.reports.records(reportId, { module: module.name, side: step.side, resource: step.resource }, Number(progress.place ?? 0), BATCH_RECORDS);
    if (records.length === 0) {
      progress.place = null;
      return;
    }
    for await (const { record, result, findings } of compareBatch(comparison, records)) {
      await store.reports.addFindings(reportId, findings);
      if (result) await store.reports.addResult(reportId, record, result);
      progress.place = String(record.position);
      progress.read += 1;
      if (progress.isOver()) return;
    }
  }
}

/** Ends a report and counts what was found. */
export async function endReconcile({ store }: Deps, { reportId, state }: { readonly reportId: string; readonly state: 'completed' | 'failed' }): Promise<Report> {
  return store.reports.end(reportId, state);
}
