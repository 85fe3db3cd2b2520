import type { Output } from '../client/terminal.ts';
import { table } from '../client/terminal.ts';
import { median, shown, spread, verdict, type Row } from './rows.ts';

const titles = ['What', 'Median', 'Min … max (runs)', 'Held against', 'Promised', ''];

function cells(row: Row): string[] {
  const value = row.values.length === 0 || row.values.some(Number.isNaN) ? '–' : `${shown(median(row.values))} ${row.unit}`.trim();
  return [row.what, value, spread(row.values), row.beside, row.target?.text ?? '', verdict(row)];
}

/** The rows of one group for a terminal, none of them cut where it is no terminal. */
export function printRows(output: Output, rows: readonly Row[]): void {
  const wide: Output = { write: (text) => output.write(text), ...(output.isTTY !== undefined && { isTTY: output.isTTY }), columns: output.isTTY === true ? (output.columns ?? 160) : 400 };
  output.write(`${table(wide, titles.map((title, index) => ({ title, align: index === 1 ? 'right' as const : 'left' as const })), rows.map(cells))}\n`);
}

interface Results {
  readonly machine: string;
  readonly subject: string;
  /** How it was measured, one sentence each. */
  readonly remarks: readonly string[];
  readonly rows: readonly Row[];
}

/** The whole table as a page. */
export function resultsPage({ machine, subject, remarks, rows }: Results): string {
  const groups = [...new Set(rows.map(({ group }) => group))];
  const line = (texts: readonly string[]) => `| ${texts.map((text) => text.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  const sections = groups.map((group) => [
    `## ${group}`, '', line(titles), '|---|--:|---|---|---|---|', ...rows.filter((row) => row.group === group).map((row) => line(cells(row))), '',
  ].join('\n'));
  const head = ['# Results of the benchmarks', '', '`npm run bench` wrote this page; every number on it was measured in that one run.', '', `- ${machine}`, `- ${subject}`, ...remarks.map((remark) => `- ${remark}`), ''];
  return `${[...head, ...sections].join('\n').trimEnd()}\n`;
}
