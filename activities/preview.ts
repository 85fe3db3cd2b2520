import { BookbridgeError, type ErrorCode } from '../domain/errors.ts';
import type { Flow, Known, Module, Write } from '../integrations/integration.ts';
import type { Store } from '../store/store.ts';
import { addressText, otherSide, type Change, type Ending, type Finding, type Link } from '../store/types.ts';
import { addressOf, bareLink, prepareBatch, recordOf, type Prepared } from './batch.ts';
import type { Deps } from './deps.ts';
import { judge, mapRecord } from './judge.ts';
import { createMatcher, type Candidate, type Matcher } from './matcher.ts';
import { isMatched, readPartners } from './partners.ts';
import { patientConnectors, type Patience } from './patience.ts';
import { readKept, readListing } from './pull.ts';
import { openSession, type Session } from './session.ts';
import { listingsOf, placesOf } from './sources.ts';

/** What the initial import would do with the records of one module. */
export interface ModulePreview {
  readonly module: string;
  readonly counts: PreviewCounts;
  /** Why records would be left out or fail, and how many of them. */
  readonly reasons: readonly { readonly code: ErrorCode | null; readonly count: number }[];
  /** Some of each, in the order in which they would be carried over. */
  readonly examples: PreviewExamples;
}

interface PreviewCounts {
  /** Linked already. */
  linked: number;
  /** Would be linked with a record that is there. */
  link: number;
  create: number;
  ambiguous: number;
  /** Would be left out, or would fail. */
  leftOut: number;
  /** Would be carried over only where a person asks for them. */
  onRequest: number;
}

interface Named {
  readonly resource: string;
  readonly id: string;
  /** What a person calls it; empty where it has no name on the other side. */
  readonly name: string;
}

interface LeftOut {
  readonly resource: string;
  readonly id: string;
  readonly code: ErrorCode | null;
  readonly detail: string;
}

interface PreviewExamples {
  readonly link: (Named & { readonly partner: Candidate })[];
  readonly create: Named[];
  readonly ambiguous: (Named & { readonly candidates: readonly Candidate[]; readonly rivalIds: readonly string[] })[];
  readonly leftOut: LeftOut[];
  readonly onRequest: Pick<Named, 'resource' | 'id'>[];
}

interface PreviewOptions {
  readonly integrationId: string;
  /** Where what is read is kept meanwhile: an empty store, thrown away by the caller. */
  readonly scratch: Store;
  readonly signal: AbortSignal;
  /** Most examples of each kind and module. */
  readonly examplesMax: number;
  readonly onModule?: (module: string) => void;
  /** How long limits are waited for. */
  readonly patience: Patience;
}

const RUN_ID = 'preview';
const BATCH_RECORDS = 200;

/**
 * Says what the initial import would do, and does none of it: both systems are only read, as it would read them, and what is stored
 * stays as it is.
 *
 * @throws BookbridgeError as every call does; limits that last longer than its patience with the time at which it can be asked again
 */
export async function preview(deps: Deps, { integrationId, scratch, signal, examplesMax, onModule, patience }: PreviewOptions): Promise<ModulePreview[]> {
  const beside = { ...deps, store: besides(deps.store, scratch) };
  const opened = await openSession(beside, integrationId, 'bulk', signal);
  const session = { ...opened, connectors: patientConnectors(opened.connectors, patience) };
  const previews: ModulePreview[] = [];
  for (const module of session.integration.modules) {
    onModule?.(module.name);
    previews.push(await previewModule({ deps: beside, session, examplesMax }, module));
  }
  return previews;
}

/** A store that knows the integration and its links and keeps everything else beside them. */
function besides(real: Store, scratch: Store): Store {
  const links: Store['links'] = async (integrationId, addresses) => new Map([...await scratch.links(integrationId, addresses), ...await real.links(integrationId, addresses)]);
  return { ...scratch, integrations: real.integrations, connections: real.connections, quotas: real.quotas, links };
}

interface Previewing {
  readonly deps: Deps;
  readonly session: Session;
  readonly examplesMax: number;
}

interface Tally {
  readonly counts: PreviewCounts;
  readonly reasons: Map<ErrorCode | null, number>;
  readonly examples: PreviewExamples;
}

async function previewModule(previewing: Previewing, module: Module): Promise<ModulePreview> {
  const { deps, session } = previewing;
  const request = { integrationId: session.stored.id, runId: RUN_ID, module: module.name };
  for (const listing of listingsOf(session.integration, module, session.context)) await readListing(deps, session, request, listing);
  const { count } = await deps.store.pendingSummary(session.stored.id, module.name, module.flows.flatMap((flow) => placesOf(flow, session.context)));
  if (count > 0) await readKept(deps, session, request);
  const tally = await leftOutOnArrival(previewing, module);
  for (const flow of module.flows) {
    if (isMatched(flow) && (await hasUnlinked(previewing, module, flow))) await readPartners(deps, session, request, flow);
    await eachBatch(previewing, module, flow, async (changes) => {
      const matcher = await createMatcher(deps, session, flow, module.name);
      const { prepared, known } = await prepareBatch(deps.store, session, flow, changes);
      const endings: Ending[] = [];
      for (const one of prepared) endings.push(await lookAt(previewing, flow, one, known, matcher, tally));
      await deps.store.endChanges(request, endings);
    });
    await countOnRequest(previewing, flow, tally);
  }
  const { counts, reasons, examples } = tally;
  return { module: module.name, counts, reasons: [...reasons].map(([code, count]) => ({ code, count })).toSorted((left, right) => right.count - left.count), examples };
}

