import type { RecordStanding } from '../../store/operations.ts';
import type { Integration } from '../../store/types.ts';
import { chooseIntegration, expectModule } from '../choose.ts';
import { errorGroups, type ErrorGroup } from '../error-groups.ts';
import { openLocal } from '../open.ts';
import { commandFor, plural, print } from '../print.ts';
import type { ErrorsOptions } from '../program.ts';
import { explain, reasonCodes } from '../reasons.ts';
import { expectOneOf } from '../suggest.ts';
import { plainColumns, styled } from '../terminal.ts';
import { plainText, wrapText } from '../text-width.ts';

/** What did not get through, by reason, with what to do about it. */
export async function errors(options: ErrorsOptions): Promise<void> {
  const local = await openLocal(process.env, { create: false });
  try {
    const integration = await chooseIntegration(local, options);
    const module = expectModule(integration, options.module);
    const code = options.reason === undefined ? undefined : expectOneOf('reason', options.reason, reasonCodes);
    if (options.csv) {
      process.stdout.write(toCsv(integration.id, await local.store.operations.problems(integration.id, { module, code, limit: Number.MAX_SAFE_INTEGER })));
      return;
    }
    const groups = await errorGroups(local, integration, { module, code, limit: options.limit });
    print(options.json, { integration: integration.id, errors: groups }, () => describe(groups, integration, module));
  } finally {
    await local.close();
  }
}

function describe(groups: readonly ErrorGroup[], { id, importedAtMs }: Integration, module: string | undefined): string {
  const out = process.stdout;
  if (groups.length === 0 && importedAtMs === null) return `Nothing has failed so far, but the initial import has not ended: ${commandFor(id, 'import')}`;
  if (groups.length === 0) return styled(out, 'green', 'Everything got through.');
  const columns = out.columns ?? plainColumns;
  const same = `errors${module === undefined ? '' : ` --module ${module}`}`;
  const blocks = groups.map(({ code, count, modules, what, remedy, records }) => [
    `${styled(out, 'red', plural(count, 'record'))}  ${styled(out, 'bold', code)}  ${modules.join(', ')}`,
    wrapText(what, columns, '  '),
    wrapText(`→ ${remedy}`, columns, '  '),
    ...records.map((record) => wrapText(plainText(`- ${record.module} ${record.id}: ${record.detail}`), columns, '    ')),
    ...(records.length < count ? [`    … and ${count - records.length} more: ${commandFor(id, `${same} --reason ${code} --limit ${count}`)}`] : []),
  ].join('\n'));
  return [...blocks, `When it is mended: ${commandFor(id, 'retry --reason CODE')}, or --all`].join('\n\n');
}

const csvColumns = ['integration', 'change', 'module', 'side', 'resource', 'record', 'state', 'reason', 'detail', 'what happened', 'what to do', 'attempts'];

/** Comma-separated values (RFC 4180). */
function toCsv(integrationId: string, records: readonly RecordStanding[]): string {
  const rows = records.map((record) => {
    const { what, remedy } = explain(record.code);
    return [integrationId, record.changeId, record.module, record.side, record.resource, record.id, record.state, record.code ?? '', record.detail, what, remedy, record.attempts];
  });
  return [csvColumns, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

function csvCell(value: string | number): string {
  // A spreadsheet would calculate what begins like a formula, and these texts come from records.
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
