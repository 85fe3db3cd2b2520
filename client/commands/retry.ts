import type { RecordStanding, RetrySelection } from '../../store/operations.ts';
import type { Integration } from '../../store/types.ts';
import { moduleNames } from '../choose.ts';
import { exitCodes, usageError, type ExitCode } from '../command-error.ts';
import { expectDone } from '../expectations.ts';
import type { Bookbridge } from '../open.ts';
import { commandFor, plural, print, remark } from '../print.ts';
import type { RetryOptions } from '../program.ts';
import { reasonCodes } from '../reasons.ts';
import { startSyncAlone } from '../runs.ts';
import { expectOneOf } from '../suggest.ts';
import { plainColumns } from '../terminal.ts';
import { plainText, wrapText } from '../text-width.ts';
import { describeStanding, run, withIntegration } from './runs.ts';

/** So many of those that did not get through are named, of each kind. */
const NAMED_MAX = 10;

/** Puts changes back to pending and starts a sync that carries them over. */
export async function retry(options: RetryOptions): Promise<ExitCode> {
  const selection = selectionOf(options);
  return withIntegration(options, async (bookbridge, integration) => {
    const { store } = bookbridge;
    const { json } = options;
    const before = await store.operations.retry(integration.id, selection);
    if (before.length === 0) {
      if (selection.by === 'change' || selection.by === 'record') await explainNothing(bookbridge, integration, selection);
      print(json, { integration: integration.id, retried: 0 }, () => 'There is nothing to try again.');
      return exitCodes.ok;
    }
    const whenever = integration.state === 'active' ? integration.importedAtMs === null ? 'when the initial import has ended' : null : `when ${integration.id} is no longer ${integration.state}`;
    if (whenever !== null) {
      print(json, { integration: integration.id, retried: before.length, started: false }, () => `${plural(before.length, 'record')} will be tried again ${whenever}.`);
      return exitCodes.ok;
    }
    remark(json, `${plural(before.length, 'record')} to be tried again.`);
    const start = () => startSyncAlone(bookbridge, { integrationId: integration.id });
    const result = await run(bookbridge, integration, options, { start, modules: moduleNames(integration) });
    if (result === null) return exitCodes.ok;
    expectDone(integration, result);
    const after = await store.operations.standings(before.map(({ changeId }) => changeId));
    return tell(integration, json, after);
  });
}

function tell({ id }: Integration, json: boolean, after: readonly RecordStanding[]): ExitCode {
  const through = after.filter(({ state }) => state === 'done');
  const failed = after.filter(({ state }) => state === 'failed' || state === 'waiting');
  // Left out once more, withdrawn, or left to the next run.
  const others = after.filter((standing) => !through.includes(standing) && !failed.includes(standing));
  print(json, { integration: id, retried: after.length, through: through.length, failed: failed.length, records: after }, () => [
    through.length > 0 ? `${plural(through.length, 'record')} of ${after.length} got through.` : '',
    ...named(`${plural(others.length, 'record')} did not get through, and did not fail:`, others, commandFor(id, 'records MODULE')),
    ...named(`${plural(failed.length, 'record')} failed again:`, failed, commandFor(id, 'errors')),
  ].filter((line) => line !== '').join('\n'));
  return failed.length > 0 ? exitCodes.failed : exitCodes.ok;
}

function named(title: string, records: readonly RecordStanding[], more: string): string[] {
  if (records.length === 0) return [];
  const lines = records.slice(0, NAMED_MAX).map((standing) => wrapText(`- ${plainText(describeStanding(standing))}`, process.stdout.columns ?? plainColumns, '  '));
  return [title, ...lines, records.length > NAMED_MAX ? `  … and more: ${more}` : ''];
}

function selectionOf({ integration, change, record, reason, all }: RetryOptions): RetrySelection {
  if (change !== undefined) return { by: 'change', id: change };
  if (record !== undefined) return { by: 'record', id: record };
  if (reason !== undefined) return { by: 'reason', code: expectOneOf('reason', reason, reasonCodes) };
  if (all) return { by: 'all' };
  throw usageError('What is to be tried again?', `Say so with --record ID, --change NUMBER, --reason CODE or --all. What failed: ${commandFor(integration, 'errors')}`);
}

/** @throws CommandError with what is known of a record that cannot be tried again */
async function explainNothing({ store }: Bookbridge, { id }: Integration, selection: Extract<RetrySelection, { by: 'change' | 'record' }>): Promise<never> {
  if (selection.by === 'change') throw usageError(`No change ${selection.id} failed.`, `See which did: ${commandFor(id, 'errors --csv')}`);
  const [standing] = await store.operations.find(id, selection.id);
  if (!standing) throw usageError(`No record ${selection.id} is known.`, `See which failed: ${commandFor(id, 'errors')}`);
  throw usageError(`${standing.module} ${standing.id} has not failed.`, `To have it read again: ${commandFor(id, `sync --record ${selection.id}`)}`);
}
