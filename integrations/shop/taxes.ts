import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import { decimal, type Money } from '../../domain/money.ts';
import type { OrderLine } from '../../domain/order.ts';
import { readRecord, type Known } from '../integration.ts';
import type { ShopSettings } from './settings.ts';

export type OrderTax = OrderLine['taxes'][number];

/** The tax of a line as Books has it. */
export interface BooksTax {
  /** Null: the line has no tax in Books. */
  readonly id: string | null;
  /** In percent; of a group, of all its taxes. */
  readonly percentage: Money;
  /** Of each tax of a group, because each is rounded by itself. */
  readonly parts: readonly Money[];
}

/** Amounts of one or more lines with the same rates. Where the shop does not say which rates are compound, the tax shows it. */
export interface Taxed {
  readonly taxes: readonly OrderTax[];
  readonly net: Money;
  readonly tax: Money;
  /** By how much the tax of each rate may be off because it was rounded, on all lines together. */
  readonly rounding: Money;
}

const listedSchema = z.object({
  tax_name: z.string().default(''),
  /** Empty where Books does not say. */
  tax_percentage: z.string().default(''),
  tax_type: z.string().default(''),
  is_inactive: z.boolean().default(false),
});

interface Listed extends z.output<typeof listedSchema> {
  readonly id: string;
}

/** The same for all lines with the same rates. */
export function taxKey(taxes: readonly OrderTax[]): string {
  return JSON.stringify(taxes.map(({ id, name, percentage }) => [id, name, percentage]));
}

/**
 * Finds the tax in Books that a line is taxed with: the one that the settings name, else the only one of its percentage, else the only one of
 * these that has its name too. Several rates on one line are one tax group. Lines with a rate of 0 % may do without.
 *
 * @param taxed the rates, and what they come to
 * @throws BookbridgeError `tax-unmatched` naming what to create, `tax-ambiguous` naming what to choose from
 */
export function matchTax(taxed: Taxed, known: Pick<Known, 'all'>, settings: Pick<ShopSettings, 'taxes'>): BooksTax {
  const { taxes } = taxed;
  if (taxes.length === 0) return { id: null, percentage: decimal(0), parts: [] };
  const parts = partsOf(taxed);
  const percentage = parts.reduce((sum, part) => sum.plus(part), decimal(0));
  const wanted: Wanted = { taxes, percentage };
  const listed = known.all('books', 'taxes').map(({ id, data }): Listed => ({ id, ...readRecord(listedSchema, data) })).filter((one) => !one.is_inactive);
  const found = chosen(wanted, listed, settings) ?? fitting(wanted, listed);
  if (!found) return { id: null, percentage, parts: [] };
  const isGroup = found.tax_type === 'tax_group';
  return { id: found.id, percentage, parts: isGroup ? parts : [percentage] };
}

interface Wanted {
  readonly taxes: readonly OrderTax[];
  readonly percentage: Money;
}

/** So many times nearer compound rates must be to be believed: small amounts say little. */
const CLEARLY = 4;

/** What each rate comes to on the amount without tax, as the shop says, or else as its tax shows. */
function partsOf({ taxes, net, tax, rounding }: Taxed): Money[] {
  const told = toldParts(taxes);
  if (taxes.every(({ isCompound }) => isCompound !== undefined)) return told;
  const compound = toldParts(taxes.map((one) => ({ ...one, isCompound: true })));
  const farness = (parts: readonly Money[]) => parts.reduce((sum, part) => sum.minus(net.times(part).div(100)), tax).abs();
  const isRounding = farness(told).lessThanOrEqualTo(rounding.times(taxes.length)) || farness(told).lessThanOrEqualTo(farness(compound).times(CLEARLY));
  return isRounding ? told : compound;
}

/**
 * What each rate comes to on the amount without tax, in percent. Compound rates come last, each on what all before it come to as well, as
 * WooCommerce reckons (class-wc-tax.php, calc_exclusive_tax); a rate of which the shop does not say it is none.
 */
