import { z } from 'zod';
import type { JsonObject } from '../../../domain/json.ts';
import { stampsOf } from './clock.ts';
import { defined, numberOf, objectsOf, textOf } from './fields.ts';
import { customFieldsAnswer, customFieldsInput, customValues } from './custom-fields.ts';
import { amount, flag, idText, read, text } from './input.ts';
import type { Listing } from './listing.ts';
import type { Module, WriteContext } from './module.ts';
import type { Organization } from './organization.ts';
import { alreadyExists, inUse, invalidValue, missingValue } from './refusal.ts';
import { folded, type BooksRecord } from './table.ts';
import { expectTax, taxOf } from './taxes.ts';

/** Zoho Books API v3, Items; `unit` is in no create schema, but clients send it and answers carry it. */
const input = z.object({
  name: text(100).optional(),
  rate: amount.optional(),
  description: text(2000).optional(),
  unit: text(100).optional(),
  sku: text(100).optional(),
  product_type: z.enum(['goods', 'service', 'digital_service']).optional(),
  item_type: z.enum(['sales', 'purchases', 'sales_and_purchases', 'inventory']).optional(),
  is_taxable: flag.optional(),
  tax_id: idText.optional(),
  account_id: idText.optional(),
  purchase_rate: amount.optional(),
  purchase_description: text(2000).optional(),
  custom_fields: customFieldsInput.optional(),
});

function save(organization: Organization, body: unknown, before: BooksRecord | undefined, { nowMs, id }: WriteContext): BooksRecord {
  const given = read(input, body);
  const name = (given.name ?? textOf(before?.fields, 'name')).trim();
  if (name === '') throw missingValue('name');
  if (!before && given.rate === undefined) throw missingValue('rate');
  const namesake = organization.items.find('name', folded(name));
  if (namesake && namesake.id !== before?.id) throw alreadyExists(`Item "${name}"`);
  const stockKeeper = given.sku ? organization.items.find('sku', folded(given.sku)) : undefined;
  if (stockKeeper && stockKeeper.id !== before?.id) throw alreadyExists(`SKU "${given.sku}"`);
  if (given.tax_id) expectTax(organization, given.tax_id);
  const account = given.account_id ? organization.accounts.find((one) => one['account_id'] === given.account_id) : organization.accounts[0];
  if (!account) throw invalidValue('account_id');
  const { custom_fields: customFields, rate, purchase_rate: purchaseRate, ...plain } = given;
  const record: BooksRecord = {
    id: before?.id ?? id ?? organization.nextId(),
    createdMs: before?.createdMs ?? nowMs,
    modifiedMs: nowMs,
    status: before?.status ?? 'active',
    fields: {
      ...(before?.fields ?? { description: '', unit: '', sku: '', product_type: 'goods', item_type: 'sales', is_taxable: true, tax_id: '', purchase_rate: 0 }),
      ...defined(plain),
      name,
      ...(rate !== undefined && { rate: rate.toNumber() }),
      ...(purchaseRate !== undefined && { purchase_rate: purchaseRate.toNumber() }),
      ...((!before || given.account_id) && { account_id: account['account_id'] ?? '', account_name: account['account_name'] ?? '' }),
    },
    custom: customValues(organization.customFields.items, customFields, organization.items, before),
  };
  organization.items.put(record);
  return record;
}

function remove(organization: Organization, record: BooksRecord): void {
  const isUsed = [...organization.invoices.all(), ...organization.creditnotes.all()].some(({ fields }) => lineItemIds(fields).includes(record.id));
  if (isUsed) throw inUse('The items which are a part of other transactions cannot be deleted. Instead, mark them as inactive.');
  organization.items.remove(record.id);
}

/** Ids of the items in a document. */
export function lineItemIds(fields: JsonObject): string[] {
  return objectsOf(fields, 'line_items').map((line) => textOf(line, 'item_id'));
}

function detail(organization: Organization, record: BooksRecord): JsonObject {
  const tax = taxOf(organization, textOf(record.fields, 'tax_id'));
  return {
    item_id: record.id, ...record.fields, status: record.status, tax_name: tax?.['tax_name'] ?? '', tax_percentage: tax?.['tax_percentage'] ?? 0,
    tax_type: tax?.['tax_type'] ?? '', ...customFieldsAnswer(organization.customFields.items, record),
    ...stampsOf(organization.clock, record),
  };
}

const hiddenInRows = ['item_type', 'purchase_description'];

function row(organization: Organization, record: BooksRecord): JsonObject {
  const whole = detail(organization, record);
  for (const name of hiddenInRows) delete whole[name];
  return whole;
}

const field = (name: string) => (_: Organization, { fields }: BooksRecord) => textOf(fields, name);

function taxName(organization: Organization, { fields }: BooksRecord): string {
  return textOf(taxOf(organization, textOf(fields, 'tax_id')), 'tax_name');
}

/** `last_modified_time` is no documented filter of items, so it is ignored. */
const listing: Listing = {
  root: 'items',
  reportName: 'Items',
  row,
  texts: { name: field('name'), description: field('description'), tax_name: taxName },
  exact: { tax_id: field('tax_id'), account_id: field('account_id'), is_taxable: field('is_taxable') },
  numbers: { rate: field('rate') },
  dates: {},
  own: {
    search_text: (_, value) => {
      const sought = folded(value);
      return ({ fields }) => ['name', 'description'].some((name) => folded(textOf(fields, name)).includes(sought));
    },
  },
  filterBy: {
    'Status.All': () => true,
    'Status.Active': (_, { status }) => status === 'active',
    'Status.Inactive': (_, { status }) => status === 'inactive',
    'Status.Lowstock': () => false,
  },
  sorts: {
    name: (_, { fields }) => folded(textOf(fields, 'name')),
    rate: (_, { fields }) => numberOf(fields, 'rate'),
    tax_name: (organization, record) => folded(taxName(organization, record)),
  },
  defaultSort: ['name', 'A'],
};

export const items: Module = {
  name: 'items',
  singular: 'item',
  kind: 'Item',
  messages: {
    created: 'The item has been added.', updated: 'Item details have been saved.', deleted: 'The item has been deleted.',
    deletedMany: 'The items have been deleted.',
  },
  listing,
  required: ['name', 'rate'],
  save,
  remove,
  detail,
};
