/**
 * `npm test`: types, lint, unused code, and all tests; ends with a line that counts them. Arguments go to vitest and
 * leave the other steps out, e.g. `npm test -- test/store`.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addCounts, countLine, noCounts, vitestCounts } from './test-counts.ts';
import type { Counts } from './test-counts.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Step {
  readonly name: string;
  run(): Promise<Counts>;
}

const checks: readonly Step[] = [
  check('types', 'tsc', '-p', '.'),
  check('lint', 'oxlint', '--type-aware', '--deny-warnings'),
  check('unused code', 'knip', '--no-progress', '--no-config-hints'),
];

function check(name: string, ...command: [string, ...string[]]): Step {
  return {
    name,
    run: async () => {
      const code = await runTool(command);
      return { ...noCounts, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 };
    },
  };
}

function tests(filters: readonly string[]): Step {
  return {
    name: 'tests',
    run: async () => {
      const folder = mkdtempSync(join(tmpdir(), 'bookbridge-test-'));
      const report = join(folder, 'report.json');
      try {
        const code = await runTool(['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...filters]);
        return vitestCounts(report, code);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

/** Runs a program of node_modules with its output shown; resolves with its exit code. */
function runTool([program, ...args]: readonly [string, ...string[]]): Promise<number> {
  const path = [join(root, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(delimiter);
  const color = process.stdout.isTTY || process.env['FORCE_COLOR'] !== undefined ? {} : { NO_COLOR: '1' };
  const child = spawn(program, args, { cwd: root, env: { ...process.env, ...color, PATH: path }, stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`${program}: ${error.message}`);
      resolve(-1);
    });
    child.on('close', (code) => resolve(code ?? -1));
  });
}

// Ctrl-C reaches the tools as well; wait for them to end what they started.
process.on('SIGINT', () => {});

const filters = process.argv.slice(2);
const outcomes: string[] = [];
let total = noCounts;
for (const step of [...(filters.length === 0 ? checks : []), tests(filters)]) {
  console.log(`\n── ${step.name} ──`);
  const started = performance.now();
  const counts = await step.run();
  const outcome = `${counts.failed === 0 ? 'ok    ' : 'FAILED'}  ${step.name} (${((performance.now() - started) / 1000).toFixed(1)} s)`;
  console.log(outcome);
  outcomes.push(outcome);
  total = addCounts(total, counts);
}
console.log(`\n${outcomes.join('\n')}\n${countLine(total)}`);
process.exitCode = total.failed === 0 ? 0 : 1;
