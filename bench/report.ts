import type { Output } from '../client/terminal.ts';
import { table } from '../client/terminal.ts';
import { median, shown, spread, verdict, type Row } from './rows.ts';

const titles = ['What', 'Promised', 'Median', 'Min … max (runs)', '', 'Held against'];

function cells(row: Row): string[] {
  return [row.what, row.target?.text ?? '', valueOf(row), spread(row.values), verdict(row), row.beside];
}

function valueOf({ values, unit }: Row): string {
  if (values.length === 0 || values.some(Number.isNaN)) return '–';
  const number = shown(median(values));
  return `${number} ${number === '1' ? unit.replace('calls', 'call') : unit}`.trim();
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
  'A promise is met only where every run meets it, or the median of the runs where it is said to be judged. Lines that begin with … go on about the one above. Where nothing is promised, the number is there to plan with.',
  'Calls are counted by the simulators, not by Bookbridge.',
];

function inShort(rows: readonly Row[]): string {
  const promised = rows.filter(({ target }) => target !== null);
  const missed = promised.filter((row) => verdict(row) !== 'met');
  const list = missed.map((row) => `${row.group}: “${wholeName(rows, row)}”`).join('; ');
  return `\`npm run bench\` wrote this page; every number on it was measured in that one run, on simulators of the services. ${promised.length - missed.length} of ${promised.length} promises are met${missed.length === 0 ? '.' : `; not met: ${list}.`}`;
}

/** With the line that it goes on about. */
function wholeName(rows: readonly Row[], row: Row): string {
  const [name = ''] = withSubject(row);
  const begun = rows.slice(0, rows.indexOf(row)).findLast(({ what }) => !what.startsWith('…'));
  return name.startsWith('…') && begun ? `${begun.what} ${name}` : name;
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
  const [ours = '', ...others] = subjects;
  const find = (subject: string, what: string) => rows.find((row) => row.subject === subject && row.what === what);
  const cellOf = (row: Row | undefined) => (row ? [valueOf(row), verdict(row) === 'NOT met' ? '(NOT met)' : ''].join(' ').trim() : '–');
  return [
    line(['', ...measures]), `|---|${measures.map(() => '--:|').join('')}`,
    ...subjects.map((subject) => line([subject, ...measures.map((what) => cellOf(find(subject, what)))])), '',
    ...rows.filter(({ subject }) => subject === ours).map(({ what, beside, target }) => `- ${what}: ${beside}${target ? `; promised for ${ours}: ${target.text}` : ''}`),
    ...rows.filter(({ subject, beside }) => subject !== ours && beside !== '').map(({ subject, beside }) => `- ${subject ?? ''}: ${beside}`), '',
    ...(others.length > 0 ? [fairness(ours, others, measures, find)] : []),
  ];
}

/** What others do as well as we, said by the numbers themselves. */
function fairness(ours: string, others: readonly string[], measures: readonly string[], find: (subject: string, what: string) => Row | undefined): string {
  const number = (subject: string, what: string) => median(find(subject, what)?.values ?? []);
  const said = measures.map((what) => {
    // A tenth more is as good: one run says no more.
    const good = others.filter((other) => number(other, what) <= number(ours, what) * 1.1);
    return `${what}: ${good.length === 0 ? 'none' : good.length === others.length ? 'all of them' : good.map((other) => `*${other}*`).join(' and ')}`;
  });
  return [
    `As good as ${ours} or better are, in ${said.join('; ')}. Less is better in all of these, and one run was made of each.`,
    '*Default* is what a user gets who writes down addresses and fields and nothing else; *tuned* is what a careful one adds, who knows the limit, the header that tells it, and that records change while they are read.',
    'Whoever only has to read, and may read a part again, is served well by a tuned tool. None of these writes to Books, shares its limit with other integrations, or waits for it and goes on in another process:',
    'what is measured of that stands in the table above, where nobody else was measured. How each is set up is in [peers](peers/README.md).',
  ].join(' ');
}

function line(texts: readonly string[]): string {
  return `| ${texts.map((text) => text.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
}
