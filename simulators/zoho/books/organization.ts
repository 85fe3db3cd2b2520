import type { JsonObject } from '../../../domain/json.ts';
import type { BooksLimits, OrganizationData } from '../options.ts';
import { textOf } from './fields.ts';
import { createClock, type Clock } from './clock.ts';
import { uniqueValues, type CustomField } from './custom-fields.ts';
import { createLimiter, type Limiter } from './limiter.ts';
import { createSettlements, type Settlements } from './settlements.ts';
import { createTable, folded, type Table } from './table.ts';
import { groupRow, taxesFrom, taxGroupsFrom } from './taxes.ts';

export type ModuleName = 'contacts' | 'items' | 'invoices' | 'creditnotes';

/** How an organization takes what is written; what the documentation is silent on can be chosen. */
export type Rules = Readonly<Pick<OrganizationData, 'namesCustomFieldsInLists' | 'checksBodyFirst' | 'refusesNegativeLines' | 'taxRounding' | 'rateDigits' | 'maxLines'>>;

/** One organization of Books, whole. */
export interface Organization {
  readonly id: string;
  readonly profile: JsonObject;
  readonly currencyId: string;
  /** Decimal places of the organization's own currency. */
  readonly digits: number;
  readonly clock: Clock;
  readonly limiter: Limiter;
  readonly customFields: Readonly<Record<ModuleName, readonly CustomField[]>>;
  readonly contacts: Table;
  readonly items: Table;
  readonly invoices: Table;
  readonly creditnotes: Table;
  readonly rules: Rules;
  /** Contact id → ids of its invoices and credit notes. */
  readonly documentsOf: Map<string, Set<string>>;
  readonly settlements: Settlements;
  /** Contact person id → contact id. */
  readonly personOf: Map<string, string>;
  /** Groups among them, as the list shows them. */
  readonly taxes: JsonObject[];
  readonly taxGroups: JsonObject[];
  readonly accounts: JsonObject[];
  readonly users: JsonObject[];
  readonly currencies: JsonObject[];
  readonly numbering: { readonly automatic: boolean; readonly last: Record<'invoices' | 'creditnotes', number> };
  /** The next id: 19 digits, so that whoever reads it as a number loses some. */
  nextId(): string;
}

/** Makes an organization with its settings and without any record. `position` tells organizations' ids apart. */
export function createOrganization(data: OrganizationData, limits: BooksLimits, position: number): Organization {
  let lastId = BigInt(position + 1) * 1_000_000_000_000_000_000n + 460_000_000_026_001n;
  const nextId = () => {
    lastId += 2n;
    return String(lastId);
  };
  const customFields = {
    contacts: numbered(data.custom_fields.contacts, nextId),
    items: numbered(data.custom_fields.items, nextId),
    invoices: numbered(data.custom_fields.invoices, nextId),
    creditnotes: numbered(data.custom_fields.creditnotes, nextId),
  };
  const clock = createClock(data.time_zone);
  const currencies = currenciesOf(data, nextId, clock.date(Date.now()));
  const base = currencies.find((currency) => currency['is_base_currency'] === true);
  const taxes = taxesFrom(data.taxes, nextId);
  const taxGroups = taxGroupsFrom(data.tax_groups, taxes, nextId);
  return {
    id: data.organization_id,
    profile: profileOf(data, base ?? {}, position === 0, clock.date(Date.now())),
    currencyId: textOf(base, 'currency_id'),
    digits: data.price_precision,
    clock,
    limiter: createLimiter(limits),
    customFields,
    contacts: createTable({
      name: ({ fields }) => [folded(textOf(fields, 'contact_name'))],
      unique: (record) => uniqueValues(customFields.contacts, record),
    }),
    items: createTable({
      name: ({ fields }) => [folded(textOf(fields, 'name'))],
      sku: ({ fields }) => (fields['sku'] ? [folded(textOf(fields, 'sku'))] : []),
      unique: (record) => uniqueValues(customFields.items, record),
    }),
    invoices: createTable({
      number: ({ fields }) => [folded(textOf(fields, 'invoice_number'))],
      unique: (record) => uniqueValues(customFields.invoices, record),
    }),
    creditnotes: createTable({
      number: ({ fields }) => [folded(textOf(fields, 'creditnote_number'))],
      unique: (record) => uniqueValues(customFields.creditnotes, record),
    }),
    rules: data,
    documentsOf: new Map(),
    settlements: createSettlements(),
    personOf: new Map(),
    taxes: [...taxes, ...taxGroups.map(groupRow)],
    taxGroups,
    accounts: accountsOf(data, nextId, clock.stamp(Date.now())),
    users: usersOf(data, nextId),
    currencies,
    numbering: { automatic: data.auto_number_generation, last: { invoices: 0, creditnotes: 0 } },
    nextId,
  };
}

