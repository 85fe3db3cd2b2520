import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { progressOf } from '../client/follow.ts';
import { startImport, startSync } from '../client/runs.ts';
import { expectedBooks, type DataSet } from '../simulators/data/index.ts';
import type { sync } from '../workflows/index.ts';
import type { Progress as RunProgress, RunResult } from '../workflows/messages.ts';
import { showProgress, type Progress } from '../client/progress.ts';
import { callsPerSystem, sumCounts, type RunReport } from './report.ts';
import { makeLoaners, payWhatIsOpen, readBooks, readHector, readShop, readSummary } from './simulated.ts';
import type { Systems } from './systems.ts';
import { findDifferences, findShopDifferences } from './verify.ts';

const POLL_MS = 250;

interface MainJob {
  /** Ids of the two integrations that share one organization. */
  readonly hector: string;
  readonly shop: string;
  readonly dataSet: DataSet;
  readonly startedMs: number;
}

/**
 * Imports from Hector, lets the planned loaners happen, and invoices them while a shop's orders are invoiced beside them; has open orders
 * paid, and does it all again to see that nothing changes.
 */
export async function runMainJob(systems: Systems, { hector, shop, dataSet, startedMs }: MainJob): Promise<RunReport> {
  const { bookbridge } = systems;
  const { quotas } = bookbridge.store;
  const progress = showProgress(process.stdout);
  const orders = (await readShop(systems.shopUrl)).orders.length;
  const totals = {
    customers: (dataSet.settings.useHectorCustomers ? dataSet.hector.customers : dataSet.hector.users).length,
    items: dataSet.books.items.length,
    loaners: dataSet.hector.loaners.length,
  };
  const imported = await follow(systems, await startImport(bookbridge, hector), progress, { customers: totals.customers, items: totals.items });
  await makeLoaners(systems.hectorUrl);
  const [invoiced, sold] = await Promise.all([
    startSync(bookbridge, hector).then((run) => follow(systems, run, progress, { loaners: totals.loaners })),
    startImport(bookbridge, shop).then((run) => follow(systems, run, progress, { customers: null, orders }, nameOfShop)),
  ]);
  await payWhatIsOpen(systems.shopUrl);
  const paid = await (await startSync(bookbridge, shop)).result();
  progress.finish();
  const calls = callsPerSystem(await quotas.usage());
  const again = [await (await startSync(bookbridge, hector)).result(), await (await startSync(bookbridge, shop)).result()];
  const [books, there, inShop, summary] = await Promise.all([
    readBooks(systems.zohoUrl, dataSet.books.organization.id), readHector(systems.hectorUrl), readShop(systems.shopUrl), readSummary(systems.zohoUrl),
  ]);
  const runs = [imported, invoiced, sold, paid];
  return {
    modules: sumCounts([imported.counts, invoiced.counts, ...[sold, paid].map(({ counts }) => mapKeys(counts, nameOfShop))]),
    calls, limited: summary.limited, pauses: runs.reduce((sum, { pauses }) => sum + pauses, 0),
    seconds: Math.round((Date.now() - startedMs) / 100) / 10,
    again: { written: again.reduce((sum, run) => sum + written(run), 0), calls: callsPerSystem(await quotas.usage(), calls) },
    differences: [...findDifferences(expectedBooks(dataSet), books, there), ...findShopDifferences(inShop, books)],
  };
}

/** Both integrations have customers. */
function nameOfShop(module: string): string {
  return `shop ${module}`;
}

function mapKeys<T>(record: Readonly<Record<string, T>>, change: (key: string) => string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [change(key), value]));
}

function written({ counts }: RunResult): number {
  return Object.values(counts).reduce((sum, outcomes) => sum + (outcomes.added ?? 0) + (outcomes.updated ?? 0) + (outcomes.deleted ?? 0), 0);
}

/** Shows a run's bars until it ends. */
async function follow(
  { bookbridge }: Systems, handle: WorkflowHandle<typeof sync>, progress: Progress, totals: Record<string, number | null>, nameOf = (module: string) => module,
): Promise<RunResult> {
  const { store } = bookbridge;
  const result = handle.result();
  for (;;) {
    const ended = await Promise.race([result, delay(POLL_MS, null)]);
    // Where the worker is too busy to answer, the next look will do.
    const now = await progressOf(bookbridge, handle, 1);
    const runId = (ended ?? now)?.runId;
    if (runId === undefined) continue;
    const counts = await store.runs.counts(runId);
    for (const [module, total] of Object.entries(totals)) {
      const done = Object.values(counts[module] ?? {}).reduce((sum, count) => sum + count, 0);
      progress.update(nameOf(module), { done: total === null ? done : Math.min(done, total), total, ...noteOf(now, module) });
    }
    if (ended) return ended;
  }
}

function noteOf(now: RunProgress | null, module: string): { note: string } | Record<string, never> {
  return now?.pause && now.module === module ? { note: now.pause.text } : {};
}
