import { assert, bigInt, constantFrom, dictionary, jsonValue, property, shuffledSubarray, string, stringMatching, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, changedFields, parseJson, type Json, type JsonObject } from '../../domain/json.ts';

/** Properties are tried with random values; a failing run prints its seed. */
const json = jsonValue().map((value) => value as Json);
const object = dictionary(string(), json).map((value) => value as JsonObject);

describe('parseJson', () => {
  it('keeps the digits of ids that a double cannot hold', () => {
    expect(parseJson('{"item_id":460000000017088123,"list":[9007199254740993]}')).toEqual({ item_id: '460000000017088123', list: ['9007199254740993'] });
  });

  it('keeps the digits of decimals that a double cannot hold', () => {
    expect(parseJson('[0.12345678901234567890, 120.5, 1e3]')).toEqual(['0.12345678901234567890', 120.5, 1000]);
  });

  it('reads all else as JSON.parse does', () => {
    assert(property(json, (value) => {
      const text = JSON.stringify(value);
      // Numbers of many digits are the one difference, and the test above shows it.
      if (/[\d.]{15}|\de[+-]?\d/.test(text)) return;
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }));
  });

  it('loses no digit of any whole number', () => {
    assert(property(bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), (number) => {
      expect(String(parseJson(String(number)))).toBe(String(number));
    }));
  });

  it('finds every such number, wherever it stands', () => {
    const digits = stringMatching(/^-?[1-9]\d{0,3}$|^-?[1-9]\d{12,24}$|^-?(0|[1-9]\d{0,18})\.\d{1,22}$|^-?[1-9]\d?(\.\d{1,3})?[eE][+-]?\d{1,3}$/);
    const put = constantFrom<(number: string) => string>((n) => n, (n) => `[${n}]`, (n) => `[1,${n}]`, (n) => `{"a":${n}}`, (n) => `{"a" :\n\t${n}\r}`, (n) => `["1", ${n},"2"]`);
    assert(property(digits, put, (number, at) => {
      const value = Number(number);
      const isKept = Number.isInteger(value) ? Number.isSafeInteger(value) : number.length <= 16;
      expect(parseJson(at(number))).toEqual(JSON.parse(at(isKept ? number : JSON.stringify(number))));
    }));
  });

  it.each(['', '{', '<html></html>', 'undefined'])('refuses %j', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });
});

describe('canonicalJson', () => {
  it('does not depend on the order of keys, at any depth', () => {
    expect(canonicalJson({ b: [{ y: 1, x: null }], a: 'ä' })).toBe('{"a":"ä","b":[{"x":null,"y":1}]}');
  });

  it('is the same whatever the order of the keys', () => {
    const reordered = uniqueArray(string()).chain((keys) => shuffledSubarray(keys, { minLength: keys.length }).map((shuffled) => ({ keys, shuffled })));
    assert(property(reordered, json, ({ keys, shuffled }, value) => {
      const one = Object.fromEntries(keys.map((key) => [key, value]));
      const other = Object.fromEntries(shuffled.map((key) => [key, value]));
      expect(canonicalJson(one)).toBe(canonicalJson(other));
    }));
  });

  it('is JSON with the same content', () => {
    assert(property(json, (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }));
  });
});

describe('changedFields', () => {
  it('has what differs, and nothing else', () => {
    const base = { name: 'Éclair', phone: '1', address: { city: 'Paris', zip: '75001' }, untouched: true };
    expect(changedFields({ name: 'Éclair', phone: '2', address: { zip: '75001', city: 'Paris' }, mobile: '3' }, base)).toEqual({ phone: '2', mobile: '3' });
  });

  it('compares by content: an equal value of another type, and null for a missing one, are changes', () => {
    expect(changedFields({ list: [1, 2], text: '1', none: null }, { list: [2, 1], text: 1 })).toEqual({ list: [1, 2], text: '1', none: null });
    expect(changedFields({ list: [{ a: 1, b: 2 }], none: null }, { list: [{ b: 2, a: 1 }], none: null })).toEqual({});
  });

  it('leads from the base to what is wanted, and is empty once there', () => {
    assert(property(object, object, (wanted, base) => {
      const merged = { ...base, ...changedFields(wanted, base) };
      expect(changedFields(wanted, merged)).toEqual({});
      expect(changedFields(wanted, wanted)).toEqual({});
    }));
  });
});
