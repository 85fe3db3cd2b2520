import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commonSetupSchema } from '../../client/setup.ts';
import { prestaShopAccessSchema, wooCommerceAccessSchema } from '../../domain/credentials.ts';
import { errorTable } from '../../domain/errors.ts';
import { settingsSchema } from '../../integrations/shop/settings.ts';

/** docs/shop.md names a test for what it says. What it names must be there. */

const root = new URL('../../', import.meta.url).pathname;
const page = readFileSync(join(root, 'docs/shop.md'), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('|---'));

/** Every `file` "words", "words" of the last cell of each row. */
const named = rows.flatMap((row) => {
  const cell = row.split('|').at(-2)?.trim() ?? '';
  return cell.split(/;\s*(?=`)/).flatMap((part) => {
    const [, file = '', words = ''] = /^`([^`]+\.test\.ts)` (.+)$/.exec(part) ?? [];
    // A test may have quotation marks in its name, so names are divided where one ends and the next begins.
    return words === '' ? [] : words.slice(1, -1).split('", "').map((name) => [file, name] as const);
  });
});

describe('docs/shop.md', () => {
  it('names a test for nearly every row', () => {
    expect(named.length).toBeGreaterThan(60);
  });

  it.each(named)('%s has the test "%s"', (file, name) => {
    const titles = readFileSync(join(root, 'test', file), 'utf8').split('\n').filter((line) => line.includes("'"));
    expect(titles.some((line) => line.includes(name)), `docs/shop.md names a test that test/${file} does not have: "${name}"`).toBe(true);
  });

  it('explains every setting, and none that does not exist', () => {
    const { id: _, limits: __, ...connection } = commonSetupSchema.shape;
    const within = (name: string, fields: object) => Object.keys(fields).map((field) => `${name}.${field}`);
    const fields = [
      ...Object.keys(connection), ...within('settings', settingsSchema.shape),
      ...within('woocommerce', wooCommerceAccessSchema.shape), ...within('prestashop', prestaShopAccessSchema.shape),
    ];
    const table = page.slice(page.indexOf('## The settings'), page.indexOf('## What is it for?'));
    const explained = [...table.matchAll(/^\|[^|]*\|([^|]*)\|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, field = '']) => field));
    expect(explained.toSorted((one, other) => one.localeCompare(other))).toEqual(fields.toSorted((one, other) => one.localeCompare(other)));
  });

  it('uses no code that the error table does not have', () => {
    const codes = rows.flatMap((row) => [...row.matchAll(/\(`([a-z]+(?:-[a-z]+)+)`/g)].map(([, code = '']) => code));
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((code) => !Object.hasOwn(errorTable, code))).toEqual([]);
  });
});
