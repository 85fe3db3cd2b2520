import { z } from 'zod';
import { jsonBody, type Call, type Reply, type Route } from '../kit/call.ts';
import { createRouter } from '../kit/router.ts';
import { addAccessToken, addGrant, revokeGrant } from './accounts/state.ts';
import { booksPrefix, type Books } from './books/api.ts';
import type { Organization } from './books/organization.ts';
import { modules } from './books/routes.ts';
import { laidOver, limitsChangeSchema, type LimitsChange } from './options.ts';

export interface Tokens {
  readonly refreshToken: string;
  readonly accessToken: string;
}

/** Makes a refresh and an access token without anyone pressing Accept; counts towards no limit but the number of tokens. */
export function issueTokens({ accounts }: Books, clientId?: string, scopes: readonly string[] = ['ZohoBooks.fullaccess.all']): Tokens {
  const grant = addGrant(accounts, clientId ?? accounts.clients.keys().next().value ?? '', scopes);
  const accessToken = addAccessToken(accounts, scopes, grant);
  grant.made.clear();
  return { refreshToken: grant.refreshToken, accessToken };
}

/** Every access token ends now; refresh tokens live on. */
export function expireAccessTokens({ accounts }: Books): void {
  accounts.accessTokens.clear();
}

/** Every refresh token ends, as when a user removes the application in Zoho. */
export function revokeAll({ accounts }: Books): void {
  for (const refreshToken of accounts.grants.keys()) revokeGrant(accounts, refreshToken);
}

/**
 * Changes limits from now on; calls counted so far stay counted unless `reset` is given.
 *
 * @param organizationId null changes every organization
 */
export function changeLimits(books: Books, { accounts, reset, ...change }: LimitsChange, organizationId: string | null): void {
  const chosen = organizationId === null ? [...books.organizations.values()] : [known(books, organizationId)];
  for (const { limiter } of chosen) {
    limiter.limits = laidOver(limiter.limits, change);
    if (reset === true) limiter.reset();
  }
  books.accounts.limits = laidOver(books.accounts.limits, accounts ?? {});
}

/** The records of one organization as the API answers them, whole; without an id, how many records each has. */
export function stateOf(books: Books, organizationId: string | null): unknown {
  if (organizationId !== null) return organizationState(known(books, organizationId));
  const counts = ({ contacts, items, invoices, creditnotes }: Organization) => ({ contacts: contacts.size, items: items.size, invoices: invoices.size, creditnotes: creditnotes.size });
  return {
    organizations: Object.fromEntries([...books.organizations].map(([id, organization]) => [id, counts(organization)])),
    accounts: { refreshTokens: books.accounts.grants.size, accessTokens: books.accounts.accessTokens.size },
  };
}

export type OrganizationState = ReturnType<typeof organizationState>;

/** Everything of one organization, in the order it was created. */
export function organizationState(organization: Organization) {
  const { profile, taxes, accounts, users, currencies } = organization;
  const [contacts, items, invoices, creditnotes] = ['contacts', 'items', 'invoices', 'creditnotes'].map((name) => {
    const module = modules.find((one) => one.name === name);
    return module ? organization[module.name].all().map((record) => module.detail(organization, record)) : [];
  });
  return { organization: profile, contacts: contacts ?? [], items: items ?? [], invoices: invoices ?? [], creditnotes: creditnotes ?? [], taxes, accounts, users, currencies };
}

export function known(books: Books, organizationId: string): Organization {
  const organization = books.organizations.get(organizationId);
  if (!organization) throw new Error(`no organization ${organizationId}`);
  return organization;
}

const personSchema = z.object({
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']),
  /** Below `/books/v3`, with its query but without `organization_id`. */
  path: z.string().startsWith('/'),
  organizationId: z.string().optional(),
  json: z.json().optional(),
});
export type PersonsAction = z.output<typeof personSchema>;

/** What a person does in the pages of Books: no token, no limit, no log. */
export async function act(books: Books, routes: readonly Route[], action: PersonsAction): Promise<Reply> {
  const organizationId = action.organizationId ?? books.organizations.keys().next().value ?? '';
  const [path = '', search = ''] = action.path.split('?');
  const match = createRouter(routes)(action.method, booksPrefix + path);
  if (!match) throw new Error(`Books has no ${action.method} ${path}`);
  const query = new URLSearchParams(search);
  query.set('organization_id', organizationId);
  const body = action.json === undefined ? '' : JSON.stringify(action.json);
  return match.route.handle({ method: action.method, path, query, headers: {}, body, params: match.params });
}

/** Control routes of this simulator beyond the kit's. */
export function zohoControl(books: Books, routes: readonly Route[]): Record<string, (call: Call) => Reply | Promise<Reply>> {
  return {
    'POST tokens': (call) => {
      const given = z.object({ clientId: z.string().optional(), scopes: z.array(z.string()).optional() }).parse(jsonBody(call));
      return { status: 200, json: issueTokens(books, given.clientId, given.scopes) };
    },
    'POST tokens/expire': () => {
      expireAccessTokens(books);
      return { status: 200, json: {} };
    },
    'POST tokens/revoke': () => {
      revokeAll(books);
      return { status: 200, json: {} };
    },
    'POST person': (call) => act(books, routes, personSchema.parse(jsonBody(call))),
  };
}

/** `GET` and `POST /_simulator/limits`. */
export function limitsControl(books: Books) {
  return {
    read: () => ({ ...Object.fromEntries([...books.organizations].map(([id, { limiter }]) => [id, limiter.limits])), accounts: books.accounts.limits }),
    change: (value: unknown, query: URLSearchParams) => changeLimits(books, limitsChangeSchema.parse(value), query.get('organization')),
  };
}
