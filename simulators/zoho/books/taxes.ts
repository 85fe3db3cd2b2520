import type { JsonObject } from '../../../domain/json.ts';
import { decimal } from '../../../domain/money.ts';
import { objectsOf, textOf } from './fields.ts';
import type { Organization } from './organization.ts';
import { invalidValue } from './refusal.ts';
import type { Tax } from './totals.ts';

/** A tax, or a tax group as the list of taxes shows it. */
export function taxOf(organization: Pick<Organization, 'taxes'>, taxId: string): JsonObject | undefined {
  return organization.taxes.find((tax) => tax['tax_id'] === taxId);
}

/** @throws BooksRefusal where there is no such tax, or an inactive one */
export function expectTax(organization: Organization, taxId: string): JsonObject {
  const tax = taxOf(organization, taxId);
  if (!tax || tax['is_inactive'] === true) throw invalidValue('tax_id');
  return tax;
}

/**
 * The tax to compute a line with; null for none.
 *
 * @throws BooksRefusal as {@link expectTax}
 */
export function readTax(organization: Organization, taxId: string): Tax | null {
  if (taxId === '') return null;
  const row = expectTax(organization, taxId);
  const group = organization.taxGroups.find((one) => one['tax_group_id'] === taxId);
  const own = partOf(row);
  return { ...own, parts: group ? objectsOf(group, 'taxes').map(partOf) : [own] };
}

function partOf(row: JsonObject) {
  return { id: textOf(row, 'tax_id'), name: textOf(row, 'tax_name'), percentage: decimal(textOf(row, 'tax_percentage')) };
}

/** Taxes as an organization starts with them; `is_inactive` where it is given. */
export function taxesFrom(given: readonly JsonObject[], nextId: () => string): JsonObject[] {
  return given.map((tax) => ({
    tax_id: nextId(), tax_name: '', tax_percentage: 0, tax_type: 'tax', tax_specific_type: '', tax_authority_id: '',
    tax_authority_name: '', is_value_added: false, is_default_tax: false, is_editable: true, ...tax,
  }));
}

/**
 * Tax groups: `{tax_group_name, taxes: [id or name of a tax]}`.
 *
 * @throws Error where there is no such tax
 */
export function taxGroupsFrom(given: readonly JsonObject[], taxes: readonly JsonObject[], nextId: () => string): JsonObject[] {
  return given.map((group) => {
    const members = (Array.isArray(group['taxes']) ? group['taxes'] : []).map((name) => {
      const tax = taxes.find((one) => one['tax_id'] === name || one['tax_name'] === name);
      if (!tax) throw new Error(`the tax group ${textOf(group, 'tax_group_name')} names a tax that is not there: ${JSON.stringify(name)}`);
      return tax;
    });
    const percentage = members.reduce((sum, tax) => sum.plus(textOf(tax, 'tax_percentage')), decimal(0));
    return { tax_group_id: nextId(), tax_group_name: '', ...group, tax_group_percentage: percentage.toNumber(), taxes: members };
  });
}

/** A group among the taxes, as the list shows it. */
export function groupRow(group: JsonObject): JsonObject {
  const [row] = taxesFrom([{
    tax_id: group['tax_group_id'] ?? '', tax_name: group['tax_group_name'] ?? '', tax_percentage: group['tax_group_percentage'] ?? 0, tax_type: 'tax_group',
  }], () => '');
  return row ?? {};
}
