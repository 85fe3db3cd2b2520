/** One line of the table: something that was measured, how often, and what it is held against. */
export interface Row {
  readonly group: string;
  /** Who was measured, where several are measured at the same; null: Bookbridge alone. */
  readonly subject: string | null;
  readonly what: string;
  /** One per run. */
  readonly values: readonly number[];
  readonly unit: string;
  /** The floor, the limit or the other system it is compared with, in words and numbers. */
  readonly beside: string;
  /** What the project has promised; null: nothing. */
  readonly target: Target | null;
}

export interface Target {
  readonly text: string;
  readonly isMet: (value: number) => boolean;
  /** Times that are compared on a machine that others use too: their median is judged, and not every run. */
  readonly isOfMedian?: boolean;
}

export function atMost(limit: number, unit = ''): Target {
  return { text: `≤ ${shown(limit)}${unit}`, isMet: (value) => value <= limit };
}

/** Of times: whoever else uses the machine slows one run down, and not the other one that it is compared with. */
export function medianAtLeast(limit: number): Target {
  return { text: `≥ ${shown(limit)}`, isMet: (value) => value >= limit, isOfMedian: true };
}

export function exactly(wanted: number): Target {
  return { text: shown(wanted), isMet: (value) => value === wanted };
}

export function row(group: string, what: string, values: readonly number[], unit = '', { beside = '', target = null, subject = null }: { beside?: string; target?: Target | null; subject?: string | null } = {}): Row {
  return { group, subject, what, values, unit, beside, target };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = sorted.length % 2 === 1 ? [sorted[middle], sorted[middle]] : [sorted[middle - 1], sorted[middle]];
  return (low + high) / 2;
}

/** Every run counts: a target is met only where each of them meets it, or their median where times are compared. */
export function verdict({ values, target }: Row): 'met' | 'NOT met' | '' {
  if (!target) return '';
  const judged = target.isOfMedian ? [median(values)] : values;
  return judged.length > 0 && judged.every((value) => target.isMet(value)) ? 'met' : 'NOT met';
}

/** Whole numbers as they are, others with as many digits as say something. */
export function shown(value: number): string {
  if (Number.isNaN(value)) return '?';
  if (Number.isInteger(value)) return value.toLocaleString('en');
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 3 : 4;
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}

/** `min … max (runs)`, where there was more than one run. */
export function spread(values: readonly number[]): string {
  if (values.length < 2) return '';
  return `${shown(Math.min(...values))} … ${shown(Math.max(...values))} (${values.length})`;
}
