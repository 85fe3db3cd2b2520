import { wholeDifferencesOf } from '../domain/compare.ts';
import { BookbridgeError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import { decimal } from '../domain/money.ts';
import type { Expected, Write } from '../integrations/integration.ts';
import type { Address, Change, Ending, Finding, Link, Side } from '../store/types.ts';
import { bareLink } from './batch.ts';
import { endingOf } from './judge.ts';

/** What was written, or found to be as it should. */
interface Written {
  readonly partner: { readonly id: string; readonly modifiedAt?: string | null; readonly data?: JsonObject };
  readonly side: Side;
  readonly outcome: 'added' | 'updated' | 'unchanged';
  readonly link: Link | null;
}

/** The end of a change that links its record with a partner. */
export function written(change: Change, mapped: Write, { partner, side, outcome, link }: Written): Ending {
  const there: Address = { side, resource: mapped.resource, id: partner.id };
  const { variance, finding } = comparedWith(mapped, partner);
  const newLink: Link = { ...bareLink(change, there), base: { ...link?.base, [side]: mapped.fields }, variance };
  const document = isDocument(mapped) && partner.data ? { ...there, modifiedAt: partner.modifiedAt ?? null, data: withoutParts(partner.data) } : null;
  return { ...endingOf(change, finding ? 'failed' : outcome, finding), link: newLink, basis: link, notes: mapped.notes, ...(document && { document }) };
}

/** What adds up to something, or is given a status: people ask for its number. */
function isDocument({ expected, fields }: Write): boolean {
  return expected !== null || 'status' in fields;
}

/** Without lines and the like, of which a list shows nothing. */
function withoutParts(data: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => typeof value !== 'object'));
}

/** @param variance as a link keeps it: a decimal, or null where there is nothing to compare */
export function differs(variance: string | null): boolean {
  return variance !== null && !decimal(variance).isZero();
}

/** What was not written to a partner that may not be changed, and how that is there. */
interface NotWritten {
  readonly changed: JsonObject;
  readonly expected: Expected | null;
  readonly found: JsonObject;
}

/** Why a partner is not changed, with what a person has to compare: the fields, and what the document comes to. */
export function withDifference({ code, detail }: Finding, { changed, expected, found }: NotWritten): Finding {
  const fields = new Set(wholeDifferencesOf(changed, found).map(({ field }) => field.split('.', 1)[0]));
  const variance = expected && found[expected.field] !== undefined ? varianceOf(expected, found) : null;
  const parts = [detail, ...(fields.size > 0 ? [`it differs in ${[...fields].join(', ')}`] : [])];
  if (expected && variance !== null && differs(variance)) parts.push(`${expected.field} ${decimal(expected.total).plus(variance).toFixed()} instead of ${expected.total}`);
  return { code, detail: parts.join('; ') };
}

/** How far a document is from what it should come to, and what a person has to be told about that. */
function comparedWith({ resource, expected }: Write, { id, data = {} }: Written['partner']): Pick<Link, 'variance'> & { finding: Finding | null } {
  if (!expected) return { variance: null, finding: null };
  const { total, currency } = expected;
  const actual = currency ? data[currency.field] : undefined;
  if (currency && typeof actual === 'string' && actual !== '' && actual !== currency.code) {
    // Nothing of it is in the currency that it should come to.
    return { variance: decimal(total).negated().toString(), finding: { code: 'currency-unknown', detail: `${resource} ${id} is in ${actual}, and its amounts are in ${currency.code}` } };
  }
  const variance = varianceOf(expected, data);
  return { variance, finding: differs(variance) ? { code: 'total-differs', detail: `${resource} ${id} differs by ${variance}` } : null };
}

/** The document's total in the target system less the one calculated: kept with the link, never rounded away. */
function varianceOf({ field, total }: Expected, data: JsonObject): string {
  const actual = data[field];
  if (typeof actual !== 'string' && typeof actual !== 'number') {
    throw new BookbridgeError('answer-unreadable', { detail: `the document came back without ${field}` });
  }
  return decimal(actual).minus(total).toString();
}
