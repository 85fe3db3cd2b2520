import type { Output } from '../client/terminal.ts';
import { table } from '../client/terminal.ts';
import { median, shown, spread, verdict, type Row } from './rows.ts';

const titles = ['What', 'Promised', 'Median', 'Min … max (runs)', '', 'Held against'];

function cells(row: Row): string[] {
  return [row.what, row.target?.text ?? '', valueOf(row), spread(row.values), verdict(row), row.beside];
}

function valueOf({ values, unit }: Row): string {
  return values.length === 0 || values.some(Number.isNaN) ? '–' : `${shown(median(values))} ${unit}`.trim();
}

/** Rows for a terminal, none of them cut where it is no terminal. */
export function printRows(output: Output, rows: readonly Row[]): void {
  const wide: Output = { write: (text) => output.write(text), ...(output.isTTY !== undefined && { isTTY: output.isTTY }), columns: output.isTTY === true ? (output.columns ?? 160) : 400 };
  const right = new Set([1, 2]);
  output.write(`${table(wide, titles.map((title, index) => ({ title, align: right.has(index) ? 'right' as const : 'left' as const })), rows.map((row) => withSubject(row)))}\n`);
}

function withSubject(row: Row): string[] {
  const [what = '', ...rest] = cells(row);
  return [row.subject === null ? what : `${row.subject}: ${what}`, ...rest];
}

interface Results {
  readonly machine: string;
  readonly subject: string;
  /** How it was measured, one sentence each. */
  readonly remarks: readonly string[];
  readonly rows: readonly Row[];
}

/** All of it as a page: what was promised and measured, then the same reading by several tools. */
export function resultsPage({ machine, subject, remarks, rows }: Results): string {
  const own = rows.filter((row) => row.subject === null);
  const compared = rows.filter((row) => row.subject !== null);
  const sections = [
    ['# Results of the benchmarks', '', inShort(rows), '', `- ${machine}`, `- ${subject}`, ...remarks.map((remark) => `- ${remark}`), ''],
    ['## What is promised', '', ...explanation, '', ...ownTable(own), ''],
    ...(compared.length > 0 ? [['## Beside other tools', '', ...comparison(compared), '']] : []),
  ];
  return `${sections.flat().join('\n').trimEnd()}\n`;
}

const explanation = [
  'A promise is met only where every run meets it. Lines that begin with … go on about the one above. Where nothing is promised, the number is there to plan with.',
  'Calls are counted by the simulators, not by Bookbridge.',
];

function inShort(rows: readonly Row[]): string {
  const promised = rows.filter(({ target }) => target !== null);
  const missed = promised.filter((row) => verdict(row) !== 'met');
  const list = missed.map((row) => `“${withSubject(row)[0] ?? ''}”`).join('; ');
  return `\`npm run bench\` wrote this page; every number on it was measured in that one run, on simulators of the services. ${promised.length - missed.length} of ${promised.length} promises are met${missed.length === 0 ? '.' : `; not met: ${list}.`}`;
}

function ownTable(rows: readonly Row[]): string[] {
  return [
    line(['', ...titles]), '|---|---|--:|--:|---|---|---|',
    ...rows.map((row, index) => line([rows[index - 1]?.group === row.group ? '' : `**${row.group}**`, ...cells(row)])),
  ];
}

/** A tool in each line, a measure in each column; what a number needs to be understood stands below. */
function comparison(rows: readonly Row[]): string[] {
  const subjects = [...new Set(rows.map(({ subject }) => subject ?? ''))];
  const measures = [...new Set(rows.map(({ what }) => what))];
  const find = (subject: string, what: string) => rows.find((row) => row.subject === subject && row.what === what);
  const cellOf = (row: Row | undefined) => (row ? [valueOf(row), verdict(row) === 'NOT met' ? '(NOT met)' : ''].join(' ').trim() : '–');
  const [ours] = subjects;
  const promised = rows.flatMap(({ subject, what, target }) => (subject === ours && target ? [`${what} ${target.text}`] : []));
  return [
    line(['', ...measures]), `|---|${measures.map(() => '--:|').join('')}`,
    ...subjects.map((subject) => line([subject, ...measures.map((what) => cellOf(find(subject, what)))])), '',
    `Promised for ${ours ?? ''}: ${promised.join(', ')}.`, '',
    ...subjects.flatMap((subject) => [...new Set(rows.filter((row) => row.subject === subject && row.beside !== '').map(({ beside }) => beside))].map((beside) => `- ${subject}: ${beside}`)), '',
    ...fairness(subjects, measures, find),
  ];
}

/** What others do as well as we, said by the numbers themselves. */
function fairness(subjects: readonly string[], measures: readonly string[], find: (subject: string, what: string) => Row | undefined): string[] {
  const [ours = '', ...others] = subjects;
  const number = (subject: string, what: string) => median(find(subject, what)?.values ?? []);
  /** A tenth more is as good: one run says no more. */
  const asGood = (other: string, what: string) => number(other, what) <= number(ours, what) * 1.1;
  const sentences = others.map((other) => {
    const [same, not] = [measures.filter((what) => asGood(other, what)), measures.filter((what) => !asGood(other, what))];
    return `${other} does as well or better in ${same.length === 0 ? 'none of these' : same.join(', ')}${not.length === 0 ? '' : `, and not in ${not.join(', ')}`}.`;
  });
  return [
    [...sentences, 'In all of these less is better, and one run was made of each. *Default* is what a user gets who writes down addresses and fields and nothing else; *tuned* is what a careful one adds, who knows the limit, the header',
      'and that records change while they are read. Whoever only has to read, and can read a part again, is served well by a tuned tool. None of them writes to Books, waits for a limit without its process, or shares the limit with',
      'other runs and integrations: what that is worth is in the table above, and nobody else was measured at it. How each is set up is in [peers](peers/README.md).'].join(' '),
  ];
}

function line(texts: readonly string[]): string {
  return `| ${texts.map((text) => text.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
}
