import type { JsonObject } from '../../../domain/json.ts';
import { stampsOf } from './clock.ts';
import { customFieldsAnswer } from './custom-fields.ts';
import { customerName, field, lineTexts, modifiedAfter, searchIn } from './document-listing.ts';
import { currencyOf } from './documents.ts';
import { numberOf, objectsOf, textOf } from './fields.ts';
import { lineItemIds } from './items.ts';
import type { Listing } from './listing.ts';
import type { Organization } from './organization.ts';
import { folded, type BooksRecord } from './table.ts';

interface Computed {
  readonly statusOf: (organization: Organization, record: BooksRecord) => string;
  readonly balanceOf: (organization: Organization, record: BooksRecord) => number;
}

function row({ statusOf, balanceOf }: Computed, organization: Organization, record: BooksRecord): JsonObject {
  const { fields } = record;
  return {
    creditnote_id: record.id, creditnote_number: fields['creditnote_number'] ?? '', status: statusOf(organization, record),
    reference_number: fields['reference_number'] ?? '', date: fields['date'] ?? '', total: fields['total'] ?? 0, balance: balanceOf(organization, record),
    customer_id: fields['customer_id'] ?? '', customer_name: customerName(organization, record), currency_id: fields['currency_id'] ?? '',
    currency_code: currencyOf(organization, fields)?.['currency_code'] ?? '', is_emailed: false,
    ...(organization.rules.namesCustomFieldsInLists && customFieldsAnswer(organization.customFields.creditnotes, record)),
    ...stampsOf(organization.clock, record),
  };
}

export function creditnoteListing(computed: Computed): Listing {
  const { statusOf, balanceOf } = computed;
  const hasStatus = (status: string) => (organization: Organization, record: BooksRecord) => statusOf(organization, record) === status;
  return {
    root: 'creditnotes',
    reportName: 'Credit Notes',
    row: (organization, record) => row(computed, organization, record),
    texts: {
      creditnote_number: field('creditnote_number'), reference_number: field('reference_number'), customer_name: customerName,
      item_name: lineTexts('name'), item_description: lineTexts('description'),
    },
    exact: {
      customer_id: field('customer_id'), item_id: (_, { fields }) => lineItemIds(fields), status: statusOf,
      line_item_id: lineTexts('line_item_id'), tax_id: (_, { fields }) => objectsOf(fields, 'line_items').map((line) => textOf(line, 'tax_id')),
    },
    numbers: { total: (_, { fields }) => String(numberOf(fields, 'total')) },
    dates: { date: field('date') },
    own: { last_modified_time: modifiedAfter, search_text: searchIn('creditnote_number') },
    filterBy: {
      'Status.All': () => true, 'Status.Open': hasStatus('open'), 'Status.Closed': hasStatus('closed'), 'Status.Void': hasStatus('void'), 'Status.Draft': hasStatus('draft'),
    },
    sorts: {
      customer_name: (organization, record) => folded(customerName(organization, record)),
      creditnote_number: (_, { fields }) => folded(textOf(fields, 'creditnote_number')),
      balance: (organization, record) => balanceOf(organization, record),
      total: (_, { fields }) => numberOf(fields, 'total'),
      date: field('date'),
      created_time: (_, { createdMs }) => createdMs,
      last_modified_time: (_, { modifiedMs }) => modifiedMs,
    },
    defaultSort: ['created_time', 'D'],
  };
}
