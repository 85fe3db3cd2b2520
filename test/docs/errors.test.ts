import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { errorTable, type ErrorCode, type Remedy, type Scope } from '../../domain/errors.ts';

/** docs/errors.md is for people what domain/errors.ts is for the program. The two are equal, word by word. */

const root = new URL('../../', import.meta.url).pathname;
/** Where the product is; a code that none of these folders knows can never be met. */
const productFolders = ['connectors', 'integrations', 'activities', 'client', 'store', 'worker', 'workflows'];

const codes = Object.keys(errorTable) as ErrorCode[];
const whoActs: Readonly<Record<Remedy, string>> = { retry: 'Bookbridge repeats', wait: 'Bookbridge waits', person: 'you', none: 'nobody' };

describe('docs/errors.md', () => {
  let rows: Map<string, string[]>;
  let cellsOfAllRows: string[][];

  beforeAll(async () => {
    const page = await readFile(join(root, 'docs/errors.md'), 'utf8');
    cellsOfAllRows = page.split('\n').filter((line) => line.startsWith('| `')).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
    rows = new Map(cellsOfAllRows.map(([code = '', ...others]) => [code.replaceAll('`', ''), others]));
  });

  it('has every code of the table, once, and no other', () => {
    const documented = cellsOfAllRows.map(([code = '']) => code.replaceAll('`', ''));
    expect(codes.filter((code) => !documented.includes(code)), 'codes of domain/errors.ts without a row in docs/errors.md').toEqual([]);
    expect(documented.filter((code) => !Object.hasOwn(errorTable, code)), 'rows of docs/errors.md whose code is not in domain/errors.ts').toEqual([]);
    expect(documented.filter((code, index) => documented.indexOf(code) !== index), 'codes with two rows').toEqual([]);
  });

  it.each(codes)('says of %s what the program says', (code) => {
    const { action, scope, what, remedy } = errorTable[code];
    expect(rows.get(code)).toEqual([whoActs[action], scope, what, remedy]);
  });
});

describe('the error table', () => {
  it('has no code that the product never uses', async () => {
    const files = (await Promise.all(productFolders.map((folder) => readdir(join(root, folder), { recursive: true, withFileTypes: true })))).flat();
    const sources = files.filter((file) => file.isFile() && file.name.endsWith('.ts')).map((file) => readFile(join(file.parentPath, file.name), 'utf8'));
    const product = (await Promise.all(sources)).join('\n');
    expect(codes.filter((code) => !product.includes(`'${code}'`)), 'codes nobody uses: remove them from domain/errors.ts and docs/errors.md').toEqual([]);
  });

  it.each(codes)('tells a person in whole sentences what %s means and what to do', (code) => {
    const { what, remedy } = errorTable[code];
    for (const text of [what, remedy]) {
      expect(text).toMatch(/^[A-Z].*\.$/);
      // Cells of a table: a bar would end the cell.
      expect(text).not.toMatch(/[|\n]/);
    }
  });

  it('lets a failure of the connection wait, repeat or ask a person, and never passes over it', () => {
    const entries: { scope: Scope; action: Remedy }[] = Object.values(errorTable);
    expect(entries.filter(({ scope, action }) => scope === 'connection' && action === 'none')).toEqual([]);
  });
});
