import type { z } from 'zod';
import { account, contact, creditnote, currency, invoice, item, organization, tax, user } from './records.ts';

/** How one resource of Books is addressed and read. */
export interface Shape {
  readonly path: string;
  /** Key of the rows in a listing, and of the record in a single answer. */
  readonly many: string;
  readonly one: string;
  readonly idField: string;
  readonly schema: z.ZodObject;
  /** `changed`: the listing has the filter `last_modified_time`. */
  readonly listing: 'changed' | 'full';
  /** Query of every page: an order that new records do not disturb, and no filter on the status that some lists have by default. */
  readonly order: Readonly<Record<string, string>>;
  readonly writable: boolean;
  /** False: one answer holds all, and no organization is named. */
  readonly inOrganization: boolean;
  /** Field that must be unique among the records; quoted in a name collision. */
  readonly nameField: string | null;
  /** Whether Bookbridge makes records of this kind void. */
  readonly isVoidable: boolean;
  /** Whether Bookbridge deletes records of this kind. */
  readonly removable: boolean;
}

const common = { listing: 'full', order: {}, writable: false, inOrganization: true, nameField: null, isVoidable: false, removable: false } as const;

/**
 * The resources. A listing is `changed` where Zoho documents the filter `last_modified_time`: an unknown filter is ignored in
 * silence, so on contacts and items it would be a full listing that believes itself to be a short one.
 */
export const shapes: Readonly<Record<string, Shape>> = {
  organizations: {
    ...common, path: '/organizations', many: 'organizations', one: 'organization', idField: 'organization_id',
    schema: organization, inOrganization: false,
  },
  contacts: {
    ...common, path: '/contacts', many: 'contacts', one: 'contact', idField: 'contact_id', schema: contact,
    writable: true, nameField: 'contact_name',
    order: { filter_by: 'Status.All', sort_column: 'created_time', sort_order: 'A' },
  },
  items: {
    ...common, path: '/items', many: 'items', one: 'item', idField: 'item_id', schema: item,
    writable: true, nameField: 'name',
    order: { filter_by: 'Status.All', sort_column: 'name', sort_order: 'A' },
  },
  invoices: {
    ...common, path: '/invoices', many: 'invoices', one: 'invoice', idField: 'invoice_id', schema: invoice,
    writable: true, nameField: 'invoice_number', listing: 'changed', isVoidable: true, removable: true,
    order: { filter_by: 'Status.All', sort_column: 'created_time', sort_order: 'A' },
  },
  creditnotes: {
    ...common, path: '/creditnotes', many: 'creditnotes', one: 'creditnote', idField: 'creditnote_id', schema: creditnote,
    writable: true, nameField: 'creditnote_number', listing: 'changed', removable: true,
    order: { filter_by: 'Status.All', sort_column: 'created_time', sort_order: 'A' },
  },
  taxes: { ...common, path: '/settings/taxes', many: 'taxes', one: 'tax', idField: 'tax_id', schema: tax },
  accounts: {
    ...common, path: '/chartofaccounts', many: 'chartofaccounts', one: 'chart_of_account', idField: 'account_id', schema: account,
    listing: 'changed',
  },
  users: {
    ...common, path: '/users', many: 'users', one: 'user', idField: 'user_id', schema: user, order: { filter_by: 'Status.All' },
  },
  currencies: { ...common, path: '/settings/currencies', many: 'currencies', one: 'currency', idField: 'currency_id', schema: currency },
};
