import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { openConnectors } from '../activities/connectors.ts';
import { accessSchemaOf } from '../connectors/registry.ts';
import { createHttp } from '../connectors/http.ts';
import { urlsOfDomain } from '../connectors/zoho/data-centers.ts';
import { credentialNames, zohoClientSchema } from '../domain/credentials.ts';
import type { JsonObject } from '../domain/json.ts';
import { integrationOf } from '../integrations/registry.ts';
import type { Integration as StoredIntegration } from '../store/types.ts';
import type { Authorization } from './authorize.ts';
import { checkSystems, openGranted, openOther } from './check.ts';
import { announce, askPerson, saveAuthorization, type ConnectOptions } from './connect.ts';
import type { Bookbridge } from './open.ts';
import { commonSetupSchema, expectEntered, placed } from './setup.ts';

/** What replaces stored credentials; what is absent stays. */
export interface NewCredentials {
  /** Books: a person is asked to press Accept again. */
  readonly zoho: { readonly clientId?: string | undefined; readonly clientSecret?: string | undefined; readonly domain?: string | undefined } | null;
  readonly redirectUri?: string | undefined;
  /** The other system: fields of its access that are new. */
  readonly access: JsonObject | null;
}

/**
 * Reads credentials from a file of settings, the whole of it or a part. Whatever else stands in it stays as it is stored.
 *
 * @throws BookbridgeError `settings-invalid` naming every wrong field
 */
export function readCredentials({ id, kind }: Pick<StoredIntegration, 'id' | 'kind'>, input: unknown): NewCredentials {
  const { otherSystem } = integrationOf(kind);
  const { clientId, clientSecret, domain, redirectUri } = commonSetupSchema.shape;
  const others = Object.fromEntries([...Object.keys(commonSetupSchema.shape), 'settings'].map((field) => [field, z.unknown().optional()]));
  const data = expectEntered(z.strictObject({
    ...others, id: z.literal(id, `must be ${id}, the integration whose credentials are replaced`).optional(),
    clientId: clientId.optional(), clientSecret: clientSecret.optional(), domain: domain.optional(), redirectUri: redirectUri.unwrap().optional(),
    [otherSystem]: accessSchemaOf(otherSystem).strict().partial().optional(),
  }), input);
  // As it was entered: what the schema would put in the place of an absent field is not new.
  const { [otherSystem]: access } = z.record(z.string(), z.unknown()).parse(input);
  const client = z.object({ clientId: z.string(), clientSecret: z.string(), domain: z.string() }).partial().parse(data);
  return {
    zoho: Object.values(client).some((value) => value !== undefined) ? client : null,
    redirectUri: z.string().optional().parse(data['redirectUri']),
    access: z.record(z.string(), z.json()).optional().parse(access) ?? null,
  };
}

/**
 * Replaces credentials of an integration, once they have been looked at with both systems; its links, settings and state stay.
 *
 * @throws BookbridgeError `settings-invalid` naming every wrong field, or what is wrong with either system; having stored nothing
 */
export async function replaceCredentials(bookbridge: Bookbridge, stored: StoredIntegration, given: NewCredentials, { show, timeoutMs = 600_000, remark = () => undefined }: ConnectOptions): Promise<void> {
  const { store, config } = bookbridge;
  const { id, organizationId } = stored;
  const integration = integrationOf(stored.kind);
  const { otherSystem } = integration;
  const access = given.access && readAccess(otherSystem, { ...(await store.connections.read(id, otherSystem)), ...given.access }, config.systemUrls[otherSystem]);
  const http = createHttp({ timeoutMs: config.callTimeoutMs });
  const settings = { ...stored.settings, organizationId };
  const before = zohoClientSchema.parse(await store.connections.read(id, credentialNames.zohoClient));
  const client = { clientId: given.zoho?.clientId ?? before.clientId, clientSecret: given.zoho?.clientSecret ?? before.clientSecret };
  const redirectUri = given.redirectUri ?? before.redirectUri ?? commonSetupSchema.shape.redirectUri.parse(undefined);
  const authorization: Authorization | null = given.zoho && await askPerson(bookbridge, {
    ...client, http, show, timeoutMs, scopes: integration.scopes(settings), redirectUri,
    asked: given.zoho.domain === undefined ? before : urlsOfDomain(given.zoho.domain, config.zoho ?? undefined),
  });
  const current = await openConnectors(
    { store, now: Date.now, sleep: (ms) => delay(ms), lanes: 1, mail: null, noticeAfterMs: config.noticeAfterMs, http: () => http },
    { integration: stored, otherSystem, purpose: 'bulk', signal: new AbortController().signal },
  );
  await checkSystems({
    books: authorization ? openGranted({ store, http }, authorization, organizationId) : current.books,
    other: access ? openOther({ store, http }, otherSystem, access) : current.other,
  }, { integration, settings, remark });
  if (authorization) await saveAuthorization(bookbridge, id, { ...client, redirectUri }, authorization);
  if (!access) return;
  await store.connections.write(id, otherSystem, access);
  await announce(bookbridge, id, remark);
}

function readAccess(system: string, access: JsonObject, url: string | undefined): JsonObject {
  return expectEntered(z.object({ [system]: accessSchemaOf(system) }), { [system]: placed(access, url) })[system] ?? {};
}
