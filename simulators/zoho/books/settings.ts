import type { JsonObject } from '../../../domain/json.ts';
import { parseStamp } from './clock.ts';
import { textOf } from './fields.ts';
import { pageOf } from './listing.ts';
import type { Organization } from './organization.ts';
import { invalidValue, notFound } from './refusal.ts';
import { done, type BooksRoute } from './route.ts';
import { folded } from './table.ts';

/** The lists that hardly change: taxes, accounts, users, currencies. */
export function settingsRoutes(): BooksRoute[] {
  return [
    {
      method: 'GET',
      path: '/settings/taxes',
      handle: ({ organization, call }) => paged('taxes', organization.taxes, call.query, { report_name: 'Taxes', sort_column: 'created_time', sort_order: 'D' }),
    },
    {
      method: 'GET',
      path: '/settings/taxes/:id',
      handle: ({ organization, call }) => done({ tax: one(organization.taxes, 'tax_id', call.params['id'], 'Tax') }),
    },
    {
      method: 'GET',
      path: '/settings/taxgroups/:id',
      handle: ({ organization, call }) => done({ tax_group: one(organization.taxGroups, 'tax_group_id', call.params['id'], 'Tax group') }),
    },
    {
      method: 'GET',
      path: '/settings/currencies',
      handle: ({ organization, call }) => {
        const withoutBase = call.query.get('filter_by') === 'Currencies.ExcludeBaseCurrency';
        return paged('currencies', organization.currencies.filter((currency) => !withoutBase || currency['is_base_currency'] !== true), call.query, null);
      },
    },
    {
      method: 'GET',
      path: '/settings/currencies/:id',
      handle: ({ organization, call }) => {
        // Alone, a currency does not say its exchange rate.
        const { exchange_rate: _, effective_date: __, ...currency } = one(organization.currencies, 'currency_id', call.params['id'], 'Currency');
        return done({ currency });
      },
    },
    { method: 'GET', path: '/chartofaccounts', handle: ({ organization, call }) => paged('chartofaccounts', accountsOf(organization, call.query), call.query, null) },
    {
      method: 'GET',
      path: '/chartofaccounts/:id',
      handle: ({ organization, call }) => done({ chart_of_account: one(organization.accounts, 'account_id', call.params['id'], 'Account') }),
    },
    {
      method: 'GET',
      path: '/users',
      handle: ({ organization, call }) => paged('users', usersOf(organization, call.query), call.query, { report_name: 'Users', sort_column: 'name', sort_order: 'A' }),
    },
    {
      method: 'GET',
      path: '/users/me',
      handle: ({ organization }) => done({ user: alone(organization.users.find((entry) => entry['is_current_user'] === true) ?? {}) }),
    },
    {
      method: 'GET',
      path: '/users/:id',
      handle: ({ organization, call }) => done({ user: alone(one(organization.users, 'user_id', call.params['id'], 'User')) }),
    },
  ];
}

/** A page of a list; some lists have no `page_context` at all (Zoho Books API v3: Currency, Chart of Accounts, Organizations). */
function paged(root: string, rows: readonly JsonObject[], query: URLSearchParams, context: JsonObject | null) {
  const { page, perPage } = pageOf(query);
  const part = rows.slice((page - 1) * perPage, page * perPage);
  if (!context) return done({ [root]: part });
  const pageContext = { page, per_page: perPage, has_more_page: page * perPage < rows.length, applied_filter: query.get('filter_by') ?? 'Status.All', ...context };
  return done({ [root]: part, page_context: pageContext });
}

function one(rows: readonly JsonObject[], idField: string, id: string | undefined, kind: string): JsonObject {
  const row = rows.find((entry) => entry[idField] === id);
  if (!row) throw notFound(kind);
  return row;
}

/** A single user shows all addresses, and less of what the list has (Zoho Books API v3, Users). */
function alone(listed: JsonObject): JsonObject {
  const { email, is_current_user: _, is_customer_segmented: __, is_vendor_segmented: ___, ...user } = listed;
  return { ...user, email_ids: [{ email: email ?? '', is_selected: true }] };
}

function usersOf(organization: Organization, query: URLSearchParams): JsonObject[] {
  const wanted = (query.get('filter_by') ?? 'Status.All').replace('Status.', '').toLowerCase();
  if (!['all', 'active', 'inactive', 'invited', 'deleted'].includes(wanted)) throw invalidValue('filter_by');
  return organization.users.filter((user) => wanted === 'all' || user['status'] === wanted).sort(byText('name'));
}

/** The filter `last_modified_time` is documented here. */
function accountsOf(organization: Organization, query: URLSearchParams): JsonObject[] {
  const type = (query.get('filter_by') ?? 'AccountType.All').replace('AccountType.', '').toLowerCase();
  const after = query.get('last_modified_time');
  const afterMs = after === null ? null : parseStamp(after);
  if (after !== null && afterMs === null) throw invalidValue('last_modified_time');
  const name = query.get('account_name');
  return organization.accounts
    .filter((account) => type === 'all' || type === 'active' || textOf(account, 'account_type').replaceAll('_', '') === type)
    .filter((account) => afterMs === null || (parseStamp(textOf(account, 'last_modified_time')) ?? 0) > afterMs)
    .filter((account) => name === null || folded(textOf(account, 'account_name')) === folded(name))
    .sort(byText('account_name'));
}

function byText(name: string) {
  return (left: JsonObject, right: JsonObject) => (folded(textOf(left, name)) < folded(textOf(right, name)) ? -1 : 1);
}