export function toldParts(taxes: readonly OrderTax[]): Money[] {
  const plain = taxes.filter(({ isCompound }) => isCompound !== true);
  const compound = taxes.filter(({ isCompound }) => isCompound === true);
  const onTop = (parts: Money[], { percentage }: OrderTax) => [...parts, parts.reduce((base, part) => base.plus(part), decimal(100)).times(percentage).div(100)];
  return compound.reduce(onTop, plain.map(({ percentage }) => decimal(percentage)));
}

/** @throws BookbridgeError `tax-unmatched` where the settings name one that cannot be it */
function chosen(wanted: Wanted, listed: readonly Listed[], { taxes: mapping }: Pick<ShopSettings, 'taxes'>): Listed | null {
  const key = [idKey(wanted), ...Object.keys(mapping)].find((one) => one !== null && Object.hasOwn(mapping, one) && (one === idKey(wanted) || isPercentage(one, wanted.percentage)));
  const id = typeof key === 'string' ? mapping[key] : undefined;
  if (id === undefined) return null;
  const found = listed.find((tax) => tax.id === id);
  if (!found) throw unmatched(wanted, `settings.taxes names ${id}, which is no active tax of Books`);
  if (isOf(found, wanted.percentage)) return found;
  throw unmatched(wanted, `settings.taxes names ${described(found)}, which is of ${found.tax_percentage} %`);
}

function fitting(wanted: Wanted, listed: readonly Listed[]): Listed | null {
  const { taxes, percentage } = wanted;
  const ofRate = listed.filter((tax) => isOf(tax, percentage));
  const groups = ofRate.filter((one) => one.tax_type === 'tax_group');
  const single = ofRate.filter((one) => one.tax_type !== 'tax_group');
  const candidates = taxes.length > 1 && groups.length > 0 ? groups : single;
  const [first, ...others] = candidates;
  if (!first) {
    if (percentage.isZero()) return null;
    throw unmatched(wanted, `no active tax of Books has ${percentage.toFixed()} %`);
  }
  if (others.length === 0) return first;
  const name = letters(taxes.map((tax) => tax.name).join());
  const named = candidates.filter((one) => letters(one.tax_name) === name);
  if (named.length === 1 && named[0]) return named[0];
  throw new BookbridgeError('tax-ambiguous', {
    detail: `${ratesOf(wanted)}: Books has ${candidates.map(described).join(', ')}; name one of their ids in settings.taxes under ${keysOf(wanted)}`,
  });
}

function unmatched(wanted: Wanted, reason: string): BookbridgeError {
  const { taxes, percentage } = wanted;
  const create = taxes.length > 1 ? `a tax group of ${ratesOf(wanted)}, ${percentage.toFixed()} % in all` : `a tax of ${percentage.toFixed()} %`;
  return new BookbridgeError('tax-unmatched', { detail: `${ratesOf(wanted)}: ${reason}; create ${create}, or name the id of one in settings.taxes under ${keysOf(wanted)}` });
}

function isOf({ tax_percentage: own }: Listed, percentage: Money): boolean {
  return own !== '' && decimal(own).equals(percentage);
}

/** `20%`, however it is written. */
function isPercentage(key: string, percentage: Money): boolean {
  const [, digits] = /^(\d+(?:\.\d+)?)\s*%$/.exec(key.trim()) ?? [];
  return digits !== undefined && decimal(digits).equals(percentage);
}

/** The rates' ids as a key of the mapping; null where the shop has none. */
function idKey({ taxes }: Wanted): string | null {
  const ids = taxes.flatMap(({ id }) => (id === null ? [] : [id]));
  return ids.length === taxes.length ? ids.join('+') : null;
}

function keysOf(wanted: Wanted): string {
  const id = idKey(wanted);
  return [...(id === null ? [] : [JSON.stringify(id)]), `"${wanted.percentage.toFixed()}%"`].join(' or ');
}

function ratesOf({ taxes }: Wanted): string {
  return taxes.map(({ name, percentage }) => (name === '' ? `${percentage} %` : `"${name}" of ${percentage} %`)).join(' and ');
}

function described({ id, tax_name: name }: Listed): string {
  return `${id} "${name}"`;
}

/** Names are equal by their letters and digits: "TVA 20 %" is "tva 20%". */
function letters(name: string): string {
  return name.normalize('NFC').toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}
