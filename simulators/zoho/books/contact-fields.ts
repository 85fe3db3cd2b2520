import { z } from 'zod';
import { customFieldsInput } from './custom-fields.ts';
import { amount, flag, idText, text } from './input.ts';

const address = z.object({
  attention: text(100).optional(), address: text(500).optional(), street2: text(255).optional(), city: text(100).optional(),
  state: text(100).optional(), state_code: text(100).optional(), zip: text(50).optional(), country: text(100).optional(),
  country_code: text(100).optional(), fax: text(50).optional(), phone: text(50).optional(),
});
export type Address = z.output<typeof address>;

const email = z.union([z.literal(''), z.string().max(100).regex(/^[^\s@]+@[^\s@]+\.[^\s@]+$/u)]);

/** Zoho Books API v3, Contact Persons. */
export const personInput = z.object({
  contact_person_id: idText.optional(),
  contact_id: idText.optional(),
  salutation: text(25).optional(),
  first_name: text(100).optional(),
  last_name: text(100).optional(),
  email: email.optional(),
  phone: text(50).optional(),
  mobile: text(50).optional(),
  designation: text(50).optional(),
  department: text(50).optional(),
  skype: text(50).optional(),
  is_primary_contact: flag.optional(),
  enable_portal: flag.optional(),
});
export type PersonInput = z.output<typeof personInput>;

/** Zoho Books API v3, Contacts. `payment_terms` is a number of days: "Net 15" is refused. */
export const contactInput = z.object({
  contact_name: text(200).optional(),
  company_name: text(200).optional(),
  contact_type: z.enum(['customer', 'vendor']).optional(),
  customer_sub_type: z.enum(['individual', 'business']).optional(),
  contact_number: text(100).optional(),
  currency_id: idText.optional(),
  payment_terms: z.union([z.int(), z.string().regex(/^\d+$/).transform(Number)]).optional(),
  payment_terms_label: text(100).optional(),
  credit_limit: amount.optional(),
  website: text(200).optional(),
  language_code: text(10).optional(),
  notes: text(5000).optional(),
  owner_id: idText.optional(),
  is_taxable: flag.optional(),
  tax_id: idText.optional(),
  billing_address: address.optional(),
  shipping_address: address.optional(),
  contact_persons: z.array(personInput).optional(),
  custom_fields: customFieldsInput.optional(),
  zcrm_account_id: idText.optional(),
  zcrm_contact_id: idText.optional(),
  zcrm_vendor_id: idText.optional(),
});
export type ContactInput = z.output<typeof contactInput>;

export function filledAddress(given: Address | undefined): Record<string, string> {
  const { attention = '', address = '', street2 = '', city = '', state = '', state_code = '', zip = '', country = '', country_code = '', fax = '', phone = '' } = given ?? {};
  return { attention, address, street2, city, state, state_code, zip, country, country_code, fax, phone };
}
