import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const entry = join(root, 'workflows', 'index.ts');
/** All that a workflow may import: the rest of the code is kept out by lint. */
const sources = ['workflows', 'integrations', 'domain', 'package-lock.json'];
const keptMs = 24 * 60 * 60 * 1000;

/**
 * The workflows as one file that a worker loads. Bundling takes a compiler and 150 MB of memory, so it happens in a
 * process of its own, once for each state of the sources; workers then start small and in no time.
 *
 * @returns the path of the bundle, in `.bookbridge`
 * @throws Error with the compiler's messages when the workflows cannot be bundled
 */
export async function workflowBundle(): Promise<string> {
  const folder = join(root, '.bookbridge');
  const target = join(folder, `workflows-${sourcesHash()}.js`);
  if (existsSync(target)) return target;
  mkdirSync(folder, { recursive: true });
  const draft = `${target}.${process.pid}`;
  const command = [fileURLToPath(import.meta.url), draft];
  const failure = await promisify(execFile)(process.execPath, command, { maxBuffer: 64 * 1024 * 1024 }).then(() => undefined, compilerMessages);
  if (failure !== undefined) throw new Error(`The workflows could not be bundled.\n${failure}`);
  renameSync(draft, target);
  removeOldBundles(folder);
  return target;
}

/** True when there are workflows to bundle. */
export function hasWorkflows(): boolean {
  return existsSync(entry);
}

function sourcesHash(): string {
  const hash = createHash('sha256');
  for (const source of sources) {
    for (const file of filesOf(join(root, source))) {
      hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
    }
  }
  return hash.digest('hex').slice(0, 16);
}

function filesOf(path: string): string[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (stats.isFile()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile())
    .sort();
}

/** What the compiler says about our files, without the stacks of the compiler itself. */
function compilerMessages(error: unknown): string {
  const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  const messages = output.split(/^(?=ERROR in )/m).slice(1).map((part) => part.split(/^(?: @ | {4}at |Caused by|webpack )/m)[0]?.trim());
  return messages.length === 0 ? output.trim() : messages.join('\n');
}

function removeOldBundles(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!/^workflows-[0-9a-f]{16}\.js/.test(name)) continue;
    const file = join(folder, name);
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats !== undefined && Date.now() - stats.mtimeMs > keptMs) rmSync(file, { force: true });
  }
}

async function bundleInto(target: string): Promise<void> {
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({ workflowsPath: entry, logger: new DefaultLogger('WARN') });
  writeFileSync(target, code);
}

if (import.meta.main) {
  const [target] = process.argv.slice(2);
  if (target === undefined) console.log(await workflowBundle());
  else await bundleInto(target);
}
