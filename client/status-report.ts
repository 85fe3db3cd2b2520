import type { RunCounts } from '../store/types.ts';
import type { IntegrationStatus } from './integration-status.ts';
import { commandFor, grid, plural } from './print.ts';
import { explain } from './reasons.ts';
import { describeRetrying, outcomes } from './run-report.ts';
import { plainColumns, styled, type Style } from './terminal.ts';
import { plainText, wrapText } from './text-width.ts';
import { clock, duration } from './time.ts';

const stateStyles: Readonly<Record<string, Style>> = { active: 'green', paused: 'yellow', disabled: 'red' };

/** Why it does not is told after what is known. */
const unknown = 'unknown: Temporal does not say';

/** The status of one integration for a person. */
export function describeStatus(status: IntegrationStatus, taskQueue: string): string {
  const { integration, live } = status;
  const out = process.stdout;
  const name = typeof integration.facts['name'] === 'string' ? `${plainText(integration.facts['name'])} ` : '';
  const facts: [string, string][] = [
    ['Books', `${name}(${integration.organizationId})`],
    ['Sync', describeSync(status)],
    ['Now', describeRunning(status)],
    ['Workers', live === null ? unknown : describeWorkers(live.workers, taskQueue)],
    ['Quota', describeQuota(status)],
    ['Links', Object.entries(status.links).map(([module, count]) => `${module} ${count.toLocaleString('en')}`).join(', ') || 'none yet'],
    ['Waits', describeWaiting(status)],
    ['Failed', describeFailed(status)],
  ];
  return [
    `${styled(out, 'bold', integration.id)}  ${styled(out, stateStyles[integration.state] ?? 'bold', integration.state)}`,
    ...facts.map(([title, text]) => hanging(`  ${title.padEnd(8)} `, text)),
    ...(status.runs.length === 0 ? [] : ['', runsTable(status)]),
  ].join('\n');
}

/** A title with its text beside it, in as many lines as the terminal needs. */
function hanging(title: string, text: string): string {
  const indent = ' '.repeat(title.length);
  return `${title}${wrapText(text, process.stdout.columns ?? plainColumns, indent).trimStart()}`;
}

function describeSync({ integration: { id, state, importedAtMs }, live }: IntegrationStatus): string {
  if (state === 'paused') return `paused; let it go on with: ${commandFor(id, 'resume')}`;
  if (state === 'disabled') return `disabled; switch it on with: ${commandFor(id, 'reactivate')}`;
  // Connecting ended before its end.
  if (importedAtMs === null && live?.schedule === null) return 'not yet, and its schedule is missing in Temporal: connect it again, with the same id';
  if (importedAtMs === null) return `not yet: start the initial import with: ${commandFor(id, 'import')}`;
  const schedule = live?.schedule;
  if (live === null) return unknown;
  if (!schedule) return `by hand only: its schedule is missing in Temporal; make it anew with: ${commandFor(id, 'resume')}`;
  const every = schedule.everyMs === null ? 'by schedule' : `every ${duration(schedule.everyMs)}`;
  if (schedule.paused) return `${every}, but the schedule is paused in Temporal; let it go on with: ${commandFor(id, 'resume')}`;
  return `${every}${schedule.nextMs === null ? '' : `, next at ${clock(schedule.nextMs)}`}`;
}

function describeRunning({ live }: IntegrationStatus): string {
  const running = live?.running;
  if (!running) {
    if (live === null) return unknown;
    return live.failure === null ? 'no run is under way' : styled(process.stdout, 'red', `the last run failed. ${plainText(live.failure.message)}`);
  }
  const { kind, startedMs, progress, retrying } = running;
  const what = `${kind === 'sync' ? 'sync' : 'initial import'} since ${clock(startedMs)}`;
  const fails = retrying ? `; ${styled(process.stdout, 'yellow', describeRetrying(retrying))}` : '';
  if (!progress) return `${what}; no worker says how far it is${fails}`;
  const step = progress.module === null ? progress.step : `${progress.module}: ${progress.step}`;
  const { pause } = progress;
  return pause ? `${what}, ${step}, waits until ${clock(pause.resumeAtMs)}: ${explain(pause.code).what}` : `${what}, ${step}${fails}`;
}

function describeWorkers(count: number, taskQueue: string): string {
  return count === 0 ? styled(process.stdout, 'red', `none on the task queue ${taskQueue}; start one with: bookbridge worker`) : `${count} on the task queue ${taskQueue}`;
}

function describeQuota({ quota }: IntegrationStatus): string {
  if (!quota) return 'no call to Books yet';
  const { dayUsed, limits, dayEndsMs, blocked } = quota;
  const share = limits.day?.of === undefined ? '' : `, which is its share of the organization's ${limits.day.of.toLocaleString('en')}`;
  const used = limits.day ? `${dayUsed.toLocaleString('en')} of ${plural(limits.day.calls, 'call')} to Books today${share}` : `${plural(dayUsed, 'call')} to Books`;
  const ends = dayEndsMs === null ? '' : `; the day ends at ${clock(dayEndsMs)}`;
  return blocked ? styled(process.stdout, 'yellow', `${used}; no call until ${clock(blocked.untilMs)}: ${explain(blocked.code).what}`) : `${used}${ends}`;
}

function describeWaiting({ changes }: IntegrationStatus): string {
  const pending = changes.filter(({ state }) => state === 'pending');
  const waiting = changes.filter(({ state }) => state === 'waiting').reduce((sum, { count }) => sum + count, 0);
  const parts = pending.map(({ module, count, dueMs }) => `${module} ${count.toLocaleString('en')} to be carried over${dueMs.first > Date.now() ? ` from ${clock(dueMs.first)}` : ''}`);
  if (waiting > 0) parts.push(`${plural(waiting, 'record')} for another record`);
  return parts.join(', ') || 'nothing';
}

function describeFailed({ integration: { id }, changes }: IntegrationStatus): string {
  const failed = changes.filter(({ state }) => state === 'failed').reduce((sum, { count }) => sum + count, 0);
  return failed === 0 ? 'nothing' : styled(process.stdout, 'red', `${plural(failed, 'record')}; see why with: ${commandFor(id, 'errors')}`);
}

function runsTable({ runs, live }: IntegrationStatus): string {
  const columns = [
    { title: 'Last runs', fit: 'whole' }, { title: 'Kind' }, { title: 'State', fit: 'whole' }, { title: 'Took', align: 'right' }, { title: 'What it did', fit: 'wrapped' },
  ] as const;
  const rows = runs.flatMap(({ id, kind, state, startedMs, endedMs, counts }) => {
    const run = [clock(startedMs), kind === 'initialImport' ? 'import' : kind, state, endedMs === null ? '' : duration(endedMs - startedMs)];
    const did = Object.entries(counts).filter(([, found]) => countsText(found) !== '').map(([module, found]) => `${module} ${countsText(found)}`);
    const failure = live?.failures.get(id);
    if (failure) did.push(failure.message);
    else if (did.length === 0) did.push(state === 'completed' ? 'nothing had changed' : '');
    return did.map((text, index) => [...(index === 0 ? run : ['', '', '', '']), text]);
  });
  return grid(columns, rows);
}

function countsText(found: RunCounts[string]): string {
  return outcomes.flatMap((outcome) => (outcome !== 'unchanged' && found[outcome] ? [`${found[outcome].toLocaleString('en')} ${outcome}`] : [])).join(', ');
}
