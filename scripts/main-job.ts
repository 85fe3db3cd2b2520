import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { startImport, startSync } from '../client/runs.ts';
import { expectedBooks, type DataSet } from '../simulators/data/index.ts';
import type { sync } from '../workflows/index.ts';
import { progressQuery, type Progress as RunProgress, type RunResult } from '../workflows/messages.ts';
import { showProgress, type Progress } from '../client/progress.ts';
import { callsPerSystem, sumCounts, type RunReport } from './report.ts';
import { makeLoaners, readBooks, readHector, readSummary } from './simulated.ts';
import type { Systems } from './systems.ts';
import { findDifferences } from './verify.ts';

const POLL_MS = 250;

interface MainJob {
  readonly integrationId: string;
  readonly dataSet: DataSet;
  readonly startedMs: number;
}

/** Imports, lets the planned loaners happen, invoices them, and does it all again to see that nothing changes. */
export async function runMainJob(systems: Systems, { integrationId, dataSet, startedMs }: MainJob): Promise<RunReport> {
  const { bookbridge } = systems;
  const { quotas } = bookbridge.store;
  const progress = showProgress(process.stdout);
  const totals = {
    customers: (dataSet.settings.useHectorCustomers ? dataSet.hector.customers : dataSet.hector.users).length,
    items: dataSet.books.items.length,
    loaners: dataSet.hector.loaners.length,
  };
  const imported = await follow(systems, await startImport(bookbridge, integrationId), progress, { customers: totals.customers, items: totals.items });
  await makeLoaners(systems.hectorUrl);
  const invoiced = await follow(systems, await startSync(bookbridge, integrationId), progress, { loaners: totals.loaners });
  progress.finish();
  const calls = callsPerSystem(await quotas.usage());
  const again = await (await startSync(bookbridge, integrationId)).result();
  const [books, hector, summary] = await Promise.all([readBooks(systems.zohoUrl, dataSet.books.organization.id), readHector(systems.hectorUrl), readSummary(systems.zohoUrl)]);
  return {
    modules: sumCounts([imported.counts, invoiced.counts]),
    calls, limited: summary.limited, pauses: imported.pauses + invoiced.pauses,
    seconds: Math.round((Date.now() - startedMs) / 100) / 10,
    again: { written: written(again), calls: callsPerSystem(await quotas.usage(), calls) },
    differences: findDifferences(expectedBooks(dataSet), books, hector),
  };
}

function written({ counts }: RunResult): number {
  return Object.values(counts).reduce((sum, outcomes) => sum + (outcomes.added ?? 0) + (outcomes.updated ?? 0) + (outcomes.deleted ?? 0), 0);
}

/** Shows a run's bars until it ends. */
async function follow(
  { bookbridge: { store } }: Systems, handle: WorkflowHandle<typeof sync>, progress: Progress, totals: Record<string, number>,
): Promise<RunResult> {
  const result = handle.result();
  for (;;) {
    const ended = await Promise.race([result, delay(POLL_MS, null)]);
    const now = await handle.query(progressQuery);
    const counts = await store.runs.counts(now.runId);
    for (const [module, total] of Object.entries(totals)) {
      const done = Object.values(counts[module] ?? {}).reduce((sum, count) => sum + count, 0);
      progress.update(module, { done: Math.min(done, total), total, ...noteOf(now, module) });
    }
    if (ended) return ended;
  }
}

function noteOf(now: RunProgress, module: string): { note: string } | Record<string, never> {
  return now.pause && now.module === module ? { note: now.pause.text } : {};
}
