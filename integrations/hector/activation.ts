import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import { allIssues } from '../../domain/issues.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { ReadRequirement, Requirement } from '../requirement.ts';
import { mayRead, notFound, organization, quoted, uniqueField, warning, wrong } from '../requirements.ts';
import { settingsSchema, type HectorSettings } from './settings.ts';

/** What must be so in Books and in Hector before the two are connected (guide 2.1 to 2.5). */
export function hectorRequirements(input: JsonObject): Requirement[] {
  const parsed = settingsSchema.strip().safeParse(input);
  if (!parsed.success) throw new BookbridgeError('settings-invalid', { detail: allIssues(parsed.error) });
  const settings = parsed.data;
  const { penaltyItemId, purchaseAccountId } = settings;
  const writes = ['contacts', 'invoices', ...(purchaseAccountId === null ? [] : ['items'])];
  return [
    organization(settings),
    ...['contacts', 'invoices', 'items'].map((resource) => mayRead('books', resource, 'Zoho account')),
    ...(penaltyItemId === null ? [] : [penaltyItem(penaltyItemId)]),
    ...(purchaseAccountId === null ? [] : [purchaseAccount(purchaseAccountId)]),
    ...writes.map(uniqueField),
    category(settings), stockroom(settings), completedStatuses(settings),
    ...[settings.useHectorCustomers ? 'customers' : 'users', 'parts', 'places', 'loaners'].map((resource) => mayRead('other', resource, 'hector.token')),
  ];
}

function penaltyItem(itemId: string): ReadRequirement {
  const field = 'settings.penaltyItemId';
  const remedy = 'Open the item for penalties in Books and copy its ID from the address bar, or leave the field empty.';
  return {
    field, side: 'books', resource: 'items', read: { id: itemId },
    judge: ({ records: [item] }) => {
      if (!item) return [wrong(field, `Books has no item ${itemId}`, remedy)];
      return item.data['status'] === 'inactive' ? [wrong(field, `the item ${quoted(item, 'name')} is inactive`, 'Mark it as active in Books, or enter another one.')] : [];
    },
  };
}

function purchaseAccount(accountId: string): ReadRequirement {
  const field = 'settings.purchaseAccountId';
  return {
    field, side: 'books', resource: 'accounts', read: { id: accountId },
    judge: ({ records: [account] }) => {
      if (!account) return [wrong(field, `Books has no account ${accountId}`, 'Open the account in the Chart of Accounts and copy its ID from the address bar, or leave the field empty.')];
      if (account.data['is_active'] === false) return [wrong(field, `the account ${quoted(account, 'account_name')} is inactive`, 'Mark it as active in Books, or enter another one.')];
      const type = account.data['account_type'];
      const isIncome = type === undefined || (typeof type === 'string' && type.endsWith('income'));
      return isIncome ? [] : [wrong(field, `the account ${quoted(account, 'account_name')} is of the type ${JSON.stringify(type)}, and exported parts need a sales account`, 'Enter an account of the type Income or Other Income, from the Chart of Accounts.')];
    },
  };
}

function category({ categoryId }: HectorSettings): ReadRequirement {
  const field = 'settings.categoryId';
  return {
    field, side: 'other', resource: 'categories', read: 'all',
    judge: (listed) => (listed.records.some(({ id }) => id === categoryId) ? [] : [notFound(listed, field, { id: categoryId, missing: 'Hector has no category', label: 'name', remedy: 'Enter the id of one of them, or make one in Hector for what comes from Books.' })]),
  };
}

function stockroom({ stockroomId, useHectorCustomers }: HectorSettings): ReadRequirement {
  const field = 'settings.stockroomId';
  return {
    field, side: 'other', resource: 'stockrooms', read: 'all',
    judge: (listed) => {
      const found = listed.records.find(({ id }) => id === stockroomId);
      if (!found) return [notFound(listed, field, { id: stockroomId, missing: 'Hector has no stockroom', label: 'name', remedy: 'Enter the id of one of them.' })];
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
/** States of either edition of Hector in which a loan may be over. */
const overStates: ReadonlySet<string> = new Set(['completed', 'finished', 'archived']);

/** Labels can be renamed and editions differ, so the state is only a hint. */
function completedStatuses({ completedStatusIds }: HectorSettings): ReadRequirement {
  return {
    field: 'settings.completedStatusIds', side: 'other', resource: 'statuses', read: 'all',
    judge: (listed) => completedStatusIds.flatMap((statusId, index) => {
      const field = `settings.completedStatusIds.${index}`;
      const found = listed.records.find(({ id }) => id === statusId);
      if (!found) return [notFound(listed, field, { id: statusId, missing: 'Hector has no status', label: 'label', remedy: 'Enter the id of a status in which a loan is over.' })];
      const { label, state } = statusSchema.parse(found.data);
      return overStates.has(state) ? [] : [warning(field, `the status "${label}" is ${state.replaceAll('_', ' ')} in Hector, so loans that are not over would become invoices`, 'Enter a status in which a loan is over unless you are sure.')];
    }),
  };
}
