import { z } from 'zod';

/**
 * What a pair of simulators starts with: an organization in Books, an instance of Hector, and the loaners that are going
 * to happen. Records name each other by name where the id is only made up by a simulator.
 */

const calculationTypes = ['Per transaction', 'By hour', 'By day', 'By week', 'By month'] as const;
export type CalculationType = (typeof calculationTypes)[number];
const calculationType = z.enum(calculationTypes);

const amount = z.string().regex(/^\d+(\.\d+)?$/, 'is not an amount such as "4.50"');
const time = z.iso.datetime({ offset: true });
const text = z.string().min(1);
const orNull = z.string().nullable().default(null);

const address = z.object({
  attention: orNull, street: orNull, street2: orNull, city: orNull, state: orNull, zip: orNull, country: orNull,
});

const booksItem = z.object({
  name: text,
  /** Selling price without tax. */
  rate: amount,
  /** `hectorplace` makes the item a place in Hector. */
  unit: z.string().default(''),
  description: z.string().default(''),
  productType: z.enum(['goods', 'service']).default('service'),
  taxName: orNull,
  accountName: orNull,
});

const booksContact = z.object({
  name: text, type: z.enum(['customer', 'vendor']).default('customer'), email: orNull, phone: orNull,
});

const books = z.object({
  organization: z.object({
    id: z.string().regex(/^\d+$/), name: text, currencyCode: z.string().length(3), countryCode: z.string().length(2),
    timeZone: text, languageCode: z.string().default('en'),
  }),
  items: z.array(booksItem),
  /** Contacts that were in Books before, and have nothing to do with Hector. */
  contacts: z.array(booksContact),
  taxes: z.array(z.object({ name: text, percentage: amount })),
  accounts: z.array(z.object({ name: text, type: z.enum(['income', 'expense', 'cost_of_goods_sold', 'accounts_receivable']) })),
  users: z.array(z.object({ name: text, email: z.email(), role: z.enum(['admin', 'staff', 'timesheet']) })),
  currencies: z.array(z.object({ code: z.string().length(3), symbol: text, name: text, digits: z.int().min(0).max(3).default(2) })),
});

const hectorCustomer = z.object({
  id: text, name: text, firstName: z.string().default(''), lastName: z.string().default(''), email: orNull, phone: orNull,
  mobile: orNull, language: orNull, currency: orNull, billingAddress: address.nullable().default(null), active: z.boolean().default(true),
});

const hectorUser = z.object({
  id: text, firstName: z.string(), lastName: z.string(), email: orNull, phone: orNull, active: z.boolean().default(true),
});

/** An item is named as it is in Books; a name that Books does not have is a part that was made in Hector itself. */
const plannedLine = z.object({
  kind: z.enum(['part', 'place', 'kit']),
  item: text,
  quantity: z.int().min(1).default(1),
  /** Of a kit: what is in one kit. */
  components: z.array(z.object({ item: text, quantity: z.int().min(1) })).default([]),
});

const penalty = z.object({
  type: z.enum(['amount', 'points']), value: amount, reason: z.enum(['late', 'damaged']), description: z.string().default(''),
});

const plannedLoaner = z.object({
  id: text, number: text, customerId: orNull, userId: orNull, stockroomId: text,
  plannedStartAt: time, plannedEndAt: time.nullable().default(null), startedAt: time.nullable().default(null), returnedAt: time.nullable().default(null),
  completed: z.boolean(),
  notes: z.string().default(''),
  lines: z.array(plannedLine),
  penalties: z.array(penalty).default([]),
});

const hector = z.object({
  customers: z.array(hectorCustomer),
  users: z.array(hectorUser),
  categories: z.array(z.object({ id: text, name: text, kind: z.enum(['serialized', 'lots', 'kits']) })),
  stockrooms: z.array(z.object({
    id: text, name: text, loanersActivated: z.boolean(), resourceField: z.enum(['customer', 'user']).nullable(),
  })),
  statuses: z.array(z.object({ id: text, label: text, state: z.enum(['not_started', 'in_progress', 'completed', 'finished', 'archived']) })),
  attributes: z.array(z.object({ id: text, key: text, name: text, choices: z.array(text) })),
  /** Item name → the calculation type a person gives it in Hector after the import; all others keep the default. */
  calculationTypes: z.record(z.string(), calculationType).default({}),
  loaners: z.array(plannedLoaner),
});

const settings = z.object({
  calculationTypeParts: calculationType,
  calculationTypePlaces: calculationType,
  /** Name of the Penalty Item in Books. */
  penaltyItem: z.string().nullable(),
  useHectorCustomers: z.boolean(),
  /** IANA name; days, weeks and months of a loan begin and end in it. */
  timeZone: text,
  /** Where imported items are created in Hector. */
  categoryId: text,
  stockroomId: text,
});

export const dataSetSchema = z.object({ books, hector, settings });

export type DataSet = z.output<typeof dataSetSchema>;
export type BooksItem = DataSet['books']['items'][number];
export type HectorCustomer = DataSet['hector']['customers'][number];
export type HectorUser = DataSet['hector']['users'][number];
export type PlannedLoaner = DataSet['hector']['loaners'][number];
export type PlannedLine = PlannedLoaner['lines'][number];
