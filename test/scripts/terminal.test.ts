import { stripVTControlCharacters } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { showProgress } from '../../client/progress.ts';
import { styled, table } from '../../client/terminal.ts';
import { fitText, padText, textWidth } from '../../client/text-width.ts';

/** Collects what is written, as a terminal of a given width or as a file. */
function output(columns?: number): { isTTY: boolean; columns?: number; write(text: string): void; text(): string } {
  let written = '';
  return {
    isTTY: columns !== undefined,
    ...(columns === undefined ? {} : { columns }),
    write: (text) => { written += text; },
    text: () => written,
  };
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe('the width of a text', () => {
  it.each([
    ['Müller', 6], ['e\u0301te\u0301', 3], ['東京', 4], ['주식회사', 8], ['ありがとう', 10], ['Ｆｕｌｌ', 8],
    ['👩‍👩‍👧', 2], ['\u001B[1mbold\u001B[0m', 4], ['שלום', 4], ['', 0],
  ])('%s takes %i columns', (text, columns) => {
    expect(textWidth(text)).toBe(columns);
  });

  it('cuts between letters, never through a wide one', () => {
    expect(fitText('東京電機大学', 6)).toBe('東京…');
    expect(fitText('short', 6)).toBe('short');
  });

  it('fills up by columns, not by characters', () => {
    expect(padText('東京', 6)).toBe('東京  ');
  });
});

describe('a table', () => {
  const columns = [{ title: 'Module' }, { title: 'added', align: 'right' }, { title: 'remark' }] as const;
  const rows = [['customers', 91, '東京電機大学 株式会社'], ['items', 77, 'a remark that goes on and on and on and on and on and on']];

  it('has lines of equal width whatever the script', () => {
    const widths = table(output(), columns, rows).split('\n').map(textWidth);
    expect(new Set(widths).size).toBe(1);
  });

  it('fits the terminal', () => {
    const lines = table(output(40), columns, rows).split('\n');
    expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(40);
    expect(lines.join('\n')).toContain('customers');
  });

  it('cuts no id and no number, and shows a wrapped text whole', () => {
    const text = 'whatever happened to this record is told in full, however narrow the terminal';
    const drawn = table(output(66), [{ title: 'Record', fit: 'whole' }, { title: 'Name' }, { title: 'Amount', align: 'right' }, { title: 'Why', fit: 'wrapped' }], [['1000460000000012345', 'A name that may be cut', '1234567.89', text]]);
    expect(Math.max(...drawn.split('\n').map(textWidth))).toBeLessThanOrEqual(66);
    expect(drawn).toContain('│ 1000460000000012345 │ A n… │ 1234567.89 │');
    expect(drawn.split('\n').slice(3, -1).map((line) => line.split('│').at(-2)?.trim()).join(' ')).toBe(text);
  });

  it('leaves columns out that are empty in all rows', () => {
    expect(table(output(80), [{ title: 'Record' }, { title: 'Reason' }, { title: 'Amount', align: 'right' }], [['7', '', 0], ['8', '', '']])).not.toContain('Reason');
    expect(table(output(80), [{ title: 'Record' }, { title: 'Reason' }], [])).toContain('Reason');
  });

  it('cuts nothing where the output is no terminal', () => {
    expect(table(output(), columns, [['items', 77, 'a remark that goes on '.repeat(20)]])).toContain('a remark that goes on '.repeat(20));
  });
});

describe('colours', () => {
  it('are used on a terminal', () => {
    vi.stubEnv('NO_COLOR', '');
    vi.stubEnv('TERM', 'xterm');
    expect(styled(output(80), 'green', 'done')).toBe('\u001B[32mdone\u001B[0m');
  });

  it('are left out in a file and where NO_COLOR is set', () => {
    expect(styled(output(), 'green', 'done')).toBe('done');
    vi.stubEnv('NO_COLOR', '1');
    expect(styled(output(80), 'green', 'done')).toBe('done');
  });
});

describe('progress', () => {
  it('is redrawn in place on a terminal', () => {
    vi.useFakeTimers();
    const terminal = output(60);
    const progress = showProgress(terminal);
    progress.update('customers', { done: 1, total: 4 });
    progress.update('items', { done: 0, total: null, note: 'waiting' });
    vi.advanceTimersByTime(200);
    progress.update('customers', { done: 2, total: 4 });
    progress.line('halfway');
    progress.finish();
    const lines = stripVTControlCharacters(terminal.text()).replaceAll('\r', '').split('\n');
    expect(terminal.text()).toContain('\u001B[2A');
    expect(lines).toContain('halfway');
    expect(lines.filter((line) => line.startsWith('customers')).at(-1)).toContain('████████████░░░░░░░░░░░░  2 of 4');
  });

  it('is a plain line now and then elsewhere, and one for what is complete', () => {
    const file = output();
    const progress = showProgress(file);
    for (let done = 0; done <= 1000; done += 1) progress.update('customers', { done, total: 1000 });
    progress.update('items', { done: 3, total: null });
    progress.finish();
    const lines = file.text().trimEnd().split('\n');
    expect(lines[0]).toBe('customers: 0 of 1000');
    expect(lines).toContain('customers: 1000 of 1000');
    expect(lines.at(-1)).toBe('items: 3');
    expect(lines.length).toBeLessThan(10);
    expect(file.text()).toBe(stripVTControlCharacters(file.text()));
  });
});
