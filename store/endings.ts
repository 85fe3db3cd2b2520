import type { Kysely } from 'kysely';
import { endChange, wakeWaiting } from './changes.ts';
import { linksOf, putLink } from './links.ts';
import { addCounts, addHistory } from './runs.ts';
import type { Tables } from './schema.ts';
import { addressText, type Ending, type Outcome } from './types.ts';

/**
 * Ends changes in one transaction with all that belongs to it: the link, the counts, the history, and waking the changes
 * that waited for the records that have just arrived.
 */
export async function endChanges(
  db: Kysely<Tables>,
  run: { integrationId: string; runId: string },
  endings: readonly Ending[],
  nowMs: number,
): Promise<void> {
  if (endings.length === 0) return;
  await db.transaction().execute(async (trx) => {
    for (const ending of endings) {
      const { change, finding, link, waitsFor } = ending;
      if (link) await putLink(trx, run.integrationId, link);
      // The record it waits for may have arrived since its absence was noticed, and then nothing would wake it any more.
      const arrived = waitsFor !== null && (await linksOf(trx, run.integrationId, [waitsFor])).size > 0;
      await endChange(trx, change, arrived ? { state: 'pending', finding: null, waitsFor: null } : { state: ending.state, finding, waitsFor: waitsFor && addressText(waitsFor) });
    }
    const arrived = endings.flatMap(({ link }) => (link ? [addressText(link.other), addressText(link.books)] : []));
    if (arrived.length > 0) await wakeWaiting(trx, run.integrationId, arrived);
    for (const [module, counts] of countByModule(endings)) await addCounts(trx, run.runId, module, counts);
    const entries = endings.flatMap(({ change, outcome, finding, notes }) => [
      { change, outcome, finding },
      ...notes.map((note) => ({ change, outcome: 'note' as const, finding: note })),
    ]);
    await addHistory(trx, run, entries, nowMs);
  });
}

function countByModule(endings: readonly Ending[]): Map<string, Partial<Record<Outcome, number>>> {
  const modules = new Map<string, Partial<Record<Outcome, number>>>();
  for (const { change, outcome } of endings) {
    const counts = modules.get(change.module) ?? {};
    counts[outcome] = (counts[outcome] ?? 0) + 1;
    modules.set(change.module, counts);
  }
  return modules;
}
