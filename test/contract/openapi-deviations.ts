import type { Finding } from './openapi-books.ts';

interface Deviation {
  /** Of the operation, as `PUT /contacts`. */
  readonly operation: RegExp;
  /** Of the place, as `response page_context`. */
  readonly at: RegExp;
  readonly reason: string;
}

/** Where traffic differs from the OpenAPI files on purpose. */
export const deviations: readonly Deviation[] = [
  // What the connector says.
  {
    operation: /^PUT \/(contacts|items|invoices)(\/\{\w+\})?$/, at: /^request custom_fields\[\]\.api_name$/,
    reason: 'The files name custom fields by id, index or label, which differ from organization to organization; clients use the API name, as the upsert headers do.',
  },
  {
    operation: /^PUT \/creditnotes$/, at: /^request custom_fields\[\]$/,
    reason: 'The file of credit notes has a list of texts where it shows objects in answers.',
  },
  {
    operation: /^PUT \/(contacts|items|invoices|creditnotes)\/\{/, at: /^request (contact_name|contact_type|rate|customer_id|line_items|date)$/,
    reason: 'Required in the files; Bookbridge sends the fields that differ, as users of Books do who change one field. What is left out is taken to stay.',
  },
  {
    operation: /^PUT \/(contacts|items|invoices|creditnotes)$/, at: /^request (contact_name|contact_type|name|rate|customer_id|line_items|date)$/,
    reason: 'Required in the files; left out where nothing is to be created: when the custom field is asked for, and in the first call of an upsert with fields for the creation only.',
  },
  {
    operation: /^PUT \/contacts/, at: /^request language_code$/,
    reason: 'Described where a contact is created by POST, not where it is changed.',
  },
  {
    operation: /^PUT \/creditnotes/, at: /^request creditnote_number$/,
    reason: 'Required in the file, which says in the same place that Books numbers credit notes unless it is told not to.',
  },
  {
    operation: /^PUT \/creditnotes/, at: /^request (adjustment|adjustment_description)$/,
    reason: 'Not in the file of credit notes, but in their answers and in other clients.',
  },
  {
    operation: /^PUT \/invoices/, at: /^request line_items\[\]\.item_id$/,
    reason: 'Required in the file; lines that say everything themselves are what other clients send, for credit notes the file asks for no item.',
  },
  {
    operation: /^GET \/(contacts|items|invoices|creditnotes)$/, at: /^query sort_order$/,
    reason: 'Described on bills, fixed assets and retainer invoices; the files show it in the page_context of these lists too.',
  },
  // What is answered.
  {
    operation: /^PUT \/(contacts|items|invoices|creditnotes)$/, at: /^status 201$/,
    reason: 'The files have no status for an upsert that creates; clients report 201, as for POST.',
  },
  {
    operation: /^GET \/invoices$/, at: /^response page_context$/,
    reason: 'An array in the files, but on invoices only; an object in every other list, and in answers.',
  },
  {
    operation: /^GET \/creditnotes$/, at: /^response (page_context|creditnotes)$/,
    reason: 'The file leaves page_context out and has one object where the list is; all other lists have both as the connector reads them.',
  },
  {
    operation: /^GET /, at: /^response page_context\.(report_name|applied_filter)$/,
    reason: 'Each list of the files leaves out another one of these.',
  },
  {
    operation: /^(GET|PUT) \/(contacts|items|invoices|creditnotes)/, at: /\.custom_field_hash$/,
    reason: 'Not in the files, but in answers.',
  },
  {
    operation: /^(GET|PUT) \/(contacts|items|invoices|creditnotes)/, at: /\.custom_fields(\[\]\.(customfield_id|index|label|api_name|data_type|value_formatted))?$/,
    reason: 'The files show two or three of the members, differing by resource, and leave the array out of a single item; answers carry all.',
  },
  {
    operation: /^(GET|PUT) \/contacts/, at: /^response contact\.language_code$/,
    reason: 'Described where a contact is created, not where it is answered.',
  },
  {
    operation: /^(GET|PUT) \/(contacts|invoices|creditnotes)/, at: /\.(billing|shipping)_address\.(attention|state_code|country_code|phone)$/,
    reason: 'The address of an invoice is that of its contact, which has most of these; the connector does not read them from invoices.',
  },
  {
    operation: /^(GET|PUT) \/items/, at: /\.(item_type|is_taxable|purchase_rate|account_id|account_name)$/,
    reason: 'Described where an item is written, not where it is answered; the connector reads only item_type, and does without it.',
  },
  {
    operation: /^(GET|PUT) \/items/, at: /\.(created_time|last_modified_time)$/,
    reason: 'Not in the files, but in answers; the connector does without them where they are missing.',
  },
  {
    operation: /^(GET|PUT) \/invoices/, at: /\.(discount_total|currency_symbol|line_items\[\]\.(line_item_taxes|item_total_inclusive_of_tax)|taxes\[\]\.tax_id)$/,
    reason: 'Not in the files, but in answers; the connector does not read them.',
  },
  {
    operation: /^(GET|PUT) \/(invoices|creditnotes)/, at: /\.tax_rounding$/,
    reason: 'Not in the files, but in answers: how the organization rounds taxes. The connector does without it where it is missing.',
  },
  {
    operation: /^(GET|PUT) \/creditnotes/,
    at: /\.(sub_total|tax_total|adjustment|adjustment_description|discount|discount_total|discount_type|is_discount_before_tax|is_inclusive_tax|shipping_charge|price_precision|currency_id|exchange_rate)$/,
    reason: 'The file of credit notes leaves out of the answer how a credit note adds up; answers say it as those of invoices do. The connector does without.',
  },
  {
    operation: /^(GET|PUT) \/creditnotes/,
    at: /\.line_items\[\]\.(line_item_id|item_type|item_order|rate|bcy_rate|unit|discount|discount_amount|tax_name|tax_type|tax_percentage|item_total|item_total_inclusive_of_tax|line_item_taxes)$/,
    reason: 'The file describes the lines of a credit note by what they refer to; answers say what each comes to, as those of invoices do. The connector does without.',
  },
  {
    operation: /^GET \/organizations\//, at: /\.(plan_type|plan_name|plan_period|tax_group_enabled|zi_migration_status)$/,
    reason: 'Described in the list of organizations, not for a single one.',
  },
  {
    operation: /^GET \/chartofaccounts$/, at: /\.is_child_present$/,
    reason: 'Text in the files, without an example; a yes or no by its name.',
  },
  {
    operation: /^GET \/chartofaccounts\//, at: /^response chart_of_account$/,
    reason: 'The files spread an account that is read over the body, but wrap one that is written; the connector reads both forms.',
  },
  {
    operation: /^GET \/settings\/taxes\//, at: /^response tax$/,
    reason: 'An array in the files, although it is one tax; the connector reads both forms.',
  },
];

export function deviationOf({ operation, at }: Finding): Deviation | undefined {
  return deviations.find((deviation) => deviation.operation.test(operation) && deviation.at.test(at));
}
