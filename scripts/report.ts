import type { Outcome, RunCounts, Usage } from '../store/types.ts';
import { outcomes } from '../client/run-report.ts';
import { styled, table, type Output } from '../client/terminal.ts';

export interface RunReport {
  /** Per module, over all runs. */
  readonly modules: Record<string, Record<Outcome, number>>;
  /** API calls per system. */
  readonly calls: Record<string, number>;
  /** Calls refused because of a limit: 429s. */
  readonly limited: number;
  /** Times a run waited on a durable timer for a limit. */
  readonly pauses: number;
  readonly seconds: number;
  /** The same once more, with nothing changed: what it wrote and what it cost. */
  readonly again: { readonly written: number; readonly calls: Record<string, number> };
  /** What differs from what both systems should hold. */
  readonly differences: readonly string[];
}

/** Adds up the counts of several runs. */
export function sumCounts(runs: readonly RunCounts[]): RunReport['modules'] {
  const sums: RunReport['modules'] = {};
  for (const counts of runs) {
    for (const [module, found] of Object.entries(counts)) {
      const sum = (sums[module] ??= { added: 0, updated: 0, deleted: 0, unchanged: 0, skipped: 0, failed: 0 });
      for (const outcome of outcomes) sum[outcome] += found[outcome] ?? 0;
    }
  }
  return sums;
}

/** Calls per system from the quotas, whose ids are `system:tenant`. */
export function callsPerSystem(usage: readonly Usage[], before: Readonly<Record<string, number>> = {}): Record<string, number> {
  const calls: Record<string, number> = {};
  for (const quota of usage) {
    const system = quota.id.split(':')[0] ?? quota.id;
    calls[system] = (calls[system] ?? 0) + quota.calls;
  }
  return Object.fromEntries(Object.entries(calls).map(([system, count]) => [system, count - (before[system] ?? 0)]));
}

interface Failure {
  readonly module: string;
  readonly recordId: string;
  readonly code: string | null;
  readonly detail: string;
}

/** What a person reads at the end: what went where, what did not and what to do about it. */
export function printReport(output: Output, report: RunReport, failures: readonly (Failure & { remedy: string })[], uiUrl: string | null): void {
  const columns = [{ title: 'Module' }, ...outcomes.map((title) => ({ title, align: 'right' as const }))];
  const rows = Object.entries(report.modules).map(([module, counts]) => [module, ...outcomes.map((outcome) => counts[outcome])]);
  output.write(`\n${table(output, columns, rows)}\n`);
  for (const { module, recordId, code, detail, remedy } of failures) {
    output.write(`${styled(output, 'yellow', `${module} ${recordId}`)}: ${code}: ${detail}. ${remedy}\n`);
  }
  const calls = Object.entries(report.calls).map(([system, count]) => `${count} to ${system}`).join(', ');
  const again = Object.entries(report.again.calls).map(([system, count]) => `${count} to ${system}`).join(', ');
  output.write(`API calls: ${calls}; ${report.limited} refused for a limit; ${report.pauses} pauses on a durable timer; ${report.seconds} s\n`);
  output.write(`The same once more wrote ${report.again.written} records and cost ${again || 'no call'}.\n`);
  const exact = report.differences.length === 0;
  output.write(`${exact ? styled(output, 'green', 'All systems hold exactly what they should.') : styled(output, 'red', report.differences.join('\n'))}\n`);
  if (uiUrl) output.write(`Temporal UI: ${styled(output, 'bold', uiUrl)}\n`);
}
