import type { JsonObject } from '../../../domain/json.ts';
import { stampsOf } from './clock.ts';
import { customFieldsAnswer, customFieldsById } from './custom-fields.ts';
import { customerName, customerOf, field, lineTexts, modifiedAfter, searchIn } from './document-listing.ts';
import { currencyOf } from './documents.ts';
import { numberOf, textOf } from './fields.ts';
import type { Listing } from './listing.ts';
import { lineItemIds } from './items.ts';
import type { Organization } from './organization.ts';
import { personsOf } from './contact-persons.ts';
import { folded, type BooksRecord } from './table.ts';

interface Computed {
  readonly statusOf: (organization: Organization, record: BooksRecord) => string;
  readonly balanceOf: (organization: Organization, record: BooksRecord) => number;
}

/** Rows have no lines, no addresses and no taxes. */
function row({ statusOf, balanceOf }: Computed, organization: Organization, record: BooksRecord): JsonObject {
  const { fields } = record;
  return {
    invoice_id: record.id, customer_name: customerName(organization, record), customer_id: fields['customer_id'] ?? '', status: statusOf(organization, record),
    invoice_number: fields['invoice_number'] ?? '', reference_number: fields['reference_number'] ?? '', date: fields['date'] ?? '', due_date: fields['due_date'] ?? '',
    due_days: '', currency_id: fields['currency_id'] ?? '', currency_code: currencyOf(organization, fields)?.['currency_code'] ?? '', is_viewed_by_client: false,
    has_attachment: false, total: fields['total'] ?? 0, balance: balanceOf(organization, record), is_emailed: false, reminders_sent: 0,
    shipping_charge: fields['shipping_charge'] ?? 0, adjustment: fields['adjustment'] ?? 0, write_off_amount: 0, exchange_rate: fields['exchange_rate'] ?? 1,
    salesperson_name: fields['salesperson_name'] ?? '',
    ...(organization.rules.namesCustomFieldsInLists ? customFieldsAnswer : customFieldsById)(organization.customFields.invoices, record),
    ...stampsOf(organization.clock, record),
  };
}

export function invoiceListing(computed: Computed): Listing {
  const { statusOf, balanceOf } = computed;
  const isUnpaid = (status: string) => ['sent', 'overdue', 'partially_paid'].includes(status);
  const hasStatus = (...statuses: readonly string[]) => (organization: Organization, record: BooksRecord) => statuses.includes(statusOf(organization, record));
  return {
    root: 'invoices',
    reportName: 'Invoices',
    row: (organization, record) => row(computed, organization, record),
    texts: {
      invoice_number: field('invoice_number'), item_name: lineTexts('name'), item_description: lineTexts('description'), reference_number: field('reference_number'),
      customer_name: customerName, custom_field: (_, { custom }) => Object.values(custom),
      email: (organization, record) => {
        const customer = customerOf(organization, record);
        return customer ? personsOf(customer).map((person) => textOf(person, 'email')) : [];
      },
    },
    exact: {
      item_id: (_, { fields }) => lineItemIds(fields), customer_id: field('customer_id'), recurring_invoice_id: () => '', zcrm_potential_id: field('zcrm_potential_id'),
      status: (organization, record) => {
        const status = statusOf(organization, record);
        return isUnpaid(status) ? [status, 'unpaid'] : status;
      },
    },
    numbers: { total: (_, { fields }) => String(numberOf(fields, 'total')), balance: (organization, record) => String(balanceOf(organization, record)) },
    dates: { date: field('date'), due_date: field('due_date'), created_date: (organization, { createdMs }) => organization.clock.date(createdMs) },
    own: { last_modified_time: modifiedAfter, search_text: searchIn('invoice_number') },
    filterBy: {
      'Status.All': () => true, 'Status.Draft': hasStatus('draft'), 'Status.Sent': hasStatus('sent'), 'Status.OverDue': hasStatus('overdue'),
      'Status.Unpaid': hasStatus('sent', 'overdue', 'partially_paid'), 'Status.Paid': hasStatus('paid'), 'Status.Void': hasStatus('void'),
      'Status.PartiallyPaid': hasStatus('partially_paid'), 'Status.Viewed': () => false,
    },
    sorts: {
      customer_name: (organization, record) => folded(customerName(organization, record)),
      invoice_number: (_, { fields }) => folded(textOf(fields, 'invoice_number')),
      date: field('date'),
      due_date: field('due_date'),
      total: (_, { fields }) => numberOf(fields, 'total'),
      balance: (organization, record) => balanceOf(organization, record),
      created_time: (_, { createdMs }) => createdMs,
    },
    defaultSort: ['created_time', 'D'],
  };
}
