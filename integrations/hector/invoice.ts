import { DateTime } from 'luxon';
import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import { allIssues } from '../../domain/issues.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import { decimal, decimalSchema, roundMoney } from '../../domain/money.ts';
import type { Address, Finding } from '../../store/types.ts';
import { readRecord, type Expected, type Known } from '../integration.ts';
import { lineOf, paragraphOf } from '../text.ts';
import { booksItemSchema, CALCULATION_TYPE, isPlaceUnit } from './items.ts';
import { lentItems, type LentItem, type Loaner } from './loaner.ts';
import { billedQuantity, readCalculationType, type Period } from './quantity.ts';
import type { HectorContext } from './settings.ts';

/** Greatest lengths in Books (API pages "Items" and "Invoices": name and description of a line). */
const LINE_NAME_LENGTH_MAX = 100;
const DESCRIPTION_LENGTH_MAX = 2000;

/** What was lent of one item that came from Books. */
export interface BillableItem {
  readonly lent: LentItem;
  /** Id of the item in Books. */
  readonly itemId: string;
  readonly item: z.output<typeof booksItemSchema>;
  /** The attribute of the part or place, as Hector has it. */
  readonly calculationType: unknown;
}

/**
 * Divides what was lent: what came from Books can be billed, and whatever else there is becomes a remark (guide 1).
 *
 * @param before what the invoice has shown of its items: whatever became of those in Books, they stay on it
 * @throws BookbridgeError `value-invalid` for an item that is gone in Books, `reference-missing` for one that was not read yet, `record-unreadable`
 */
export function billableItems(loaner: Loaner, known: Known, before: Shown): { billable: BillableItem[]; notes: Finding[] } {
  const billable: BillableItem[] = [];
  const notes: Finding[] = [];
  for (const lent of lentItems(loaner)) {
    const item = billableItem(lent, known, before);
    if (item) billable.push(item);
    else notes.push({ code: 'line-not-imported', detail: describeLent(lent) });
  }
  return { billable, notes };
}

function describeLent({ description, quantity }: LentItem): string {
  return `"${description}" × ${quantity}`;
}

function billableItem(lent: LentItem, known: Known, before: Shown): BillableItem | null {
  if (lent.id === null) return null;
  const here = { side: 'other', resource: lent.resource, id: lent.id } as const;
  const link = known.link(here);
  if (!link) return null;
  const itemId = link.books.id;
  const data = known.data(link.books);
  const item = data && readRecord(booksItemSchema, data);
  // What is on the invoice already is only refused where Books refuses it.
  if (known.isGone(link.books) && !before.has(itemId)) {
    throw new BookbridgeError('value-invalid', { detail: `lines: ${describeLent(lent)} is the item ${item ? `"${item.name}"` : itemId}, which was deleted in Books` });
  }
  if (!item) throw new BookbridgeError('reference-missing', { detail: `lines: ${describeLent(lent)} is the item ${itemId}, which was not read yet` });
  return { lent, itemId, item, calculationType: calculationTypeOf(lent, known.data(here)) };
}

const attributesSchema = z.object({ attributes: z.record(z.string(), z.unknown()) });

/**
 * The attribute of a part or place. What was just made in Hector is not read yet, and has the default; of what could not be read nobody knows what
 * it has, and the default may be wrong.
 *
 * @throws BookbridgeError `record-unreadable` naming it
 */
function calculationTypeOf({ resource, id, description }: LentItem, data: JsonObject | null): unknown {
  if (data === null) return undefined;
  const parsed = attributesSchema.safeParse(data);
  if (parsed.success) return parsed.data.attributes[CALCULATION_TYPE];
  throw new BookbridgeError('record-unreadable', { detail: `${resource} ${id} "${description}": ${allIssues(parsed.error)}` });
}

export interface Invoice {
  readonly fields: JsonObject;
  readonly notes: readonly Finding[];
}

/** What a line shows of its item. */
const shownItemSchema = z.object({ item_id: z.string() });
const shownSchema = shownItemSchema.extend({ name: z.string().optional(), rate: z.string(), unit: z.string() });

/** What the lines of an invoice show of their items, by id of the item. */
export type Shown = ReadonlyMap<string, JsonObject>;

/** What an invoice has shown of its items since it was made. The lines of penalties have no unit. */
export function shownIn(fields: JsonObject): Shown {
  return new Map(linesIn(fields).flatMap((line) => {
    const { item_id: itemId, name, rate, unit } = shownSchema.safeParse(line).data ?? {};
    return itemId !== undefined && rate !== undefined && unit !== undefined ? [[itemId, { rate, unit, ...(name !== undefined && { name }) }] as const] : [];
  }));
}

function linesIn({ line_items: lines }: JsonObject): readonly Json[] {
  return Array.isArray(lines) ? lines : [];
}

/** The item that penalties are billed with, as far as the settings name one. */
export function penaltyItemOf({ settings: { penaltyItemId: id } }: HectorContext): Address[] {
  return id === null ? [] : [{ side: 'books', resource: 'items', id }];
}

/**
 * The id of that item, unless it was deleted in Books. What is on the invoice already is only refused where Books refuses it.
 *
 * @param before the fields of the invoice as they were after the last sync
 */
export function billablePenaltyItem(known: Known, before: JsonObject, context: HectorContext): string | null {
  const shown = new Set(linesIn(before).map((line) => shownItemSchema.safeParse(line).data?.item_id));
  return penaltyItemOf(context).find((item) => shown.has(item.id) || !known.isGone(item))?.id ?? null;
}

