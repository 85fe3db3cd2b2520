import { expect, it } from 'vitest';
import { keyText } from '../../store/matches.ts';
import { addPage, ending, link, pendingChange, place, record, type Current } from './store-under-test.ts';

const contacts = { side: 'books', resource: 'contacts' } as const;
const email = (value: string) => keyText('e-mail', value);
const name = (value: string) => keyText('name', value);

export function itFindsMatches(current: Current): void {
  it('finds every record by each of its keys, on its own side and for its own integration', async () => {
    const { store: { matches }, other, integrationId } = current();
    await matches.put(integrationId, contacts, [{ id: '1', keys: [email('a@b'), name('a')] }, { id: '2', keys: [email('a@b')] }]);
    await matches.put(integrationId, place, [{ id: '1', keys: [email('a@b')] }]);
    const found = await other.matches.having(integrationId, contacts, [email('a@b'), name('a'), name('nobody')]);
    expect(found.toSorted((left, right) => `${left.id}${left.key}`.localeCompare(`${right.id}${right.key}`))).toEqual([
      { id: '1', key: email('a@b') }, { id: '1', key: name('a') }, { id: '2', key: email('a@b') },
    ]);
    expect(await matches.having('nobody', contacts, [email('a@b')])).toEqual([]);
    expect(await matches.keysOf(integrationId, contacts, ['2', '3'])).toEqual(new Map([['2', [email('a@b')]], ['3', []]]));
  });

  it('finds a record no more by what it was known by before', async () => {
    const { store: { matches }, integrationId } = current();
    expect(await matches.isEmpty(integrationId, contacts)).toBe(true);
    await matches.put(integrationId, contacts, [{ id: '1', keys: [name('a')] }]);
    await matches.put(integrationId, contacts, [{ id: '1', keys: [name('b'), name('b')] }]);
    expect(await matches.having(integrationId, contacts, [name('a'), name('b')])).toEqual([{ id: '1', key: name('b') }]);
    await matches.put(integrationId, contacts, [{ id: '1', keys: [] }]);
    expect(await matches.isEmpty(integrationId, contacts)).toBe(true);
  });

  it('finds nobody by what more than twenty share', async () => {
    const { store: { matches }, integrationId } = current();
    const shared = (count: number, key: string) => Array.from({ length: count }, (_, index) => ({ id: `${count}-${index}`, keys: [key] }));
    await matches.put(integrationId, contacts, [...shared(20, email('twenty')), ...shared(21, email('more'))]);
    expect(await matches.having(integrationId, contacts, [email('twenty')])).toHaveLength(20);
    expect(await matches.having(integrationId, contacts, [email('more')])).toEqual([]);
  });

  it('takes many records and many keys at once', async () => {
    const { store: { matches }, integrationId } = current();
    const records = Array.from({ length: 1_200 }, (_, index) => ({ id: `${index}`, keys: [name(`${index}`), email(`${index}`)] }));
    await matches.put(integrationId, contacts, records);
    expect(await matches.having(integrationId, contacts, records.flatMap(({ keys }) => keys))).toHaveLength(2_400);
  });

  it('forgets those that a later pass did not meet', async () => {
    const { store, run, integrationId } = current();
    const there = { module: 'customers', ...contacts };
    const observed = (id: string) => record(id, 0, { state: 'observed' });
    const first = await store.currentPass(integrationId, there);
    await store.savePage({ ...run, place: there, pass: first, records: [observed('1'), observed('2')], next: null, nextSince: null });
    await store.matches.put(integrationId, contacts, [{ id: '1', keys: [name('a')] }, { id: '2', keys: [name('b')] }]);
    const second = await store.currentPass(integrationId, there);
    await store.savePage({ ...run, place: there, pass: second, records: [observed('2')], next: 'more', nextSince: null });
    await store.matches.forgetUnmet(integrationId, contacts, second.number);
    expect(await store.matches.having(integrationId, contacts, [name('a'), name('b')])).toEqual([{ id: '2', key: name('b') }]);
  });

  it('knows since when what was listed is known, once it was listed to its end', async () => {
    const { store, run, integrationId, clock } = current();
    const there = { module: 'customers', ...contacts };
    expect(await store.matches.listedMs(integrationId, contacts)).toBeNull();
    const pass = await store.currentPass(integrationId, there);
    await store.savePage({ ...run, place: there, pass, records: [], next: '2', nextSince: null });
    expect(await store.matches.listedMs(integrationId, contacts)).toBeNull();
    await store.savePage({ ...run, place: there, pass, records: [], next: null, nextSince: new Date(pass.startedMs).toISOString() });
    expect(await store.matches.listedMs(integrationId, contacts)).toBe(clock.nowMs);
  });

  it('knows whether a record that is to be carried over has no partner', async () => {
    const { store, run, integrationId } = current();
    const hasUnlinked = () => store.matches.hasUnlinked(integrationId, place.module, place.side);
    expect(await hasUnlinked()).toBe(false);
    await addPage(current(), [record('a', 0)]);
    expect(await hasUnlinked()).toBe(true);
    await store.endChanges(run, [ending(await pendingChange(current(), 'a'), { link: link('a', '1') })]);
    expect(await hasUnlinked()).toBe(false);
    await addPage(current(), [record('a', 1)]);
    expect(await hasUnlinked()).toBe(false);
    await addPage(current(), [record('b', 1)]);
    expect(await hasUnlinked()).toBe(true);
  });
}
