import type { Integration } from '../../store/types.ts';
import { exitCodes, type ExitCode } from '../command-error.ts';
import { commandFor, plural, print, remark } from '../print.ts';
import type { RunOptions } from '../program.ts';
import { changeStateOf, stateChangesOf, type StateCommand } from '../state-change.ts';
import { clock, iso } from '../time.ts';
import { awaitRunUnderWay, withIntegration } from './runs.ts';

/** Changes the state of an integration, and waits for the run that completes first. */
export async function changeState(name: StateCommand, options: RunOptions): Promise<ExitCode> {
  return withIntegration(options, async (bookbridge, integration) => {
    const { state: to, links, nextMs, underWay } = await changeStateOf(bookbridge, integration, name, (text) => remark(options.json, text));
    const { done } = stateChangesOf(integration.id)[name];
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

function nextStep({ id, importedAtMs }: Integration, nextMs: number | null): string {
  if (importedAtMs === null) return `Next: ${commandFor(id, 'import')}`;
  return nextMs === null ? '' : `The next sync by schedule: ${clock(nextMs)}.`;
}
