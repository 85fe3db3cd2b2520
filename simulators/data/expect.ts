import { Decimal } from 'decimal.js';
import { DateTime } from 'luxon';
import type { BooksItem, CalculationType, DataSet, PlannedLoaner } from './types.ts';

/**
 * What both systems must hold in the end, worked out from the data set alone and without a line of the product, so that
 * a mistake in the product cannot hide in the expectation.
 */
export interface ExpectedBooks {
  readonly contacts: {
    /** Contacts in Books at the end, those that were there before included. */
    readonly count: number;
    /** Contacts that came from Hector, in the order of the data set. */
    readonly names: readonly string[];
    /** Records of Hector that get no contact because an earlier one has their name. */
    readonly collisions: readonly { readonly id: string; readonly name: string }[];
  };
  /** Descriptions of the parts that came from Books. */
  readonly parts: readonly string[];
  /** Names of the places that came from Books. */
  readonly places: readonly string[];
  readonly loaners: readonly ExpectedLoaner[];
}

export interface ExpectedLoaner {
  readonly id: string;
  readonly number: string;
  readonly invoice: ExpectedInvoice | null;
  /** Why there is no invoice; null where there is one. The codes are those of the error table. */
  readonly reason: NoInvoice | null;
}

export type NoInvoice =
  | 'not-completed' | 'no-imported-item' | 'value-missing' | 'reference-missing' | 'period-invalid' | 'penalty-item-missing';

export interface ExpectedInvoice {
  readonly contactName: string;
  readonly lines: readonly ExpectedLine[];
  /** Sum of the lines, without tax. */
  readonly subTotal: string;
  readonly taxTotal: string;
  readonly total: string;
}

export interface ExpectedLine {
  /** Name of the item in Books. */
  readonly item: string;
  readonly quantity: string;
  readonly rate: string;
  /** quantity × rate, rounded to the digits of the currency. */
  readonly amount: string;
}

interface Context {
  readonly dataSet: DataSet;
  readonly items: ReadonlyMap<string, BooksItem>;
  /** Hector's id → name of the contact; no entry for those that collide. */
  readonly contactNames: ReadonlyMap<string, string>;
  readonly digits: number;
}

/**
 * @param dataSet what the simulators started with
 * @returns the contents both systems must have once every planned loaner has been made and everything has been synced
 */
export function expectedBooks(dataSet: DataSet): ExpectedBooks {
  const { books, hector, settings } = dataSet;
  const contactNames = new Map<string, string>();
  const collisions: { id: string; name: string }[] = [];
  const taken = new Set(books.contacts.map(({ name }) => sameName(name)));
  for (const { id, name } of settings.useHectorCustomers ? hector.customers : hector.users.map(namedUser)) {
    if (taken.has(sameName(name))) {
      collisions.push({ id, name });
    } else {
      taken.add(sameName(name));
      contactNames.set(id, name);
    }
  }
  const currency = books.currencies.find(({ code }) => code === books.organization.currencyCode);
  const context: Context = {
    dataSet, contactNames, digits: currency?.digits ?? 2, items: new Map(books.items.map((item) => [item.name, item])),
  };
  return {
    contacts: { count: books.contacts.length + contactNames.size, names: [...contactNames.values()], collisions },
    parts: books.items.filter((item) => !isPlace(item)).map(({ name }) => name),
    places: books.items.filter(isPlace).map(({ name }) => name),
    loaners: hector.loaners.map((loaner) => ({ id: loaner.id, number: loaner.number, ...expectedInvoice(loaner, context) })),
  };
}

function sameName(name: string): string {
  return name.trim().toLowerCase();
}

function namedUser(user: DataSet['hector']['users'][number]) {
  return { id: user.id, name: `${user.firstName} ${user.lastName}`.trim() };
}

function isPlace(item: BooksItem): boolean {
  return item.unit === 'hectorplace';
}

