import { isDeepStrictEqual } from 'node:util';
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
import { awaitEnd, createWorkerWatch, type Interrupted } from '../follow.ts';
import type { Bookbridge } from '../open.ts';
import { commandFor, grid, plural, print, remark } from '../print.ts';
import type { ReconcileOptions } from '../program.ts';
import { showProgress, type Progress } from '../progress.ts';
import { explain } from '../reasons.ts';
import { plainColumns, styled } from '../terminal.ts';
import { plainText, wrapText } from '../text-width.ts';
import { duration } from '../time.ts';
import { withIntegration } from './runs.ts';

const QUERY_MS = 2_000;
const WHY_DIFFERENT = 'What is different stays so: Bookbridge writes only what changes where a record comes from, so that what a person filled in in the other system is kept. Where that is wrong, correct it there.';

/** Holds both systems against each other, record by record; 0 only where they are equal. */
export async function reconcile(options: ReconcileOptions): Promise<ExitCode> {
  return withIntegration({ ...options, wait: true }, async (bookbridge, integration) => {
    const module = expectModule(integration, options.module);
    const input = { integrationId: integration.id, everyField: options.everyField, ...(module !== undefined && { module }) };
    const handle = await startReconcile(bookbridge, input, (other) => awaitOther(bookbridge, other, options.json));
    const report = await follow(bookbridge, handle, options.json);
    const findings = await bookbridge.store.reports.findings(report.id);
    print(options.json, { integration: integration.id, equal: findings.length === 0, ...documentOf(report), findings }, () => describe(integration, report, findings, options));
    return findings.length === 0 ? exitCodes.ok : exitCodes.failed;
  });
}

type Handle = WorkflowHandle<typeof reconcileWorkflow>;

/**
 * Starts a reconciliation, or finds the one under way that was asked the same; one that was asked something else ends first.
 *
 * @param awaitOther waits for that one, however it ends
 */
export async function startReconcile({ temporal, config }: Pick<Bookbridge, 'temporal' | 'config'>, input: ReconcileInput, awaitOther: (other: Handle) => Promise<unknown> = endOf): Promise<Handle> {
  const { integrationId, module = null, everyField = false } = input;
  const memo = { module, everyField };
  for (;;) {
    const handle = await temporal.workflow.start<typeof reconcileWorkflow>('reconcile', {
      workflowId: reconcileWorkflowId(integrationId), taskQueue: config.taskQueue, args: [input], memo,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      typedSearchAttributes: [{ key: searchAttributes.integration, value: integrationId }],
      staticSummary: `Reconciliation of ${integrationId}`,
    });
    const { memo: asked } = await handle.describe();
    if (isDeepStrictEqual(asked, memo)) return handle;
    await awaitOther(handle);
  }
}

/** How another reconciliation ends is its own affair. */
async function endOf(other: Handle): Promise<void> {
  await other.result().catch(() => undefined);
}

/** Shows a reconciliation that was asked something else until it ends. */
async function awaitOther(bookbridge: Bookbridge, other: Handle, json: boolean): Promise<void> {
  remark(json, 'A reconciliation that was asked something else is under way. This one begins after it.');
  try {
    await follow(bookbridge, other, json, { left: 'What you asked for has not begun, and does not; only the reconciliation that was under way goes on.', remedy: 'Repeat the command when that one has ended.' });
  } catch (error) {
    // Its failure is not that of this command; Ctrl-C is.
    if (error instanceof CommandError) throw error;
  }
}

const goesOn: Interrupted = { left: 'The reconciliation goes on without this command.', remedy: 'See it with the same command again.' };

async function follow(bookbridge: Bookbridge, handle: Handle, json: boolean, interrupted = goesOn): Promise<Report> {
  const progress = json ? null : showProgress(process.stderr);
  const workers = createWorkerWatch(bookbridge, (line) => progress?.line(line));
  const look = async () => {
    if ((await workers()) > 0) await show(bookbridge, handle, progress);
  };
  try {
    return await awaitEnd(bookbridge, handle, look, interrupted);
  } finally {
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

function describe(integration: Integration, report: Report, findings: readonly ReportFinding[], { module, everyField, limit }: ReconcileOptions): string {
  const out = process.stdout;
  const took = `Done in ${duration((report.endedMs ?? report.startedMs) - report.startedMs)}.`;
  const tableText = countsTable(report.counts);
  if (findings.length === 0) return [tableText, styled(out, 'green', 'Both systems are equal.'), took].join('\n');
  const columns = out.columns ?? plainColumns;
  const same = `reconcile${module === undefined ? '' : ` --module ${module}`}${everyField ? ' --every-field' : ''}`;
  const blocks = findingKinds.flatMap((kind) => {
    const own = findings.filter((finding) => finding.kind === kind);
    if (own.length === 0) return [];
    const lines = own.slice(0, limit).map((finding) => wrapText(`- ${plainText(describeFinding(integration, finding))}`, columns, '  '));
    return [[styled(out, 'bold', `${plural(own.length, 'record')} ${kind}`), ...lines, ...(own.length > limit ? [`  … and ${own.length - limit} more: ${commandFor(integration.id, `${same} --limit ${own.length}`)}, or --json`] : [])].join('\n')];
  });
  const gone = findings.some(({ code }) => code === 'record-missing');
  const otherwise = findings.some(({ kind, code }) => kind === 'different' && code === null);
  return [
    tableText, '', ...blocks.flatMap((block) => [block, '']),
    ...(gone ? [`To make anew what is gone: ${commandFor(integration.id, 'retry --record ID')}, or --reason record-missing`] : []),
    ...(otherwise ? [wrapText(WHY_DIFFERENT, columns)] : []), took,
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
