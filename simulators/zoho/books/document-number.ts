import { textOf } from './fields.ts';
import type { Organization } from './organization.ts';
import { alreadyExists, missingValue, refusals } from './refusal.ts';
import { folded, type BooksRecord } from './table.ts';

const kinds = {
  invoices: { prefix: 'INV', field: 'invoice_number', name: 'Invoice' },
  creditnotes: { prefix: 'CN', field: 'creditnote_number', name: 'Credit note' },
} as const;

type Kind = keyof typeof kinds;

/**
 * The number of an invoice or credit note after a write. With auto-numbering on, an own number is refused unless the caller says
 * `ignore_auto_number_generation=true`, which makes the number mandatory (Zoho Books API v3, Invoices, Credit Notes).
 *
 * @throws BooksRefusal code 4097 for a number that is not the next one, or where another document has it
 */
export function numberFor(organization: Organization, kind: Kind, given: string | undefined, before: BooksRecord | undefined, ignoresNumbering: boolean): string {
  const { field } = kinds[kind];
  const own = given?.trim() ?? '';
  const current = before ? textOf(before.fields, field) : '';
  if (before && (own === '' || own === current)) return current;
  if (!organization.numbering.automatic || ignoresNumbering) {
    if (own === '') throw missingValue(field);
    refuseTaken(organization, kind, own, before);
    return own;
  }
  const next = nextNumber(organization, kind);
  if (own !== '' && own !== next.text) throw refusals.notTheAutomaticNumber();
  organization.numbering.last[kind] = next.value;
  return next.text;
}

function nextNumber(organization: Organization, kind: Kind): { value: number; text: string } {
  let value = organization.numbering.last[kind];
  let text: string;
  do {
    value += 1;
    text = `${kinds[kind].prefix}-${String(value).padStart(6, '0')}`;
  } while (organization[kind].find('number', folded(text)));
  return { value, text };
}

function refuseTaken(organization: Organization, kind: Kind, number: string, before: BooksRecord | undefined): void {
  const holder = organization[kind].find('number', folded(number));
  if (holder && holder.id !== before?.id) throw alreadyExists(`${kinds[kind].name} "${number}"`);
}
