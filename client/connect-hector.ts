import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { checkRequirements, expectNoErrors } from '../activities/activation.ts';
import { createGate } from '../activities/gate.ts';
import type { Gate } from '../connectors/gate.ts';
import { createHttp, type Http } from '../connectors/http.ts';
import { openSystem } from '../connectors/registry.ts';
import type { Connector } from '../connectors/resource.ts';
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
/** To write items too, which only the export of parts does, and to look its account up. */
const exportScopes = ['ZohoBooks.settings.CREATE', 'ZohoBooks.settings.UPDATE', 'ZohoBooks.accountants.READ'];

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

/** How long connecting waits for a limit of a minute; a limit of a day ends it. */
const WAIT_MAX_MS = 120_000;

interface ConnectOptions {
  readonly show: (page: { authorizeUrl: string; redirectUri: string }) => void;
  /** How long a person has to press Accept. */
  readonly timeoutMs?: number;
  /** Told what a person should know and what stops nothing. */
  readonly remark?: (text: string) => void;
}

/**
 * Connects Hector with one organization of Zoho Books: authorises, looks whether both systems are as the settings need them, stores
 * settings and credentials, and sets the schedule of the sync up.
 *
 * @param input the settings, unchecked
 * @returns id of the integration
 * @throws BookbridgeError `settings-invalid` naming every wrong field, or the code of the only one that is wrong, with `problems`; having stored
 *   nothing; and those of {@link authorize}
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
  // Until the plan is known, the smallest one is taken for it; an organization that is connected already keeps its own limits.
  if (!(await bookbridge.store.operations.quota(booksQuotaId(organizationId)))) await quotas.configure(booksQuotaId(organizationId), limitsOf(null, setup.limits));
  const organization = await check(bookbridge, setup, authorization, { http, remark });
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

/**
 * Looks at both systems before anything is stored.
 *
 * @returns what must be known of the organization
 * @throws BookbridgeError naming everything that is wrong
 */
async function check({ store }: Bookbridge, { settings, hector }: HectorSetup, authorization: Authorization, { http, remark }: { http: Http; remark: (text: string) => void }) {
  const { organizationId } = settings;
  const { otherSystem } = hectorIntegration;
  const connectors = {
    books: openGranted(authorization, organizationId, { http, gate: createGate(store.quotas, booksQuotaId(organizationId), 'bulk') }),
    other: openSystem(otherSystem, { ...hector }, { http, gate: (tenant) => createGate(store.quotas, `${otherSystem}:${tenant}`, 'bulk') }),
  };
  const { problems, records } = await checkRequirements(connectors, hectorIntegration.requirements({ ...settings }), {
    books: { field: 'Zoho account', remedy: null },
    other: { field: 'hector', remedy: 'Check the address and the token of Hector in the settings, and whether Hector can be reached from here.' },
  }, { waitMaxMs: WAIT_MAX_MS, now: Date.now, sleep: (ms) => delay(ms), onWait: (resumeAtMs) => remark(`No call is allowed before ${new Date(resumeAtMs).toISOString()}; waiting …`) });
  expectNoErrors(problems);
  for (const { field, detail, remedy } of problems) remark(`${field}: ${detail}. ${remedy}`);
  const found = records('books', 'organizations').find(({ id }) => id === organizationId);
  return organizationSchema.parse({ ...found?.data, organization_id: organizationId });
}

/** Books with the tokens that were just given, which outlive the checks. */
function openGranted({ apiUrl, grant }: Authorization, organizationId: string, access: { http: Http; gate: Gate }): Connector {
  const token = () => Promise.resolve(grant.accessToken);
  return createZohoBooks({ ...access, apiUrl, organizationId, uniqueField: UNIQUE_FIELD, tokens: { accessToken: token, renew: token } });
}

async function saveConnection({ store }: Bookbridge, setup: HectorSetup, { accountsUrl, apiUrl, grant }: Authorization, facts: JsonObject): Promise<void> {
  const { id, clientId, clientSecret, hector, settings } = setup;
  await store.integrations.save({ id, kind: 'hector', organizationId: settings.organizationId, settings: { ...settings }, facts });
  await store.connections.write(id, credentialNames.zohoClient, { clientId, clientSecret, accountsUrl, apiUrl });
  await store.connections.write(id, credentialNames.zohoTokens, { ...grant, refusedUntilMs: null });
  await store.connections.write(id, hectorIntegration.otherSystem, { ...hector });
}
