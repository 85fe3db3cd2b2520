import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../domain/json.ts';
import type { Problem } from '../../../domain/errors.ts';
import type { Requirement } from '../../../integrations/requirement.ts';
import { shopRequirements } from '../../../integrations/shop/activation.ts';
import { refusalOf } from '../../support/refusal-of.ts';
import { contextWith, lineWith, orderWith, tva55 } from './world.ts';

/** What both systems hold: records by `side/resource`. Keys are ready unless told. */
interface Systems {
  readonly [place: string]: readonly (JsonObject & { readonly id: string })[] | undefined;
}

const sound: Systems = {
  'books/organizations': [{ id: '460000001', is_org_active: true, currency_code: 'EUR', price_precision: 2, time_zone: 'Europe/Paris' }],
  'books/taxes': [{ id: '46-20', tax_name: 'TVA 20', tax_percentage: '20' }, { id: '46-5', tax_name: 'TVA 5,5', tax_percentage: '5.5' }],
  'books/currencies': [{ id: '46-EUR', currency_code: 'EUR' }],
  'other/settings': [{ id: 'shop', currency: 'EUR' }],
  'other/statuses': [{ id: 'processing', name: 'Processing', isPaid: true }, { id: 'on-hold', name: 'On hold', isPaid: false }],
  'other/orders': [{ id: '1001', ...orderWith() }],
};

/** What is wrong, as a person reads it. */
function remarks(settings: JsonObject, systems: Systems = {}): string[] {
  const all = { ...sound, ...systems };
  const records = ({ side, resource }: { side: string; resource: string }) => (all[`${side}/${resource}`] ?? []).map(({ id, ...data }) => ({ id, modifiedAt: null, data }));
  const judged = (one: Requirement): readonly Problem[] => {
    if (one.read === 'compared') return one.judge(records(one.between[0]), records(one.between[1]));
    return one.read === 'key' ? one.judge('ready') : one.judge({ records: records(one), unreadable: [] });
  };
  return shopRequirements(contextWith(settings).settings as JsonObject).flatMap(judged).map(({ severity, field, detail }) => `${severity} ${field}: ${detail}`);
}

describe('connecting a shop', () => {
  it('finds nothing where nothing is wrong', () => {
    expect(remarks({ paidStatuses: ['processing'], taxes: { 1: '46-20' } })).toEqual([]);
  });

  it('names wrong settings before anything is read', () => {
    expect(refusalOf(() => shopRequirements({ refunds: 'maybe' }))).toMatch(/^settings-invalid: organizationId: .*; ordersFrom: .*; refunds: /);
  });

  it('looks at the organization', () => {
    expect(remarks({ organizationId: '77' })).toEqual([expect.stringContaining('error settings.organizationId: the account does not belong to 77')]);
    expect(remarks({ timeZone: 'America/Toronto' })).toEqual(['warning settings.timeZone: days and dates follow America/Toronto, but Books keeps Europe/Paris']);
  });

  it('looks at the keys of what is written, and at credit notes only where there are to be some', () => {
    const keys = (refunds: string) => shopRequirements(contextWith({ refunds }).settings as JsonObject).flatMap((one) => (one.read === 'key' ? [one.resource] : []));
    expect(keys('credit-note')).toEqual(['contacts', 'invoices', 'creditnotes']);
    expect(keys('void')).toEqual(['contacts', 'invoices']);
  });

  it('looks for the paid statuses in the shop, and remarks one that the shop does not count as paid', () => {
    expect(remarks({ paidStatuses: ['shipped', 'on-hold'] })).toEqual([
      'error settings.paidStatuses.0: the shop has no status shipped, only processing "Processing", on-hold "On hold"',
      'warning settings.paidStatuses.1: the shop does not count the status "On hold" as paid, so orders that are not would become invoices',
    ]);
  });

  it('looks for the chosen taxes in Books', () => {
    expect(remarks({ taxes: { 9: '46-9' } })).toEqual(['error settings.taxes.9: Books has no tax 46-9, only 46-20 "TVA 20", 46-5 "TVA 5,5"']);
    expect(remarks({ taxes: { 9: '46-5' } }, { 'books/taxes': [{ id: '46-20', tax_name: 'TVA 20', tax_percentage: '20' }, { id: '46-5', tax_name: 'Old', tax_percentage: '5.5', is_inactive: true }] }))
      .toEqual(['error settings.taxes.9: the tax "Old" is inactive']);
  });

  it('looks for the currency of the shop in Books', () => {
    expect(remarks({}, { 'other/settings': [{ id: 'shop', currency: 'CHF' }] })).toEqual(['error shop: it sells in CHF, and Books has only EUR']);
    expect(remarks({}, { 'other/settings': [{ id: 'shop', currency: null }] })).toEqual([]);
  });

  it('remarks the rates of orders that fit no tax, or several', () => {
    const order = { id: '1001', ...orderWith({ lines: [lineWith(), lineWith({ tax: '1.1', taxes: [tva55] })] }) };
    const taxes = [{ id: '46-a', tax_name: 'A', tax_percentage: '20' }, { id: '46-b', tax_name: 'B', tax_percentage: '20' }];
    expect(remarks({}, { 'other/orders': [order], 'books/taxes': taxes })).toEqual([
      expect.stringContaining('warning settings.taxes: "TVA 20" of 20 %: Books has 46-a "A", 46-b "B"; name one'),
      expect.stringContaining('warning settings.taxes: "TVA 5,5" of 5.5 %: no active tax of Books has 5.5 %; create a tax of 5.5 %'),
    ]);
  });
});
