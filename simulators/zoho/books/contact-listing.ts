import type { JsonObject } from '../../../domain/json.ts';
import { stampsOf } from './clock.ts';
import { isObject, textOf } from './fields.ts';
import { primaryOf } from './contact-persons.ts';
import type { Listing } from './listing.ts';
import type { Organization } from './organization.ts';
import { folded, type BooksRecord } from './table.ts';

/** What a contact owes, and what it is owed. */
type Amounts = Readonly<Record<'outstandingOf' | 'unusedCreditsOf', (organization: Organization, contactId: string) => number>>;

const field = (name: string) => (_: Organization, { fields }: BooksRecord) => textOf(fields, name);
const ofPrimary = (name: string) => (_: Organization, record: BooksRecord) => textOf(primaryOf(record), name);

function addresses(_: Organization, { fields }: BooksRecord): string[] {
  return [fields['billing_address'], fields['shipping_address']].flatMap((address) => (isObject(address) ? Object.values(address).map(String) : []));
}

/** The fields the documentation shows for a row: no custom fields, no addresses, no persons but the primary one's name. */
function row({ outstandingOf, unusedCreditsOf }: Amounts, organization: Organization, record: BooksRecord): JsonObject {
  const { fields } = record;
  const primary = primaryOf(record);
  const currency = organization.currencies.find((one) => one['currency_id'] === fields['currency_id']);
  return {
    contact_id: record.id, contact_name: fields['contact_name'] ?? '', company_name: fields['company_name'] ?? '', contact_type: fields['contact_type'] ?? '',
    status: record.status, payment_terms: fields['payment_terms'] ?? 0, payment_terms_label: fields['payment_terms_label'] ?? '',
    currency_id: fields['currency_id'] ?? '', currency_code: currency?.['currency_code'] ?? '',
    outstanding_receivable_amount: outstandingOf(organization, record.id), unused_credits_receivable_amount: unusedCreditsOf(organization, record.id),
    first_name: primary?.['first_name'] ?? '', last_name: primary?.['last_name'] ?? '', email: primary?.['email'] ?? '',
    phone: primary?.['phone'] ?? '', mobile: primary?.['mobile'] ?? '',
    ...stampsOf(organization.clock, record),
  };
}

const never = () => false;

/** `last_modified_time` sorts contacts but is no documented filter of theirs, so it is ignored as one. */
export function contactListing(amounts: Amounts): Listing {
  const { outstandingOf } = amounts;
  return {
    root: 'contacts',
    reportName: 'Contacts',
    row: (organization, record) => row(amounts, organization, record),
    texts: {
      contact_name: field('contact_name'), company_name: field('company_name'), first_name: ofPrimary('first_name'), last_name: ofPrimary('last_name'),
      email: ofPrimary('email'), phone: ofPrimary('phone'), address: addresses,
    },
    exact: {
      contact_type: field('contact_type'), zcrm_account_id: field('zcrm_account_id'), zcrm_contact_id: field('zcrm_contact_id'),
      zcrm_vendor_id: field('zcrm_vendor_id'),
    },
    numbers: {},
    dates: {},
    own: {
      search_text: (_, value) => {
        const sought = folded(value);
        return ({ fields }) => ['contact_name', 'notes'].some((name) => folded(textOf(fields, name)).includes(sought));
      },
    },
    filterBy: {
      'Status.All': () => true,
      'Status.Active': (_, { status }) => status === 'active',
      'Status.Inactive': (_, { status }) => status === 'inactive',
      'Invoice.Unpaid': (organization, { id }) => outstandingOf(organization, id) > 0,
      'Status.Duplicate': never, 'Status.PortalEnabled': never, 'Status.PortalDisabled': () => true, 'Status.Crm': never,
      'Invoice.OverDue': never, 'Status.CreditLimitExceed': never,
    },
    sorts: {
      contact_name: (_, { fields }) => folded(textOf(fields, 'contact_name')),
      first_name: (_, record) => folded(textOf(primaryOf(record), 'first_name')),
      last_name: (_, record) => folded(textOf(primaryOf(record), 'last_name')),
      email: (_, record) => folded(textOf(primaryOf(record), 'email')),
      outstanding_receivable_amount: (organization, { id }) => outstandingOf(organization, id),
      created_time: (_, { createdMs }) => createdMs,
      last_modified_time: (_, { modifiedMs }) => modifiedMs,
    },
    defaultSort: ['contact_name', 'A'],
  };
}
