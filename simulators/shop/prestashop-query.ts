/**
 * How PrestaShop's webservice filters, sorts and cuts a table (classes/webservice/WebserviceRequest.php and SQLUtils.php): values are compared as
 * MySQL compares them, numbers as numbers.
 */

/** A row as the JSON shows it; what belongs to it stands under `associations` and can be neither filtered nor sorted by. */
export type Row = Readonly<Record<string, unknown>>;

/** A refusal in the webservice's words: status, code and message. */
export class WebserviceError extends Error {
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export interface Filter {
  readonly passes: (value: string) => boolean;
  /** All values that pass, where it names them. */
  readonly values: readonly string[] | null;
}

/** Null where nothing is asked of a field. */
export type Filters = (field: string) => Filter | null;

export interface Table {
  /** The list in the JSON, which is not always called as the path is. */
  readonly node: string;
  /** What may be filtered and sorted by. */
  readonly fields: readonly string[];
  /** Shown, but worked out: no filter knows it. */
  readonly dynamic?: readonly string[];
  /** The rows, by id; those that fail a filter may be left out already, where that spares making them. */
  readonly rows: (filters: Filters) => Iterable<Row>;
}

/** @throws WebserviceError as the webservice refuses what it does not understand */
export function select(table: Table, query: URLSearchParams): Row[] {
  const filters = readFilters(table, query);
  const compare = readSort(table, query);
  const { start, count } = readLimit(query.get('limit'));
  const checks = [...filters].map(([field, { passes }]) => ({ field, passes }));
  const selected: Row[] = [];
  for (const row of table.rows((field) => filters.get(field) ?? null)) {
    if (!checks.every(({ field, passes }) => passes(text(row[field])))) continue;
    selected.push(row);
    // Rows come by id: nothing behind the limit is needed unless they are sorted otherwise.
    if (compare === null && selected.length >= start + count) break;
  }
  if (compare) selected.sort(compare);
  return selected.slice(start, start + count).map((row) => show(table, row, query.get('display')));
}

const dates = ['date_add', 'date_upd'];

/** Times may be filtered and sorted by with `date=1` only. */
function availableIn(table: Table, query: URLSearchParams): readonly string[] {
  const isDated = (query.get('date') ?? '') !== '' && query.get('date') !== '0';
  return table.fields.filter((field) => isDated || !dates.includes(field));
}

function readFilters(table: Table, query: URLSearchParams): Map<string, Filter> {
  const available = availableIn(table, query);
  const filters = new Map<string, Filter>();
  for (const [name, value] of query) {
    const field = /^filter\[(\w+)\]$/.exec(name)?.[1];
    if (field === undefined) continue;
    if (table.dynamic?.includes(field)) throw new WebserviceError(400, 34, `The field "${field}" is dynamic. It is not possible to filter GET query with this field.`);
    if (!available.includes(field)) throw new WebserviceError(400, 32, `This filter does not exist. Did you mean: "${available[0] ?? ''}"? The full list is: "${available.join('", "')}"`);
    if (value === '') throw new WebserviceError(400, 33, `The filter "${field}" is malformed.`);
    filters.set(field, readFilter(value));
  }
  return filters;
}

function readFilter(text: string): Filter {
  const parts = /^(.*)\[(.*)\](.*)$/.exec(text);
  if (!parts) return oneOf([text]);
  const [, before = '', inside = '', after = ''] = parts;
  const some = (passes: Filter['passes']): Filter => ({ passes, values: null });
  if (before === '%' || after === '%') {
    return some((value) => (before === '%' ? (after === '%' ? value.includes(inside) : value.endsWith(inside)) : value.startsWith(inside)));
  }
  const compared = comparedWith(inside);
  if (before === '>') return some((value) => compared(value) > 0);
  if (before === '<') return some((value) => compared(value) < 0);
  if (before === '!') return some((value) => inside.split('|').every((one) => order(value, one) !== 0));
  if (inside.indexOf('|') > 0) return oneOf(inside.split('|'));
  const range = /^([\d.:\-\s]+),([\d.:\-\s]+)$/.exec(inside);
  if (!range) return oneOf([inside]);
  const [low = '', high = ''] = [range[1] ?? '', range[2] ?? ''].sort(order);
  return some((value) => order(value, low) >= 0 && order(value, high) <= 0);
}

function oneOf(values: readonly string[]): Filter {
  const wanted = new Set(values);
  return { passes: (value) => wanted.has(value), values: [...wanted] };
}

function isNumber(text: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(text);
}

/** How a value compares with another: thousands are compared with the same one. */
function comparedWith(other: string): (value: string) => number {
  const number = isNumber(other) ? Number(other) : Number.NaN;
  return (value) => {
    const difference = Number(value) - number;
    return Number.isNaN(difference) ? order(value, other) : difference;
  };
}

function order(left: string, right: string): number {
  if (isNumber(left) && isNumber(right)) return Number(left) - Number(right);
  const [small, large] = [left.toLowerCase(), right.toLowerCase()];
  return small < large ? -1 : small > large ? 1 : 0;
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** Null where the order is the one the rows come in. */
function readSort(table: Table, query: URLSearchParams): ((left: Row, right: Row) => number) | null {
  const sort = query.get('sort');
  if (sort === null) return null;
  const available = availableIn(table, query);
  const keys = sort.replace(/^\[(.*)\]$/, '$1').split(',').map((key) => {
    const [, field = '', direction = ''] = /^(.*)_(ASC|DESC)$/i.exec(key) ?? [];
    if (field === '') throw new WebserviceError(400, 37, 'The "sort" value has to be formed as this example: "field_ASC"');
    if (!available.includes(field)) throw new WebserviceError(400, 38, `Unable to filter by this field. However, these are available: ${available.join(', ')}`);
    return { field, sign: direction.toUpperCase() === 'ASC' ? 1 : -1 };
  });
  if (keys.length === 1 && keys[0]?.field === 'id' && keys[0].sign === 1) return null;
  return (left, right) => {
    for (const { field, sign } of keys) {
      const found = order(text(left[field]), text(right[field]));
      if (found !== 0) return found * sign;
    }
    return 0;
  };
}

function readLimit(limit: string | null): { start: number; count: number } {
  if (limit === null) return { start: 0, count: Number.MAX_SAFE_INTEGER };
  const parts = limit.split(',').map(Number);
  if (parts.length > 2) throw new WebserviceError(400, 39, 'The "limit" value has to be formed as this example: "5,25" or "10"');
  const [first = 0, second] = parts;
  return second === undefined ? { start: 0, count: first } : { start: first, count: second };
}

/** Without `display` there are ids only. */
function show(table: Table, row: Row, display: string | null): Row {
  if (display === 'full') return row;
  if (display === null || display === 'minimum') return { id: row['id'] };
  const names = /^\[(.*)\]$/.exec(display)?.[1]?.split(',');
  if (!names) throw new WebserviceError(400, 36, "The 'display' syntax is wrong. You can set 'full' or '[field_1,field_2,field_3,...]'.");
  const unknown = names.find((name) => ![...table.fields, ...(table.dynamic ?? [])].includes(name));
  if (unknown !== undefined) throw new WebserviceError(400, 35, `Unable to display this field "${unknown}". However, these are available: ${table.fields.join(', ')}`);
  return Object.fromEntries(names.map((name) => [name, row[name]]));
}