function numbered(fields: OrganizationData['custom_fields']['contacts'], nextId: () => string): CustomField[] {
  return fields.map((field, index) => ({ customfield_id: nextId(), index: index + 1, ...field }));
}

function profileOf(data: OrganizationData, currency: JsonObject, isDefault: boolean, today: string): JsonObject {
  return {
    organization_id: data.organization_id, name: data.name, contact_name: 'John Smith', email: 'johndavid@zilliuminc.com',
    is_default_org: isDefault, plan_type: 0, plan_name: data.plan_name, plan_period: 'Monthly', tax_group_enabled: true,
    zi_migration_status: 0, language_code: 'en',
    // The documentation says a number; the live service answers the name of the month.
    fiscal_year_start_month: 'january',
    account_created_date: today, time_zone: data.time_zone, is_org_active: true, currency_id: currency['currency_id'] ?? '',
    currency_code: data.currency_code, currency_symbol: currency['currency_symbol'] ?? data.currency_code,
    currency_format: '###,##0.00', price_precision: data.price_precision,
  };
}

const symbols: Readonly<Record<string, string>> = { USD: '$', EUR: '€', GBP: '£', JPY: '¥', INR: '₹', CHF: 'CHF' };

function currenciesOf(data: OrganizationData, nextId: () => string, today: string): JsonObject[] {
  const given = data.currencies.some((currency) => currency['currency_code'] === data.currency_code)
    ? data.currencies
    : [{ currency_code: data.currency_code, price_precision: data.price_precision }, ...data.currencies];
  return given.map((currency) => {
    const code = textOf(currency, 'currency_code');
    return {
      currency_id: nextId(), currency_code: code, currency_name: code, currency_symbol: symbols[code] ?? code, price_precision: 2,
      currency_format: '1,234,567.89', is_base_currency: code === data.currency_code, exchange_rate: 1, effective_date: today, ...currency,
    };
  });
}

function accountsOf(data: OrganizationData, nextId: () => string, now: string): JsonObject[] {
  const given = data.accounts.length > 0 ? data.accounts : [{ account_name: 'Sales', account_type: 'income' }];
  return given.map((account) => ({
    account_id: nextId(), account_name: '', account_code: '', account_type: 'income', is_user_created: true, is_system_account: false,
    is_standalone_account: false, is_active: true, can_show_in_ze: false, is_involved_in_transaction: false, current_balance: 0,
    parent_account_id: '', parent_account_name: '', depth: 0, has_attachment: false, is_child_present: false, child_count: '',
    documents: [], created_time: now, last_modified_time: now, ...account,
  }));
}

function usersOf(data: OrganizationData, nextId: () => string): JsonObject[] {
  const given = data.users.length > 0 ? data.users : [{ name: 'John Smith', email: 'johndavid@zilliuminc.com', user_role: 'admin' }];
  return given.map((user, index) => ({
    user_id: nextId(), role_id: nextId(), name: '', email: '', user_role: 'staff', user_type: 'zoho', status: 'active',
    is_current_user: index === 0, photo_url: '', is_customer_segmented: false, is_vendor_segmented: false, ...user,
  }));
}
