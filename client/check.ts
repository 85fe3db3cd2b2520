import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { checkRequirements, expectNoErrors } from '../activities/activation.ts';
import type { Connectors } from '../activities/connectors.ts';
import { createGate } from '../activities/gate.ts';
import type { Http } from '../connectors/http.ts';
import { openSystem } from '../connectors/registry.ts';
import type { Connector } from '../connectors/resource.ts';
import { createZohoBooks } from '../connectors/zoho-books/index.ts';
import { booksQuotaId, UNIQUE_FIELD } from '../domain/credentials.ts';
import type { JsonObject } from '../domain/json.ts';
import { systemTitle } from '../domain/systems.ts';
import type { Integration } from '../integrations/integration.ts';
import type { Store } from '../store/store.ts';
import type { Authorization } from './authorize.ts';

/** How long connecting waits for a limit of a minute; a limit of a day ends it. */
const WAIT_MAX_MS = 120_000;

const organizationSchema = z.object({
  organization_id: z.string(),
  name: z.string(),
  currency_code: z.string(),
  /** Decimal places of amounts. */
  price_precision: z.coerce.number().int().default(2),
  plan_name: z.string().nullable().default(null),
});

interface Checking {
  readonly integration: Integration;
  readonly settings: JsonObject & { readonly organizationId: string };
  /** Told what a person should know and what stops nothing. */
  readonly remark: (text: string) => void;
}

/**
 * Looks whether both systems are as the settings need them, before anything is stored.
 *
 * @returns what must be known of the organization
 * @throws BookbridgeError naming everything that is wrong
 */
export async function checkSystems(connectors: Connectors, { integration, settings, remark }: Checking): Promise<z.output<typeof organizationSchema>> {
  const { otherSystem } = integration;
  const { organizationId } = settings;
  const { problems, records } = await checkRequirements(connectors, integration.requirements(settings), {
    books: { field: 'Zoho account', remedy: null },
    other: { field: otherSystem, remedy: `Check the address and the credentials of ${systemTitle(otherSystem)} in the settings, and whether it can be reached from here.` },
  }, { waitMaxMs: WAIT_MAX_MS, now: Date.now, sleep: (ms) => delay(ms), onWait: (resumeAtMs) => remark(`No call is allowed before ${new Date(resumeAtMs).toISOString()}; waiting …`) });
  expectNoErrors(problems);
  for (const { field, detail, remedy } of problems) remark(`${field}: ${detail}. ${remedy}`);
  const found = records('books', 'organizations').find(({ id }) => id === organizationId) ?? await connectors.books.readable('organizations').get(organizationId);
  return organizationSchema.parse({ ...found?.data, organization_id: organizationId });
}

interface Opening {
  readonly store: Store;
  readonly http: Http;
}

/** Books with the tokens that were just given, which outlive the checks. */
export function openGranted({ store, http }: Opening, { apiUrl, grant }: Authorization, organizationId: string): Connector {
  const token = () => Promise.resolve(grant.accessToken);
  const gate = createGate(store.quotas, booksQuotaId(organizationId), 'bulk');
  return createZohoBooks({ http, gate, apiUrl, organizationId, uniqueField: UNIQUE_FIELD, tokens: { accessToken: token, renew: token } });
}

/** The other system with access that is not stored yet. */
export function openOther({ store, http }: Opening, system: string, access: JsonObject): Connector {
  return openSystem(system, access, { http, gate: (tenant) => createGate(store.quotas, `${system}:${tenant}`, 'bulk') });
}
