import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { exitCodes } from '../../client/command-error.ts';
import { launcher } from '../support/command-line.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const page = read('docs/operations.md');

/** The first cells of the table under a heading, without their quotes. */
function firstCells(heading: string): string[] {
  const [, part = ''] = page.split(`\n${heading}`);
  const rows = (part.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(1).flatMap((row) => [...(row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, text = '']) => text));
}

describe('docs/operations.md', () => {
  it('has every variable of the configuration, and none that does not exist', () => {
    const inCode = [...read('domain/config.ts').matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name = '']) => name);
    const documented = firstCells('## Environment').filter((name) => /^[A-Z_]+$/.test(name) && !/^(TEMPORAL_|NO_COLOR)/.test(name));
    expect(documented.sort()).toEqual(inCode.sort());
  });

  it('has every command, and none that does not exist', () => {
    const { stdout } = spawnSync(process.execPath, [launcher, '--help'], { encoding: 'utf8' });
    const [, list = ''] = stdout.split('Commands:\n');
    const commands = [...list.matchAll(/^ {2}([\w-]+)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
    const documented = firstCells('## Commands').map((text) => text.split(' ')[0] ?? '');
    expect(commands.length).toBeGreaterThan(10);
    expect([...new Set(documented)].sort()).toEqual(commands.sort());
  });

  it('has every exit code', () => {
    const [, part = ''] = page.split('| exit code | meaning |');
    const documented = [...part.split('\n\n')[0]?.matchAll(/^\| (\d+) \|/gm) ?? []].map(([, code]) => Number(code));
    expect(documented).toEqual(Object.values(exitCodes));
  });
});
