import { readFileSync } from 'node:fs';
import { z } from 'zod';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const noCounts: Counts = { passed: 0, failed: 0, skipped: 0 };

/** Each count of both runs together. */
export function addCounts(left: Counts, right: Counts): Counts {
  return { passed: left.passed + right.passed, failed: left.failed + right.failed, skipped: left.skipped + right.skipped };
}

/** The last line of `npm test`. */
export function countLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}

const reportSchema = z.object({
  testResults: z.array(z.object({
    name: z.string(),
    status: z.string(),
    assertionResults: z.array(z.object({ status: z.string() })),
  })),
});

/**
 * Counts the tests of a run. What fails without being a test counts as one failed: a file that cannot be loaded, a
 * set-up that throws, an error outside all tests, and a run that found no test at all.
 *
 * @param reportFile what vitest's JSON reporter wrote; may be missing when vitest ended early
 * @param exitCode the exit code of vitest
 */
export function vitestCounts(reportFile: string, exitCode: number): Counts {
  let counts = noCounts;
  for (const file of readReport(reportFile)) {
    let failed = 0;
    for (const { status } of file.assertionResults) {
      if (status === 'failed') failed += 1;
      counts = addCounts(counts, {
        passed: status === 'passed' ? 1 : 0,
        failed: status === 'failed' ? 1 : 0,
        skipped: status === 'passed' || status === 'failed' ? 0 : 1,
      });
    }
    if (file.status === 'failed' && failed === 0) counts = addCounts(counts, { ...noCounts, failed: 1 });
  }
  const isFine = exitCode === 0 && counts.passed > 0;
  return isFine || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}

function readReport(file: string): z.infer<typeof reportSchema>['testResults'] {
  try {
    return reportSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).testResults;
  } catch {
    return [];
  }
}
