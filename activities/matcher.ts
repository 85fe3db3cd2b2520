import type { JsonObject } from '../domain/json.ts';
import { BookbridgeError } from '../domain/errors.ts';
import type { Flow, Write } from '../integrations/integration.ts';
import { addressText, type Address, type Finding, type Place } from '../store/types.ts';
import type { Prepared } from './batch.ts';
import type { Deps } from './deps.ts';
import { decideMatch, type Claim, type Decision } from './match-decision.ts';
import { findablePartner, isMatched, isOwnerKey, keyTexts, kindOf, ownerKey, placeOfPartners, type MatchedFlow } from './partners.ts';
import type { Session } from './session.ts';

/** What is known of a record of the target system that may be the same. */
export interface Candidate {
  readonly id: string;
  readonly name: string;
  /** What it shares, such as `e-mail`. */
  readonly by: readonly string[];
}

/** The one that a record is linked with. */
export interface Partner extends Candidate {
  readonly data: JsonObject;
  /** Whether it is the whole record, or what a listing shows. */
  readonly isWhole: boolean;
  /** Another integration is linked with it as well, and it carries that one's key. */
  readonly isShared: boolean;
}

export type Match =
  | { readonly kind: 'none' }
  | { readonly kind: 'partner'; readonly partner: Partner }
  | { readonly kind: 'ambiguous'; readonly candidates: readonly Candidate[]; readonly rivalIds: readonly string[] };

/** Finds what records without partner are linked with. */
export interface Matcher {
  find(prepared: Prepared, mapped: Write): Promise<Match>;
}

/** What was listed longer ago than this is read by its id before anything is linked with it. */
const FRESH_MS = 60 * 60_000;
/** So many candidates are read by their ids before a person is asked to choose. Each costs a call. */
const READ_MAX = 10;

/** So many are named to a person. */
const NAMED_MAX = 5;

const nobody: Match = { kind: 'none' };

/**
 * @param module of the flow
 * @returns null where there is nobody to be matched with
 */
export async function createMatcher(deps: Deps, session: Session, flow: Flow, module: string): Promise<Matcher | null> {
  if (!isMatched(flow)) return null;
  const place = placeOfPartners(flow, module);
  const integrationId = session.stored.id;
  if (await deps.store.matches.isEmpty(integrationId, place)) return null;
  const listedMs = await deps.store.matches.listedMs(integrationId, place);
  const search: Search = { deps, session, flow, place, integrationId };
  return {
    async find({ record }, mapped) {
      if (record.link || mapped.resource !== place.resource) return nobody;
      const before = await decide(search, record, mapped);
      const doubtful = idsToRead(before, listedMs === null || deps.now() - listedMs > FRESH_MS);
      if (doubtful.length === 0) return shown(search, before, new Set());
      // What was listed may have changed since, and a person who was asked to choose has done so in the target system.
      const read = await readAgain(search, doubtful);
      return shown(search, await decide(search, record, mapped), read);
    },
  };
}

interface Search {
  readonly deps: Deps;
  readonly session: Session;
  readonly flow: MatchedFlow;
  readonly place: Place;
  readonly integrationId: string;
}

async function decide({ deps: { store }, flow, place, integrationId }: Search, record: Address, { key, fields }: Write): Promise<Decision> {
  const keys = keyTexts(flow.matching.keysOf(fields));
  const own = ownerKey(key);
  const found = await store.matches.having(integrationId, place, [own, ...keys]);
  // What carries the key is found by it.
  if (found.length === 0 || found.some((one) => one.key === own)) return { kind: 'none' };
  const partnerIds = [...new Set(found.map(({ id }) => id))];
  const partners = await unlinked(store, integrationId, place, partnerIds);
  const keysOf = await store.matches.keysOf(integrationId, place, partners);
  const free = new Map([...keysOf].filter(([, partnerKeys]) => !partnerKeys.some(isOwnerKey)));
  const sources = { side: flow.side, resource: record.resource };
  const others = (await store.matches.having(integrationId, sources, [...free.values()].flat())).filter(({ id }) => id !== record.id);
  const rivals = new Set(await unlinked(store, integrationId, sources, others.map(({ id }) => id)));
  const sourceKeys = [...keys.map((one) => ({ id: record.id, key: one })), ...others.filter(({ id }) => rivals.has(id))];
  return decideMatch(record.id, [...free].flatMap(([partnerId, partnerKeys]) => claimsOn(partnerId, partnerKeys, sourceKeys)));
}

