import { randomBytes } from 'node:crypto';
import { createGate } from '../activities/gate.ts';
import { createHttp } from '../connectors/http.ts';
import { announcerOf, type Access } from '../connectors/registry.ts';
import { webhookCredentialName, webhookSchema } from '../domain/credentials.ts';
import { BookbridgeError } from '../domain/errors.ts';
import { integrationOf } from '../integrations/registry.ts';
import type { Bookbridge } from './open.ts';

const PATH_BYTES = 24;
const SECRET_BYTES = 32;

/**
 * Has the other system announce the records that become documents, which are those whose partner may be changed only for a while. They are
 * carried over within seconds then, instead of at the next sync. Address and secret are made once for each integration and kept.
 *
 * @param publicUrl where the other system reaches a worker's webhook listener (BOOKBRIDGE_PUBLIC_URL)
 * @returns whether there is anything to announce
 * @throws BookbridgeError where the other system does not take the registration: the sync finds everything all the same
 */
export async function registerWebhook({ store, config }: Pick<Bookbridge, 'store' | 'config'>, integrationId: string, publicUrl: string): Promise<boolean> {
  const stored = await store.integrations.get(integrationId);
  const integration = integrationOf(stored.kind);
  const { otherSystem } = integration;
  const announcer = announcerOf(otherSystem);
  const context = integration.readContext(stored.settings, stored.facts, stored.id);
  const resources = integration.modules.flatMap(({ document, flows }) => flows
    .filter(({ side, within, mayUpdate }) => side === 'other' && within === undefined && (document !== null || mayUpdate !== undefined))
    .flatMap((flow) => flow.resources(context)));
  if (!announcer || resources.length === 0) return false;
  const access = await accessTo(store, integrationId, otherSystem);
  const name = webhookCredentialName(otherSystem);
  const known = webhookSchema.safeParse(await store.connections.read(integrationId, name)).data;
  const path = known?.path ?? randomBytes(PATH_BYTES).toString('base64url');
  const secret = known?.secret ?? randomBytes(SECRET_BYTES).toString('hex');
  const prefix = `${publicUrl.replace(/\/+$/, '')}/webhooks/${integrationId}/`;
  const url = `${prefix}${path}`;
  // A delivery may come before the answer to the registration does.
  await store.connections.write(integrationId, name, { path, secret, url });
  await announcer.register(access, meansOf({ store, config }, otherSystem), { url, prefixes: [prefix, ...(known ? [known.url] : [])], secret, secretIsKnown: known !== undefined, resources });
  return true;
}

/**
 * Has the other system announce nothing any more. Address and secret are kept: {@link registerWebhook} takes the same ones again.
 *
 * @returns whether there was anything to end
 * @throws BookbridgeError where the other system does not take it: what it announces then is answered, and nothing comes of it
 */
export async function unregisterWebhook({ store, config }: Pick<Bookbridge, 'store' | 'config'>, integrationId: string): Promise<boolean> {
  const { otherSystem } = integrationOf((await store.integrations.get(integrationId)).kind);
  const announcer = announcerOf(otherSystem);
  const known = webhookSchema.safeParse(await store.connections.read(integrationId, webhookCredentialName(otherSystem))).data;
  if (!announcer || !known) return false;
  const access = await accessTo(store, integrationId, otherSystem);
  await announcer.unregister(access, meansOf({ store, config }, otherSystem), [known.url]);
  return true;
}

async function accessTo(store: Bookbridge['store'], integrationId: string, system: string) {
  const access = await store.connections.read(integrationId, system);
  if (!access) throw new BookbridgeError('authorization-revoked', { detail: `${integrationId} has no credentials for ${system} yet` });
  return access;
}

function meansOf({ store, config }: Pick<Bookbridge, 'store' | 'config'>, system: string): Access {
  return { http: createHttp({ timeoutMs: config.callTimeoutMs }), gate: (tenant) => createGate(store.quotas, `${system}:${tenant}`, 'document') };
}
