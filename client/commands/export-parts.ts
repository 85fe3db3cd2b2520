import { integrationOf } from '../../integrations/registry.ts';
import type { RecordStanding } from '../../store/operations.ts';
import type { RunResult } from '../../workflows/messages.ts';
import { usageError, exitCodes, type ExitCode } from '../command-error.ts';
import { expectActive, expectDone, expectImported } from '../expectations.ts';
import { commandFor, plural, print } from '../print.ts';
import type { ExportOptions } from '../program.ts';
import { explain } from '../reasons.ts';
import { startSyncAlone } from '../runs.ts';
import { plainColumns } from '../terminal.ts';
import { plainText, wrapText } from '../text-width.ts';
import { describeStanding, run, withIntegration } from './runs.ts';

/** So many of those that failed are named. */
const NAMED_MAX = 20;

/** Has what is carried over on request only carried over now: parts that were made in Hector become items of Books. */
export async function exportParts(options: ExportOptions): Promise<ExitCode> {
  return withIntegration(options, async (bookbridge, integration) => {
    expectActive(integration);
    expectImported(integration);
    const { id: integrationId, kind, settings, facts } = integration;
    const definition = integrationOf(kind);
    const module = definition.modules.find(({ flows }) => flows.some(({ onRequest }) => onRequest !== undefined));
    const flow = module?.flows.find(({ onRequest }) => onRequest !== undefined);
    if (!module || !flow?.onRequest) throw usageError(`${integrationId} has nothing to export.`, `See what it syncs: ${commandFor(integrationId, 'status')}`);
    // Before a run is started that could not do it.
    flow.onRequest.check(definition.readContext(settings, facts, integrationId));
    const start = () => startSyncAlone(bookbridge, { integrationId, module: module.name, request: { ids: options.part ?? null } });
    const result = await run(bookbridge, integration, options, { start, modules: [module.name] });
    if (result === null) return exitCodes.ok;
    expectDone(integration, result);
    const failed = (await bookbridge.store.operations.problems(integrationId, { module: module.name, limit: Number.MAX_SAFE_INTEGER }))
      .filter(({ side, id }) => flow.side === side && (options.part?.includes(id) ?? true));
    const requested = result.requested ?? { count: 0, refused: [] };
    print(options.json, { integration: integrationId, requested: requested.count, refused: requested.refused, failed, ...result }, () => describe(integrationId, requested, failed));
    return failed.length > 0 || requested.refused.length > 0 ? exitCodes.failed : exitCodes.ok;
  });
}

function describe(integrationId: string, { count, refused }: NonNullable<RunResult['requested']>, failed: readonly RecordStanding[]): string {
  const columns = process.stdout.columns ?? plainColumns;
  const done = count - failed.length;
  return [
    done > 0 ? `${plural(done, 'part')} exported. Set the price of each in Books.` : count === 0 ? 'There is no part to export.' : '',
    ...refused.map(({ id, code }) => wrapText(`- ${id}: ${code === 'record-missing' ? 'there is no such part.' : explain(code).what}`, columns, '  ')),
    ...failed.slice(0, NAMED_MAX).map((standing) => wrapText(`- ${plainText(describeStanding(standing))}`, columns, '  ')),
    failed.length > NAMED_MAX ? `  … and more: ${commandFor(integrationId, 'errors')}` : '',
  ].filter((line) => line !== '').join('\n');
}