/** What was left out, or could not be read, as soon as it was there. */
async function leftOutOnArrival({ deps: { store }, session, examplesMax }: Previewing, { name: module }: Module): Promise<Tally> {
  const arrived = (await store.operations.counts(session.stored.id)).filter((one) => one.module === module && one.state !== 'pending');
  const history = await store.operations.history(session.stored.id, { module, limit: examplesMax });
  const leftOut = history.map(({ resource, recordId: id, code, detail }) => ({ resource, id, code: code as ErrorCode | null, detail: detail ?? '' }));
  return {
    counts: { linked: 0, link: 0, create: 0, ambiguous: 0, onRequest: 0, leftOut: arrived.reduce((sum, { count }) => sum + count, 0) },
    reasons: new Map(arrived.map(({ code, count }) => [code, count])),
    examples: { link: [], create: [], ambiguous: [], leftOut, onRequest: [] },
  };
}

/** What no run carries over by itself. How it would look is not said before somebody asks for it. */
async function countOnRequest({ deps: { store }, session: { stored, context }, examplesMax }: Previewing, flow: Flow, { counts, examples }: Tally): Promise<void> {
  const { onRequest, side } = flow;
  if (!onRequest?.applies(context)) return;
  for (const resource of flow.resources(context)) {
    for (let after = 0; ;) {
      const changes = await store.requests.candidates(stored.id, { side, resource }, null, after, BATCH_RECORDS);
      const last = changes.at(-1);
      if (!last) break;
      after = last.id;
      const links = await store.links(stored.id, changes.map(addressOf));
      for (const change of changes) {
        const record = recordOf(change);
        const { id } = record;
        const link = links.get(addressText({ side, resource, id })) ?? null;
        if (flow.accept(record, context) ?? onRequest.refuses?.(record, context, { link, isPartnerGone: false })) continue;
        counts[link ? 'linked' : 'onRequest'] += 1;
        if (!link && examples.onRequest.length < examplesMax) examples.onRequest.push({ resource, id });
      }
    }
  }
}

async function hasUnlinked(previewing: Previewing, module: Module, flow: Flow): Promise<boolean> {
  let found = false;
  await eachBatch(previewing, module, flow, async (changes) => {
    if (found) return;
    const links = await previewing.deps.store.links(previewing.session.stored.id, changes.map(addressOf));
    found = links.size < changes.length;
  });
  return found;
}

async function eachBatch({ deps: { store }, session }: Previewing, { name: module }: Module, flow: Flow, work: (changes: readonly Change[]) => Promise<void>): Promise<void> {
  let after = 0;
  for (;;) {
    session.signal.throwIfAborted();
    const changes = await store.pending({ integrationId: session.stored.id, module, side: flow.side, resources: flow.resources(session.context), after, limit: BATCH_RECORDS });
    const last = changes.at(-1);
    if (!last) return;
    await work(changes);
    after = last.id;
  }
}

/** Counts one record, and says how its change would end, so that what refers to it finds it. */
async function lookAt({ session, examplesMax }: Previewing, flow: Flow, prepared: Prepared, known: Known, matcher: Matcher | null, { counts, reasons, examples }: Tally): Promise<Ending> {
  const { change, record: { link } } = prepared;
  const add = <Example>(to: Example[], example: Example) => { if (to.length < examplesMax) to.push(example); };
  const leaveOut = (finding: Finding | null) => {
    counts.leftOut += 1;
    reasons.set(finding?.code ?? null, (reasons.get(finding?.code ?? null) ?? 0) + 1);
    add(examples.leftOut, { resource: change.resource, id: change.recordId, code: finding?.code ?? null, detail: finding?.detail ?? '' });
    return endingOf(change, null);
  };
  if (link) {
    counts.linked += 1;
    return endingOf(change, null);
  }
  try {
    const ending = judge(session, flow, prepared, known);
    if (ending) return leaveOut(ending.finding);
    if (flow.isReadWhole) {
      // How it looks is not known before it is read, and that is left to the time when it is carried over.
      counts.create += 1;
      add(examples.create, { resource: change.resource, id: change.recordId, name: '' });
      return endingOf(change, null);
    }
    const judged = mapRecord(session, flow, change, prepared.record, known);
    if (judged.ending) return leaveOut(judged.ending.finding);
    const { mapped } = judged;
    const named = { resource: change.resource, id: change.recordId, name: nameOf(flow, mapped) };
    const match = await matcher?.find(prepared, mapped);
    if (match?.kind === 'ambiguous') {
      counts.ambiguous += 1;
      add(examples.ambiguous, { ...named, candidates: match.candidates, rivalIds: match.rivalIds });
      return endingOf(change, null);
    }
    if (match?.kind === 'partner') {
      counts.link += 1;
      const { id, name, by } = match.partner;
      add(examples.link, { ...named, partner: { id, name, by } });
      return endingOf(change, linkOf(change, mapped, id));
    }
    counts.create += 1;
    add(examples.create, named);
    return endingOf(change, linkOf(change, mapped, `new:${mapped.key}`));
  } catch (error) {
    if (error instanceof BookbridgeError && error.scope === 'record') return leaveOut(error);
    throw error;
  }
}

function nameOf({ matching, identifiedBy }: Flow, { fields }: Write): string {
  const name = matching ? matching.nameOf(fields) : fields[identifiedBy ?? ''];
  return typeof name === 'string' ? name : '';
}

function endingOf(change: Change, link: Link | null): Ending {
  return { change, outcome: 'unchanged', state: 'done', finding: null, notes: [], link, waitsFor: null };
}

function linkOf(change: Change, { resource }: Write, partnerId: string): Link {
  return bareLink(change, { side: otherSide(change.side), resource, id: partnerId });
}
