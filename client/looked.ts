import { differencesOf, type ValueDifference } from '../domain/compare.ts';
import { BookbridgeError } from '../domain/errors.ts';
import { integrationOf } from '../integrations/registry.ts';
import type { OverviewRecord } from '../store/overview.ts';
import { otherSide, type Integration } from '../store/types.ts';
import type { Bookbridge } from './open.ts';
import { refreshPartners } from './partners.ts';
import { problemOf } from './problem.ts';
import { recordsById } from './records.ts';

/** What the other side has of a record that a person named. */
export interface Looked {
  /** Whether anything was written there: not where the record has not changed since it was carried over. */
  readonly written: boolean;
  /** Why it could not be looked at; null: it was, or there is nothing to look at. */
  readonly reason: { readonly code: string | null; readonly message: string; readonly remedy: string } | null;
  /** Where it is not as it was written last. */
  readonly differences: readonly ValueDifference[];
}

/** What was asked for, and the runs that did it. */
interface Asked {
  readonly module: string;
  readonly ids: readonly string[];
  readonly runIds: readonly string[];
}

/** Asks the other side how what was made of some records is now: one call for each, or for 200 of them. */
export async function lookAt(bookbridge: Bookbridge, integration: Integration, { module, ids, runIds }: Asked): Promise<Map<string, Looked>> {
  const before = await recordsById(bookbridge, integration, module, ids);
  const reason = await refresh(bookbridge, integration, before.stored);
  const { stored } = await recordsById(bookbridge, integration, module, ids);
  const looked = new Map<string, Looked>();
  for (const record of stored) {
    const outcomes = await Promise.all(runIds.map((runId) => bookbridge.store.runs.outcome({ integrationId: integration.id, runId }, record)));
    const written = outcomes.some((outcome) => outcome === 'added' || outcome === 'updated' || outcome === 'deleted');
    const isLooked = record.link !== null && reason === null;
    looked.set(record.id, { written, reason: record.link && reason, differences: isLooked ? differencesIn(integration, record) : [] });
  }
  return looked;
}

/** What was made is made, whether or not it can be looked at now; null: it was. */
async function refresh(bookbridge: Bookbridge, integration: Integration, stored: readonly OverviewRecord[]): Promise<Looked['reason']> {
  try {
    await refreshPartners(bookbridge, integration, stored);
    return null;
  } catch (error) {
    if (!(error instanceof BookbridgeError)) throw error;
    const { code, message, remedy } = problemOf(error);
    return { code, message, remedy };
  }
}

/** What the bookkeeper may have named otherwise is no difference. */
function differencesIn({ kind }: Integration, { module: name, side, link, partner }: OverviewRecord): ValueDifference[] {
  if (!link || !partner || partner.deleted) return [];
  const there = otherSide(side);
  const keeps = integrationOf(kind).modules.filter((module) => module.name === name).flatMap(({ flows }) => flows.flatMap((flow) => (flow.side === side ? flow.matching?.keeps ?? [] : [])));
  return differencesOf(link.base[there] ?? {}, partner.data).filter(({ field }) => !keeps.includes(field));
}