function expectedInvoice(loaner: PlannedLoaner, context: Context): Pick<ExpectedLoaner, 'invoice' | 'reason'> {
  const none = (reason: NoInvoice) => ({ invoice: null, reason });
  const { settings } = context.dataSet;
  if (!loaner.completed) return none('not-completed');
  const lent = lentItems(loaner).flatMap(({ item, quantity }) => {
    const known = context.items.get(item);
    return known === undefined ? [] : [{ item: known, quantity }];
  });
  if (lent.length === 0) return none('no-imported-item');
  const partyId = settings.useHectorCustomers ? loaner.customerId : loaner.userId;
  if (partyId === null) return none('value-missing');
  const contactName = context.contactNames.get(partyId);
  if (contactName === undefined) return none('reference-missing');

  const lines: { item: BooksItem; quantity: Decimal; rate: Decimal }[] = [];
  for (const { item, quantity } of lent) {
    const units = begunUnits(loaner, typeOf(item, context.dataSet), settings.timeZone);
    if (units === null) return none('period-invalid');
    lines.push({ item, quantity: new Decimal(units).times(quantity), rate: new Decimal(item.rate) });
  }
  const penalties = loaner.penalties.filter(({ type, value }) => type === 'amount' && !new Decimal(value).isZero());
  const penaltyItem = context.items.get(settings.penaltyItem ?? '');
  if (penalties.length > 0 && penaltyItem === undefined) return none('penalty-item-missing');
  for (const { value } of penalties) {
    if (penaltyItem) lines.push({ item: penaltyItem, quantity: new Decimal(1), rate: new Decimal(value) });
  }
  return { invoice: { contactName, ...totals(lines, context) }, reason: null };
}

/** Kits count as what is in them. */
function lentItems(loaner: PlannedLoaner): { item: string; quantity: number }[] {
  return loaner.lines.flatMap((line) =>
    line.kind === 'kit'
      ? line.components.map(({ item, quantity }) => ({ item, quantity: quantity * line.quantity }))
      : [{ item: line.item, quantity: line.quantity }],
  );
}

function typeOf(item: BooksItem, { hector, settings }: DataSet): CalculationType {
  const usual = isPlace(item) ? settings.calculationTypePlaces : settings.calculationTypeParts;
  return hector.calculationTypes[item.name] ?? usual;
}

const hourMs = 3_600_000;
const units = { 'By day': 'days', 'By week': 'weeks', 'By month': 'months' } as const;

/**
 * Units of time a loan has begun: hours as they pass, days, weeks and months as the calendar of the time zone counts them,
 * one by one. The period is the one that happened; where a time was not noted, as planned. Null where that is no period.
 */
function begunUnits(loaner: PlannedLoaner, type: CalculationType, zone: string): number | null {
  if (type === 'Per transaction') return 1;
  const endAt = loaner.returnedAt ?? loaner.plannedEndAt;
  if (endAt === null) return null;
  const start = DateTime.fromISO(loaner.startedAt ?? loaner.plannedStartAt, { zone });
  const end = DateTime.fromISO(endAt, { zone });
  if (end < start) return null;
  if (type === 'By hour') return Math.max(1, Math.ceil((+end - +start) / hourMs));
  let begun = 1;
  while (start.plus({ [units[type]]: begun }) < end) begun += 1;
  return begun;
}

/** Tax is rounded line by line. */
function totals(lines: readonly { item: BooksItem; quantity: Decimal; rate: Decimal }[], { dataSet, digits }: Context) {
  const round = (value: Decimal) => value.toDecimalPlaces(digits, Decimal.ROUND_HALF_UP);
  let subTotal = new Decimal(0);
  let taxTotal = new Decimal(0);
  const expectedLines = lines.map(({ item, quantity, rate }): ExpectedLine => {
    const amount = round(quantity.times(rate));
    const tax = dataSet.books.taxes.find(({ name }) => name === item.taxName);
    subTotal = subTotal.plus(amount);
    taxTotal = taxTotal.plus(round(amount.times(tax?.percentage ?? 0).dividedBy(100)));
    return { item: item.name, quantity: quantity.toFixed(), rate: rate.toFixed(), amount: amount.toFixed(digits) };
  });
  return {
    lines: expectedLines, subTotal: subTotal.toFixed(digits), taxTotal: taxTotal.toFixed(digits), total: subTotal.plus(taxTotal).toFixed(digits),
  };
}
