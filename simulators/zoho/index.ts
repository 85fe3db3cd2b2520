import type { Call, Reply, Route } from '../kit/call.ts';
import type { ServiceFaultKind } from '../kit/faults.ts';
import { createRouter } from '../kit/router.ts';
import type { Service } from '../kit/service.ts';
import { startSimulator, type Simulator } from '../kit/simulator.ts';
import { accountsRoutes } from './accounts/routes.ts';
import { createAccountsState } from './accounts/state.ts';
import { throttled } from './accounts/token.ts';
import { admitToBooks, booksHttpRoutes, booksPrefix, type Books } from './books/api.ts';
import { createOrganization } from './books/organization.ts';
import { refusals } from './books/refusal.ts';
import { seed } from './books/seed.ts';
import { act, changeLimits, expireAccessTokens, issueTokens, known, limitsControl, organizationState, revokeAll, stateOf, zohoControl, type OrganizationState, type PersonsAction, type Tokens } from './control.ts';
import { accountsLimits, laidOver, planLimits, zohoOptionsSchema, type CheckedZohoOptions, type LimitsChange, type ZohoOptions } from './options.ts';

/** A running Zoho: accounts and Books at one address. */
export interface ZohoSimulator extends Simulator {
  /** Everything of one organization; of the first one unless told. */
  state(organizationId?: string): OrganizationState;
  changeLimits(change: LimitsChange, organizationId?: string): void;
  /** Tokens without anyone pressing Accept. */
  issueTokens(clientId?: string, scopes?: readonly string[]): Tokens;
  expireAccessTokens(): void;
  /** As when a user removes the application in Zoho. */
  revokeAll(): void;
  /** What a person does in the pages of Books: no token, no limit, no log. */
  act(action: PersonsAction): Promise<Reply>;
}

/**
 * Starts Zoho accounts and Books.
 *
 * @param options see {@link zohoOptionsSchema}; everything may be left out
 * @throws ZodError where the options are not usable; Error where the port is taken or Books would refuse a record of the data
 */
export async function startZohoSimulator(options: ZohoOptions = {}): Promise<ZohoSimulator> {
  const checked = zohoOptionsSchema.parse(options);
  const books = createBooks(checked);
  const first = books.organizations.keys().next().value ?? '';
  const booksRoutes = booksHttpRoutes(books);
  const simulator = await startSimulator((url) => createService(checked, books, booksRoutes, url), { port: checked.port });
  return {
    ...simulator,
    state: (organizationId) => organizationState(known(books, organizationId ?? first)),
    changeLimits: (change, organizationId) => changeLimits(books, change, organizationId ?? null),
    issueTokens: (clientId, scopes) => issueTokens(books, clientId, scopes),
    expireAccessTokens: () => expireAccessTokens(books),
    revokeAll: () => revokeAll(books),
    act: (action) => act(books, booksRoutes, action),
  };
}

function createBooks(options: CheckedZohoOptions): Books {
  const limits = laidOver(accountsLimits, options.accountsLimits, { tokenLifeMs: options.tokenLifeMs });
  const organizations = options.organizations.map((data, position) => {
    const organization = createOrganization(data, laidOver(planLimits(data.plan_name), options.limits, data.limits), position);
    seed(organization, data);
    return [organization.id, organization] as const;
  });
  return { accounts: createAccountsState(options.clients, limits), organizations: new Map(organizations), quotaHeaders: options.quotaHeaders };
}

function createService(options: CheckedZohoOptions, books: Books, booksRoutes: readonly Route[], url: string): Service {
  const routes = [...accountsRoutes(books.accounts, { url, location: options.location, tokenErrorStatus: options.tokenErrorStatus }), ...booksRoutes];
  const router = createRouter(routes);
  return {
    routes,
    unknownRoute: ({ path }) => {
      const isKnown = ['GET', 'POST', 'PUT', 'DELETE'].some((method) => router(method, path) !== null);
      return (isKnown ? refusals.wrongMethod() : refusals.unknownUrl()).reply;
    },
    faultReply: (kind, call) => faultReply(books, kind, call),
    admit: (call) => (call.path.startsWith(booksPrefix) ? admitToBooks(books, call) : null),
    state: (query) => stateOf(books, query.get('organization')),
    limits: limitsControl(books),
    control: zohoControl(books, booksRoutes),
    workMs: () => options.workMs,
  };
}

/** Faults in Zoho's own words; on the token endpoint every limit is the one it has. */
function faultReply(books: Books, kind: ServiceFaultKind, call: Call): Reply {
  const isAccounts = !call.path.startsWith(booksPrefix);
  switch (kind) {
    case 'error-before':
      return refusals.internal().reply;
    case 'unauthorized':
      return isAccounts ? { status: 200, json: { error: 'invalid_code' }, code: 'invalid_code' } : refusals.notAuthorized().reply;
    case 'limit-minute':
      return isAccounts ? throttled() : refusals.minute().reply;
    case 'limit-day': {
      const organization = books.organizations.get(call.query.get('organization_id') ?? '');
      return isAccounts ? throttled() : refusals.day(organization?.limiter.limits.day?.calls ?? 1000).reply;
    }
    case 'limit-concurrent':
      return isAccounts ? throttled() : refusals.concurrent().reply;
    case 'limit-blocked':
      return isAccounts ? throttled() : refusals.blocked(3600).reply;
    default:
      throw new Error(`unknown fault ${String(kind satisfies never)}`);
  }
}
