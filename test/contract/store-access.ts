import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { openStore } from '../../store/store.ts';
import { addPage, customer, ending, link, newId, pendingOf, record, startMs, type Current } from './store-under-test.ts';

export function itKeepsIntegrations(current: Current): void {
  it('saves settings again without touching links, changes and the import', async () => {
    const { store, run, integrationId } = current();
    await addPage(current(), [record('a', 0), record('b', 0)], { next: 'page 2' });
    const [first] = await pendingOf(current());
    if (first) await store.endChanges(run, [ending(first, { link: link('a', '1') })]);
    await store.integrations.markImported(integrationId, startMs);
    const saved = { id: integrationId, kind: 'hector', organizationId: '20', settings: { domain: '.eu' }, facts: { currency: 'EUR' } };
    await store.integrations.save(saved);
    expect(await store.integrations.get(integrationId)).toEqual({ ...saved, state: 'active', importedAtMs: startMs });
    expect((await store.links(integrationId, [customer('a')])).size).toBe(1);
    expect(await pendingOf(current())).toHaveLength(1);
    expect((await store.currentPass(integrationId, { module: 'customers', side: 'other', resource: 'customers' })).page).toBe('page 2');
  });

  it('remembers the first import only', async () => {
    const { store, integrationId } = current();
    await store.integrations.markImported(integrationId, startMs);
    await store.integrations.markImported(integrationId, startMs + 1);
    expect((await store.integrations.get(integrationId)).importedAtMs).toBe(startMs);
  });

  it('lists them, and says which one it does not know', async () => {
    const { store, integrationId } = current();
    expect((await store.integrations.list()).map(({ id }) => id)).toContain(integrationId);
    await expect(store.integrations.get('nobody')).rejects.toMatchObject({ code: 'settings-invalid', detail: expect.stringContaining('nobody') });
  });
}

export function itKeepsConnections(current: Current): void {
  const secret = { refreshToken: '1000.0123456789abcdef.fedcba9876543210', nested: { expiresAtMs: 1 } };

  it('gives credentials back as they were, and null where there are none', async () => {
    const { store, other, integrationId } = current();
    expect(await store.connections.read(integrationId, 'zoho')).toBeNull();
    await store.connections.write(integrationId, 'zoho', secret);
    expect(await other.connections.read(integrationId, 'zoho')).toEqual(secret);
  });

  it('leaves no clear text of a secret in any file of the database', async () => {
    const { store, database, integrationId } = current();
    const word = newId('secret');
    await store.connections.write(integrationId, 'zoho', { refreshToken: word });
    await addPage(current(), [record('a', 0)]);
    const files = await Promise.all((await database.files()).map(contentOf));
    expect(files.some((bytes) => bytes.includes(integrationId))).toBe(true);
    expect(files.some((bytes) => bytes.includes(word))).toBe(false);
    expect(files.some((bytes) => bytes.includes(Buffer.from(word).toString('base64').slice(0, 20)))).toBe(false);
  });

  it('opens with no other key, so that none is written with it beside them', async () => {
    const { store, database, integrationId } = current();
    await store.connections.write(integrationId, 'zoho', secret);
    const stranger = openStore({ url: database.url, key: Buffer.alloc(32, 8).toString('base64'), now: Date.now });
    await expect(stranger).rejects.toMatchObject({ code: 'settings-invalid', detail: expect.stringContaining('is not the key') });
    await expect(openStore({ url: database.url, key: 'c2hvcnQ=', now: Date.now })).rejects.toMatchObject({ code: 'settings-invalid' });
  });

  it('leases the right to renew to one worker at a time', async () => {
    const { store, other, clock, integrationId } = current();
    await store.connections.write(integrationId, 'zoho', secret);
    const leases = await Promise.all([store, other, store, other].map(({ connections }) => connections.lease(integrationId, 'zoho', 1_000)));
    const [leaseId, ...more] = leases.filter((lease) => lease !== null);
    expect(more).toEqual([]);
    await store.connections.release(integrationId, 'zoho', 'not the lease');
    expect(await other.connections.lease(integrationId, 'zoho', 1_000)).toBeNull();
    await store.connections.release(integrationId, 'zoho', leaseId ?? '');
    expect(await other.connections.lease(integrationId, 'zoho', 1_000)).not.toBeNull();
    clock.nowMs += 1_000;
    expect(await store.connections.lease(integrationId, 'zoho', 1_000)).not.toBeNull();
  });

  it('renews under the lease only', async () => {
    const { store, clock, integrationId } = current();
    const renewed = { refreshToken: 'renewed' };
    await store.connections.write(integrationId, 'zoho', secret);
    const leaseId = (await store.connections.lease(integrationId, 'zoho', 1_000)) ?? '';
    expect(await store.connections.renew(integrationId, 'zoho', renewed, 'not the lease')).toBe(false);
    expect(await store.connections.renew(integrationId, 'zoho', renewed, leaseId)).toBe(true);
    clock.nowMs += 1_000;
    expect(await store.connections.renew(integrationId, 'zoho', secret, leaseId)).toBe(false);
    expect(await store.connections.read(integrationId, 'zoho')).toEqual(renewed);
  });

  it('ends a lease when a person connects anew, so that what is renewed meanwhile does not overwrite it', async () => {
    const { store, integrationId } = current();
    const fresh = { refreshToken: 'fresh' };
    await store.connections.write(integrationId, 'zoho', secret);
    const leaseId = (await store.connections.lease(integrationId, 'zoho', 60_000)) ?? '';
    await store.connections.write(integrationId, 'zoho', fresh);
    expect(await store.connections.renew(integrationId, 'zoho', secret, leaseId)).toBe(false);
    expect(await store.connections.read(integrationId, 'zoho')).toEqual(fresh);
  });

  it('has nothing to lease where nobody ever connected', async () => {
    const { store, integrationId } = current();
    expect(await store.connections.lease(integrationId, 'zoho', 1_000)).toBeNull();
  });
}

/** A server that is at work has files for a moment only. */
async function contentOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
