import { decimal, decimalSchema } from '../../../domain/money.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { invalidValue } from './refusal.ts';
import type { Organization } from './organization.ts';
import { folded, type BooksRecord, type Table } from './table.ts';

type Test = (record: BooksRecord) => boolean;
type Of<T> = (organization: Organization, record: BooksRecord) => T;

/** How the records of a module are listed: what its documentation names. Anything else in a query is ignored in silence. */
export interface Listing {
  readonly root: string;
  readonly reportName: string;
  readonly row: Of<JsonObject>;
  /** `{field}`, `{field}_startswith`, `{field}_contains`; several texts where a record has several. */
  readonly texts: Readonly<Record<string, Of<string | readonly string[]>>>;
  /** Exactly this value: ids and words. */
  readonly exact: Readonly<Record<string, Of<string | readonly string[]>>>;
  /** `{field}`, `{field}_less_than`, `_less_equals`, `_greater_than`, `_greater_equals`. */
  readonly numbers: Readonly<Record<string, Of<string>>>;
  /** `{field}`, `{field}_start`, `_end`, `_before`, `_after`; dates as `2013-11-17`. */
  readonly dates: Readonly<Record<string, Of<string>>>;
  /** Further filters of the module's own: the value of the query → a test. */
  readonly own: Readonly<Record<string, (organization: Organization, value: string) => Test>>;
  /** Values of `filter_by`. */
  readonly filterBy: Readonly<Record<string, (organization: Organization, record: BooksRecord) => boolean>>;
  readonly sorts: Readonly<Record<string, Of<string | number>>>;
  readonly defaultSort: readonly [column: string, order: 'A' | 'D'];
}

interface Listed {
  readonly rows: readonly BooksRecord[];
  readonly context: JsonObject;
  readonly matching: readonly BooksRecord[];
}

const greatestPage = 200;
/** The default of the 2026-07 OpenAPI files; older pages say 200. */
const defaultPage = 10;

/**
 * Filters, sorts and pages a table.
 *
 * @throws BooksRefusal for an unknown `filter_by`; other unknown names are ignored
 */
export function list(organization: Organization, table: Table, listing: Listing, query: URLSearchParams): Listed {
  const tests = [...query].flatMap(([name, value]) => testOf(organization, listing, name, value) ?? []);
  const wanted = query.get('sort_column') ?? '';
  const [column, order] = listing.sorts[wanted] ? [wanted, query.get('sort_order') === 'D' ? 'D' : 'A'] : listing.defaultSort;
  const valueOf = listing.sorts[column];
  const sorted = valueOf ? table.sorted(column, (record) => valueOf(organization, record)) : table.all();
  const matching = tests.length === 0 ? sorted : sorted.filter((record) => tests.every((test) => test(record)));
  const { page, perPage } = pageOf(query);
  const rows = slice(matching, (page - 1) * perPage, perPage, order === 'D');
  return {
    rows,
    matching,
    context: {
      page, per_page: perPage, has_more_page: page * perPage < matching.length, report_name: listing.reportName,
      applied_filter: query.get('filter_by') ?? 'Status.All', sort_column: column, sort_order: order,
    },
  };
}

/** The page asked for; what is no number counts as not given. */
export function pageOf(query: URLSearchParams): { page: number; perPage: number } {
  const perPage = Number.parseInt(query.get('per_page') ?? '', 10) || defaultPage;
  return { page: Math.max(1, Number.parseInt(query.get('page') ?? '', 10) || 1), perPage: Math.min(greatestPage, Math.max(1, perPage)) };
}

function slice(records: readonly BooksRecord[], from: number, count: number, backwards: boolean): readonly BooksRecord[] {
  if (!backwards) return records.slice(from, from + count);
  const end = records.length - from;
  return end <= 0 ? [] : records.slice(Math.max(0, end - count), end).toReversed();
}

function testOf(organization: Organization, listing: Listing, name: string, value: string): Test | null {
  if (name === 'filter_by') {
    const test = listing.filterBy[value];
    if (!test) throw invalidValue('filter_by');
    return (record) => test(organization, record);
  }
  const own = listing.own[name];
  if (own) return own(organization, value);
  const exact = listing.exact[name];
  if (exact) return (record) => [exact(organization, record)].flat().includes(value);
  return textTest(organization, listing, name, value) ?? numberTest(organization, listing, name, value) ?? dateTest(organization, listing, name, value);
}

function textTest(organization: Organization, listing: Listing, name: string, value: string): Test | null {
  const [field, variant] = split(name, ['_startswith', '_contains']);
  const of = listing.texts[field];
  if (!of) return null;
  const sought = folded(value);
  const holds: (text: string) => boolean = {
    '': (text: string) => text === sought,
    _startswith: (text: string) => text.startsWith(sought),
    _contains: (text: string) => text.includes(sought),
  }[variant] ?? (() => false);
  return (record) => [of(organization, record)].flat().some((text) => holds(folded(text)));
}

function numberTest(organization: Organization, listing: Listing, name: string, value: string): Test | null {
  const [field, variant] = split(name, ['_less_than', '_less_equals', '_greater_than', '_greater_equals']);
  const of = listing.numbers[field];
  if (!of) return null;
  const sought = decimalSchema.safeParse(value);
  if (!sought.success) throw invalidValue(name);
  const holds: (order: number) => boolean = {
    '': (order: number) => order === 0,
    _less_than: (order: number) => order < 0,
    _less_equals: (order: number) => order <= 0,
    _greater_than: (order: number) => order > 0,
    _greater_equals: (order: number) => order >= 0,
  }[variant] ?? (() => false);
  return (record) => holds(decimal(of(organization, record)).comparedTo(sought.data));
}

function dateTest(organization: Organization, listing: Listing, name: string, value: string): Test | null {
  const [field, variant] = split(name, ['_start', '_end', '_before', '_after']);
  const of = listing.dates[field];
  if (!of) return null;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) throw invalidValue(name);
  const holds: (date: string) => boolean = {
    '': (date: string) => date === value,
    _start: (date: string) => date >= value,
    _end: (date: string) => date <= value,
    _before: (date: string) => date < value,
    _after: (date: string) => date > value,
  }[variant] ?? (() => false);
  return (record) => holds(of(organization, record));
}

function split(name: string, variants: readonly string[]): [field: string, variant: string] {
  const variant = variants.find((ending) => name.endsWith(ending)) ?? '';
  return [name.slice(0, name.length - variant.length), variant];
}
