import { hash } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import type { Database } from './database.ts';
import type { Tables } from './schema.ts';
import type { Place, Side } from './types.ts';

/** One resource of one side. */
type Where = Pick<Place, 'side' | 'resource'>;

/** A record and by what it is found, each made by {@link keyText}. */
export interface Findable {
  readonly id: string;
  readonly keys: readonly string[];
}

/** By what records that were in both systems before the first sync are found to be the same. */
export interface Matches {
  /** Replaces the keys of some records; a record without keys is not found any more. */
  put(integrationId: string, where: Where, records: readonly Findable[]): Promise<void>;
  /** The records that have one of these keys, one entry for each. A key that more than 20 records have tells none apart, and finds none. */
  having(integrationId: string, where: Where, keys: readonly string[]): Promise<{ readonly id: string; readonly key: string }[]>;
  /** The keys of some records. */
  keysOf(integrationId: string, where: Where, ids: readonly string[]): Promise<Map<string, string[]>>;
  isEmpty(integrationId: string, where: Where): Promise<boolean>;
  /** Drops the keys of records that the pass of this number did not meet. */
  forgetUnmet(integrationId: string, where: Where, pass: number): Promise<void>;
  /** When the last listing that was read to its end for matching began, milliseconds since the epoch; null: none was. */
  listedMs(integrationId: string, where: Where): Promise<number | null>;
  /**
   * Whether changes of a module are to be carried over whose records have no partner.
   *
   * @param resources only of these; absent: of all that the module has on that side
   * @param states also changes that wait for a person, where `observed` is among them
   */
  hasUnlinked(integrationId: string, module: string, side: Side, resources?: readonly string[], states?: readonly ('pending' | 'observed')[]): Promise<boolean>;
}

/** So many records may share a key. More, and it is a placeholder such as `none@example.com`. */
const SHARED_MAX = 20;
/** Values in one query: databases limit the number of parameters. */
const VALUES_MAX = 500;

/**
 * A key as it is stored: its kind, and a digest of its value, which is as long for every value and says nothing about anybody.
 *
 * @param kind such as `e-mail`; without a colon
 * @param value in the form in which it is compared
 */
export function keyText(kind: string, value: string): string {
  return `${kind}:${hash('sha256', value, 'base64url')}`;
}

/** The table of match keys. */
export function createMatches({ db, exclusive }: Database): Matches {
  return {
    put: (integrationId, where, records) =>
      exclusive(`integration:${integrationId}`, async (trx) => {
        for (const some of chunks(records)) {
          await trx.deleteFrom('match_keys')
            .where('integration_id', '=', integrationId).where('side', '=', where.side).where('resource', '=', where.resource)
            .where('record_id', 'in', some.map(({ id }) => id))
            .execute();
          const rows = some.flatMap(({ id, keys }) => [...new Set(keys)].map((key) => ({ integration_id: integrationId, side: where.side, resource: where.resource, record_id: id, key })));
          for (const part of chunks(rows)) await trx.insertInto('match_keys').values([...part]).onConflict((conflict) => conflict.doNothing()).execute();
        }
      }),
    async having(integrationId, where, keys) {
      const found: { id: string; key: string }[] = [];
      for (const key of new Set(keys)) {
        // One more than may share it is enough to know: counting all that have a placeholder would take as long as there are many.
        const rows = await keysAt(db, integrationId, where).select('record_id').where('key', '=', key).limit(SHARED_MAX + 1).execute();
        if (rows.length <= SHARED_MAX) found.push(...rows.map(({ record_id: id }) => ({ id, key })));
      }
      return found;
    },
    async keysOf(integrationId, where, ids) {
      const found = new Map<string, string[]>(ids.map((id) => [id, []]));
      for (const some of chunks([...found.keys()])) {
        const rows = await keysAt(db, integrationId, where).select(['record_id', 'key']).where('record_id', 'in', some).execute();
        for (const { record_id: id, key } of rows) found.get(id)?.push(key);
      }
      return found;
    },
    isEmpty: async (integrationId, where) => (await keysAt(db, integrationId, where).select('key').limit(1).execute()).length === 0,
    async forgetUnmet(integrationId, { side, resource }, pass) {
      await exclusive(`integration:${integrationId}`, (trx) =>
        trx.deleteFrom('match_keys')
          .where('integration_id', '=', integrationId).where('side', '=', side).where('resource', '=', resource)
          .where('record_id', 'in', (eb) => eb.selectFrom('changes').select('record_id')
            .where('integration_id', '=', integrationId).where('side', '=', side).where('resource', '=', resource).where('pass', '<', pass))
          .execute());
    },
    async listedMs(integrationId, { side, resource }) {
      const row = await db.selectFrom('cursors').select('since')
        .where('integration_id', '=', integrationId).where('side', '=', side).where('resource', '=', resource).executeTakeFirst();
      return row?.since ? Date.parse(row.since) : null;
    },
    hasUnlinked: (integrationId, module, side, resources, states = ['pending']) => hasUnlinked(db, { integrationId, module, side }, states, resources),
  };
}

async function hasUnlinked(db: Kysely<Tables>, { integrationId, module, side }: { integrationId: string; module: string; side: Side }, states: readonly ('pending' | 'observed')[], resources?: readonly string[]): Promise<boolean> {
  const own = side === 'books' ? (['links.books_resource', 'links.books_id'] as const) : (['links.other_resource', 'links.other_id'] as const);
  let query = db
    .selectFrom('changes').select('changes.id')
    .where('changes.integration_id', '=', integrationId).where('changes.module', '=', module).where('changes.side', '=', side)
    .where('changes.state', 'in', states.map((state) => sql.lit(state)))
    .where((eb) => eb.not(eb.exists(
      eb.selectFrom('links').select('links.module')
        .where('links.integration_id', '=', integrationId)
        .whereRef(own[0], '=', 'changes.resource').whereRef(own[1], '=', 'changes.record_id'),
    )));
  if (resources) query = query.where('changes.resource', 'in', resources);
  return (await query.limit(1).execute()).length > 0;
}

function keysAt(db: Kysely<Tables>, integrationId: string, { side, resource }: Where) {
  return db.selectFrom('match_keys').where('integration_id', '=', integrationId).where('side', '=', side).where('resource', '=', resource);
}

function* chunks<T>(values: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < values.length; start += VALUES_MAX) yield values.slice(start, start + VALUES_MAX);
}

/** By what records are found that may be the same in both systems. */
export async function createMatchKeys(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('match_keys')
    .addColumn('integration_id', 'text', (c) => c.notNull())
    .addColumn('side', 'text', (c) => c.notNull())
    .addColumn('resource', 'text', (c) => c.notNull())
    .addColumn('record_id', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('match_keys_pk', ['integration_id', 'side', 'resource', 'key', 'record_id'])
    .execute();
  await db.schema.createIndex('match_keys_record').on('match_keys').columns(['integration_id', 'side', 'resource', 'record_id']).execute();
}
