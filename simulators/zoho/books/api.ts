import type { Call, Reply, Route } from '../../kit/call.ts';
import { accessTokenOf } from '../accounts/token.ts';
import { scopesOf, type AccountsState } from '../accounts/state.ts';
import type { Organization } from './organization.ts';
import { BooksRefusal, notFound, refusals } from './refusal.ts';
import { done, type BooksRoute } from './route.ts';
import { answer, booksRoutes } from './routes.ts';

export const booksPrefix = '/books/v3';

export interface Books {
  readonly accounts: AccountsState;
  /** By id. */
  readonly organizations: ReadonlyMap<string, Organization>;
  readonly quotaHeaders: boolean;
}

/** Books as HTTP routes: `/organizations` stands above the organizations, everything else works on one. */
export function booksHttpRoutes(books: Books): Route[] {
  const above: Route[] = [
    {
      method: 'GET',
      path: `${booksPrefix}/organizations`,
      handle: () => done({ organizations: [...books.organizations.values()].map(({ profile }) => profile) }),
    },
    {
      method: 'GET',
      path: `${booksPrefix}/organizations/:id`,
      handle: (call) => {
        const organization = books.organizations.get(call.params['id'] ?? '');
        return organization ? done({ organization: organization.profile }) : notFound('Organization').reply;
      },
    },
  ];
  return [...above, ...booksRoutes().map((route) => httpRoute(books, route))];
}

function httpRoute(books: Books, route: BooksRoute): Route {
  return {
    method: route.method,
    path: booksPrefix + route.path,
    handle: (call) => {
      const organization = organizationOf(books, call);
      const reply = answer(route, { organization, call, nowMs: Date.now() });
      return withQuota(books, organization, reply);
    },
  };
}

function withQuota(books: Books, { limiter }: Organization, reply: Reply): Reply {
  return books.quotaHeaders ? { ...reply, headers: { ...reply.headers, ...limiter.headers(Date.now()) } } : reply;
}

function organizationOf(books: Books, call: Call): Organization {
  const id = call.query.get('organization_id') ?? '';
  const organization = books.organizations.get(id);
  if (!organization) throw refusals.foreignOrganization(id);
  return organization;
}

/**
 * Lets a call in: token, scope, organization, limits, in this order. Calls that fail before the limits count towards none.
 *
 * @returns the refusal, or what is to be called when the call is over
 */
export function admitToBooks(books: Books, call: Call): Reply | (() => void) | null {
  try {
    const token = accessTokenOf(call);
    if (token === null) throw refusals.noAuthentication();
    const scopes = scopesOf(books.accounts, token);
    if (!scopes || !allows(scopes, call)) throw refusals.notAuthorized();
    if (call.path.startsWith(`${booksPrefix}/organizations`)) return null;
    const organization = organizationOf(books, call);
    const refusal = organization.limiter.enter(Date.now());
    return refusal ? withQuota(books, organization, refusal.reply) : organization.limiter.leave;
  } catch (error) {
    if (error instanceof BooksRefusal) return error.reply;
    throw error;
  }
}

const operations: Readonly<Record<string, string>> = { GET: 'READ', POST: 'CREATE', PUT: 'UPDATE', DELETE: 'DELETE' };

/** First part of a path → the scope's group: Zoho Books API v3, OAuth, "Scopes". Everything else is `settings`. */
const groups: Readonly<Record<string, string>> = { contacts: 'contacts', contact: 'contacts', invoices: 'invoices', invoice: 'invoices', creditnotes: 'creditnotes', creditnote: 'creditnotes', customerpayments: 'customerpayments', chartofaccounts: 'accountants' };

function allows(scopes: readonly string[], call: Call): boolean {
  const [first = ''] = call.path.slice(booksPrefix.length + 1).split('/');
  const group = groups[first] ?? 'settings';
  const fitting = [`zohobooks.${group}.${operations[call.method] ?? ''}`, `zohobooks.${group}.all`, 'zohobooks.fullaccess.all'].map((scope) => scope.toLowerCase());
  return scopes.some((scope) => fitting.includes(scope.toLowerCase()));
}
