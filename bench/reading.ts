import type { Control, LogEntry } from './control.ts';

/** Something that reads all invoices of an organization, and then what changed. */
export interface Reader {
  readonly name: string;
  /** Begins to read, or goes on where it was; it ends by itself. */
  start(): Promise<Reading>;
  /** Status by id, of what it has read. */
  statuses(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  dispose(): Promise<void>;
}

export interface Reading {
  /** Null where all was read, otherwise why not. */
  readonly ended: Promise<string | null>;
  /** kill -9 */
  kill(): Promise<void>;
}

const LIST = 'GET /books/v3/invoices';

/** Pages that were answered. */
export function pagesOf(entries: readonly LogEntry[]): number[] {
  return entries.filter(({ route, status }) => route === LIST && status === 200).map(({ query }) => Number(new URLSearchParams(query).get('page') ?? '1'));
}

export async function pagesSince(zoho: Control, position: number): Promise<number[]> {
  return pagesOf(await zoho.log(position));
}

/** Ids of invoices in the order in which they are listed. */
export async function idsOfPage(zoho: Control, organization: string, page: number): Promise<string[]> {
  const answer = await zoho.person('GET', `/invoices?per_page=200&page=${page}&sort_column=created_time&sort_order=A`, organization);
  return (answer['invoices'] as { invoice_id: string }[]).map(({ invoice_id: id }) => id);
}
