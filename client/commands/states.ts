import type { Integration } from '../../store/types.ts';
import { CommandError, exitCodes, type ExitCode } from '../command-error.ts';
import type { Bookbridge } from '../open.ts';
import { plural, print } from '../print.ts';
import type { RunOptions } from '../program.ts';
import { describeSchedule, pauseSchedule, scheduleSync, SYNC_INTERVAL_SECONDS, runUnderWay } from '../runs.ts';
import { clock, iso } from '../time.ts';
import { awaitRunUnderWay, withIntegration } from './runs.ts';

interface StateChange {
  readonly to: Integration['state'];
  /** States from which it makes sense, and what to do from the others. */
  readonly from: Readonly<Partial<Record<Integration['state'], string>>>;
  readonly done: string;
}

/** Where `from` has a text, the command is the wrong one for that state. */
const changes = {
  pause: { to: 'paused', from: { disabled: 'It syncs nothing as it is. Switch it on with: bookbridge reactivate' }, done: 'is paused. Nothing is synced until: bookbridge resume' },
  resume: { to: 'active', from: { disabled: 'Switch it on with: bookbridge reactivate' }, done: 'is active again.' },
  disable: { to: 'disabled', from: {}, done: 'is disabled. Nothing is synced until: bookbridge reactivate' },
  reactivate: { to: 'active', from: { paused: 'Let it go on with: bookbridge resume' }, done: 'is active again.' },
} as const satisfies Record<string, StateChange>;

/** Changes the state of an integration, in the store and of its schedule in Temporal. Safe to repeat. */
export async function changeState(name: keyof typeof changes, options: RunOptions): Promise<ExitCode> {
  return withIntegration(options, async (bookbridge, integration) => {
    const { to, from, done }: StateChange = changes[name];
    const instead = from[integration.state];
    if (instead !== undefined) throw new CommandError(`${integration.id} is ${integration.state}.`, { exit: exitCodes.usage, remedy: instead });
    await (to === 'active' ? start(bookbridge, integration) : stop(bookbridge, integration, to));
    const links = Object.values(await bookbridge.store.countLinks(integration.id)).reduce((sum, count) => sum + count, 0);
    const nextMs = (await describeSchedule(bookbridge, integration.id))?.nextMs ?? null;
    const underWay = to === 'active' ? null : await runUnderWay(bookbridge, integration.id);
    const tell = (isRunning: boolean) => print(options.json, { integration: integration.id, state: to, links, nextSync: iso(nextMs), runUnderWay: isRunning }, () => [
      integration.state === to ? `${integration.id} is ${to} already.` : `${integration.id} ${done}`,
      ...(isRunning && !options.wait ? ['A run is under way; it completes first.'] : []),
      ...(name === 'disable' || name === 'reactivate' ? [`Its ${plural(links, 'link')} between records ${links === 1 ? 'is' : 'are'} kept.`] : []),
      ...(to === 'active' ? [nextStep(integration, nextMs)] : []),
    ].join('\n'));
    const waits = underWay !== null && options.wait;
    // A person is told at once, because the run may last; who reads JSON is told how it is in the end.
    if (!waits || !options.json) tell(underWay !== null);
    if (waits) await awaitRunUnderWay(bookbridge, integration, { json: options.json, why: 'It completes first.' });
    if (waits && options.json) tell(false);
    return exitCodes.ok;
  });
}

function nextStep({ importedAtMs }: Integration, nextMs: number | null): string {
  if (importedAtMs === null) return 'Next: bookbridge import';
  return nextMs === null ? '' : `The next sync by schedule: ${clock(nextMs)}.`;
}

/** The store first: a sync that the schedule still starts then finds nothing to do. */
async function stop(bookbridge: Bookbridge, { id }: Integration, to: 'paused' | 'disabled'): Promise<void> {
  await bookbridge.store.operations.setState(id, to);
  if (await describeSchedule(bookbridge, id)) await pauseSchedule(bookbridge, id, true, `${id} is ${to}`);
}

/** The schedule first: where that fails, the integration still counts as stopped, and the command can be repeated. */
async function start(bookbridge: Bookbridge, { id }: Integration): Promise<void> {
  if (await describeSchedule(bookbridge, id)) await pauseSchedule(bookbridge, id, false, `${id} is active`);
  else await scheduleSync(bookbridge, id, SYNC_INTERVAL_SECONDS);
  await bookbridge.store.operations.setState(id, 'active');
}
