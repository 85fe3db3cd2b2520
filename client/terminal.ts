import Table from 'cli-table3';
import { fitText, textWidth, wrapText } from './text-width.ts';

/** The part of a stream that is needed here; `process.stdout` is one. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export const escape = '\u001B';
/** The width that is assumed where the output is no terminal. */
export const plainColumns = 100;

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;
export type Style = keyof typeof codes;

/** Whether colours are wanted: on a terminal, unless NO_COLOR is set (https://no-color.org). */
function hasColor(output: Output): boolean {
  const isForbidden = (process.env['NO_COLOR'] ?? '') !== '' || process.env['TERM'] === 'dumb';
  return output.isTTY === true && !isForbidden;
}

/** The text in a colour or weight where that is wanted, else as it is. */
export function styled(output: Output, style: Style, text: string): string {
  return hasColor(output) ? `${escape}[${codes[style]}m${text}${escape}[0m` : text;
}

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /**
   * Where the terminal is too narrow: `whole` is what a person copies, such as an id; `wrapped` goes on in the next line. Absent: it is cut, but no
   * number ever is.
   */
  readonly fit?: 'whole' | 'wrapped';
}

/** So wide a column stays at least, where it has so much. */
const narrowest = { cut: 4, wrapped: 20 } as const;

/**
 * A table that fits the terminal as far as its columns allow, without those that are empty in all rows. Where the output is no terminal, nothing is
 * cut: whatever reads it has no width.
 *
 * @param output where it will be written; its width counts
 * @param columns from left to right
 * @param rows one text or number per column
 */
export function table(output: Output, columns: readonly Column[], rows: readonly (readonly (string | number)[])[]): string {
  const all = columns.map((column, index) => ({ ...column, cells: rows.map((row) => String(row[index] ?? '')) }));
  const shown = all.filter(({ cells }) => cells.length === 0 || cells.some((cell) => cell !== ''));
  const widths = shown.map(({ title, cells }) => Math.max(textWidth(title), ...cells.map(textWidth)));
  const fitted = output.isTTY === true ? fitWidths(shown, widths, (output.columns ?? plainColumns) - 3 * shown.length - 1) : widths;
  const fit = ({ fit: how }: Column, text: string, width = 0) => (how === 'wrapped' ? wrapText(text, width) : fitText(text, width));
  const drawn = new Table({
    head: shown.map((column, index) => styled(output, 'bold', fit(column, column.title, fitted[index]))),
    colAligns: shown.map(({ align }) => align ?? 'left'),
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  drawn.push(...rows.map((_, row) => shown.map((column, index) => fit(column, column.cells[row] ?? '', fitted[index]))));
  const [top = '', head = '', ...rest] = drawn.toString().split('\n');
  const rule = top.replace('┌', '├').replaceAll('┬', '┼').replace('┐', '┤');
  return [top, head, rule, ...rest].join('\n');
}

/** Takes from the widest of the columns that may be narrower until the sum fits. */
function fitWidths(columns: readonly Column[], widths: readonly number[], available: number): number[] {
  const fitted = [...widths];
  const least = columns.map(({ align, fit }, index) => (fit === 'whole' || align === 'right' ? (widths[index] ?? 0) : narrowest[fit ?? 'cut']));
  for (let excess = fitted.reduce((sum, width) => sum + width, 0) - available; excess > 0; excess -= 1) {
    const spare = fitted.map((width, index) => (width > (least[index] ?? 0) ? width : 0));
    const widest = Math.max(...spare);
    if (widest <= 0) break;
    fitted[spare.indexOf(widest)] = widest - 1;
  }
  return fitted;
}
