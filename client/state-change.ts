import type { Integration } from '../store/types.ts';
import { ensureSearchAttributes } from '../worker/search-attributes.ts';
import { CommandError, exitCodes } from './command-error.ts';
import { announce, stopAnnouncing } from './connect.ts';
import type { Bookbridge } from './open.ts';
import { commandFor } from './print.ts';
import { describeSchedule, pauseSchedule, runUnderWay, scheduleSync, SYNC_INTERVAL_SECONDS, type RunUnderWay } from './runs.ts';

interface StateChange {
  readonly to: Integration['state'];
  /** States from which it makes sense, and what to do from the others. */
  readonly from: Readonly<Partial<Record<Integration['state'], string>>>;
  readonly done: string;
}

/** Where `from` has a text, the command is the wrong one for that state. */
export const stateChangesOf = (id: string) => ({
  pause: { to: 'paused', from: { disabled: `It syncs nothing as it is. Switch it on with: ${commandFor(id, 'reactivate')}` }, done: `is paused. Nothing is synced until: ${commandFor(id, 'resume')}` },
  resume: { to: 'active', from: { disabled: `Switch it on with: ${commandFor(id, 'reactivate')}` }, done: 'is active again.' },
  disable: { to: 'disabled', from: {}, done: `is disabled. Nothing is synced until: ${commandFor(id, 'reactivate')}` },
  reactivate: { to: 'active', from: { paused: `Let it go on with: ${commandFor(id, 'resume')}` }, done: 'is active again.' },
}) as const satisfies Record<string, StateChange>;

export type StateCommand = keyof ReturnType<typeof stateChangesOf>;

export interface StateChanged {
  readonly state: Integration['state'];
  /** Links between records, which stay. */
  readonly links: number;
  /** When the next sync by schedule is, milliseconds since the epoch; null where none is planned. */
  readonly nextMs: number | null;
  /** The run that completes first. */
  readonly underWay: RunUnderWay | null;
}

/**
 * Changes the state of an integration, in the store and of its schedule in Temporal. Safe to repeat. While it is disabled, the other
 * system has nobody to announce anything to.
 *
 * @param remark told what a person should know and what stops nothing
 * @throws CommandError where another command is the right one for its state
 */
export async function changeStateOf(bookbridge: Bookbridge, integration: Integration, name: StateCommand, remark: (text: string) => void = () => undefined): Promise<StateChanged> {
  const { to, from }: StateChange = stateChangesOf(integration.id)[name];
  const instead = from[integration.state];
  if (instead !== undefined) throw new CommandError(`${integration.id} is ${integration.state}.`, { exit: exitCodes.usage, remedy: instead });
  await (to === 'active' ? start(bookbridge, integration) : stop(bookbridge, integration, to));
  if (name === 'disable') await stopAnnouncing(bookbridge, integration.id, remark);
  if (name === 'reactivate') await announce(bookbridge, integration.id, remark);
  return {
    state: to,
    links: Object.values(await bookbridge.store.countLinks(integration.id)).reduce((sum, count) => sum + count, 0),
    nextMs: (await describeSchedule(bookbridge, integration.id))?.nextMs ?? null,
    underWay: to === 'active' ? null : await runUnderWay(bookbridge, integration.id),
  };
}

/** The store first: a sync that the schedule still starts then finds nothing to do. */
async function stop(bookbridge: Bookbridge, { id }: Integration, to: 'paused' | 'disabled'): Promise<void> {
  await bookbridge.store.operations.setState(id, to);
  await pauseSchedule(bookbridge, id, true, `${id} is ${to}`);
}

/** The schedule first: where that fails, the integration still counts as stopped, and the command can be repeated. */
async function start(bookbridge: Bookbridge, { id }: Integration): Promise<void> {
  const { connection, options: { namespace } } = bookbridge.temporal;
  if (!await pauseSchedule(bookbridge, id, false, `${id} is active`)) {
    // Where Temporal has lost its data, it has lost these too.
    await ensureSearchAttributes(connection, namespace);
    await scheduleSync(bookbridge, id, SYNC_INTERVAL_SECONDS);
  }
  await bookbridge.store.operations.setState(id, 'active');
}
