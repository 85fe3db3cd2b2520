import { expect, it } from 'vitest';
import { addPage, customer, ending, link, newId, pendingChange, place, record, type Current } from './store-under-test.ts';

/** What a person sees of the records of a module. */
export function itShowsRecords(current: Current): void {
  const places = [{ side: place.side, resource: place.resource }];
  const list = (request: { after?: number | null; limit?: number; state?: 'pending' | 'done' } = {}) => current().store.overview.list(current().integrationId, { places, after: null, limit: 10, ...request });

  it('shows the records that came last first, page by page', async () => {
    await addPage(current(), ['a', 'b', 'c'].map((id) => record(id, 0)));
    const first = await list({ limit: 2 });
    expect(first.map(({ id, state }) => [id, state])).toEqual([['c', 'pending'], ['b', 'pending']]);
    expect((await list({ after: first.at(-1)?.changeId ?? null })).map(({ id }) => id)).toEqual(['a']);
    expect(await current().store.overview.list(newId('nobody'), { places, after: null, limit: 10 })).toEqual([]);
    expect(await current().store.overview.list(current().integrationId, { places: [], after: null, limit: 10 })).toEqual([]);
  });

  it('shows what was made of a record, and the document as it was when it was written', async () => {
    const { store, run, integrationId } = current();
    await addPage(current(), ['a', 'b'].map((id) => record(id, 0)));
    const made = link('a', '4711');
    await store.endChanges(run, [ending(await pendingChange(current(), 'a'), { link: made, document: { ...made.books, modifiedAt: null, data: { number: 'INV-1', status: 'draft' } } })]);
    expect(await list({ state: 'done' })).toMatchObject([{ id: 'a', link: { books: { id: '4711' } }, partner: { data: { number: 'INV-1', status: 'draft' }, deleted: false } }]);
    expect(await store.overview.at(integrationId, places, ['b', 'nobody'])).toMatchObject([{ id: 'b', link: null, partner: null }]);
    expect(await store.overview.at(integrationId, places, [])).toEqual([]);
  });

  it('shows the partner as it was seen last, also that it is gone', async () => {
    const { store, run, integrationId } = current();
    await addPage(current(), [record('a', 0)]);
    const made = link('a', '4711');
    await store.endChanges(run, [ending(await pendingChange(current(), 'a'), { link: made })]);
    const there = { module: place.module, side: made.books.side, resource: made.books.resource };
    const seen = { id: '4711', modifiedAt: null, state: 'observed', finding: null } as const;
    await store.addRecords(integrationId, there, 0, [{ ...seen, data: { status: 'sent' }, deleted: false }]);
    expect(await list()).toMatchObject([{ ...customer('a'), partner: { data: { status: 'sent' }, deleted: false } }]);
    await store.addRecords(integrationId, there, 0, [{ ...seen, data: {}, deleted: true }]);
    expect(await list()).toMatchObject([{ partner: { data: { status: 'sent' }, deleted: true } }]);
  });
}
