import { describe, expect, it } from 'vitest';
import { expectOneOf, nearest } from '../../client/suggest.ts';
import { duration } from '../../client/time.ts';
import { plainText, textWidth, wrapText } from '../../client/text-width.ts';

describe('what somebody meant to type', () => {
  const modules = ['customers', 'items', 'loaners'];
  it.each([['itmes', 'items'], ['Customer', 'customers'], ['laoners', 'loaners'], ['item', 'items'], ['invoices', null], ['x', null]])('%s is %s', (word, meant) => {
    expect(nearest(word, modules)).toBe(meant);
  });

  it('is named in the error', () => {
    expect(() => expectOneOf('module', 'itmes', modules)).toThrow('There is no module "itmes".');
    expect(expectOneOf('module', 'items', modules)).toBe('items');
  });
});

describe('how long something took', () => {
  it.each([[12, '12 ms'], [10_000, '10 s'], [12_345, '12.3 s'], [60_000, '1 min'], [250_000, '4 min 10 s'], [7_500_000, '2 h 5 min']])('%i is %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});

describe('text that came from elsewhere', () => {
  it('moves no cursor and turns no direction', () => {
    expect(plainText('a\u001B[31m red\u0007 and \u202Ereversed\r\nname')).toBe('a [31m red  and  reversed name');
  });

  it('is broken into lines that fit, wide letters included', () => {
    const lines = wrapText('東京電機大学 株式会社 says that nothing is left', 20, '  ').split('\n');
    expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(20);
    expect(lines.map((line) => line.trim()).join(' ')).toBe('東京電機大学 株式会社 says that nothing is left');
  });
});
