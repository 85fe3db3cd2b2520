import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { systemTitle } from '../../domain/systems.ts';
import { integrationOf } from '../../integrations/registry.ts';
import type { Integration } from '../../store/types.ts';
import { moduleNames } from '../choose.ts';
import { CommandError, exitCodes, type ExitCode } from '../command-error.ts';
import { commandFor, print } from '../print.ts';
import type { DeleteOptions, RunOptions } from '../program.ts';
import { explain } from '../reasons.ts';
import { recordsById, type RecordRow } from '../records.ts';
import { deleteRecords, expectDeletable, expectOneRun, isSeen, isThrough, sendRecords, type Named } from '../send.ts';
import { describeRecord, describeSent, nameOf } from '../sent-report.ts';
import { expectOneOf } from '../suggest.ts';
import { plainColumns } from '../terminal.ts';
import { plainText, wrapText } from '../text-width.ts';
import { run, withIntegration } from './runs.ts';

/** Carries records over that a person names. */
export async function send(moduleName: string, ids: readonly string[], options: RunOptions): Promise<ExitCode> {
  return withIntegration(options, async (bookbridge, integration) => {
    const module = expectOneOf('module', moduleName, moduleNames(integration));
    if (!options.wait) expectOneRun(integration, module, ids);
    const sent = await sendRecords(bookbridge, integration, { module, ids }, (start) => run(bookbridge, integration, options, { start, modules: [module] }));
    return sent === null ? exitCodes.ok : tell(integration, module, options, sent, describeSent);
  });
}

/** Deletes on the other side what was made of records that a person names. */
export async function deleteNamed(moduleName: string, ids: readonly string[], options: DeleteOptions): Promise<ExitCode> {
  return withIntegration(options, async (bookbridge, integration) => {
    const module = expectOneOf('module', moduleName, moduleNames(integration));
    expectDeletable(integration, module);
    const { records } = await recordsById(bookbridge, integration, module, ids);
    if (!options.yes && !options.json) await confirm(integration, records);
    const deleted = await deleteRecords(bookbridge, integration, { module, ids }, (start) => run(bookbridge, integration, options, { start, modules: [module] }));
    return deleted === null ? exitCodes.ok : tell(integration, module, options, deleted, describeDeleted);
  });
}

function tell(integration: Integration, module: string, { json }: RunOptions, named: readonly Named[], describe: Describe): ExitCode {
  const columns = process.stdout.columns ?? plainColumns;
  print(json, { integration: integration.id, module, records: named }, () => named.map((one) => wrapText(plainText(describe(integration, module, one)), columns)).join('\n'));
  return named.every((one) => isThrough(one) && isSeen(one)) ? exitCodes.ok : exitCodes.failed;
}

type Describe = (integration: Integration, module: string, one: Named) => string;

function describeDeleted({ id: integrationId }: Integration, module: string, { id, refused, record }: Named): string {
  if (refused !== null) return `What was made of ${module} ${id} was not deleted. ${refused}: ${explain(refused).what} ${explain(refused).remedy}`;
  return `${record ? describeRecord(record) : `${module} ${id}`} was withdrawn. To make it anew: ${commandFor(integrationId, `send ${module} ${id}`)}`;
}

/** @throws CommandError where the person does not say yes */
async function confirm({ kind }: Integration, records: readonly RecordRow[]): Promise<void> {
  const { otherSystem } = integrationOf(kind);
  const made = records.flatMap(({ partner }) => (partner ? [`${partner.side === 'books' ? 'Books' : systemTitle(otherSystem)} ${nameOf(partner)}`] : []));
  if (made.length === 0) return;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const question = lines.question(`${wrapText(plainText(`This deletes ${made.join('; ')}.`), plainColumns)}\nGo on? [y/N] `);
    const answer = await Promise.race([question, once(lines, 'close').then(() => '')]);
    if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError('Nothing was deleted.', { exit: exitCodes.failed, remedy: 'To delete without being asked: --yes' });
  } finally {
    lines.close();
  }
}
