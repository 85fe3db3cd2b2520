import { z } from 'zod';
import { createGate } from '../activities/gate.ts';
import type { Gate } from '../connectors/gate.ts';
import { createHttp, type Http } from '../connectors/http.ts';
import { createZohoBooks } from '../connectors/zoho-books/index.ts';
import { ACCOUNTS_QUOTA_ID, booksQuotaId, credentialNames, hectorAccessSchema, UNIQUE_FIELD } from '../domain/credentials.ts';
import { BookbridgeError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import { describeIssues } from '../integrations/integration.ts';
import { hector as hectorIntegration } from '../integrations/hector/index.ts';
import { settingsSchema } from '../integrations/hector/settings.ts';
import { authorize, type Authorization } from './authorize.ts';
import type { Bookbridge } from './open.ts';
import { limitsOf } from './limits.ts';
import { scheduleSync } from './runs.ts';
import { registerWebhook } from './webhooks.ts';

/** The settings page of the guide (2.4) as one object. */
export const hectorSetupSchema = z.object({
  /** How this integration is called in commands, workflow ids and keys; never changed afterwards. */
  id: z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case letters, digits and dashes').default('hector'),
  clientId: z.string().trim().min(1, 'must not be empty'),
  clientSecret: z.string().trim().min(1, 'must not be empty'),
  domain: z.string().trim().min(1, 'must be the domain of your Books, such as .com'),
  redirectUri: z.url().default('http://localhost:8414/callback'),
  hector: hectorAccessSchema,
  settings: settingsSchema,
  syncIntervalSeconds: z.int().min(1).default(60),
  /** Other limits than those of the organization's plan. */
  limits: z.object({
    minute: z.object({ calls: z.int().min(1), windowMs: z.int().min(1) }),
    day: z.object({ calls: z.int().min(1), windowMs: z.int().min(1) }),
    concurrent: z.int().min(1),
  }).partial().default({}),
});

type HectorSetup = z.output<typeof hectorSetupSchema>;

/** What Bookbridge asks to be allowed: to write contacts and invoices, to read items (Books counts them as settings). */
const scopes = ['ZohoBooks.contacts.ALL', 'ZohoBooks.invoices.ALL', 'ZohoBooks.settings.READ'];
/** To write items too, which only the export of parts does. */
const exportScopes = ['ZohoBooks.settings.CREATE', 'ZohoBooks.settings.UPDATE'];

const organizationSchema = z.object({
  organization_id: z.string(),
  name: z.string(),
  currency_code: z.string(),
  /** Decimal places of amounts. */
  price_precision: z.coerce.number().int().default(2),
  plan_name: z.string().nullable().default(null),
});

/**
 * @param input the settings, unchecked
 * @throws BookbridgeError `settings-invalid` naming every wrong field
 */
export function readHectorSetup(input: unknown): HectorSetup {
  const parsed = hectorSetupSchema.safeParse(input);
  if (!parsed.success) throw new BookbridgeError('settings-invalid', { detail: describeIssues(parsed.error) });
  return parsed.data;
}

interface ConnectOptions {
  readonly show: (page: { authorizeUrl: string; redirectUri: string }) => void;
  /** How long a person has to press Accept. */
  readonly timeoutMs?: number;
  /** Told what a person should know and what stops nothing. */
  readonly remark?: (text: string) => void;
}

/**
 * Connects Hector with one organization of Zoho Books: authorises, reads what it must know of the organization, stores
 * settings and credentials, and sets the schedule of the sync up.
 *
 * @param input the settings, unchecked
 * @returns id of the integration
 * @throws BookbridgeError `settings-invalid` naming every wrong field, `organization-unknown`, and those of {@link authorize}
 */
export async function connectHector(bookbridge: Bookbridge, input: unknown, { show, timeoutMs = 600_000, remark = () => undefined }: ConnectOptions): Promise<string> {
  const setup = readHectorSetup(input);
  const client = { clientId: setup.clientId, clientSecret: setup.clientSecret };
  const { quotas } = bookbridge.store;
  const http = createHttp({ timeoutMs: bookbridge.config.callTimeoutMs });
  const accountsGate = createGate(quotas, ACCOUNTS_QUOTA_ID, 'bulk');
  const authorization = await authorize({
    http: (call) => accountsGate.pass(() => http(call)), client, scopes: setup.settings.purchaseAccountId === null ? scopes : [...scopes, ...exportScopes], show, timeoutMs, domain: setup.domain, redirectUri: new URL(setup.redirectUri), override: bookbridge.config.zoho,
  });
  const { organizationId } = setup.settings;
  const gate = createGate(quotas, booksQuotaId(organizationId), 'bulk');
  const organization = await readOrganization(authorization, organizationId, { http, gate });
  await saveConnection(bookbridge, setup, authorization, {
    currencyCode: organization.currency_code, digits: organization.price_precision, name: organization.name,
  });
  await quotas.configure(booksQuotaId(organizationId), limitsOf(organization.plan_name, setup.limits));
  await scheduleSync(bookbridge, setup.id, setup.syncIntervalSeconds);
  await announce(bookbridge, setup.id, remark);
  return setup.id;
}

/** Webhooks only save time: what is not announced, the sync finds. */
async function announce(bookbridge: Bookbridge, integrationId: string, remark: (text: string) => void): Promise<void> {
  const { publicUrl } = bookbridge.config;
  if (publicUrl === null) return;
  try {
    await registerWebhook(bookbridge, integrationId, publicUrl);
  } catch (error) {
    if (!(error instanceof BookbridgeError)) throw error;
    remark(`Hector was not asked to announce completed loaners; they are found by the sync. ${error.message}`);
  }
}

async function readOrganization({ apiUrl, grant }: Authorization, organizationId: string, access: { http: Http; gate: Gate }) {
  const token = () => Promise.resolve(grant.accessToken);
  const books = createZohoBooks({
    ...access, apiUrl, organizationId, uniqueField: UNIQUE_FIELD, tokens: { accessToken: token, renew: token },
  });
  const { records } = await books.readable('organizations').list({ since: null, page: null });
  const found = records.find(({ id }) => id === organizationId);
  if (!found) {
    const known = records.map(({ id }) => id).join(', ');
    throw new BookbridgeError('organization-unknown', { detail: `organizationId: the user belongs to ${known || 'no organization'}` });
  }
  return organizationSchema.parse({ ...found.data, organization_id: found.id });
}

async function saveConnection({ store }: Bookbridge, setup: HectorSetup, { accountsUrl, apiUrl, grant }: Authorization, facts: JsonObject): Promise<void> {
  const { id, clientId, clientSecret, hector, settings } = setup;
  await store.integrations.save({ id, kind: 'hector', organizationId: settings.organizationId, settings: { ...settings }, facts });
  await store.connections.write(id, credentialNames.zohoClient, { clientId, clientSecret, accountsUrl, apiUrl });
  await store.connections.write(id, credentialNames.zohoTokens, { ...grant, refusedUntilMs: null });
  await store.connections.write(id, hectorIntegration.otherSystem, { ...hector });
}
