import type { RemoteRecord } from '../../../connectors/resource.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { customers } from '../../../integrations/hector/customers.ts';
import { items } from '../../../integrations/hector/items.ts';
import { loaners } from '../../../integrations/hector/loaners.ts';
import { readHectorContext } from '../../../integrations/hector/settings.ts';
import type { Flow, FlowRecord, IntegrationContext, Known, Mapped, Module, Write } from '../../../integrations/integration.ts';
import { addressText, type Address, type Link } from '../../../store/types.ts';

/** What the mapping of one record needs around it, without store or engine: settings, links and the records behind them. */

const settings: JsonObject = {
  organizationId: '460000001', useHectorCustomers: true, penaltyItemId: '46-penalty', calculationTypeParts: 'Per transaction',
  calculationTypePlaces: 'Per transaction', categoryId: 'k-1', stockroomId: 's-1', completedStatusIds: ['completed'], timeZone: 'America/Toronto',
};
const facts: JsonObject = { currencyCode: 'CAD', digits: 2 };

/** The settings and the organization of an example, with what is said differently. */
export function contextWith(different: JsonObject = {}, organization: JsonObject = {}): IntegrationContext {
  return readHectorContext({ ...settings, ...different }, { ...facts, ...organization }, 'hector');
}

/** An item of Books that was imported, as it is in both systems. */
export interface Imported {
  readonly resource?: 'parts' | 'places';
  /** In Hector. */
  readonly id: string;
  readonly name: string;
  /** Null: the item has none. */
  readonly rate: string | null;
  readonly unit?: string;
  /** What the attribute in Hector says; absent: there is none. */
  readonly calculationType?: string;
  /** What Hector says of it could never be read. */
  readonly isUnread?: true;
  /** What became of the item in Books: it was deleted, or no listing has brought it yet. */
  readonly inBooks?: 'gone' | 'unlisted';
}

/** What is stored when a loaner is mapped: imported items, and customers `c-1` and `u-1` with their contacts. */
export function knownWith(imported: readonly Imported[]): Known {
  const links = new Map<string, Link>();
  const records = new Map<string, JsonObject>();
  const gone = new Set<string>();
  for (const { resource = 'parts', id, name, rate, unit = '', calculationType, isUnread, inBooks } of imported) {
    const other: Address = { side: 'other', resource, id };
    const books: Address = { side: 'books', resource: 'items', id: `46-${id}` };
    links.set(addressText(other), linkOf('items', other, books));
    if (inBooks !== 'unlisted') records.set(addressText(books), { name, rate, unit, status: 'active' });
    if (inBooks === 'gone') gone.add(addressText(books));
    records.set(addressText(other), isUnread ? {} : { attributes: calculationType === undefined ? {} : { calculation_type: calculationType } });
  }
  for (const [resource, id] of [['customers', 'c-1'], ['users', 'u-1']] as const) {
    const other: Address = { side: 'other', resource, id };
    links.set(addressText(other), linkOf('customers', other, { side: 'books', resource: 'contacts', id: `46-${id}` }));
  }
  return {
    link: (address) => links.get(addressText(address)) ?? null, data: (address) => records.get(addressText(address)) ?? null,
    isGone: (address) => gone.has(addressText(address)), all: () => [],
  };
}

function linkOf(module: string, other: Address, books: Address, base: Link['base'] = {}): Link {
  return { module, other, books, base, variance: null };
}

const nothingKnown: Known = { link: () => null, data: () => null, isGone: () => false, all: () => [] };

/** Maps a customer of Hector, or a user. `base`: what Books has from the last sync; null before the first. */
export function mapParty(resource: 'customers' | 'users', data: JsonObject, base: JsonObject | null = null): Mapped {
  const here: Address = { side: 'other', resource, id: 'c-1' };
  const link = base && linkOf('customers', here, { side: 'books', resource: 'contacts', id: '46-c-1' }, { books: base });
  return flowOf(customers).map({ ...here, data, link }, nothingKnown, contextWith({ useHectorCustomers: resource === 'customers' }));
}

/** Maps an item of Books. `importedAs`: what it is in Hector already; null before its import. */
export function mapItem(data: JsonObject, importedAs: 'parts' | 'places' | null = null, context = contextWith()): Mapped {
  const here: Address = { side: 'books', resource: 'items', id: '46-1' };
  const link = importedAs && linkOf('items', { side: 'other', resource: importedAs, id: 'p-1' }, here);
  return flowOf(items).map({ ...here, data, link }, nothingKnown, context);
}

/** The loaner of an example: from noon to noon, one HP EliteBook, completed. */
export const loaner: JsonObject = {
  number: 'LO-1', statusId: 'completed', customerId: 'c-1', userId: 'u-1', plannedStartAt: '2026-10-05T12:00:00-04:00', plannedEndAt: '2026-10-06T12:00:00-04:00',
  startedAt: '2026-10-05T12:00:00-04:00', returnedAt: '2026-10-06T12:00:00-04:00', notes: null, penalties: [],
  lines: [{ kind: 'part', itemId: 'laptop', description: 'HP EliteBook', quantity: 1 }],
};
export const laptop: Imported = { id: 'laptop', name: 'HP EliteBook', rate: '4.5', unit: 'h', calculationType: 'By hour' };
export const room: Imported = { resource: 'places', id: 'room', name: 'Local B', rate: '120', unit: 'hectorplace' };

interface LoanerExample {
  readonly imported?: readonly Imported[];
  readonly context?: IntegrationContext;
  /** What the invoice in Books has from the last sync. */
  readonly base?: JsonObject | null;
}

/** Maps the loaner of the example with what is said differently about it. */
export function mapLoaner(different: JsonObject, { imported = [laptop, room], context = contextWith(), base = null }: LoanerExample = {}): Mapped {
  const here: Address = { side: 'other', resource: 'loaners', id: 'l-1' };
  const link = base && linkOf('loaners', here, { side: 'books', resource: 'invoices', id: '46-l-1' }, { books: base });
  return flowOf(loaners).map({ ...here, data: { ...loaner, ...different }, link }, knownWith(imported), context);
}

export function flowOf(module: Module): Flow {
  const [flow] = module.flows;
  if (!flow) throw new Error(`${module.name} has no flow`);
  return flow;
}

export function recordOf(data: JsonObject): RemoteRecord & FlowRecord {
  return { id: 'l-1', side: 'other', resource: 'loaners', modifiedAt: null, data, link: null };
}

/** @throws Error where the record was left out */
export function written(mapped: Mapped): Write {
  if (mapped.kind === 'write') return mapped;
  throw new Error(`left out: ${mapped.finding.code}`);
}

/** The lines of an invoice as a person compares them: `25 × 4.5`. */
export function amounts(mapped: Mapped): string[] {
  return linesOf(mapped).map(({ quantity, rate }) => `${quantity} × ${rate}`);
}

type LineFields = JsonObject & { readonly quantity: string; readonly rate: string };

export function linesOf(mapped: Mapped): LineFields[] {
  return written(mapped).fields['line_items'] as LineFields[];
}
