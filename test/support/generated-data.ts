import { loadDataSet, type DataSet } from '../../simulators/data/index.ts';

interface Sizes {
  readonly customers: number;
  readonly items?: number;
  /** All completed, each with one item and one customer. */
  readonly loaners?: number;
}

/** A data set of any size, made from the built-in one; the same sizes give the same records. */
export async function generatedData({ customers, items = 3, loaners = 0 }: Sizes): Promise<DataSet> {
  const base = await loadDataSet(null);
  const [item] = base.books.items;
  const [customer] = base.hector.customers;
  const [loaner] = base.hector.loaners;
  if (!item || !customer || !loaner) throw new Error('the built-in data set is empty');
  const names = Array.from({ length: items }, (_, index) => `Item ${String(index).padStart(5, '0')}`);
  return {
    ...base,
    books: { ...base.books, contacts: [], items: names.map((name, index) => ({ ...item, name, rate: `${index + 1}.25`, unit: '' })) },
    hector: {
      ...base.hector,
      calculationTypes: {},
      customers: Array.from({ length: customers }, (_, index) => ({ ...customer, id: `g-${index}`, name: `Customer ${String(index).padStart(5, '0')}`, email: `customer-${index}@example.com` })),
      loaners: Array.from({ length: loaners }, (_, index) => ({
        ...loaner, id: `gl-${index}`, number: `GL-${index}`, customerId: `g-${index % customers}`, userId: null, completed: true, penalties: [],
        lines: [{ kind: 'part' as const, item: names[index % items] ?? '', quantity: 1 + (index % 3), components: [] }],
      })),
    },
    settings: { ...base.settings, penaltyItem: null },
  };
}
