import { loadDataSet, type DataSet } from '../simulators/data/index.ts';
import type { ZohoOptions } from '../simulators/zoho/options.ts';
import { organizationFrom } from '../simulators/zoho/from-data.ts';

/** How much there is in both systems. The same sizes give the same records. */
export interface Sizes {
  /** Organizations of Books, all alike, so that several measurements find the same simulator. */
  readonly organizations?: number;
  readonly customers?: number;
  readonly users?: number;
  readonly items?: number;
  /** Completed loaners that are to happen, each with one item and one customer. */
  readonly loaners?: number;
  /** Contacts and invoices that are in Books before. */
  readonly contacts?: number;
  readonly invoices?: number;
  /** Orders of a shop, which then stands in Hector's place. */
  readonly orders?: number;
}

const FIRST_ORGANIZATION = 60_012_345_678;
/** Records that were there before are so old that nothing of them is new, and a second apart. */
const SEEDED_BEFORE_MS = 30 * 86_400_000;

export function organizationId(index = 0): string {
  return String(FIRST_ORGANIZATION + index);
}

/** Customers as people have them: with an address and a person, which is what a contact in Books is made of. */
function customer(index: number): DataSet['hector']['customers'][number] {
  const number = String(index).padStart(6, '0');
  return {
    id: `c-${number}`, name: `Société ${number} & Søn`, firstName: 'Zoé', lastName: `Lefèvre ${number}`, email: `person-${number}@example.com`,
    phone: '+33 1 99 00 01 02', mobile: null, language: 'fr', currency: 'EUR', active: true,
    billingAddress: { attention: 'Comptabilité', street: `${index + 1}, rue de l’Échiquier`, street2: null, city: 'Paris', state: null, zip: '75010', country: 'France' },
  };
}

function user(index: number): DataSet['hector']['users'][number] {
  const number = String(index).padStart(6, '0');
  return { id: `u-${number}`, firstName: 'Øystein', lastName: `Åsen ${number}`, email: `user-${number}@example.com`, phone: null, active: true };
}

/** A data set of any size on the settings of the built-in one. */
export async function dataSetOf({ customers = 0, users = 0, items = 3, loaners = 0 }: Sizes): Promise<DataSet> {
  const base = await loadDataSet(null);
  const [item] = base.books.items;
  const [loaner] = base.hector.loaners;
  if (!item || !loaner) throw new Error('the built-in data set is empty');
  const names = Array.from({ length: items }, (_, index) => `Item ${String(index).padStart(5, '0')}`);
  return {
    ...base,
    books: { ...base.books, contacts: [], items: names.map((name, index) => ({ ...item, name, rate: `${index + 1}.25`, unit: '' })) },
    hector: {
      ...base.hector, calculationTypes: {},
      customers: Array.from({ length: customers }, (_, index) => customer(index)),
      users: Array.from({ length: users }, (_, index) => user(index)),
      loaners: Array.from({ length: loaners }, (_, index) => ({
        ...loaner, id: `l-${index}`, number: `L-${index}`, customerId: `c-${String(index % customers).padStart(6, '0')}`, userId: null, completed: true, penalties: [],
        lines: [{ kind: 'part' as const, item: names[index % items] ?? '', quantity: 1 + (index % 3), components: [] }],
      })),
    },
    settings: { ...base.settings, penaltyItem: null },
  };
}

/** The same in the names of Books' API, with what was there before. */
export function organizationsOf(dataSet: DataSet, { organizations = 1, contacts = 0, invoices = 0 }: Sizes): NonNullable<ZohoOptions['organizations']> {
  const before = (index: number, count: number) => new Date(Date.now() - SEEDED_BEFORE_MS - (count - index) * 1000).toISOString();
  const payer = { contact_name: 'Client', contact_type: 'customer' };
  return Array.from({ length: organizations }, (_, index) => ({
    ...organizationFrom(dataSet.books),
    organization_id: organizationId(index),
    contacts: [
      ...(invoices > 0 ? [payer] : []),
      ...Array.from({ length: contacts }, (__, number) => ({
        contact_name: `Contact ${String(number).padStart(6, '0')}`, contact_type: 'customer', created_time: before(number, contacts), last_modified_time: before(number, contacts),
      })),
    ],
    invoices: Array.from({ length: invoices }, (__, number) => ({
      customer_name: 'Client', status: 'sent', reference_number: `R-${number}`, date: '2026-01-15', due_date: '2030-01-15',
      created_time: before(number, invoices), last_modified_time: before(number, invoices),
      line_items: [{ name: 'Rent', rate: 10 + (number % 90), quantity: 1 }],
    })),
  }));
}
