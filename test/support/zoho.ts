import { setTimeout as delay } from 'node:timers/promises';
import { openGate, type Gate } from '../../connectors/gate.ts';
import { createHttp, type Http } from '../../connectors/http.ts';
import type { Connector } from '../../connectors/resource.ts';
import { createZohoBooks } from '../../connectors/zoho-books/index.ts';
import { createZohoAccounts, type AuthorizationGrant, type ZohoClient } from '../../connectors/zoho/accounts.ts';
import { createTokenSource, type TokenSource } from '../../connectors/zoho/tokens.ts';
import { createMemoryVault, type MemoryVault } from './memory-vault.ts';

/** The client and the organization that the Zoho simulator has unless it is told otherwise. */
export const zohoClient: ZohoClient = { clientId: '1000.BOOKBRIDGE', clientSecret: 'bookbridge-secret' };
const zohoOrganizationId = '60012345678';
export const zohoRedirectUri = 'http://localhost/callback';
const zohoScopes = ['ZohoBooks.contacts.ALL', 'ZohoBooks.invoices.ALL', 'ZohoBooks.creditnotes.ALL', 'ZohoBooks.settings.ALL', 'ZohoBooks.accountants.READ'];

const http = createHttp({ timeoutMs: 30_000 });

/** Opens the authorize page as a person would, presses the link with this id, and gives what the callback says. */
export async function answerAuthorizePage(url: string, press: 'accept' | 'reject', scopes = zohoScopes): Promise<URLSearchParams> {
  const accounts = createZohoAccounts({ http, now: Date.now, accountsUrl: url });
  const asked = accounts.authorizeUrl({ clientId: zohoClient.clientId, redirectUri: zohoRedirectUri, scopes, state: 'state-1' });
  const page = await (await fetch(asked)).text();
  const href = new RegExp(`id="${press}" href="([^"]+)"`).exec(page)?.[1];
  if (href === undefined) throw new Error(`the page has no ${press}: ${page}`);
  const answer = await fetch(new URL(href.replaceAll('&amp;', '&'), url), { redirect: 'manual' });
  return new URL(answer.headers.get('location') ?? '').searchParams;
}

/** Authorises against a Zoho simulator. */
export async function authorize(url: string, scopes = zohoScopes): Promise<AuthorizationGrant> {
  const callback = await answerAuthorizePage(url, 'accept', scopes);
  const accounts = createZohoAccounts({ http, now: Date.now, accountsUrl: url });
  return accounts.exchangeCode({ ...zohoClient, redirectUri: zohoRedirectUri, code: callback.get('code') ?? '' });
}

export interface ConnectedBooks {
  readonly books: Connector;
  readonly tokens: TokenSource;
  readonly vault: MemoryVault;
}

interface ConnectOptions {
  readonly scopes?: readonly string[];
  readonly gate?: Gate;
  readonly organizationId?: string;
  /** Wraps the HTTP client of the connector, for instance to record what goes through. */
  readonly through?: (http: Http) => Http;
}

/** The Books connector, authorised against a Zoho simulator, with its tokens in memory. */
export async function connectBooks(url: string, { scopes = zohoScopes, gate = openGate, organizationId = zohoOrganizationId, through = (inner) => inner }: ConnectOptions = {}): Promise<ConnectedBooks> {
  const grant = await authorize(url, [...scopes]);
  const vault = createMemoryVault({ ...grant, refusedUntilMs: null });
  const accounts = createZohoAccounts({ http, now: Date.now, accountsUrl: url });
  const tokens = createTokenSource({ accounts, client: zohoClient, vault, now: Date.now, sleep: (ms) => delay(ms), pollMs: 5 });
  const books = createZohoBooks({ http: through(http), apiUrl: url, organizationId, tokens, gate, uniqueField: 'cf_bookbridge_id' });
  return { books, tokens, vault };
}
