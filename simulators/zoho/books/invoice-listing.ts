import type { JsonObject } from '../../../domain/json.ts';
import { numberOf, textOf, objectsOf } from './fields.ts';
import { parseStamp } from './clock.ts';
import { customFieldsAnswer } from './custom-fields.ts';
import type { Listing } from './listing.ts';
import { lineItemIds } from './items.ts';
import type { Organization } from './organization.ts';
import { personsOf } from './contact-persons.ts';
import { invalidValue } from './refusal.ts';
import { folded, type BooksRecord } from './table.ts';

interface Computed {
  readonly statusOf: (organization: Organization, record: BooksRecord) => string;
  readonly balanceOf: (record: BooksRecord) => number;
}

const field = (name: string) => (_: Organization, { fields }: BooksRecord) => textOf(fields, name);

function customerOf(organization: Organization, { fields }: BooksRecord): BooksRecord | undefined {
  return organization.contacts.get(textOf(fields, 'customer_id'));
}

function customerName(organization: Organization, record: BooksRecord): string {
  return textOf(customerOf(organization, record)?.fields, 'contact_name');
}

function lineTexts(name: string) {
  return (_: Organization, { fields }: BooksRecord): string[] => {
    return objectsOf(fields, 'line_items').map((line) => textOf(line, name));
  };
}

/** Rows have no lines, no addresses and no taxes. */
function row({ statusOf, balanceOf }: Computed, organization: Organization, record: BooksRecord): JsonObject {
  const { fields } = record;
  const currency = organization.currencies.find((one) => one['currency_id'] === fields['currency_id']);
  return {
    invoice_id: record.id, customer_name: customerName(organization, record), customer_id: fields['customer_id'] ?? '', status: statusOf(organization, record),
    invoice_number: fields['invoice_number'] ?? '', reference_number: fields['reference_number'] ?? '', date: fields['date'] ?? '', due_date: fields['due_date'] ?? '',
    due_days: '', currency_id: fields['currency_id'] ?? '', currency_code: currency?.['currency_code'] ?? '', is_viewed_by_client: false, has_attachment: false,
    total: fields['total'] ?? 0, balance: balanceOf(record), is_emailed: false, reminders_sent: 0, shipping_charge: fields['shipping_charge'] ?? 0,
    adjustment: fields['adjustment'] ?? 0, write_off_amount: 0, exchange_rate: currency?.['exchange_rate'] ?? 1, salesperson_name: fields['salesperson_name'] ?? '',
    ...customFieldsAnswer(organization.customFields.invoices, record),
    created_time: organization.clock.stamp(record.createdMs), last_modified_time: organization.clock.stamp(record.modifiedMs),
  };
}

/** Modified after that time; whole seconds are compared, because answers show no more. */
function modifiedAfter(_: Organization, value: string) {
  const afterMs = parseStamp(value);
  if (afterMs === null) throw invalidValue('last_modified_time');
  const afterSecond = Math.floor(afterMs / 1000);
  return ({ modifiedMs }: BooksRecord) => Math.floor(modifiedMs / 1000) > afterSecond;
}

export function invoiceListing(computed: Computed): Listing {
  const { statusOf, balanceOf } = computed;
  const isUnpaid = (status: string) => status === 'sent' || status === 'overdue';
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
    numbers: { total: (_, { fields }) => String(numberOf(fields, 'total')), balance: (_, record) => String(balanceOf(record)) },
    dates: { date: field('date'), due_date: field('due_date'), created_date: (organization, { createdMs }) => organization.clock.date(createdMs) },
    own: {
      last_modified_time: modifiedAfter,
      search_text: (organization, value) => {
        const sought = folded(value);
        return (record) => [textOf(record.fields, 'invoice_number'), textOf(record.fields, 'reference_number'), customerName(organization, record)]
          .some((text) => folded(text).includes(sought));
      },
    },
    filterBy: {
      'Status.All': () => true, 'Status.Draft': hasStatus('draft'), 'Status.Sent': hasStatus('sent'), 'Status.OverDue': hasStatus('overdue'),
      'Status.Unpaid': hasStatus('sent', 'overdue'), 'Status.Paid': hasStatus('paid'), 'Status.Void': hasStatus('void'), 'Status.PartiallyPaid': () => false,
      'Status.Viewed': () => false,
    },
    sorts: {
      customer_name: (organization, record) => folded(customerName(organization, record)),
      invoice_number: (_, { fields }) => folded(textOf(fields, 'invoice_number')),
      date: field('date'),
      due_date: field('due_date'),
      total: (_, { fields }) => numberOf(fields, 'total'),
      balance: (_, record) => balanceOf(record),
      created_time: (_, { createdMs }) => createdMs,
    },
    defaultSort: ['created_time', 'D'],
  };
}
