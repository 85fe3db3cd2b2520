import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openGate, type Gate } from '../../connectors/gate.ts';
import { failure, faultCodes, listAll, type Context, type Current, type ResourceTraits, type ResourceUnderTest } from './resource-under-test.ts';
import { itKeepsInitialFields, itRemoves, itWrites } from './resource-writes.ts';

/**
 * What every resource promises, whatever system it belongs to.
 *
 * @param setup starts the system and connects to it through the given gate
 */
export function describeResource(name: string, traits: ResourceTraits, setup: (gate: Gate) => Promise<ResourceUnderTest>): void {
  describe.each([name])('%s', () => {
    let context: Context | undefined;
    const current: Current = () => {
      if (context === undefined) throw new Error('no system was set up');
      return context;
    };

    beforeEach(async () => {
      const refused: string[] = [];
      const system = await setup({
        pass: (call) => {
          if (context) context.passed += 1;
          return openGate.pass(call);
        },
        refused: (code, resumeAtMs) => {
          refused.push(code);
          return Promise.resolve(resumeAtMs ?? Date.now() + 1000);
        },
      });
      context = { system, resource: system.connector.readable(system.resourceName), passed: 0, refused };
    });
    afterEach(async () => {
      await context?.system.close();
      context = undefined;
    });

    itLists(traits, current);
    if (traits.listing === 'changed') itListsChanges(traits, current);
    if (traits.listsDeletions === true) itListsDeletions(current);
    itReads(current);
    if (traits.writable) itWrites(current);
    if (traits.writable) itSaysWhatItRemoves(traits, current);
    if (traits.keepsInitial === true) itKeepsInitialFields(current);
    if (traits.removable === true) itRemoves(current);
  });
}

function itSaysWhatItRemoves(traits: ResourceTraits, current: Current): void {
  it('says whether records of this kind are removed', () => {
    const { system } = current();
    expect(system.connector.writable(system.resourceName).remove !== undefined).toBe(traits.removable === true);
  });
}

function itLists(traits: ResourceTraits, current: Current): void {
  it('lists every record once, over all pages, with text for ids', async () => {
    const { system, resource } = current();
    const seeded = await system.seed(2 * traits.pageSize + 1);
    const ids = (await listAll(resource)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining([...seeded]));
    expect(ids.every((id) => typeof id === 'string' && id !== '')).toBe(true);
  });

  it('says whether the system can list changes', () => {
    expect(current().resource.listing).toBe(traits.listing);
  });

  it('does not lose a record that changes while it is listing', async () => {
    const { system, resource } = current();
    const ids = await system.seed(traits.pageSize + 10);
    const startedAt = new Date(Date.now() - (traits.clockStepMs ?? 1)).toISOString();
    const firstPage = await resource.list({ since: null, page: null });
    const early = firstPage.records[0]?.id ?? '';
    const late = ids.findLast((id) => firstPage.records.every((record) => record.id !== id)) ?? '';
    const shownEarly = await system.touch(early);
    const shownLate = await system.touch(late);
    const rest = firstPage.next === null ? [] : await listAll(resource, null, firstPage.next);
    const nextPass = await listAll(resource, startedAt);
    const seen = [...rest, ...nextPass];
    expect(seen.findLast(({ id }) => id === early)?.data).toMatchObject(shownEarly);
    expect(seen.findLast(({ id }) => id === late)?.data).toMatchObject(shownLate);
    const all = new Set([...firstPage.records, ...seen].map(({ id }) => id));
    expect(ids.filter((id) => !all.has(id))).toEqual([]);
  });

  it('goes on behind a record it cannot read, and says what is wrong with it', async ({ skip }) => {
    const { system, resource } = current();
    if (!system.spoil) skip('this system cannot be brought to give an unreadable record');
    const [good = '', bad = ''] = await system.seed(2);
    await system.spoil?.(bad);
    const page = await resource.list({ since: null, page: null });
    expect(page.records.map(({ id }) => id)).toContain(good);
    expect(page.unreadable).toEqual([{ id: bad, detail: expect.stringMatching(/^\S+: ./) }]);
  });
}

function itListsChanges(traits: ResourceTraits, current: Current): void {
  it('lists only what changed since a time, that time included', async () => {
    const { system, resource } = current();
    const [first, second = ''] = await system.seed(2);
    await delay(2 * (traits.clockStepMs ?? 1));
    await system.touch(second);
    const touched = await resource.get(second);
    const listed = (await listAll(resource, touched?.modifiedAt)).map(({ id }) => id);
    expect(listed).toContain(second);
    expect(listed).not.toContain(first);
  });
}

function itListsDeletions(current: Current): void {
  it('lists a deletion among the changes, and only there', async () => {
    const { system, resource } = current();
    const [id = ''] = await system.seed(2);
    const before = await resource.get(id);
    await system.remove(id);
    const changes = await listAll(resource, before?.modifiedAt);
    expect(changes.find((record) => record.id === id)).toEqual({ id, modifiedAt: expect.any(String), data: {}, deleted: true });
    expect((await listAll(resource)).map((record) => record.id)).not.toContain(id);
  });
}

function itReads(current: Current): void {
  it('gets one record, and null where there is none', async () => {
    const { system, resource } = current();
    const [id = ''] = await system.seed(1);
    expect((await resource.get(id))?.id).toBe(id);
    await system.remove(id);
    expect(await resource.get(id)).toBeNull();
  });

  it('takes every call from the quota', async () => {
    const context = current();
    const [id = ''] = await context.system.seed(1);
    const before = await context.system.calls();
    await context.resource.list({ since: null, page: null });
    await context.resource.get(id);
    expect(context.passed).toBe(2);
    expect((await context.system.calls()) - before).toBe(2);
  });

  it.each(faultCodes)('calls the fault %s by its name, %s, when it reads', async (kind, code) => {
    const { system, resource } = current();
    const [id = ''] = await system.seed(1);
    await system.inject(kind);
    expect(await failure(resource.list({ since: null, page: null }))).toMatchObject({ code });
    expect(await failure(resource.get(id))).toMatchObject({ code });
  });

  it('tells the quota of a limit, and the caller when to come back', async () => {
    const { system, resource, refused } = current();
    const nowMs = Date.now();
    await system.inject('limit-minute');
    const error = await failure(resource.list({ since: null, page: null }));
    expect(refused).toEqual(['limit-minute']);
    expect(error.resumeAtMs).toBeGreaterThan(nowMs);
  });
}