/** Every record that shares a key with a partner, once, with all they share. */
function claimsOn(partnerId: string, partnerKeys: readonly string[], sourceKeys: readonly { id: string; key: string }[]): Claim[] {
  const shared = Map.groupBy(sourceKeys.filter(({ key }) => partnerKeys.includes(key)), ({ id }) => id);
  return [...shared].map(([sourceId, entries]) => ({ sourceId, partnerId, kinds: entries.map(({ key }) => kindOf(key)) }));
}

async function unlinked(store: Deps['store'], integrationId: string, { side, resource }: Pick<Place, 'side' | 'resource'>, ids: readonly string[]): Promise<string[]> {
  const links = await store.links(integrationId, ids.map((id): Address => ({ side, resource, id })));
  return [...new Set(ids)].filter((id) => !links.has(addressText({ side, resource, id })));
}

function idsToRead(decision: Decision, isOld: boolean): string[] {
  if (decision.kind === 'ambiguous') return decision.partners.slice(0, READ_MAX).map(({ partnerId }) => partnerId);
  return decision.kind === 'partner' && isOld ? [decision.partnerId] : [];
}

/** @returns the ids of those that are there, and now known whole */
async function readAgain({ deps: { store }, session, flow, place, integrationId }: Search, ids: readonly string[]): Promise<Set<string>> {
  const there = new Set<string>();
  for (const id of ids) {
    const record = await readOrNull(session, place, id);
    await store.matches.put(integrationId, place, [record ? findablePartner(flow, session, record) : { id, keys: [] }]);
    if (!record) continue;
    there.add(id);
    await store.operations.readAgain(integrationId, place, { ...record, deleted: false, state: 'observed', finding: null });
  }
  return there;
}

/** One that cannot be read can be nobody's partner. */
async function readOrNull({ connectors }: Session, { side, resource }: Place, id: string) {
  try {
    return await connectors[side].readable(resource).get(id);
  } catch (error) {
    if (error instanceof BookbridgeError && error.scope === 'record') return null;
    throw error;
  }
}

async function shown({ deps: { store }, flow, place, integrationId }: Search, decision: Decision, whole: ReadonlySet<string>): Promise<Match> {
  if (decision.kind === 'none') return nobody;
  const claims = decision.kind === 'partner' ? [{ partnerId: decision.partnerId, kinds: decision.by }] : decision.partners;
  const address = (id: string): Address => ({ side: place.side, resource: place.resource, id });
  const records = await store.records(integrationId, claims.map(({ partnerId }) => address(partnerId)));
  const candidates = claims.map(({ partnerId: id, kinds: by }) => {
    const data = records.get(addressText(address(id))) ?? {};
    return { id, name: flow.matching.nameOf(data), by, data, isWhole: whole.has(id) };
  });
  const [partner] = candidates;
  if (decision.kind === 'partner') {
    const isShared = place.side === 'books' && partner !== undefined && await store.isLinkedElsewhere(integrationId, { resource: place.resource, id: partner.id });
    return partner ? { kind: 'partner', partner: { ...partner, isShared } } : nobody;
  }
  return { kind: 'ambiguous', candidates: candidates.map(({ id, name, by }) => ({ id, name, by })), rivalIds: decision.rivalIds };
}

/** For the history. */
export function describeMatch({ id, name, by }: Candidate, { resource }: Write): string {
  return `${resource} ${id} "${name}" was there, found by ${by.join(' and ')}`;
}

/** Why a record is left to a person. */
export function describeAmbiguity({ candidates, rivalIds }: Match & { kind: 'ambiguous' }, source: Pick<Address, 'resource'>, { resource, key }: Write): Finding {
  const named = candidates.slice(0, NAMED_MAX).map(({ id, name, by }) => `${resource} ${id} "${name}" (${by.join(' and ')})`).join(', ');
  const more = candidates.length > NAMED_MAX ? ` and ${candidates.length - NAMED_MAX} more` : '';
  const rivals = rivalIds.length > 0 ? `; ${source.resource} ${rivalIds.slice(0, NAMED_MAX).join(', ')} would fit as well` : '';
  return { code: 'match-ambiguous', detail: `it could be ${named}${more}${rivals}; its key is ${key}` };
}
