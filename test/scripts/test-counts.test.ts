import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { countLine, vitestCounts } from '../../scripts/test-counts.ts';

const folder = mkdtempSync(join(tmpdir(), 'bookbridge-counts-'));
afterAll(() => rmSync(folder, { recursive: true }));

function report(...files: { status: string; tests: string[] }[]): string {
  const file = join(folder, 'report.json');
  const testResults = files.map(({ status, tests }, index) => ({
    name: `file-${index}`, status, assertionResults: tests.map((test) => ({ status: test })),
  }));
  writeFileSync(file, JSON.stringify({ testResults }));
  return file;
}

describe('the counts of a test run', () => {
  it('are those of its tests', () => {
    const file = report({ status: 'passed', tests: ['passed', 'passed', 'pending'] }, { status: 'failed', tests: ['failed', 'passed'] });
    expect(countLine(vitestCounts(file, 1))).toBe('3 passed, 1 failed, 1 skipped');
  });

  it('hold a failure for a file that could not be loaded', () => {
    const file = report({ status: 'failed', tests: [] }, { status: 'passed', tests: ['passed'] });
    expect(countLine(vitestCounts(file, 1))).toBe('1 passed, 1 failed');
  });

  it('hold a failure for an error outside all tests', () => {
    expect(countLine(vitestCounts(report({ status: 'passed', tests: ['passed'] }), 1))).toBe('1 passed, 1 failed');
  });

  it('hold a failure when no test was found or no report was written', () => {
    expect(countLine(vitestCounts(report(), 0))).toBe('0 passed, 1 failed');
    expect(countLine(vitestCounts(join(folder, 'missing.json'), 1))).toBe('0 passed, 1 failed');
  });
});
