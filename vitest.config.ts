import { defineConfig } from 'vitest/config';

/**
 * Two projects, so that one small test does not wait for a Temporal server: tests in the folders below get one (and a
 * bundle of the workflows), started once for the whole run; all others run without.
 */
const withTemporal = ['test/workflows/**/*.test.ts', 'test/worker/**/*.test.ts', 'test/client/**/*.test.ts', 'test/e2e/**/*.test.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    // The tests start servers and workers themselves: more than two files at once only make each other late.
    maxWorkers: 2,
    passWithNoTests: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: withTemporal,
          testTimeout: 30_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'temporal',
          include: withTemporal,
          globalSetup: ['test/support/temporal.ts'],
          setupFiles: ['test/support/quiet-runtime.ts'],
          // What hangs is seen late; what is slow on a busy machine gets through.
          testTimeout: 300_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
