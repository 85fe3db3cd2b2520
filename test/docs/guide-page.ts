import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commonSetupSchema } from '../../client/setup.ts';
import { errorTable } from '../../domain/errors.ts';

const root = new URL('../../', import.meta.url).pathname;

interface GuidePage {
  /** Such as `docs/hector.md`. */
  readonly file: string;
  /** The fields of a file of settings beside those of every integration, such as `settings.timeZone`. */
  readonly fields: readonly string[];
  /** The heading after the table of settings. */
  readonly afterSettings: string;
}

/** A page that holds an integration against its guide, sentence by sentence, names a test for what it says. What it names must be there. */
export function describeGuidePage({ file: pageFile, fields, afterSettings }: GuidePage): void {
  const page = readFileSync(join(root, pageFile), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('|---'));
  const named = rows.flatMap(testsOf);

  describe(`the page ${pageFile}`, () => {
    it('names a test for nearly every row', () => {
      expect(named.length).toBeGreaterThan(60);
    });

    it.each(named)('%s has the test "%s"', (file, name) => {
      const titles = readFileSync(join(root, 'test', file), 'utf8').split('\n').filter((line) => line.includes("'"));
      expect(titles.some((line) => line.includes(name)), `${pageFile} names a test that test/${file} does not have: "${name}"`).toBe(true);
    });

    it('explains every setting, and none that does not exist', () => {
      const { limits: _, ...connection } = commonSetupSchema.shape;
      const table = page.slice(page.indexOf('## The settings'), page.indexOf(afterSettings));
      const explained = [...table.matchAll(/^\|[^|]*\|([^|]*)\|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, field = '']) => field));
      expect(sorted(explained)).toEqual(sorted([...Object.keys(connection), ...fields]));
    });

    it('uses no code that the error table does not have', () => {
      const codes = rows.flatMap((row) => [...row.matchAll(/\(`([a-z]+(?:-[a-z]+)+)`/g)].map(([, code = '']) => code));
      expect(codes.length).toBeGreaterThan(10);
      expect(codes.filter((code) => !Object.hasOwn(errorTable, code))).toEqual([]);
    });
  });
}

/** The fields of a part of the settings, as they stand in the file. */
export function fieldsWithin(part: string, shape: object): string[] {
  return Object.keys(shape).map((field) => `${part}.${field}`);
}

/** Every `file` "words", "words" of the last cell of a row. */
function testsOf(row: string): (readonly [file: string, name: string])[] {
  const cell = row.split('|').at(-2)?.trim() ?? '';
  return cell.split(/;\s*(?=`)/).flatMap((part) => {
    const [, file = '', words = ''] = /^`([^`]+\.test\.ts)` (.+)$/.exec(part) ?? [];
    // A test may have quotation marks in its name, so names are divided where one ends and the next begins.
    return words === '' ? [] : words.slice(1, -1).split('", "').map((name) => [file, name] as const);
  });
}

function sorted(fields: readonly string[]): string[] {
  return fields.toSorted((one, other) => one.localeCompare(other));
}
