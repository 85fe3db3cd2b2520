import { describe, expect, it } from 'vitest';
import { differencesOf, wholeDifferencesOf } from '../../domain/compare.ts';

describe('what was written and what is there', () => {
  it.each([
    ['equal', { name: 'Ash' }, { name: 'Ash' }],
    ['equal where the system adds fields of its own', { name: 'Ash' }, { name: 'Ash', status: 'active' }],
    ['equal where an answer does not show a field', { name: 'Ash', notes: 'x' }, { name: 'Ash' }],
    ['equal where nothing is written as empty text', { notes: '' }, { notes: null }],
    ['equal where a list has more than was written', { persons: [{ email: 'a@b.c' }] }, { persons: [{ email: 'a@b.c', id: '1' }, { email: 'd@e.f' }] }],
  ])('are %s', (_what, written, found) => {
    expect(differencesOf(written, found)).toEqual([]);
  });

  it('differ field by field, each with its path', () => {
    expect(differencesOf(
      { name: 'Ash', address: { city: 'Lyon', zip: '69001' }, lines: [{ rate: '1' }, { rate: '2' }] },
      { name: 'ash', address: { city: 'Paris', zip: '69001' }, lines: [{ rate: '1' }, { rate: '3' }] },
    )).toEqual([
      { field: 'name', expected: 'Ash', found: 'ash' }, { field: 'address.city', expected: 'Lyon', found: 'Paris' }, { field: 'lines.1.rate', expected: '2', found: '3' },
    ]);
  });

  it('differ where entries of a list are gone, or the list is', () => {
    expect(differencesOf({ lines: [1, 2] }, { lines: [1] })).toEqual([{ field: 'lines', expected: '2 entries', found: '1 entries' }]);
    expect(differencesOf({ lines: [1] }, { lines: '' })).toEqual([{ field: 'lines', expected: '1 entries', found: '' }]);
  });

  it('differ where a list that is ours whole has an entry more', () => {
    expect(wholeDifferencesOf({ lines: [{ rate: '1' }] }, { lines: [{ rate: '1', id: 'a' }, { rate: '2', id: 'b' }] })).toEqual([{ field: 'lines', expected: '1 entries', found: '2 entries' }]);
    expect(wholeDifferencesOf({ lines: [{ rate: '1' }] }, { lines: [{ rate: '1', id: 'a' }] })).toEqual([]);
  });
});
