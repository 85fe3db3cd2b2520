import type { Kysely, Selectable, Transaction } from 'kysely';
import { canonicalJson } from '../domain/json.ts';
import { groupByPlace } from './changes.ts';
import { readJson } from './rows.ts';
import type { Tables } from './schema.ts';
import { addressText, type Address, type Link } from './types.ts';

function toLink(row: Selectable<Tables['links']>): Link {
  return {
    module: row.module,
    other: { side: 'other', resource: row.other_resource, id: row.other_id },
    books: { side: 'books', resource: row.books_resource, id: row.books_id },
    base: readJson(row.base),
    variance: row.variance,
  };
}

/** The links of some records, by {@link addressText} of the record asked for. */
export async function linksOf(db: Kysely<Tables>, integrationId: string, addresses: readonly Address[]): Promise<Map<string, Link>> {
  const found = new Map<string, Link>();
  for (const [{ side, resource }, ids] of groupByPlace(addresses)) {
    const rows = await db
      .selectFrom('links')
      .selectAll()
      .where('integration_id', '=', integrationId)
      .where(side === 'books' ? 'books_resource' : 'other_resource', '=', resource)
      .where(side === 'books' ? 'books_id' : 'other_id', 'in', ids)
      .execute();
    for (const row of rows) {
      const link = toLink(row);
      found.set(addressText(link[side]), link);
    }
  }
  return found;
}

/** Writes a link. A record whose partner was replaced (deleted and created anew) gets the new partner. */
export async function putLink(trx: Transaction<Tables>, integrationId: string, link: Link): Promise<void> {
  const row = {
    integration_id: integrationId, module: link.module,
    other_resource: link.other.resource, other_id: link.other.id,
    books_resource: link.books.resource, books_id: link.books.id,
    base: canonicalJson(link.base), variance: link.variance,
  };
  await trx
    .insertInto('links')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['integration_id', 'other_resource', 'other_id']).doUpdateSet({
        books_resource: row.books_resource, books_id: row.books_id, base: row.base, variance: row.variance,
      }),
    )
    .execute();
}

export async function countLinks(db: Kysely<Tables>, integrationId: string): Promise<Record<string, number>> {
  const rows = await db
    .selectFrom('links')
    .select((eb) => ['module', eb.fn.countAll<number>().as('count')])
    .where('integration_id', '=', integrationId)
    .groupBy('module')
    .execute();
  return Object.fromEntries(rows.map((row) => [row.module, row.count]));
}
