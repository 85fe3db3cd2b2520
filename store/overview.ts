import type { Kysely, Selectable } from 'kysely';
import type { ErrorCode } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import { groupByPlace } from './changes.ts';
import { linksOf } from './links.ts';
import type { RecordStanding } from './operations.ts';
import { readJson } from './rows.ts';
import type { Tables } from './schema.ts';
import { addressText, otherSide, type Address, type ChangeState, type Link } from './types.ts';

/** A record as a person looks at it: where it stands, and what is known of its partner. */
export interface OverviewRecord extends RecordStanding {
  readonly modifiedAt: string | null;
  readonly deleted: boolean;
  readonly data: JsonObject;
  readonly link: Link | null;
  /** The partner as it was seen last; null: it was never looked at. */
  readonly partner: { readonly data: JsonObject; readonly deleted: boolean } | null;
}

export interface OverviewRequest {
  /** Resources whose records are shown. */
  readonly places: readonly Omit<Address, 'id'>[];
  /** Only in this state; absent: in any. */
  readonly state?: ChangeState | undefined;
  /** Only records that came before the one with this `changeId`; null: from the newest. */
  readonly after: number | null;
  readonly limit: number;
}

export interface Overview {
  /** Records, those that came last first. */
  list(integrationId: string, request: OverviewRequest): Promise<OverviewRecord[]>;
  /** The records of some places that have one of these ids. */
  at(integrationId: string, places: OverviewRequest['places'], ids: readonly string[]): Promise<OverviewRecord[]>;
}

/** Reads changes with their links and partners, for people to look at. */
export function createOverview(db: Kysely<Tables>): Overview {
  return {
    async list(integrationId, { places, state, after, limit }) {
      if (places.length === 0) return [];
      let query = rowsAt(db, integrationId, places);
      if (state !== undefined) query = query.where('state', '=', state);
      if (after !== null) query = query.where('id', '<', after);
      return complete(db, integrationId, await query.orderBy('id', 'desc').limit(limit).execute());
    },
    async at(integrationId, places, ids) {
      if (places.length === 0 || ids.length === 0) return [];
      return complete(db, integrationId, await rowsAt(db, integrationId, places).where('record_id', 'in', [...ids]).orderBy('id', 'desc').execute());
    },
  };
}

type Row = Selectable<Tables['changes']>;

function rowsAt(db: Kysely<Tables>, integrationId: string, places: OverviewRequest['places']) {
  return db
    .selectFrom('changes').selectAll()
    .where('integration_id', '=', integrationId)
    .where((eb) => eb.or(places.map(({ side, resource }) => eb.and([eb('side', '=', side), eb('resource', '=', resource)]))));
}

/** Adds what is known of the partners, in two queries for each place. */
async function complete(db: Kysely<Tables>, integrationId: string, rows: readonly Row[]): Promise<OverviewRecord[]> {
  const links = await linksOf(db, integrationId, rows.map(addressOf));
  const partners = new Map<string, { data: JsonObject; deleted: boolean }>();
  for (const [{ side, resource }, ids] of groupByPlace(rows.flatMap((row) => partnerOf(row, links) ?? []))) {
    const found = await db
      .selectFrom('changes').select(['record_id', 'data', 'deleted'])
      .where('integration_id', '=', integrationId).where('side', '=', side).where('resource', '=', resource)
      .where('record_id', 'in', ids)
      .execute();
    for (const { record_id: id, data, deleted } of found) partners.set(addressText({ side, resource, id }), { data: readJson(data), deleted: deleted === 1 });
  }
  return rows.map((row) => {
    const partner = partnerOf(row, links);
    return {
      ...addressOf(row), changeId: row.id, module: row.module, state: row.state as ChangeState, code: row.code as ErrorCode | null, detail: row.detail ?? '',
      attempts: row.attempts, modifiedAt: row.modified_at, deleted: row.deleted === 1, data: readJson(row.data),
      link: links.get(addressText(addressOf(row))) ?? null, partner: (partner && partners.get(addressText(partner))) ?? null,
    };
  });
}

function addressOf({ side, resource, record_id: id }: Row): Address {
  return { side: side === 'books' ? 'books' : 'other', resource, id };
}

function partnerOf(row: Row, links: ReadonlyMap<string, Link>): Address | null {
  const address = addressOf(row);
  const link = links.get(addressText(address));
  return link ? link[otherSide(address.side)] : null;
}
