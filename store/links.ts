import type { Kysely, Selectable, Transaction } from 'kysely';
import { canonicalJson } from '../domain/json.ts';
import { groupByPlace } from './changes.ts';
import { readJson } from './rows.ts';
import type { Tables } from './schema.ts';
import { addressText, type Address, type Link, type Side } from './types.ts';

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

/**
 * Writes links. A record has one partner: one that was replaced (deleted and created anew), on whichever side, gives way to
 * the new one.
 */
export async function putLinks(trx: Transaction<Tables>, integrationId: string, links: readonly Link[]): Promise<void> {
  const newest = latest(latest(links, 'other'), 'books');
  if (newest.length === 0) return;
  const known = await linksOf(trx, integrationId, newest.map(({ books }) => books));
  for (const link of newest) {
    const before = known.get(addressText(link.books));
    if (before && addressText(before.other) !== addressText(link.other)) await removeLink(trx, integrationId, before);
  }
  const rows = newest.map(({ module, other, books, base, variance }) => ({
    integration_id: integrationId, module, other_resource: other.resource, other_id: other.id,
    books_resource: books.resource, books_id: books.id, base: canonicalJson(base), variance,
  }));
  await trx
    .insertInto('links')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['integration_id', 'other_resource', 'other_id']).doUpdateSet((eb) => ({
        module: eb.ref('excluded.module'), books_resource: eb.ref('excluded.books_resource'), books_id: eb.ref('excluded.books_id'),
        base: eb.ref('excluded.base'), variance: eb.ref('excluded.variance'),
      })),
    )
    .execute();
}

/** Whether another integration of the same organization is linked with a record of Books. */
export async function isLinkedElsewhere(db: Kysely<Tables>, integrationId: string, { resource, id }: Pick<Address, 'resource' | 'id'>): Promise<boolean> {
  const found = await db
    .selectFrom('links')
    .innerJoin('integrations as linked', 'linked.id', 'links.integration_id')
    .innerJoin('integrations as own', 'own.organization_id', 'linked.organization_id')
    .select('links.integration_id')
    .where('own.id', '=', integrationId)
    .where('links.integration_id', '!=', integrationId)
    .where('links.books_resource', '=', resource)
    .where('links.books_id', '=', id)
    .executeTakeFirst();
  return found !== undefined;
}

/** Removes a link, unless the record has another partner by now. */
export async function removeLink(trx: Transaction<Tables>, integrationId: string, { other, books }: Link): Promise<void> {
  await trx
    .deleteFrom('links')
    .where('integration_id', '=', integrationId)
    .where('other_resource', '=', other.resource)
    .where('other_id', '=', other.id)
    .where('books_id', '=', books.id)
    .execute();
}

/** Of the links of one and the same record, the last. */
function latest(links: readonly Link[], side: Side): Link[] {
  return [...new Map(links.map((link) => [addressText(link[side]), link])).values()];
}

/** How many links each module has; one without any is left out. */
export async function countLinks(db: Kysely<Tables>, integrationId: string): Promise<Record<string, number>> {
  const rows = await db
    .selectFrom('links')
    .select((eb) => ['module', eb.fn.countAll<number>().as('count')])
    .where('integration_id', '=', integrationId)
    .groupBy('module')
    .execute();
  return Object.fromEntries(rows.map((row) => [row.module, row.count]));
}
