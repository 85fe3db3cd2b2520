import { array, assert, boolean, constant, constantFrom, integer, oneof, option, property, record } from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { BookbridgeError } from '../../../domain/errors.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { decimal } from '../../../domain/money.ts';
import { loaners } from '../../../integrations/hector/loaners.ts';
import { calculationTypes } from '../../../integrations/hector/settings.ts';
import { expectedBooks, loadDataSet, type DataSet, type ExpectedLoaner, type PlannedLoaner } from '../../../simulators/data/index.ts';
import { seedsOf } from '../../support/seeds.ts';
import { amounts, contextWith, flowOf, knownWith, recordOf, type Imported } from './world.ts';

/**
 * The expectation of the simulators is worked out without a line of the product. Here both work out the same random loaners:
 * lines, quantities, totals and reasons must agree.
 */

const start = Date.UTC(2026, 0, 1);
const quarter = 15 * 60_000;
/** Times of a year, on the quarter hour, so that exact units come up too. */
const times = integer({ min: 0, max: 366 * 96 }).map((quarters) => new Date(start + quarters * quarter).toISOString());
const names = ['Laptop', 'Projector', 'Room A', 'Room B', 'Chair', 'Cable'] as const;
const imported = names.slice(0, 5);
const amount = integer({ min: 0, max: 100_000 }).map((cents) => decimal(cents).div(100).toFixed(2));
/** Of a penalty: the product refuses one with more decimals than the currency has. */
const wholeAmount = integer({ min: 0, max: 1000 }).map((value) => `${value}.00`);
const lots = integer({ min: 1, max: 50 });
const isRoom = (name: string) => name.startsWith('Room');

const line = oneof(
  record({ item: constantFrom(...names), quantity: lots }).map(({ item, quantity }) => ({ kind: isRoom(item) ? 'place' as const : 'part' as const, item, quantity, components: [] })),
  record({ quantity: lots, components: array(record({ item: constantFrom('Laptop', 'Chair', 'Cable'), quantity: lots }), { minLength: 1, maxLength: 3 }) })
    .map((kit) => ({ kind: 'kit' as const, item: 'Kit', ...kit })),
);

const plannedLoaner = record({
  customerId: option(constant('c-1'), { freq: 9 }), plannedStartAt: times, plannedEndAt: option(times), startedAt: option(times), returnedAt: option(times),
  completed: boolean(), lines: array(line, { maxLength: 5 }),
  penalties: array(record({ type: constantFrom('amount', 'points'), value: wholeAmount, reason: constantFrom('late', 'damaged'), description: constant('') }), { maxLength: 2 }),
});

const dataSets = (base: DataSet) =>
  record({
    digits: constantFrom(0, 2, 3), timeZone: constantFrom('America/Toronto', 'Europe/Paris', 'UTC'), penaltyItem: option(constant('Chair')),
    calculationTypeParts: constantFrom(...calculationTypes), calculationTypePlaces: constantFrom(...calculationTypes),
    rates: array(amount, { minLength: 5, maxLength: 5 }), types: array(option(constantFrom(...calculationTypes)), { minLength: 5, maxLength: 5 }),
    planned: array(plannedLoaner, { minLength: 1, maxLength: 5 }),
  }).map(({ digits, rates, types, planned, ...settings }): DataSet => ({
    books: {
      ...base.books, contacts: [], currencies: [{ code: base.books.organization.currencyCode, symbol: '', name: '', digits }],
      items: imported.map((name, index) => ({
        name, rate: rates[index] ?? '1', unit: isRoom(name) ? 'hectorplace' : 'h', description: '', productType: 'service', taxName: null, accountName: null,
      })),
    },
    hector: {
      ...base.hector, customers: base.hector.customers.slice(0, 1).map((customer) => ({ ...customer, id: 'c-1' })),
      calculationTypes: Object.fromEntries(imported.flatMap((name, index) => (types[index] ? [[name, types[index]]] : []))),
      loaners: planned.map((loaner, index) => ({ ...loaner, id: `l-${index}`, number: `LO-${index}`, userId: null, stockroomId: 's-1', notes: '' })),
    },
    settings: { ...base.settings, ...settings, useHectorCustomers: true },
  }));

describe('the product and the expectation of the simulators', () => {
  let base: DataSet;
  beforeAll(async () => {
    base = await loadDataSet(null);
  });

  it.each(seedsOf(1))('agree on every line, total and reason of any loaner (seed %i)', (seed) => {
    assert(property(dataSets(base), (dataSet) => {
      const expected = expectedBooks(dataSet);
      expect(dataSet.hector.loaners.map((planned) => outcomeOf(planned, dataSet))).toEqual(expected.loaners.map(expectedOutcome));
    }), { seed });
  }, 120_000);

  it('agree on the default data set', () => {
    const expected = expectedBooks(base);
    expect(base.hector.loaners.map((planned) => outcomeOf({ ...planned, customerId: 'c-1' }, base))).toEqual(expected.loaners.map(expectedOutcome));
  });
});

/** Without tax, which only Books adds. */
function expectedOutcome({ invoice, reason }: ExpectedLoaner) {
  if (!invoice) return { reason };
  return { lines: invoice.lines.map(({ quantity, rate }) => `${quantity} × ${decimal(rate).toFixed()}`), subTotal: invoice.subTotal };
}

function outcomeOf(planned: PlannedLoaner, dataSet: DataSet) {
  const { settings, books } = dataSet;
  const currencyCode = books.organization.currencyCode;
  const digits = books.currencies.find(({ code }) => code === currencyCode)?.digits ?? 2;
  const { calculationTypeParts, calculationTypePlaces, timeZone, penaltyItem } = settings;
  const context = contextWith({ calculationTypeParts, calculationTypePlaces, timeZone, penaltyItemId: penaltyItem && '46-penalty' }, { currencyCode, digits });
  const data = inHector(planned);
  const flow = flowOf(loaners);
  try {
    const finding = flow.accept(recordOf(data), context);
    if (finding) return { reason: finding.code };
    const mapped = flow.map(recordOf(data), knownWith(importedOf(dataSet)), context);
    if (mapped.kind === 'skip') return { reason: mapped.finding.code };
    return { lines: amounts(mapped), subTotal: mapped.expected?.total };
  } catch (error) {
    if (error instanceof BookbridgeError) return { reason: error.code };
    throw error;
  }
}

/** Names are ids here: nobody has to look them up. */
function inHector({ completed, lines, ...planned }: PlannedLoaner): JsonObject {
  return {
    ...planned, statusId: completed ? 'completed' : 'out',
    lines: lines.map(({ kind, item, quantity, components }) => ({
      kind, itemId: kind === 'kit' ? null : item, description: item, quantity,
      components: components.map((component) => ({ partId: component.item, description: component.item, quantity: component.quantity })),
    })),
  };
}

function importedOf({ books, hector }: DataSet): Imported[] {
  return books.items.map(({ name, rate, unit }) => {
    const calculationType = hector.calculationTypes[name];
    return { resource: unit === 'hectorplace' ? 'places' : 'parts', id: name, name, rate, unit, ...(calculationType && { calculationType }) };
  });
}
