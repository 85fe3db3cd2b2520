import { textOf } from './fields.ts';
import type { Organization } from './organization.ts';
import { alreadyExists, missingValue, refusals } from './refusal.ts';
import { folded, type BooksRecord } from './table.ts';

/**
 * The number of an invoice after a write. With auto-numbering on, an own number is refused unless the caller says
 * `ignore_auto_number_generation=true`, which makes the number mandatory (Zoho Books API v3, Invoices).
 *
 * @throws BooksRefusal code 4097 for a number that is not the next one, or where another invoice has it
 */
export function numberFor(organization: Organization, given: string | undefined, before: BooksRecord | undefined, ignoresNumbering: boolean): string {
  const own = given?.trim() ?? '';
  const current = before ? textOf(before.fields, 'invoice_number') : '';
  if (before && (own === '' || own === current)) return current;
  if (!organization.numbering.automatic || ignoresNumbering) {
    if (own === '') throw missingValue('invoice_number');
    refuseTaken(organization, own, before);
    return own;
  }
  const next = nextNumber(organization);
  if (own !== '' && own !== next.text) throw refusals.notTheAutomaticNumber();
  organization.numbering.last = next.value;
  return next.text;
}

function nextNumber(organization: Organization): { value: number; text: string } {
  let value = organization.numbering.last;
  let text: string;
  do {
    value += 1;
    text = `INV-${String(value).padStart(6, '0')}`;
  } while (organization.invoices.find('number', folded(text)));
  return { value, text };
}

function refuseTaken(organization: Organization, number: string, before: BooksRecord | undefined): void {
  const holder = organization.invoices.find('number', folded(number));
  if (holder && holder.id !== before?.id) throw alreadyExists(`Invoice "${number}"`);
}
