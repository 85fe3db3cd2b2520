import { DateTime } from 'luxon';
import type { RemoteRecord } from '../connectors/resource.ts';
import { UNIQUE_FIELD } from '../domain/credentials.ts';
import { errorTable, type Problem } from '../domain/errors.ts';
import type { Side } from '../store/types.ts';
import type { KeyRequirement, Listed, ReadRequirement } from './requirement.ts';

/** What must be so in Books whatever it is connected with. */

/** What stops the connection. */
export function wrong(field: string, detail: string, remedy: string): Problem {
  return { field, code: 'settings-invalid', detail, remedy, severity: 'error' };
}

/** What a person should know, and stops nothing. */
export function warning(field: string, detail: string, remedy: string): Problem {
  return { ...wrong(field, detail, remedy), severity: 'warning' };
}

/**
 * Reading says whether the scopes and the user's rights are there; what was read does not matter.
 *
 * @param field what to name to a person: the account, or the setting with the key
 */
export function mayRead(side: Side, resource: string, field: string): ReadRequirement {
  return { field, side, resource, read: 'some', judge: () => [] };
}

const currencies = new Set(Intl.supportedValuesOf('currency'));

/** @param settings its id, and the time zone by whose days documents are dated */
export function organization({ organizationId, timeZone }: { readonly organizationId: string; readonly timeZone: string }): ReadRequirement {
  const field = 'settings.organizationId';
  return {
    field, side: 'books', resource: 'organizations', read: 'all',
    judge: (listed) => {
      const found = listed.records.find(({ id }) => id === organizationId);
      if (!found) {
        const others = named(listed.records, 'name');
        return [unreadableAmong(listed, field, organizationId) ?? { field, code: 'organization-unknown', detail: `the account does not belong to ${organizationId}, but to ${others || 'no organization'}`, remedy: 'Correct the Organization ID, or press Accept with a user of that organization.', severity: 'error' }];
      }
      const { is_org_active: isActive, currency_code: currency, price_precision: digits, time_zone: zone } = found.data;
      return [
        ...(isActive === false ? [wrong(field, `the organization ${organizationId} is not active`, 'Activate it in Zoho Books, or enter the ID of another one.')] : []),
        ...(typeof currency === 'string' && currencies.has(currency) ? [] : [wrong(field, `its base currency ${JSON.stringify(currency ?? null)} is no currency`, 'Choose the base currency in the settings of Books.')]),
        ...(digits === undefined || (typeof digits === 'number' && digits >= 0 && digits <= 6) ? [] : [wrong(field, `its base currency has ${JSON.stringify(digits)} decimal places`, 'Correct the base currency in the settings of Books.')]),
        ...zoneProblems(timeZone, zone),
      ];
    },
  };
}

/** Two names of one zone are no difference. */
function zoneProblems(ours: string, theirs: unknown): Problem[] {
  if (typeof theirs !== 'string' || theirs === '') return [];
  const moments = [1, 7].map((month) => DateTime.fromObject({ year: DateTime.now().year, month }, { zone: 'utc' }));
  const differ = moments.some((moment) => {
    const [here, there] = [moment.setZone(ours), moment.setZone(theirs)];
    return there.isValid && here.offset !== there.offset;
  });
  return differ ? [warning('settings.timeZone', `days and dates follow ${ours}, but Books keeps ${theirs}`, 'Nothing to do if your business is there; else enter the time zone of Books.')] : [];
}

/** That records of Books can carry our keys. */
export function uniqueField(resource: string): KeyRequirement {
  const remedy = `In Books, add a custom text field to ${resource} (Settings, Preferences, Custom Fields) with the API name ${UNIQUE_FIELD} that does not allow duplicate values.`;
  const field = `Books ${resource}`;
  return {
    field, side: 'books', resource, read: 'key',
    judge: (state) => {
      if (state === 'ready') return [];
      if (state === 'missing') return [wrong(field, `there is no custom field ${UNIQUE_FIELD} that refuses duplicates`, remedy)];
      return [warning(field, `whether there is a custom field ${UNIQUE_FIELD} that refuses duplicates cannot be seen without writing`, remedy)];
    },
  };
}

/**
 * What is wrong where a record that was entered is not among those that were read: it cannot be, or there is none.
 *
 * @param missing what is said where there is none, before its id, such as `Hector has no category`
 * @param label the field by which a person knows those that there are
 */
export function notFound(listed: Listed, field: string, { id, missing, label, remedy }: { readonly id: string; readonly missing: string; readonly label: string; readonly remedy: string }): Problem {
  return unreadableAmong(listed, field, id) ?? wrong(field, `${missing} ${id}, only ${named(listed.records, label) || 'none at all'}`, remedy);
}

function unreadableAmong({ unreadable }: Listed, field: string, id: string): Problem | null {
  const found = unreadable.find((one) => one.id === id);
  return found ? { ...wrong(field, `${id} is there and cannot be read: ${found.detail}`, errorTable['record-unreadable'].remedy), code: 'record-unreadable' } : null;
}

/** So many are named to a person. */
const NAMED_MAX = 10;

/** The first of some records with their ids, for a person. */
function named(records: readonly RemoteRecord[], field: string): string {
  const names = records.slice(0, NAMED_MAX).map((record) => `${record.id} ${quoted(record, field)}`);
  return names.join(', ') + (records.length > NAMED_MAX ? ` and ${records.length - NAMED_MAX} more` : '');
}

/** A name between quotation marks, as text of JSON, for a person; empty where the field is no text. */
export function quoted({ data }: RemoteRecord, field: string): string {
  const name = data[field];
  return JSON.stringify(typeof name === 'string' ? name : '');
}
