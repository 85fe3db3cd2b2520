import type { ModulePreview } from '../../activities/preview.ts';
import { chooseIntegration } from '../choose.ts';
import { CommandError, exitCodes } from '../command-error.ts';
import { openLocal } from '../open.ts';
import { previewIntegration } from '../preview.ts';
import { grid, plural, print } from '../print.ts';
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
    print(options.json, { integration: id, modules }, () => describe(modules));
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    throw new CommandError('The preview was broken off; nothing was written.', { exit: exitCodes.interrupted, remedy: 'Begin it anew: bookbridge preview' });
  } finally {
    process.off('SIGINT', interrupt);
    progress?.finish();
    await local.close();
  }
}

function describe(modules: readonly ModulePreview[]): string {
  const right = (title: string) => ({ title, align: 'right' as const });
  const columns = [{ title: 'Module' }, right('linked already'), right('to be linked'), right('to be created'), right('ambiguous'), right('left out')];
  const rows = modules.map(({ module, counts }) => [module, counts.linked, counts.link, counts.create, counts.ambiguous, counts.leftOut]);
  const blocks = modules.flatMap((module) => [linked(module), created(module), ambiguous(module), leftOut(module), onRequest(module)].filter((block) => block !== ''));
  return [grid(columns, rows), ...blocks, 'Nothing was written. To do it: bookbridge import'].join('\n\n');
}

function linked({ module, counts, examples }: ModulePreview): string {
  return block(`${plural(counts.link, 'record')} of ${module} to be linked with what is there`, counts.link,
    examples.link.map(({ resource, id, name, partner }) => `${resource} ${id}${quoted(name)} with ${partner.id}${quoted(partner.name)}, by ${partner.by.join(' and ')}`));
}

function created({ module, counts, examples }: ModulePreview): string {
  return block(`${plural(counts.create, 'record')} of ${module} to be created`, counts.create, examples.create.map(({ resource, id, name }) => `${resource} ${id}${quoted(name)}`));
}

function ambiguous({ module, counts, examples }: ModulePreview): string {
  return block(`${plural(counts.ambiguous, 'record')} of ${module} ambiguous`, counts.ambiguous, examples.ambiguous.map(({ resource, id, name, candidates, rivalIds }) => {
    const could = candidates.map((candidate) => `${candidate.id}${quoted(candidate.name)} (${candidate.by.join(' and ')})`).join(' or ');
    const rivals = rivalIds.length > 0 ? `; so could ${resource} ${rivalIds.join(', ')}` : '';
    return `${resource} ${id}${quoted(name)} could be ${could}${rivals}`;
  }), explain('match-ambiguous').remedy);
}

function leftOut({ module, counts, reasons, examples }: ModulePreview): string {
  const why = reasons.map(({ code, count }) => `${plural(count, 'record')} ${code ?? 'without a reason'}`).join(', ');
  return block(`${plural(counts.leftOut, 'record')} of ${module} left out: ${why}`, counts.leftOut, examples.leftOut.map(({ resource, id, code, detail }) => `${resource} ${id}: ${code ?? ''} ${detail}`.trim()));
}

function onRequest({ module, counts, examples }: ModulePreview): string {
  return block(`${plural(counts.onRequest, 'record')} of ${module} to be carried over only where somebody asks for them`, counts.onRequest, examples.onRequest.map(({ resource, id }) => `${resource} ${id}`));
}

/** A title, some of the records it is about, and what to do. */
function block(title: string, count: number, lines: readonly string[], remedy = ''): string {
  if (count === 0) return '';
  const out = process.stdout;
  const columns = out.columns ?? plainColumns;
  return [
    styled(out, 'bold', title),
    ...(remedy === '' ? [] : [wrapText(`→ ${remedy}`, columns, '  ')]),
    ...lines.map((line) => wrapText(`- ${plainText(line)}`, columns, '  ')),
    ...(lines.length < count ? [`  … and ${count - lines.length} more: bookbridge preview --limit ${count}, or --json`] : []),
  ].join('\n');
}

function quoted(name: string): string {
  return name === '' ? '' : ` "${name}"`;
}
