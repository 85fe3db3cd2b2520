import { BookbridgeError } from '../domain/errors.ts';
import type { Flow } from '../integrations/integration.ts';
import { addressText, otherSide, type Change, type Link } from '../store/types.ts';
import { addressOf, recordOf } from './batch.ts';
import type { Deps } from './deps.ts';
import { indexChanges } from './partners.ts';
import { moduleOf, withSession, type Session, type StepRequest } from './session.ts';
import { listingOf } from './sources.ts';

interface RequestRecords extends StepRequest {
  /** Of the records that are asked for; null: all that are accepted and were never carried over. */
  readonly ids: readonly string[] | null;
}

export interface Requested {
  readonly count: number;
  /** Ids that were asked for and cannot be carried over, each with a code of the error table; `record-missing` where there is no such record. */
  readonly refused: readonly { readonly id: string; readonly code: string }[];
}

const BATCH_RECORDS = 200;

/**
 * Marks what a person asked for to be carried over, with what it refers to that came inside others. What is carried over already is
 * passed by unless it is named, so the step can be repeated.
 */
export async function requestRecords(deps: Deps, { integrationId, module: name, ids }: RequestRecords): Promise<Requested> {
  return withSession(deps, integrationId, 'bulk', async (session) => {
    const { integration, context } = session;
    const { store } = deps;
    const unseen = new Set(ids);
    const refused: { id: string; code: string }[] = [];
    let count = 0;
    for (const flow of moduleOf(integration, name).flows.filter(({ onRequest }) => onRequest !== undefined)) {
      for (const resource of flow.resources(context)) {
        for (let after = 0; ;) {
          const changes = await store.requests.candidates(integrationId, { side: flow.side, resource }, ids, after, BATCH_RECORDS);
          const last = changes.at(-1);
          if (!last) break;
          after = last.id;
          const links = await store.links(integrationId, changes.map(addressOf));
          // Only where a person says which one it is, what was deleted on the other side is made anew.
          const standings = await store.reports.standings(integrationId, ids ? changes.map(addressOf) : []);
          const gone = ids ? await goneOf(deps, session, name, flow, links) : new Map<string, Link>();
          const wanted = changes.filter((change) => {
            const record = recordOf(change);
            const { id } = record;
            unseen.delete(id);
            const address = addressText(addressOf(change));
            // It was marked by an earlier attempt at this step.
            const isMarked = standings.get(address)?.state === 'pending';
            const standing = { link: links.get(address) ?? null, isPartnerGone: gone.has(address) };
            const finding = flow.accept(record, context) ?? (isMarked ? null : flow.onRequest?.refuses?.(record, context, standing)) ?? null;
            if (finding && ids) refused.push({ id, code: finding.code });
            return finding === null && (ids !== null || !links.has(address));
          });
          await askForInner(deps, session, flow, wanted, links);
          await ask(deps, session, name, flow, wanted, wanted.flatMap((change) => gone.get(addressText(addressOf(change))) ?? []));
          count += wanted.length;
        }
      }
    }
    return { count, refused: [...refused, ...[...unseen].map((id) => ({ id, code: 'record-missing' }))] };
  });
}

/**
 * Those of some links whose partner is known to be deleted. What this run has just listed and was never met there is gone as well; should it
 * be there after all, it is found by its key.
 */
async function goneOf({ store }: Deps, { stored, integration, context }: Session, module: string, { side }: Flow, links: ReadonlyMap<string, Link>): Promise<Map<string, Link>> {
  const there = otherSide(side);
  const standings = await store.reports.standings(stored.id, [...links.values()].map((link) => link[there]));
  return new Map([...links].filter(([, link]) => {
    const standing = standings.get(addressText(link[there]));
    return standing ? standing.change.deleted : listingOf(integration, moduleOf(integration, module), link[there], context) !== null;
  }));
}

/** Who refers to a record that came inside others wants it too. */
async function askForInner(deps: Deps, session: Session, flow: Flow, changes: readonly Change[], links: ReadonlyMap<string, Link>): Promise<void> {
  const { integration, context, stored } = session;
  const inner = integration.modules.flatMap(({ name, flows }) => flows.filter(({ within }) => within !== undefined).map((within) => ({ name, within })));
  const wanted = changes.flatMap((change) => referencesOf(session, flow, change, links.get(addressText(addressOf(change))) ?? null));
  for (const { name, within } of inner) {
    const resources = within.resources(context);
    const addresses = wanted.filter(({ side, resource }) => side === within.side && resources.includes(resource));
    const found = (await deps.store.requests.unasked(stored.id, addresses)).filter((change) => within.accept(recordOf(change), context) === null);
    if (found.length === 0) continue;
    await askForInner(deps, session, within, found, await deps.store.links(stored.id, found.map(addressOf)));
    await ask(deps, session, name, within, found);
  }
}

/** What cannot say what it refers to says so when it is carried over. */
function referencesOf({ context }: Session, flow: Flow, change: Change, link: Link | null) {
  try {
    return flow.references({ ...addressOf(change), data: change.data, link }, context);
  } catch (error) {
    if (error instanceof BookbridgeError) return [];
    throw error;
  }
}

async function ask(deps: Deps, session: Session, module: string, flow: Flow, changes: readonly Change[], gone: readonly Link[] = []): Promise<void> {
  await deps.store.requests.ask(session.stored.id, changes, gone);
  await indexChanges(deps, session, module, flow, changes);
}
