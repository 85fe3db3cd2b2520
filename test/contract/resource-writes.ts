import { expect, it } from 'vitest';
import { failure, faultCodes, lasting, listAll, type Current } from './resource-under-test.ts';

/** The system to write to, and what to write. */
function writing(current: Current) {
  const { system, resource } = current();
  const sample = (n: number) => system.sampleFields?.(n) ?? {};
  return { system, resource, writable: system.connector.writable(system.resourceName), sample, change: system.change ?? { fields: {}, shown: {} } };
}

/** What a resource promises that Bookbridge writes. */
export function itWrites(current: Current): void {
  it('makes one record of two upserts with one key', async () => {
    const { resource, writable, sample, change } = writing(current);
    const before = (await listAll(resource)).length;
    const first = await writable.upsert('key_1', sample(1));
    const second = await writable.upsert('key_1', { ...sample(1), ...change.fields });
    expect([first.created, second.created]).toEqual([true, false]);
    expect(second.record.id).toBe(first.record.id);
    expect((await resource.get(first.record.id))?.data).toMatchObject(change.shown);
    expect(await listAll(resource)).toHaveLength(before + 1);
  });

  it('makes two records of two keys', async () => {
    const { writable, sample } = writing(current);
    const first = await writable.upsert('key_1', sample(1));
    const second = await writable.upsert('key_2', sample(2));
    expect([first.created, second.created]).toEqual([true, true]);
    expect(second.record.id).not.toBe(first.record.id);
  });

  it('makes one record where the answer to the first upsert is lost', async () => {
    const { system, resource, writable, sample } = writing(current);
    const before = (await listAll(resource)).length;
    await system.inject('lost-answer', 1);
    expect(await failure(writable.upsert('key_1', sample(1)))).toMatchObject({ code: 'system-unreachable' });
    expect(await writable.upsert('key_1', sample(1))).toMatchObject({ created: false });
    expect(await listAll(resource)).toHaveLength(before + 1);
  });

  it('makes one record of two upserts at the same time', async () => {
    const { resource, writable, sample } = writing(current);
    const before = (await listAll(resource)).length;
    const both = await Promise.all([writable.upsert('key_1', sample(1)), writable.upsert('key_1', sample(1))]);
    expect(new Set(both.map(({ record }) => record.id)).size).toBe(1);
    expect(await listAll(resource)).toHaveLength(before + 1);
  });

  it('shows the key that a record was made with', async () => {
    const { resource, writable, sample } = writing(current);
    const { record } = await writable.upsert('key_1', sample(1));
    expect(writable.keyOf(record)).toBe('key_1');
    const read = await resource.get(record.id);
    expect(read && writable.keyOf(read)).toBe('key_1');
  });

  it('gives another key to a record that was there, and finds it by that key', async () => {
    const { resource, writable, sample, change } = writing(current);
    const { record } = await writable.upsert('key_1', sample(1));
    const adopted = await writable.adopt(record.id, 'key_2', change.fields);
    expect(writable.keyOf(adopted)).toBe('key_2');
    expect((await resource.get(record.id))?.data).toMatchObject(change.shown);
    expect(await writable.upsert('key_2', sample(1))).toMatchObject({ created: false, record: { id: record.id } });
  });

  it('changes the given fields and no others', async () => {
    const { system, resource, writable, sample, change } = writing(current);
    const { record } = await writable.upsert('key_1', sample(1), system.initial?.first);
    const before = lasting((await resource.get(record.id))?.data, system);
    await writable.update(record.id, change.fields);
    const after = lasting((await resource.get(record.id))?.data, system);
    expect(after).toEqual({ ...before, ...change.shown });
    expect(after).not.toEqual(before);
  });

  it('says so where the record to change is gone', async () => {
    const { system, writable, sample, change } = writing(current);
    const { record } = await writable.upsert('key_1', sample(1));
    await system.remove(record.id);
    expect(await failure(writable.update(record.id, change.fields))).toMatchObject({ code: 'record-missing' });
  });

  it.each(faultCodes)('calls the fault %s by its name, %s, when it writes', async (kind, code) => {
    const { system, writable, sample, change } = writing(current);
    const { record } = await writable.upsert('key_1', sample(1));
    await system.inject(kind);
    expect(await failure(writable.upsert('key_2', sample(2)))).toMatchObject({ code });
    expect(await failure(writable.update(record.id, change.fields))).toMatchObject({ code });
  });
}

/** Where Bookbridge deletes records. */
export function itRemoves(current: Current): void {
  it('removes a record, and says of a second time that it is gone', async () => {
    const { resource, writable, remove, sample } = removing(current);
    const { record } = await writable.upsert('key_1', sample(1));
    const other = await writable.upsert('key_2', sample(2));
    await remove(record.id);
    expect(await resource.get(record.id)).toBeNull();
    expect((await listAll(resource)).map(({ id }) => id)).toContain(other.record.id);
    expect(await failure(remove(record.id))).toMatchObject({ code: 'record-missing' });
  });

  it('makes a new record of the key of one that was removed', async () => {
    const { writable, remove, sample } = removing(current);
    const { record } = await writable.upsert('key_1', sample(1));
    await remove(record.id);
    const again = await writable.upsert('key_1', sample(1));
    expect(again.created).toBe(true);
    expect(again.record.id).not.toBe(record.id);
  });

  it('has removed the record where the answer was lost', async () => {
    const { system, resource, writable, remove, sample } = removing(current);
    const { record } = await writable.upsert('key_1', sample(1));
    await system.inject('lost-answer', 1);
    expect(await failure(remove(record.id))).toMatchObject({ code: 'system-unreachable' });
    expect(await failure(remove(record.id))).toMatchObject({ code: 'record-missing' });
    expect(await resource.get(record.id)).toBeNull();
  });

  it('makes one call of a removal', async () => {
    const { system, writable, remove, sample } = removing(current);
    const { record } = await writable.upsert('key_1', sample(1));
    const before = await system.calls();
    await remove(record.id);
    expect(await system.calls() - before).toBe(1);
  });

  it.each(faultCodes)('calls the fault %s by its name, %s, when it removes', async (kind, code) => {
    const { system, writable, remove, sample } = removing(current);
    const { record } = await writable.upsert('key_1', sample(1));
    await system.inject(kind);
    expect(await failure(remove(record.id))).toMatchObject({ code });
  });
}

function removing(current: Current) {
  const parts = writing(current);
  const { remove } = parts.writable;
  if (!remove) throw new Error('the resource removes nothing');
  return { ...parts, remove };
}

/** Where the system can tell a creation from a change within one upsert. */
export function itKeepsInitialFields(current: Current): void {
  it('sets initial fields once and leaves them alone from then on', async () => {
    const { system, resource, writable, sample } = writing(current);
    if (system.initial === undefined) throw new Error('the setup names no initial fields');
    const { record } = await writable.upsert('key_1', sample(1), system.initial.first);
    await writable.upsert('key_1', sample(1), system.initial.second);
    expect((await resource.get(record.id))?.data).toMatchObject(system.initial.shown);
  });
}
