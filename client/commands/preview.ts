import type { ModulePreview } from '../../activities/preview.ts';
import { chooseIntegration } from '../choose.ts';
import { CommandError, exitCodes } from '../command-error.ts';
import { openLocal } from '../open.ts';
import { previewIntegration } from '../preview.ts';
import { commandFor, grid, plural, print } from '../print.ts';
import type { PreviewOptions } from '../program.ts';
import { explain } from '../reasons.ts';
import { showProgress } from '../progress.ts';
import { plainColumns, styled } from '../terminal.ts';
import { plainText, wrapText } from '../text-width.ts';
import { clock } from '../time.ts';

/** Shows what the initial import would do, and does none of it. */
export async function preview(options: PreviewOptions): Promise<void> {
  const local = await openLocal(process.env, { create: false });
  const progress = options.json ? null : showProgress(process.stderr);
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  // What was read is customers' data, and is removed whenever this ends.
  process.once('SIGINT', interrupt);
  try {
    const { id } = await chooseIntegration(local, options);
    const modules = await previewIntegration(local, id, {
      examplesMax: options.limit, signal: interruption.signal, onModule: (module) => progress?.line(`Reading ${module} …`),
      onWait: (resumeAtMs) => progress?.line(`No call is allowed before ${clock(resumeAtMs)}; waiting …`),
    });
    progress?.finish();
    print(options.json, { integration: id, modules }, () => describe(id, modules));
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    throw new CommandError('The preview was broken off; nothing was written.', { exit: exitCodes.interrupted, remedy: `Begin it anew: ${commandFor(options.integration, 'preview')}` });
  } finally {
    process.off('SIGINT', interrupt);
    progress?.finish();
    await local.close();
  }
}

function describe(integrationId: string, modules: readonly ModulePreview[]): string {
  const right = (title: string) => ({ title, align: 'right' as const });
  const columns = [{ title: 'Module' }, right('linked already'), right('to be linked'), right('to be created'), right('ambiguous'), right('left out')];
  const rows = modules.map(({ module, counts }) => [module, counts.linked, counts.link, counts.create, counts.ambiguous, counts.leftOut]);
  const blocks = modules.flatMap((module) => [linked(module), created(module), ambiguous(module), leftOut(module), onRequest(module)]).filter(({ count }) => count > 0);
  return [grid(columns, rows), ...blocks.map((block) => describeBlock(integrationId, block)), `Nothing was written. To do it: ${commandFor(integrationId, 'import')}`].join('\n\n');
}

/** Records that one thing would become of. */
interface Block {
  readonly title: string;
  readonly count: number;
  /** Some of them. */
  readonly lines: readonly string[];
  readonly remedy?: string;
}

function linked({ module, counts, examples }: ModulePreview): Block {
  return {
    title: `${plural(counts.link, 'record')} of ${module} to be linked with what is there`, count: counts.link,
    lines: examples.link.map(({ resource, id, name, partner }) => `${resource} ${id}${quoted(name)} with ${partner.id}${quoted(partner.name)}, by ${partner.by.join(' and ')}`),
  };
}

function created({ module, counts, examples }: ModulePreview): Block {
  return { title: `${plural(counts.create, 'record')} of ${module} to be created`, count: counts.create, lines: examples.create.map(({ resource, id, name }) => `${resource} ${id}${quoted(name)}`) };
}

function ambiguous({ module, counts, examples }: ModulePreview): Block {
  const lines = examples.ambiguous.map(({ resource, id, name, candidates, rivalIds }) => {
    const could = candidates.map((candidate) => `${candidate.id}${quoted(candidate.name)} (${candidate.by.join(' and ')})`).join(' or ');
    const rivals = rivalIds.length > 0 ? `; so could ${resource} ${rivalIds.join(', ')}` : '';
    return `${resource} ${id}${quoted(name)} could be ${could}${rivals}`;
  });
  return { title: `${plural(counts.ambiguous, 'record')} of ${module} ambiguous`, count: counts.ambiguous, lines, remedy: explain('match-ambiguous').remedy };
}

function leftOut({ module, counts, reasons, examples }: ModulePreview): Block {
  const why = reasons.map(({ code, count }) => `${plural(count, 'record')} ${code ?? 'without a reason'}`).join(', ');
  const lines = examples.leftOut.map(({ resource, id, code, detail }) => `${resource} ${id}: ${code ?? ''} ${detail}`.trim());
  return { title: `${plural(counts.leftOut, 'record')} of ${module} left out: ${why}`, count: counts.leftOut, lines };
}

function onRequest({ module, counts, examples }: ModulePreview): Block {
  const lines = examples.onRequest.map(({ resource, id }) => `${resource} ${id}`);
  return { title: `${plural(counts.onRequest, 'record')} of ${module} to be carried over only where somebody asks for them`, count: counts.onRequest, lines };
}

function describeBlock(integrationId: string, { title, count, lines, remedy }: Block): string {
  const out = process.stdout;
  const columns = out.columns ?? plainColumns;
  return [
    styled(out, 'bold', title),
    ...(remedy === undefined ? [] : [wrapText(`→ ${remedy}`, columns, '  ')]),
    ...lines.map((line) => wrapText(`- ${plainText(line)}`, columns, '  ')),
    ...(lines.length < count ? [`  … and ${count - lines.length} more: ${commandFor(integrationId, `preview --limit ${count}`)}, or --json`] : []),
  ].join('\n');
}

function quoted(name: string): string {
  return name === '' ? '' : ` "${name}"`;
}
