import { BookbridgeError, type ErrorCode } from '../domain/errors.ts';
import type { Flow } from '../integrations/integration.ts';
import { addressText, otherSide, type Address, type Change, type Link } from '../store/types.ts';
import { addressOf, recordOf } from './batch.ts';
import type { Deps } from './deps.ts';
import { orPaused, type Pause } from './failures.ts';
import type { Requested } from './request-records.ts';
import { moduleOf, withSession, type Session, type StepRequest } from './session.ts';
import { listingOf } from './sources.ts';

interface WithdrawRecords extends StepRequest {
  readonly ids: readonly string[];
}

export interface WithdrawResult extends Requested {
  /** Not null: no call was granted; the ids that are left are for the next attempt. */
  readonly pause: Pause | null;
  readonly left: readonly string[];
}

/**
 * Deletes in the target system what was made of some records, because a person wants it so. Safe to repeat at any point: what is gone
 * counts as deleted, and what was withdrawn already is left as it is.
 */
export async function withdrawRecords(deps: Deps, { integrationId, runId, module: name, ids }: WithdrawRecords): Promise<WithdrawResult> {
  return withSession(deps, integrationId, 'document', async (session) => {
    const { flows } = moduleOf(session.integration, name);
    const left = [...ids];
    const refused: { id: string; code: string }[] = [];
    let count = 0;
    return orPaused<WithdrawResult>(async () => {
      for (let id = left[0]; id !== undefined; id = left[0]) {
        session.signal.throwIfAborted();
        const code = await withdraw(deps, session, runId, flows.filter(({ mayDelete }) => mayDelete), id);
        if (code === null) count += 1;
        else refused.push({ id, code });
        left.shift();
      }
      return { pause: null, count, refused, left };
    }, (pause) => ({ pause, count, refused, left }));
  });
}

/** @returns why it cannot be; null: it was done */
async function withdraw(deps: Deps, session: Session, runId: string, flows: readonly Flow[], id: string): Promise<ErrorCode | null> {
  const { store } = deps;
  const integrationId = session.stored.id;
  const found = await findChange(deps, session, flows, id);
  if (!found) return 'record-missing';
  const { flow, change, isWithdrawn } = found;
  const here = addressOf(change);
  const link = (await store.links(integrationId, [here])).get(addressText(here));
  if (!link) return isWithdrawn ? null : 'no-partner';
  const there = link[otherSide(flow.side)];
  const refusal = await remove(session, flow, there);
  if (refusal) return refusal;
  await store.matches.put(integrationId, there, [{ id: there.id, keys: [] }]);
  await store.requests.ask(integrationId, await leftAlone(deps, session, change));
  await store.requests.withdraw({ integrationId, runId }, change, link, { code: 'withdrawn', detail: `${there.resource} ${there.id} was deleted` });
  return null;
}

/** What came inside a record and has a document of its own is looked at by the next run: it may stand for nothing by now. */
async function leftAlone({ store }: Deps, { integration, context, stored }: Session, change: Change): Promise<Change[]> {
  const listing = listingOf(integration, moduleOf(integration, change.module), change, context);
  const inner = (listing?.inner ?? []).flatMap(({ place, flow, within }): Address[] => (flow.leftBehind ? within.records(recordOf(change), context).map(({ id }) => ({ ...place, id })) : []));
  const links = await store.links(stored.id, inner);
  const standings = await store.reports.standings(stored.id, inner.filter((address) => links.has(addressText(address))));
  return [...standings.values()].map((standing) => standing.change);
}

async function findChange({ store }: Deps, { context, stored }: Session, flows: readonly Flow[], id: string): Promise<{ flow: Flow; change: Change; isWithdrawn: boolean } | null> {
  for (const flow of flows) {
    const addresses = flow.resources(context).map((resource): Address => ({ side: flow.side, resource, id }));
    const [standing] = (await store.reports.standings(stored.id, addresses)).values();
    if (standing) return { flow, change: standing.change, isWithdrawn: standing.state === 'withdrawn' };
  }
  return null;
}

/** @returns why the partner may not be deleted; null: it is gone */
async function remove({ connectors }: Session, { mayDelete }: Flow, { side, resource: name, id }: Link['books']): Promise<ErrorCode | null> {
  const resource = connectors[side].writable(name);
  try {
    const partner = await resource.get(id);
    if (!partner) return null;
    const refusal = mayDelete?.(partner);
    if (refusal) return refusal.code;
    if (!resource.remove) throw new Error(`${name} cannot be deleted in ${connectors[side].system}`);
    await resource.remove(id);
    return null;
  } catch (error) {
    if (!(error instanceof BookbridgeError) || error.scope !== 'record') throw error;
    return error.code === 'record-missing' ? null : error.code;
  }
}
