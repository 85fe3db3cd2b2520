import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowIdConflictPolicy, type WorkflowHandle } from '@temporalio/client';
import { systemTitle } from '../../domain/systems.ts';
import { integrationOf } from '../../integrations/registry.ts';
import { findingKinds, type Report, type ReportCounts, type ReportFinding } from '../../store/reports.ts';
import type { Integration, Side } from '../../store/types.ts';
import { reconcileProgressQuery, reconcileWorkflowId, type ReconcileInput } from '../../workflows/reconcile-messages.ts';
import { searchAttributes } from '../../workflows/search-attributes.ts';
import type { reconcile as reconcileWorkflow } from '../../workflows/index.ts';
import { expectModule } from '../choose.ts';
import { CommandError, exitCodes, type ExitCode } from '../command-error.ts';
import { noWorker } from '../follow.ts';
import type { Bookbridge } from '../open.ts';
import { grid, plural, print } from '../print.ts';
import type { ReconcileOptions } from '../program.ts';
import { showProgress, type Progress } from '../progress.ts';
import { explain } from '../reasons.ts';
import { countWorkers } from '../runs.ts';
import { plainColumns, styled } from '../terminal.ts';
import { plainText, wrapText } from '../text-width.ts';
import { duration } from '../time.ts';
import { withIntegration } from './runs.ts';

const POLL_MS = 500;
const QUERY_MS = 2_000;
/** How often it is looked whether there is a worker at all. */
const WORKERS_EVERY = 10;

/** Holds both systems against each other, record by record; 0 only where they are equal. */
export async function reconcile(options: ReconcileOptions): Promise<ExitCode> {
  return withIntegration({ ...options, wait: true }, async (bookbridge, integration) => {
    const module = expectModule(integration, options.module);
    const input = { integrationId: integration.id, everyField: options.everyField, ...(module !== undefined && { module }) };
    const handle = await startReconcile(bookbridge, input);
    const report = await follow(bookbridge, handle, options.json);
    const findings = await bookbridge.store.reports.findings(report.id);
    print(options.json, { integration: integration.id, equal: findings.length === 0, ...documentOf(report), findings }, () => describe(integration, report, findings, options.limit));
    return findings.length === 0 ? exitCodes.ok : exitCodes.failed;
  });
}

type Handle = WorkflowHandle<typeof reconcileWorkflow>;

/** Starts a reconciliation, or finds the one that is under way. */
export function startReconcile({ temporal, config }: Pick<Bookbridge, 'temporal' | 'config'>, input: ReconcileInput): Promise<Handle> {
  const { integrationId } = input;
  return temporal.workflow.start<typeof reconcileWorkflow>('reconcile', {
    workflowId: reconcileWorkflowId(integrationId), taskQueue: config.taskQueue, args: [input],
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    typedSearchAttributes: [{ key: searchAttributes.integration, value: integrationId }],
    staticSummary: `Reconciliation of ${integrationId}`,
  });
}

async function follow(bookbridge: Bookbridge, handle: Handle, json: boolean): Promise<Report> {
  const progress = json ? null : showProgress(process.stderr);
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  process.once('SIGINT', interrupt);
  const result = handle.result();
  // Awaited below; until then a failure must not count as unhandled.
  result.catch(() => undefined);
  try {
    for (let looks = 0; ; looks += 1) {
      const ended = await Promise.race([result, delay(POLL_MS, null, { signal: interruption.signal })]);
      if (ended) return ended;
      if (looks % WORKERS_EVERY === 0 && (await countWorkers(bookbridge)) === 0) progress?.line(noWorker(bookbridge));
      else await show(bookbridge, handle, progress);
    }
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    throw new CommandError('The reconciliation goes on without this command.', { exit: exitCodes.interrupted, remedy: 'See it again: bookbridge reconcile' });
  } finally {
    process.off('SIGINT', interrupt);
    progress?.finish();
  }
}

async function show({ temporal }: Bookbridge, handle: Handle, progress: Progress | null): Promise<void> {
  if (!progress) return;
  try {
    const { step, records, pause } = await temporal.withDeadline(Date.now() + QUERY_MS, () => handle.query(reconcileProgressQuery));
    progress.update(step, { done: records, total: null, ...(pause !== null && { note: pause }) });
  } catch {
    // A worker that is busy answers at the next look.
  }
}

function documentOf({ id, startedMs, endedMs, counts }: Report) {
  return { report: id, startedAt: new Date(startedMs).toISOString(), endedAt: endedMs === null ? null : new Date(endedMs).toISOString(), modules: counts };
}

function describe(integration: Integration, report: Report, findings: readonly ReportFinding[], limit: number): string {
  const out = process.stdout;
  const took = `Done in ${duration((report.endedMs ?? report.startedMs) - report.startedMs)}.`;
  const tableText = countsTable(report.counts);
  if (findings.length === 0) return [tableText, styled(out, 'green', 'Both systems are equal.'), took].join('\n');
  const columns = out.columns ?? plainColumns;
  const blocks = findingKinds.flatMap((kind) => {
    const own = findings.filter((finding) => finding.kind === kind);
    if (own.length === 0) return [];
    const lines = own.slice(0, limit).map((finding) => wrapText(`- ${plainText(describeFinding(integration, finding))}`, columns, '  '));
    return [[styled(out, 'bold', `${plural(own.length, 'record')} ${kind}`), ...lines, ...(own.length > limit ? [`  … and ${own.length - limit} more: bookbridge reconcile --limit ${own.length}, or --json`] : [])].join('\n')];
  });
  const gone = findings.some(({ code }) => code === 'record-missing');
  return [
    tableText, '', ...blocks.flatMap((block) => [block, '']),
    ...(gone ? ['To make anew what is gone: bookbridge retry --record ID, or --reason record-missing'] : []), took,
  ].join('\n');
}

function countsTable(counts: Report['counts']): string {
  const columns = [{ title: 'Module' }, ...['equal', 'left out', ...findingKinds].map((title) => ({ title, align: 'right' as const }))];
  const row = ([module, { equal, leftOut, found }]: [string, ReportCounts]) => [module, equal, leftOut, ...findingKinds.map((kind) => found[kind] ?? 0)];
  return Object.keys(counts).length === 0 ? 'There is nothing to compare.' : grid(columns, Object.entries(counts).map(row));
}

/** What was found about one record, in a sentence. */
export function describeFinding({ kind }: Pick<Integration, 'kind'>, { module, kind: found, record, partner, missingIn, code, detail, differences }: ReportFinding): string {
  const systems: Readonly<Record<Side, string>> = { books: 'Books', other: systemTitle(integrationOf(kind).otherSystem) };
  const there = partner ? ` (${systems[partner.side]} ${partner.resource} ${partner.id})` : '';
  const what = `${module}: ${systems[record.side]} ${record.resource} ${record.id}${there}`;
  const why = [code === null ? '' : `${code}: ${explain(code).what}`, detail].filter(Boolean).join(' ');
  const values = differences.map(({ field, expected, found: actual, by }) => `${field} is "${actual}" instead of "${expected}"${by === null ? '' : ` (${by.startsWith('-') ? '' : '+'}${by})`}`).join('; ');
  return `${what} ${missingIn ? `is missing in ${systems[missingIn]}` : `is ${found}`}. ${[values, why].filter(Boolean).join('. ')}`.trim();
}
