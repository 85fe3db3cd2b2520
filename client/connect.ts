import { createGate } from '../activities/gate.ts';
import { createHttp, type Http } from '../connectors/http.ts';
import { urlsOfDomain, type ZohoUrls } from '../connectors/zoho/data-centers.ts';
import { ACCOUNTS_QUOTA_ID, booksQuotaId, credentialNames } from '../domain/credentials.ts';
import { BookbridgeError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import { systemTitle } from '../domain/systems.ts';
import type { Integration } from '../integrations/integration.ts';
import { integrationOf } from '../integrations/registry.ts';
import type { Integration as StoredIntegration } from '../store/types.ts';
import { ensureSearchAttributes } from '../worker/search-attributes.ts';
import { authorize, type Authorization } from './authorize.ts';
import { checkSystems, openGranted, openOther } from './check.ts';
import { choiceOf, limitsOf, storedChoice, type LimitChoice } from './limits.ts';
import type { Bookbridge } from './open.ts';
import { scheduleSync } from './runs.ts';
import { readSetup, type Setup } from './setup.ts';
import { registerWebhook, unregisterWebhook } from './webhooks.ts';

export interface ConnectOptions {
  /** Told the address a person must open. */
  readonly show: (page: { authorizeUrl: string; redirectUri: string }) => void;
  /** How long a person has to press Accept. */
  readonly timeoutMs?: number;
  /** Told what a person should know and what stops nothing. */
  readonly remark?: (text: string) => void;
}

/**
 * Connects a system with one organization of Zoho Books: authorises, looks whether both systems are as the settings need them, stores
 * settings and credentials, and sets the schedule of the sync up.
 *
 * @param kind kind of the integration, such as `hector`
 * @param input the settings, unchecked
 * @returns id of the integration
 * @throws BookbridgeError `settings-invalid` naming every wrong field, or the code of the only one that is wrong, with `problems`; having stored
 *   nothing; and those of {@link authorize}
 */
export async function connectSystem(bookbridge: Bookbridge, kind: string, input: unknown, { show, timeoutMs = 600_000, remark = () => undefined }: ConnectOptions): Promise<string> {
  const { store, config, temporal } = bookbridge;
  const integration = integrationOf(kind);
  const setup = readSetup(integration, input, config.systemUrls);
  const { id, settings } = setup;
  const others = await othersThan(bookbridge, setup, kind);
  // On a server that no worker has met yet, the schedule could not be made, and what is stored would never sync.
  await ensureSearchAttributes(temporal.connection, temporal.options.namespace);
  const http = createHttp({ timeoutMs: config.callTimeoutMs });
  const authorization = await askPerson(bookbridge, { ...setup, asked: urlsOfDomain(setup.domain, config.zoho ?? undefined), http, scopes: integration.scopes(settings), show, timeoutMs });
  const quotaId = booksQuotaId(settings.organizationId);
  // Until the plan is known, the smallest one is taken for it; an organization that is connected already keeps its own limits.
  if (!(await store.operations.quota(quotaId))) await store.quotas.configure(quotaId, limitsOf(null, [choiceIn(setup)]));
  const opening = { store, http };
  const connectors = { books: openGranted(opening, authorization, settings.organizationId), other: openOther(opening, integration.otherSystem, setup.access) };
  const organization = await checkSystems(connectors, { integration, settings, remark });
  await save(bookbridge, integration, setup, authorization, {
    currencyCode: organization.currency_code, digits: organization.price_precision, name: organization.name, limits: storedChoice(choiceIn(setup)),
  });
  await store.quotas.configure(quotaId, limitsOf(organization.plan_name, [choiceIn(setup), ...others.map(choiceOf)]));
  await scheduleSync(bookbridge, id, setup.syncIntervalSeconds);
  await announce(bookbridge, id, remark);
  return id;
}

/**
 * Looks at what is stored already.
 *
 * @returns the other integrations of the same organization, which share its calls
 * @throws BookbridgeError `settings-invalid` where the id belongs to something else, whose links would be mistaken for ours
 */
async function othersThan({ store }: Bookbridge, { id, settings: { organizationId } }: Setup, kind: string): Promise<StoredIntegration[]> {
  const all = await store.integrations.list();
  const before = all.find((integration) => integration.id === id);
  if (before && before.kind !== kind) throw new BookbridgeError('settings-invalid', { detail: `id: "${id}" is an integration with ${systemTitle(before.kind)} already; choose another id` });
  if (before && before.organizationId !== organizationId) {
    throw new BookbridgeError('settings-invalid', { detail: `settings.organizationId: "${id}" is connected with the organization ${before.organizationId}, to which its links belong; choose another id for another organization` });
  }
  return all.filter((integration) => integration.id !== id && integration.organizationId === organizationId);
}

interface Asking extends Pick<ConnectOptions, 'show'> {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly asked: ZohoUrls;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly http: Http;
  readonly timeoutMs: number;
}

/** Has a person authorise Bookbridge. */
export function askPerson({ store, config }: Bookbridge, { clientId, clientSecret, redirectUri, http, asked, scopes, show, timeoutMs }: Asking): Promise<Authorization> {
  const accountsGate = createGate(store.quotas, ACCOUNTS_QUOTA_ID, 'bulk');
  return authorize({
    asked, scopes, show, timeoutMs, http: (call) => accountsGate.pass(() => http(call)), client: { clientId, clientSecret }, redirectUri: new URL(redirectUri), override: config.zoho,
  });
}

/** Webhooks only save time: what is not announced, the sync finds. Nothing is announced to an integration that is disabled. */
export async function announce(bookbridge: Bookbridge, integrationId: string, remark: (text: string) => void): Promise<void> {
  const { publicUrl } = bookbridge.config;
  const { state, kind } = await bookbridge.store.integrations.get(integrationId);
  if (publicUrl === null || state === 'disabled') return;
  await trying(() => registerWebhook(bookbridge, integrationId, publicUrl), (reason) => {
    remark(`${systemTitle(integrationOf(kind).otherSystem)} was not asked to announce what changes; it is found by the sync. ${reason}`);
  });
}

/** Ends what {@link announce} began. Where the other system does not take it, deliveries go on, and nothing comes of them. */
export async function stopAnnouncing(bookbridge: Bookbridge, integrationId: string, remark: (text: string) => void): Promise<void> {
  const { kind } = await bookbridge.store.integrations.get(integrationId);
  await trying(() => unregisterWebhook(bookbridge, integrationId), (reason) => {
    remark(`${systemTitle(integrationOf(kind).otherSystem)} still announces what changes, and nothing comes of it; repeat the command to end that. ${reason}`);
  });
}

async function trying(work: () => Promise<unknown>, onFailure: (reason: string) => void): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof BookbridgeError)) throw error;
    onFailure(error.message);
  }
}

function choiceIn({ limits, dailyShare, documentShare }: Setup): LimitChoice {
  return { ...limits, dailyShare, documentShare };
}

async function save({ store }: Bookbridge, { kind, otherSystem }: Integration, { id, clientId, clientSecret, redirectUri, settings, access }: Setup, authorization: Authorization, facts: JsonObject): Promise<void> {
  await store.integrations.save({ id, kind, organizationId: settings.organizationId, settings, facts });
  await saveAuthorization({ store }, id, { clientId, clientSecret, redirectUri }, authorization);
  await store.connections.write(id, otherSystem, access);
}

/** Stores what Books is called with from now on. */
export async function saveAuthorization({ store }: Pick<Bookbridge, 'store'>, id: string, client: { clientId: string; clientSecret: string; redirectUri: string }, { accountsUrl, apiUrl, grant }: Authorization): Promise<void> {
  await store.connections.write(id, credentialNames.zohoClient, { ...client, accountsUrl, apiUrl });
  await store.connections.write(id, credentialNames.zohoTokens, { ...grant, refusedUntilMs: null });
}
