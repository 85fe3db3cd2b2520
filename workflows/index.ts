import type { RunInput, RunResult } from './messages.ts';
import { run } from './run.ts';

export { invoiceLoaner } from './invoice-loaner.ts';

/** Everything there is, once, when an integration is connected. */
export function initialImport(input: RunInput): Promise<RunResult> {
  return run(input, 'initialImport');
}

/** What changed since the last run: started by a schedule, or by hand. */
export function sync(input: RunInput): Promise<RunResult> {
  return run(input, 'sync');
}