/**
 * The invoice of a completed loaner: one line per imported item with Books' selling price and unit, the quantity by its
 * calculation type, and one line per Amount penalty (guide 1, 2.4, 2.5 and 3).
 *
 * @param before what it has shown of its items since it was made: a price that changed later changes it as little as a new name
 * @param penaltyItemId null: there is none that could be billed
 * @throws BookbridgeError `period-invalid`, `calculation-type-unknown`, `penalty-item-missing`, `value-invalid`, `value-missing` for an item without a price
 */
export function invoiceOf(loaner: Loaner, billable: readonly BillableItem[], before: Shown, penaltyItemId: string | null, context: HectorContext): Invoice {
  const notes: Finding[] = [];
  const lines = billable.map((item) => itemLine(item, before, loaner, context));
  for (const [index, penalty] of loaner.penalties.entries()) {
    if (penalty.type !== 'amount') notes.push({ code: 'penalty-in-points', detail: `${penalty.value.toFixed()} points, ${describePenalty(penalty)}` });
    else if (penalty.value.isZero()) notes.push({ code: 'penalty-of-zero', detail: describePenalty(penalty) });
    else lines.push(penaltyLine(penalty, `penalties.${index}.value`, penaltyItemId, context));
  }
  const fields: JsonObject = {
    reference_number: lineOf(loaner.number),
    date: localDate(loaner.returnedAt ?? loaner.plannedEndAt ?? loaner.plannedStartAt, context),
    line_items: lines,
  };
  const remarks = paragraphOf(loaner.notes, DESCRIPTION_LENGTH_MAX);
  if (remarks !== '') fields['notes'] = remarks;
  return { fields, notes };
}

const amountsSchema = z.object({ line_items: z.array(z.object({ rate: decimalSchema, quantity: decimalSchema })) });

/** What the lines of an invoice add up to before tax, each rounded by itself, as Books does. */
export function subTotalOf(fields: JsonObject, { organization }: HectorContext): Expected {
  const { line_items: lines } = readRecord(amountsSchema, fields);
  const total = lines.reduce((sum, { rate, quantity }) => sum.plus(roundMoney(rate.times(quantity), organization.digits)), decimal(0));
  return { field: 'sub_total', total: total.toFixed(organization.digits), currency: { field: 'currency_code', code: organization.currencyCode } };
}

function itemLine({ lent, itemId, item, calculationType }: BillableItem, before: Shown, loaner: Loaner, context: HectorContext): JsonObject {
  const { settings } = context;
  const fallback = lent.resource === 'places' ? settings.calculationTypePlaces : settings.calculationTypeParts;
  const type = readCalculationType(calculationType, fallback, item.name);
  const quantity = billedQuantity(type, periodOf(loaner, context), lent.quantity, settings);
  return { item_id: itemId, ...(before.get(itemId) ?? shownNow(lent, item)), quantity: quantity.toFixed(), description: describePeriod(type, loaner, context) };
}

function shownNow(lent: LentItem, { name, rate, unit }: BillableItem['item']): JsonObject {
  // Nobody knows whether it is free.
  if (rate === null) throw new BookbridgeError('value-missing', { detail: `lines: ${describeLent(lent)} is the item "${name}", which has no selling price in Books: enter one there, 0 where it is free, then retry` });
  return {
    rate: rate.toFixed(),
    // The mark of a place means nothing to the customer, whether or not somebody has taken it off the item already.
    unit: isPlaceUnit(unit) ? '' : (unit ?? ''),
    // Books takes the name from the item where a line has none.
    ...(name.length <= LINE_NAME_LENGTH_MAX && { name }),
  };
}

type Penalty = Loaner['penalties'][number];

function penaltyLine(penalty: Penalty, field: string, itemId: string | null, { settings, organization }: HectorContext): JsonObject {
  const { value } = penalty;
  const { currencyCode, digits } = organization;
  if (value.isNegative()) throw new BookbridgeError('value-invalid', { detail: `${field}: ${value.toFixed()} is below zero` });
  if (value.decimalPlaces() > digits) {
    throw new BookbridgeError('value-invalid', { detail: `${field}: ${value.toFixed()} has more decimals than ${currencyCode}, which has ${digits}` });
  }
  const description = describePenalty(penalty);
  if (itemId === null) {
    const why = settings.penaltyItemId === null ? '' : `: the Penalty Item ${settings.penaltyItemId} was deleted in Books`;
    throw new BookbridgeError('penalty-item-missing', { detail: `${value.toFixed(digits)} ${currencyCode}, ${description}${why}` });
  }
  return { item_id: itemId, rate: value.toFixed(), quantity: '1', description };
}

function describePenalty({ reason, description }: Penalty): string {
  return paragraphOf(description, DESCRIPTION_LENGTH_MAX) || (reason === 'late' ? 'Late' : 'Damaged');
}

/** The period as it happened, and where a time was not noted, as it was planned; or, by the settings, as it was planned. */
function periodOf({ startedAt, plannedStartAt, returnedAt, plannedEndAt }: Loaner, { settings }: HectorContext): Period | null {
  const isActual = settings.billedPeriod === 'actual';
  const end = isActual ? (returnedAt ?? plannedEndAt) : plannedEndAt;
  return end === null ? null : { start: isActual ? (startedAt ?? plannedStartAt) : plannedStartAt, end };
}

function describePeriod(type: string, loaner: Loaner, context: HectorContext): string {
  const period = periodOf(loaner, context);
  const moment = (time: string) => DateTime.fromISO(time, { zone: context.settings.timeZone }).toFormat('yyyy-MM-dd HH:mm');
  return period ? `${type}, ${moment(period.start)} to ${moment(period.end)}` : type;
}

function localDate(time: string, { settings }: HectorContext): string {
  return DateTime.fromISO(time, { zone: settings.timeZone }).toFormat('yyyy-MM-dd');
}
