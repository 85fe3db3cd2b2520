import { expect, it } from 'vitest';
import type { Link } from '../../store/types.ts';
import { addPage, contact, customer, ending, link, pendingOf, record, type Context, type Current } from './store-under-test.ts';

export function itKeepsLinks(current: Current): void {
  it('finds a link from either side', async () => {
    const { store, integrationId } = current();
    const written = link('a', '1', { base: { books: { name: 'Ada', lines: [{ rate: '1.50' }] }, other: { name: 'Ada' } }, variance: '-0.01' });
    await put(current(), [[written]]);
    const found = await store.links(integrationId, [customer('a'), contact('1'), customer('1'), contact('a')]);
    expect([...found]).toEqual([['other/customers/a', written], ['books/contacts/1', written]]);
  });

  it('gives a record whose partner was created anew the new one', async () => {
    const { store, integrationId } = current();
    await put(current(), [[link('a', 'old')], [link('a', 'new')]]);
    const found = await store.links(integrationId, [customer('a'), contact('old'), contact('new')]);
    expect([...found.keys()]).toEqual(['other/customers/a', 'books/contacts/new']);
  });

  it('gives a Books record whose partner was created anew the new one', async () => {
    const { store, integrationId } = current();
    await put(current(), [[link('old', '1')], [link('new', '1')]]);
    const found = await store.links(integrationId, [customer('old'), customer('new'), contact('1')]);
    expect([...found.keys()]).toEqual(['other/customers/new', 'books/contacts/1']);
  });

  it('lets two records change partners at once', async () => {
    const { store, integrationId } = current();
    await put(current(), [[link('a', '1'), link('b', '2')], [link('a', '2'), link('b', '1')]]);
    const found = await store.links(integrationId, [customer('a'), customer('b')]);
    expect([...found.values()].map(({ books }) => books.id).toSorted()).toEqual(['1', '2']);
    expect(found.get('other/customers/a')?.books.id).toBe('2');
  });

  it('keeps the last of several links of one record in one batch', async () => {
    const { store, integrationId } = current();
    await put(current(), [[link('a', '1'), link('a', '2'), link('b', '2')]]);
    expect([...(await store.links(integrationId, [customer('a'), customer('b'), contact('1'), contact('2')])).keys()].toSorted())
      .toEqual(['books/contacts/2', 'other/customers/b']);
  });

  it('counts them by module', async () => {
    const { store, integrationId } = current();
    const item = { ...link('i', '9'), module: 'items', other: { side: 'other', resource: 'parts', id: 'i' } } as const;
    await put(current(), [[link('a', '1'), link('b', '2'), item]]);
    expect(await store.countLinks(integrationId)).toEqual({ customers: 2, items: 1 });
  });

  it('answers a question about nothing with nothing', async () => {
    const { store, integrationId } = current();
    expect((await store.links(integrationId, [])).size).toBe(0);
    expect((await store.records(integrationId, [])).size).toBe(0);
    await expect(store.endChanges(current().run, [])).resolves.toBeUndefined();
  });
}

/** Writes batches of links, one after the other. */
async function put(context: Context, batches: readonly (readonly Link[])[]): Promise<void> {
  for (const [index, links] of batches.entries()) {
    await addPage(context, links.map((_link, n) => record(`carrier ${n}`, index)));
    const changes = await pendingOf(context);
    await context.store.endChanges(context.run, changes.map((change, n) => ending(change, { link: links[n] ?? null })));
  }
}
