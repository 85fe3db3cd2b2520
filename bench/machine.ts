import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { readFileSync } from 'node:fs';

/** What a result depends on and a reader cannot know: no names of hosts, no paths. */
export function describeMachine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} cores (${first?.model.trim() ?? 'unknown'}), ${memory} GiB of memory, ${type()} ${release().split('.').slice(0, 2).join('.')}, Node ${process.versions.node}`;
}

/** How busy the machine was with other things: processes that wanted to run, on average over a minute. */
export function load(): string {
  return (loadavg()[0] ?? 0).toFixed(2);
}

/** Versions of what was measured. */
export function describeSubject(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return `Bookbridge ${version}${commit()}, database SQLite, Temporal development server`;
}

function commit(): string {
  try {
    return `, commit ${execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: new URL('..', import.meta.url), encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()}`;
  } catch {
    return '';
  }
}
