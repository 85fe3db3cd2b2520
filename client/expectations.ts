import type { Integration } from '../store/types.ts';
import type { RunResult } from '../workflows/messages.ts';
import { CommandError, exitCodes, usageError } from './command-error.ts';
import { commandFor } from './print.ts';

/** @throws CommandError where the integration is paused or disabled */
export function expectActive({ id, state }: Pick<Integration, 'id' | 'state'>): void {
  if (state === 'paused') throw new CommandError(`${id} is paused.`, { exit: exitCodes.failed, remedy: `Let it go on first: ${commandFor(id, 'resume')}` });
  if (state === 'disabled') throw new CommandError(`${id} is disabled.`, { exit: exitCodes.failed, remedy: `Switch it on first: ${commandFor(id, 'reactivate')}` });
}

/** @throws CommandError before the initial import has ended */
export function expectImported({ id, importedAtMs }: Pick<Integration, 'id' | 'importedAtMs'>): void {
  if (importedAtMs === null) throw usageError(`${id} has not been imported yet.`, `Start the initial import, or wait for it to end: ${commandFor(id, 'import')}`);
}

/** @throws CommandError where a run found that it was not to run */
export function expectDone({ id }: Pick<Integration, 'id'>, { idle }: RunResult): void {
  if (idle !== null) throw new CommandError(`Nothing was done. ${idle}`, { exit: exitCodes.failed, remedy: `See more: ${commandFor(id, 'status')}` });
}
