import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../domain/json.ts';
import type { Listed } from '../../integrations/requirement.ts';
import { organization } from '../../integrations/requirements.ts';

const sound = { name: 'Lender', is_org_active: true, currency_code: 'CAD', price_precision: 2, time_zone: 'America/Toronto' };

/** What is wrong with the organization 46, as a person reads it. */
function remarksOf(listed: Listed): string[] {
  return organization({ organizationId: '46', timeZone: 'America/Toronto' }).judge(listed).map(({ code, severity, detail }) => `${code} (${severity}): ${detail}`);
}

const remarks = (different: JsonObject) => remarksOf({ records: [{ id: '46', modifiedAt: null, data: { ...sound, ...different } }], unreadable: [] });

describe('the organization in Books', () => {
  it('is as it must be', () => {
    expect(remarks({})).toEqual([]);
  });

  it('must be active', () => {
    expect(remarks({ is_org_active: false })).toEqual(['settings-invalid (error): the organization 46 is not active']);
  });

  it.each([['XYZ', '"XYZ"'], ['', '""'], [null, 'null']])('needs a base currency that is one: %j is none', (currency, shown) => {
    expect(remarks({ currency_code: currency })).toEqual([`settings-invalid (error): its base currency ${shown} is no currency`]);
  });

  it.each([[0], [3], [6]])('may have a base currency with %j decimal places', (digits) => {
    expect(remarks({ price_precision: digits })).toEqual([]);
  });

  it.each([[-1], [7], ['two']])('cannot have a base currency with %j decimal places', (digits) => {
    expect(remarks({ price_precision: digits })).toEqual([`settings-invalid (error): its base currency has ${JSON.stringify(digits)} decimal places`]);
  });

  it('is not said to be somebody else’s where it is there and cannot be read', () => {
    const unreadable = (id: string) => remarksOf({ records: [], unreadable: [{ id, detail: 'name: is missing' }] });
    expect(unreadable('46')).toEqual(['record-unreadable (error): 46 is there and cannot be read: name: is missing']);
    expect(unreadable('47')).toEqual([expect.stringMatching(/^organization-unknown /)]);
  });
});
