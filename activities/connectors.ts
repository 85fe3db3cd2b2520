import type { Http } from '../connectors/http.ts';
import { openSystem } from '../connectors/registry.ts';
import type { Connector } from '../connectors/resource.ts';
import { createZohoBooks } from '../connectors/zoho-books/index.ts';
import { createZohoAccounts } from '../connectors/zoho/accounts.ts';
import { createTokenSource, type TokenVault } from '../connectors/zoho/tokens.ts';
import { ACCOUNTS_QUOTA_ID, booksQuotaId, credentialNames, UNIQUE_FIELD, zohoClientSchema, zohoTokensSchema } from '../domain/credentials.ts';
import { BookbridgeError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Connections } from '../store/integrations.ts';
import type { Purpose } from '../store/quotas.ts';
import type { Integration as StoredIntegration, Side } from '../store/types.ts';
import type { Deps } from './deps.ts';
import { createGate } from './gate.ts';

/** Both systems of one integration, ready to be called. */
export type Connectors = Readonly<Record<Side, Connector>>;

interface ConnectRequest {
  readonly integration: Pick<StoredIntegration, 'id' | 'organizationId'>;
  readonly otherSystem: string;
  readonly purpose: Purpose;
  readonly signal: AbortSignal;
}

/** @throws BookbridgeError `authorization-revoked` where a connection was never authorised */
export async function openConnectors(deps: Deps, request: ConnectRequest): Promise<Connectors> {
  const http = deps.http(request.signal);
  const [books, other] = await Promise.all([openBooks(deps, http, request), openOther(deps, http, request)]);
  return { books, other };
}

async function openBooks(deps: Deps, http: Http, { integration, purpose }: ConnectRequest): Promise<Connector> {
  const { store, now, sleep } = deps;
  const client = zohoClientSchema.parse(await stored(store.connections, integration.id, credentialNames.zohoClient));
  // Calls to the accounts server count towards no limit of Books, but they are counted.
  const accountsGate = createGate(store.quotas, ACCOUNTS_QUOTA_ID, purpose);
  const accounts = createZohoAccounts({ http: (call) => accountsGate.pass(() => http(call)), now, accountsUrl: client.accountsUrl });
  const tokens = createTokenSource({ accounts, client, vault: createVault(store.connections, integration.id), now, sleep });
  return createZohoBooks({
    http, apiUrl: client.apiUrl, organizationId: integration.organizationId, tokens, uniqueField: UNIQUE_FIELD,
    gate: createGate(store.quotas, booksQuotaId(integration.organizationId), purpose),
  });
}

async function openOther(deps: Deps, http: Http, { integration, otherSystem, purpose }: ConnectRequest): Promise<Connector> {
  const secret = await stored(deps.store.connections, integration.id, otherSystem);
  return openSystem(otherSystem, secret, { http, gate: (tenant) => createGate(deps.store.quotas, `${otherSystem}:${tenant}`, purpose) });
}

async function stored(connections: Connections, integrationId: string, name: string): Promise<JsonObject> {
  const secret = await connections.read(integrationId, name);
  if (secret === null) throw new BookbridgeError('authorization-revoked', { detail: `${integrationId} has no credentials for ${name} yet` });
  return secret;
}

/** The tokens of one integration, as the token source keeps them. */
function createVault(connections: Connections, integrationId: string): TokenVault {
  const name = credentialNames.zohoTokens;
  return {
    async read() {
      const secret = await connections.read(integrationId, name);
      return secret && zohoTokensSchema.parse(secret);
    },
    write: (tokens, leaseId) => connections.renew(integrationId, name, { ...tokens }, leaseId),
    lease: (forMs) => connections.lease(integrationId, name, forMs),
    release: (leaseId) => connections.release(integrationId, name, leaseId),
  };
}
