import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { fromNorthwind, northwindSchema } from './northwind.ts';
import { dataSetSchema, type DataSet } from './types.ts';

const hasOrders = z.object({ orders: z.array(z.unknown()) });
const defaultFile = new URL('default.json', import.meta.url);

/**
 * Reads a data set: our own format, or Northwind's four tables ({customers, products, suppliers, orders}) in one file.
 *
 * @param file path of a JSON file; null takes the small data set that comes with the simulators
 * @throws Error which names the file and what is wrong with it
 */
export async function loadDataSet(file: string | null): Promise<DataSet> {
  const source = file ?? defaultFile;
  try {
    const content: unknown = JSON.parse(await readFile(source, 'utf8'));
    const dataSet = hasOrders.safeParse(content).success ? fromNorthwind(northwindSchema.parse(content)) : dataSetSchema.parse(content);
    checkReferences(dataSet);
    return dataSet;
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new Error(`The data set ${String(source)} cannot be used: ${reason}`, { cause: error });
  }
}

/** Everything a loaner or an item names must be there, once. */
function checkReferences({ books, hector, settings }: DataSet): void {
  const customers = unique('customer id', hector.customers.map(({ id }) => id));
  const users = unique('user id', hector.users.map(({ id }) => id));
  const items = unique('item name', books.items.map(({ name }) => name));
  const stockrooms = unique('stockroom id', hector.stockrooms.map(({ id }) => id));
  const categories = unique('category id', hector.categories.map(({ id }) => id));
  const taxes = unique('tax name', books.taxes.map(({ name }) => name));
  const accounts = unique('account name', books.accounts.map(({ name }) => name));
  unique('status id', hector.statuses.map(({ id }) => id));
  unique('loaner id', hector.loaners.map(({ id }) => id));
  for (const loaner of hector.loaners) {
    known('customer', loaner.customerId, customers);
    known('user', loaner.userId, users);
    known('stockroom', loaner.stockroomId, stockrooms);
  }
  for (const item of books.items) {
    known('tax', item.taxName, taxes);
    known('account', item.accountName, accounts);
  }
  for (const item of Object.keys(hector.calculationTypes)) known('item', item, items);
  known('item', settings.penaltyItem, items);
  known('stockroom', settings.stockroomId, stockrooms);
  known('category', settings.categoryId, categories);
  for (const state of ['in_progress', 'completed'] as const) {
    if (!hector.statuses.some((status) => status.state === state)) throw new Error(`no status has the state ${state}`);
  }
}

function unique(what: string, values: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  for (const value of values) {
    if (seen.has(value)) throw new Error(`the ${what} "${value}" is there twice`);
    seen.add(value);
  }
  return seen;
}

function known(what: string, name: string | null, all: ReadonlySet<string>): void {
  if (name !== null && !all.has(name)) throw new Error(`there is no ${what} "${name}"`);
}
