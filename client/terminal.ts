import Table from 'cli-table3';
import { fitText, textWidth } from './text-width.ts';

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
}

/**
 * A table that fits the terminal: where it would be too wide, its widest columns are cut.
 *
 * @param output where it will be written; its width counts
 * @param columns from left to right
 * @param rows one text or number per column
 */
export function table(output: Output, columns: readonly Column[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => columns.map((_, index) => String(row[index] ?? '')));
  const widths = fitWidths(
    columns.map(({ title }, index) => Math.max(textWidth(title), ...cells.map((row) => textWidth(row[index] ?? '')))),
    (output.columns ?? plainColumns) - 3 * columns.length - 1,
  );
  const shown = new Table({
    head: columns.map(({ title }, index) => styled(output, 'bold', fitText(title, widths[index] ?? 0))),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  shown.push(...cells.map((row) => row.map((cell, index) => fitText(cell, widths[index] ?? 0))));
  const [top = '', head = '', ...rest] = shown.toString().split('\n');
  const rule = top.replace('┌', '├').replaceAll('┬', '┼').replace('┐', '┤');
  return [top, head, rule, ...rest].join('\n');
}

/** Takes columns from the widest until the sum fits, but leaves each a few. */
function fitWidths(widths: readonly number[], available: number): number[] {
  const fitted = [...widths];
  for (let excess = fitted.reduce((sum, width) => sum + width, 0) - available; excess > 0; excess -= 1) {
    const widest = Math.max(...fitted);
    if (widest <= 4) break;
    fitted[fitted.indexOf(widest)] = widest - 1;
  }
  return fitted;
}
