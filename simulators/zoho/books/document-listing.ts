import { textOf, objectsOf } from './fields.ts';
import { parseStamp } from './clock.ts';
import type { Organization } from './organization.ts';
import { invalidValue } from './refusal.ts';
import { folded, type BooksRecord } from './table.ts';

/** What the lists of invoices and of credit notes filter and sort by alike. */

export const field = (name: string) => (_: Organization, { fields }: BooksRecord) => textOf(fields, name);

export function customerOf(organization: Organization, { fields }: BooksRecord): BooksRecord | undefined {
  return organization.contacts.get(textOf(fields, 'customer_id'));
}

export function customerName(organization: Organization, record: BooksRecord): string {
  return textOf(customerOf(organization, record)?.fields, 'contact_name');
}

/** One text of every line. */
export function lineTexts(name: string) {
  return (_: Organization, { fields }: BooksRecord): string[] => objectsOf(fields, 'line_items').map((line) => textOf(line, name));
}

/** Modified after that time; whole seconds are compared, because answers show no more. */
export function modifiedAfter(_: Organization, value: string) {
  const afterMs = parseStamp(value);
  if (afterMs === null) throw invalidValue('last_modified_time');
  const afterSecond = Math.floor(afterMs / 1000);
  return ({ modifiedMs }: BooksRecord) => Math.floor(modifiedMs / 1000) > afterSecond;
}

/** `search_text` looks at number, reference and customer. */
export function searchIn(numberField: string) {
  return (organization: Organization, value: string) => {
    const sought = folded(value);
    return (record: BooksRecord) => [textOf(record.fields, numberField), textOf(record.fields, 'reference_number'), customerName(organization, record)]
      .some((text) => folded(text).includes(sought));
  };
}
