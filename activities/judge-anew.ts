import { hash } from 'node:crypto';
import type { ErrorCode } from '../domain/errors.ts';
import { canonicalJson } from '../domain/json.ts';
import type { Flow, Integration, IntegrationContext, Module } from '../integrations/integration.ts';
import type { Judged, Judging, Verdict } from '../store/judgings.ts';
import type { Store } from '../store/store.ts';
import type { Integration as StoredIntegration } from '../store/types.ts';
import { recordOf } from './batch.ts';
import type { Deps } from './deps.ts';
import { isUnread } from './judge.ts';
import { indexChanges } from './partners.ts';
import { retryReasons, type Behaviour } from './retry-reasons.ts';
import { withSession, type Session, type StepRequest } from './session.ts';
import { innerOf, listingOf, placesOf, seen } from './sources.ts';

const BATCH_RECORDS = 200;

/** Whether the settings are those with which everything that is stored was judged. */
export async function isJudged(store: Store, stored: StoredIntegration, integration: Integration, context: IntegrationContext): Promise<boolean> {
  return (await store.judgings.last(stored.id))?.settings === judgingOf(stored, integration, context).settings;
}

/**
 * Judges anew what was left out, or left to a person, by settings that are different now. It works with what is stored, so it costs no
 * call, and what has not changed since need not come again to be carried over. What failed until a person acts, or waits, is tried again: settings
 * are how many a failure is mended, and they say what a record refers to. Of what is not read any more nothing is left to do.
 */
export async function judgeAnew(deps: Deps, { integrationId }: Pick<StepRequest, 'integrationId'>): Promise<void> {
  return withSession(deps, integrationId, 'bulk', async (session) => {
    const { stored, integration, context } = session;
    const last = await deps.store.judgings.last(integrationId);
    const now = judgingOf(stored, integration, context);
    if (last !== null && last.settings !== now.settings) {
      await deps.store.judgings.leaveOthers(integrationId, integration.modules.flatMap(({ flows, observes }) => [...flows, ...observes].flatMap((source) => placesOf(source, context))));
      await retryUnfinished(deps.store, integrationId);
    }
    for (const module of integration.modules) {
      for (const flow of module.flows) {
        for (const resource of flow.resources(context)) {
          const name = placeName(module, flow, resource);
          const isLeftToPerson = last !== null && !last.onRequest.includes(name) && now.onRequest.includes(name);
          await judgePlace(deps, session, { module, flow, resource, isLeftToPerson });
        }
      }
    }
    await deps.store.judgings.note(integrationId, now);
  });
}

/** Whatever is gone in the target system stays so: no setting brings it back, and whoever deleted it may have meant it. */
async function retryUnfinished(store: Store, integrationId: string): Promise<void> {
  const isMeant = (code: ErrorCode, { action, scope }: Behaviour) => code === 'reference-missing' || (action === 'person' && scope === 'record' && code !== 'record-missing');
  await retryReasons(store, integrationId, isMeant, 'person');
}

function judgingOf({ settings, facts }: StoredIntegration, { modules }: Integration, context: IntegrationContext): Judging {
  return {
    settings: hash('sha256', canonicalJson([settings, facts]), 'base64url'),
    onRequest: modules.flatMap((module) => module.flows
      .filter(({ onRequest }) => onRequest?.applies(context))
      .flatMap((flow) => flow.resources(context).map((resource) => placeName(module, flow, resource)))),
  };
}

function placeName({ name }: Module, { side }: Flow, resource: string): string {
  return `${name}/${side}/${resource}`;
}

interface PlaceToJudge {
  readonly module: Module;
  readonly flow: Flow;
  readonly resource: string;
  /** What is to be carried over no longer is, unless a person asks for it. */
  readonly isLeftToPerson: boolean;
}

async function judgePlace(deps: Deps, session: Session, { module, flow, resource, isLeftToPerson }: PlaceToJudge): Promise<void> {
  const { store } = deps;
  const { stored: { id: integrationId }, integration, context, signal } = session;
  const place = { side: flow.side, resource };
  const listing = flow.within ? null : listingOf(integration, module, place, context);
  for (let after = 0; ;) {
    signal.throwIfAborted();
    const judged = await store.judgings.judged(integrationId, place, after, BATCH_RECORDS);
    const last = judged.at(-1);
    if (!last) return;
    after = last.change.id;
    const verdicts = judged.flatMap((one) => verdictOn(one, flow, context, isLeftToPerson));
    const taken = verdicts.filter(({ state }) => state !== 'skipped').map(({ change }) => change);
    // What came inside of what was left out was perhaps never written down.
    if (listing) await store.addRecords(integrationId, listing.place, 0, [], innerOf(listing, taken.map(recordOf), context));
    await store.judgings.change(integrationId, verdicts);
    await indexChanges(deps, session, module.name, flow, verdicts.filter(({ state }) => state === 'pending').map(({ change }) => change));
  }
}

function verdictOn({ change, state, code, isOnArrival }: Judged, flow: Flow, context: IntegrationContext, isLeftToPerson: boolean): Verdict[] {
  // It is read again before anything can be said of it, also where nobody read it while the settings were other ones.
  if (isUnread(flow, change)) return state === 'observed' ? [{ change, state: 'pending', finding: null }] : [];
  const isToBeCarried = state === 'pending' || state === 'waiting';
  if (isToBeCarried ? !isLeftToPerson : !isOnArrival) return [];
  const now = seen(recordOf(change), flow, context);
  const isSame = now.state === state && (now.finding?.code ?? null) === code;
  return isSame ? [] : [{ change, state: now.state, finding: now.finding }];
}
