import type { Integration, Outcome, RunCounts } from '../store/types.ts';
import type { RunResult } from '../workflows/messages.ts';
import { commandFor, grid, plural } from './print.ts';
import type { Retrying } from './runs.ts';
import { plainText } from './text-width.ts';
import { duration } from './time.ts';

export const outcomes = ['added', 'updated', 'deleted', 'unchanged', 'skipped', 'failed'] as const satisfies readonly Outcome[];

/** What a run did, as a table and a sentence. */
export function describeRun({ id }: Pick<Integration, 'id'>, { counts, pauses }: RunResult, tookMs: number): string {
  const failed = Object.values(counts).reduce((sum, module) => sum + (module.failed ?? 0), 0);
  const waits = pauses === 0 ? '' : `, with ${plural(pauses, 'wait')} for a limit`;
  return [
    Object.keys(counts).length === 0 ? 'Nothing had changed.' : countsTable(counts),
    `Done in ${duration(tookMs)}${waits}.`,
    ...(failed === 0 ? [] : [`${plural(failed, 'record')} did not get through: ${commandFor(id, 'errors')}`]),
  ].join('\n');
}

/** That a step fails and is repeated, and why. */
export function describeRetrying({ attempts, message }: Retrying): string {
  return `tried ${plural(attempts, 'time')}: ${plainText(message)}`;
}

function countsTable(counts: RunCounts): string {
  const columns = [{ title: 'Module' }, ...outcomes.map((title) => ({ title, align: 'right' as const }))];
  return grid(columns, Object.entries(counts).map(([module, found]) => [module, ...outcomes.map((outcome) => found[outcome] ?? 0)]));
}
