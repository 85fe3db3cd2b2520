import type { DataSet } from '../data/index.ts';
import type { ZohoOptions } from './options.ts';

type OrganizationOptions = NonNullable<ZohoOptions['organizations']>[number];

/** The organization of a data set, in the names of the API. */
export function organizationFrom(books: DataSet['books']): OrganizationOptions {
  const { organization } = books;
  const base = books.currencies.find(({ code }) => code === organization.currencyCode);
  return {
    organization_id: organization.id,
    name: organization.name,
    currency_code: organization.currencyCode,
    time_zone: organization.timeZone,
    price_precision: base?.digits ?? 2,
    currencies: books.currencies.map(({ code, symbol, name, digits }) => ({
      currency_code: code, currency_name: `${code}- ${name}`, currency_symbol: symbol, price_precision: digits,
    })),
    taxes: books.taxes.map(({ name, percentage }) => ({ tax_name: name, tax_percentage: Number(percentage) })),
    accounts: books.accounts.map(({ name, type }) => ({ account_name: name, account_type: type })),
    users: books.users.map(({ name, email, role }) => ({ name, email, user_role: role })),
    items: books.items.map(({ name, rate, unit, description, productType, taxName, accountName }) => ({
      name, rate, unit, description, product_type: productType, ...(taxName !== null && { tax_name: taxName }),
      ...(accountName !== null && { account_name: accountName }),
    })),
    contacts: books.contacts.map(({ name, type, email, phone }) => ({
      contact_name: name, contact_type: type, contact_persons: email === null && phone === null ? [] : [{ email: email ?? '', phone: phone ?? '' }],
    })),
  };
}
