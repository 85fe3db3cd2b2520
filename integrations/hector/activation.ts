import { DateTime } from 'luxon';
import { z } from 'zod';
import type { RemoteRecord } from '../../connectors/resource.ts';
import { UNIQUE_FIELD } from '../../domain/credentials.ts';
import { BookbridgeError, type Problem } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import { describeIssues, type KeyRequirement, type ReadRequirement, type Requirement } from '../integration.ts';
import { settingsSchema, type HectorSettings } from './settings.ts';

/** What must be so in Books and in Hector before the two are connected (guide 2.1 to 2.5). */
export function hectorRequirements(input: JsonObject): Requirement[] {
  const parsed = settingsSchema.strip().safeParse(input);
  if (!parsed.success) throw new BookbridgeError('settings-invalid', { detail: describeIssues(parsed.error) });
  const settings = parsed.data;
  const { penaltyItemId, purchaseAccountId } = settings;
  const writes = ['contacts', 'invoices', ...(purchaseAccountId === null ? [] : ['items'])];
  return [
    organization(settings),
    ...['contacts', 'invoices', 'items'].map((resource) => mayRead('books', resource)),
    ...(penaltyItemId === null ? [] : [penaltyItem(penaltyItemId)]),
    ...(purchaseAccountId === null ? [] : [purchaseAccount(purchaseAccountId)]),
    ...writes.map(uniqueField),
    category(settings), stockroom(settings), completedStatuses(settings),
    ...[settings.useHectorCustomers ? 'customers' : 'users', 'parts', 'places', 'loaners'].map((resource) => mayRead('other', resource)),
  ];
}

function wrong(field: string, detail: string, remedy: string): Problem {
  return { field, code: 'settings-invalid', detail, remedy, severity: 'error' };
}

function warning(field: string, detail: string, remedy: string): Problem {
  return { ...wrong(field, detail, remedy), severity: 'warning' };
}

/** Reading says whether the scopes and the user's rights are there; what was read does not matter. */
function mayRead(side: ReadRequirement['side'], resource: string): ReadRequirement {
  return { field: side === 'books' ? 'Zoho account' : 'hector.token', side, resource, read: 'some', judge: () => [] };
}

const currencies = new Set(Intl.supportedValuesOf('currency'));

function organization({ organizationId, timeZone }: HectorSettings): ReadRequirement {
  const field = 'settings.organizationId';
  return {
    field, side: 'books', resource: 'organizations', read: 'all',
    judge: (records) => {
      const found = records.find(({ id }) => id === organizationId);
      if (!found) {
        const others = named(records, 'name');
        return [{ field, code: 'organization-unknown', detail: `the account does not belong to ${organizationId}, but to ${others || 'no organization'}`, remedy: 'Correct the Organization ID, or press Accept with a user of that organization.', severity: 'error' }];
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
  return differ ? [warning('settings.timeZone', `days and dates follow ${ours}, but Books keeps ${theirs}`, 'Nothing to do if the lender is there; else enter the time zone of Books.')] : [];
}

function penaltyItem(itemId: string): ReadRequirement {
  const field = 'settings.penaltyItemId';
  const remedy = 'Open the item for penalties in Books and copy its ID from the address bar, or leave the field empty.';
  return {
    field, side: 'books', resource: 'items', read: { id: itemId },
    judge: ([item]) => {
      if (!item) return [wrong(field, `Books has no item ${itemId}`, remedy)];
      return item.data['status'] === 'inactive' ? [wrong(field, `the item ${quoted(item, 'name')} is inactive`, 'Mark it as active in Books, or enter another one.')] : [];
    },
  };
}

function purchaseAccount(accountId: string): ReadRequirement {
  const field = 'settings.purchaseAccountId';
  return {
    field, side: 'books', resource: 'accounts', read: { id: accountId },
    judge: ([account]) => {
      if (!account) return [wrong(field, `Books has no account ${accountId}`, 'Open the account in the Chart of Accounts and copy its ID from the address bar, or leave the field empty.')];
      if (account.data['is_active'] === false) return [wrong(field, `the account ${quoted(account, 'account_name')} is inactive`, 'Mark it as active in Books, or enter another one.')];
      const type = account.data['account_type'];
      const isIncome = type === undefined || (typeof type === 'string' && type.endsWith('income'));
      return isIncome ? [] : [warning(field, `the account ${quoted(account, 'account_name')} is of the type ${JSON.stringify(type)}, and exported parts need a sales account`, 'Enter an account of the type Income unless you are sure.')];
    },
  };
}

function uniqueField(resource: string): KeyRequirement {
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

function category({ categoryId }: HectorSettings): ReadRequirement {
  const field = 'settings.categoryId';
  return {
    field, side: 'other', resource: 'categories', read: 'all',
    judge: (records) => (records.some(({ id }) => id === categoryId) ? [] : [wrong(field, `Hector has no category ${categoryId}, only ${named(records, 'name') || 'none at all'}`, 'Enter the id of one of them, or make one in Hector for what comes from Books.')]),
  };
}

function stockroom({ stockroomId, useHectorCustomers }: HectorSettings): ReadRequirement {
  const field = 'settings.stockroomId';
  return {
    field, side: 'other', resource: 'stockrooms', read: 'all',
    judge: (records) => {
      const found = records.find(({ id }) => id === stockroomId);
      if (!found) return [wrong(field, `Hector has no stockroom ${stockroomId}, only ${named(records, 'name') || 'none at all'}`, 'Enter the id of one of them.')];
      const name = quoted(found, 'name');
      const needsCustomer = useHectorCustomers && found.data['resourceField'] !== 'customer';
      return [
        ...(found.data['loanersActivated'] === true ? [] : [wrong(field, `the stockroom ${name} has no loaners activated`, 'Activate them on the page of the stockroom, or enter another one.')]),
        ...(needsCustomer ? [wrong(field, `the loaners of the stockroom ${name} have no customer`, 'On the page of the stockroom, Loaners > Options, check "Add a resource field to loaners" and choose Customer; or use Hector\'s users (useHectorCustomers: false).')] : []),
      ];
    },
  };
}

const statusSchema = z.object({ label: z.string(), state: z.string() });

/** Labels can be renamed and editions differ, so the state is only a hint. */
function completedStatuses({ completedStatusIds }: HectorSettings): ReadRequirement {
  return {
    field: 'settings.completedStatusIds', side: 'other', resource: 'statuses', read: 'all',
    judge: (records) => completedStatusIds.flatMap((statusId, index) => {
      const field = `settings.completedStatusIds.${index}`;
      const found = records.find(({ id }) => id === statusId);
      if (!found) return [wrong(field, `Hector has no status ${statusId}, only ${named(records, 'label') || 'none at all'}`, 'Enter the id of a status in which a loan is over.')];
      const { label, state } = statusSchema.parse(found.data);
      const isOver = state === 'completed' || state === 'archived';
      return isOver ? [] : [warning(field, `the status "${label}" is ${state.replace('_', ' ')} in Hector, so loans that are not over would become invoices`, 'Enter a status in which a loan is over unless you are sure.')];
    }),
  };
}

/** So many are named to a person. */
const NAMED_MAX = 10;

function named(records: readonly RemoteRecord[], field: string): string {
  const names = records.slice(0, NAMED_MAX).map((record) => `${record.id} ${quoted(record, field)}`);
  return names.join(', ') + (records.length > NAMED_MAX ? ` and ${records.length - NAMED_MAX} more` : '');
}

function quoted({ data }: RemoteRecord, field: string): string {
  const name = data[field];
  return JSON.stringify(typeof name === 'string' ? name : '');
}
