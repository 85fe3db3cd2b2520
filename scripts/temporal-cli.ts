import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { guard, nodeCommand } from './processes.ts';

/** The last version that `go install` accepts: later ones are built from several modules. */
const goVersion = '1.5.1';
/** The first server that has priorities and fairness. */
const oldestServer = [1, 29] as const;
const stalledMs = 60_000;
const buildMs = 60 * 60_000;
/** Go asks for each module once; one of hundreds may not come. What came is there the next time. */
const buildAttempts = 3;
const progressMs = 10_000;
const draftPrefix = '.getting-';
const abandonedMs = 4 * 60 * 60_000;

/** A `temporal` program that runs, and where it came from. */
export interface TemporalProgram {
  readonly command: string;
  readonly source: 'path' | 'cache' | 'download' | 'go';
  /** As the program tells it, e.g. `temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)`. */
  readonly version: string;
}

export interface FindTemporalOptions {
  /** Where programs are kept; by default `bookbridge` in XDG_CACHE_HOME or ~/.cache. */
  readonly cacheFolder?: string;
  /** Told about what takes time, line by line. */
  readonly log?: (line: string) => void;
}

/**
 * Finds a Temporal server to start, or gets one: `temporal` on the PATH, else one that was got before, else the
 * SDK's own download, else a build with Go.
 *
 * @throws Error with what to do when none of the ways works
 */
export async function findTemporal(options: FindTemporalOptions = {}): Promise<TemporalProgram> {
  const log = options.log ?? (() => {});
  const folder = options.cacheFolder ?? defaultCacheFolder();
  const present = (await usable('temporal', 'path', log)) ?? (await findCached(folder, log));
  if (present !== undefined) return present;
  mkdirSync(folder, { recursive: true });
  const got = (await intoCache(folder, 'download', log)) ?? (await intoCache(folder, 'go', log));
  if (got !== undefined) return got;
  throw new Error([
    'No Temporal server was found, and none could be downloaded or built.',
    'Do one of these: set TEMPORAL_ADDRESS to a server that runs; put the "temporal" program on the PATH',
    '(https://docs.temporal.io/cli); or install Go (https://go.dev/dl) so that it can be built.',
  ].join('\n'));
}

function defaultCacheFolder(): string {
  const base = process.env['XDG_CACHE_HOME'];
  return join(base === undefined || base === '' ? join(homedir(), '.cache') : base, 'bookbridge');
}

/** The program if it runs and is new enough. */
async function usable(command: string, source: TemporalProgram['source'], log: (line: string) => void): Promise<TemporalProgram | undefined> {
  let version;
  try {
    version = (await promisify(execFile)(command, ['--version'], { timeout: 30_000 })).stdout.trim();
  } catch {
    return undefined; // not there, or not for this machine
  }
  if (!version.startsWith('temporal version')) return undefined;
  const [major, minor] = (/Server (\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
  const isOld = major !== undefined && minor !== undefined && (major < oldestServer[0] || (major === oldestServer[0] && minor < oldestServer[1]));
  if (isOld) {
    log(`${command} is left aside: ${version}, and Server ${oldestServer.join('.')} is needed.`);
    return undefined;
  }
  return { command, source, version };
}

async function findCached(folder: string, log: (line: string) => void): Promise<TemporalProgram | undefined> {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.startsWith('temporal-'));
  } catch {
    return undefined;
  }
  for (const name of names.sort()) {
    const program = await usable(join(folder, name), 'cache', log);
    if (program !== undefined) return program;
  }
  return undefined;
}

/**
 * Gets the program into a folder of its own and moves it into the cache when it is whole, so that several processes
 * may do so at once.
 */
async function intoCache(folder: string, way: 'download' | 'go', log: (line: string) => void): Promise<TemporalProgram | undefined> {
  removeAbandoned(folder);
  const draft = mkdtempSync(join(folder, draftPrefix));
  try {
    const name = way === 'download' ? await download(draft, log) : await build(draft, log);
    if (name === undefined) return undefined;
    const target = join(folder, name);
    const [file] = readdirSync(draft);
    if (file === undefined) return undefined;
    renameSync(join(draft, file), target);
    return await usable(target, way, log);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function removeAbandoned(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(draftPrefix)) continue;
    const draft = join(folder, name);
    const stats = statSync(draft, { throwIfNoEntry: false });
    if (stats !== undefined && Date.now() - stats.mtimeMs > abandonedMs) rmSync(draft, { recursive: true, force: true });
  }
}

async function download(draft: string, log: (line: string) => void): Promise<string | undefined> {
  log('Downloading the Temporal server …');
  const [program, ...args] = nodeCommand('scripts/temporal-download.ts', draft);
  const result = await runWatched(program, args, {}, {
    note: () => `Downloading the Temporal server … ${Math.round(folderSize(draft) / 1e6)} MB`,
    progress: () => folderSize(draft),
    log,
  });
  if (result === undefined) return 'temporal-sdk';
  log(`The download failed: ${lastCause(result)}`);
  return undefined;
}

async function build(draft: string, log: (line: string) => void): Promise<string | undefined> {
  const go = await findGo();
  if (go === undefined) {
    log('Building the Temporal server is not possible either: there is no Go.');
    return undefined;
  }
  log('Building the Temporal server with Go, once; this takes some minutes …');
  const started = performance.now();
  const env = { GOBIN: draft, GO111MODULE: 'on', GOFLAGS: '', GOOS: '', GOARCH: '' };
  for (let attempt = 1; attempt <= buildAttempts; attempt += 1) {
    const result = await runWatched(go, ['install', `github.com/temporalio/cli/cmd/temporal@v${goVersion}`], env, {
      note: () => `Building the Temporal server … ${Math.round((performance.now() - started) / 1000)} s`,
      log,
    });
    if (result === undefined) return `temporal-${goVersion}`;
    log(`The build failed:\n${result.trim().split('\n').slice(-10).join('\n')}`);
  }
  return undefined;
}

async function findGo(): Promise<string | undefined> {
  for (const command of ['go', '/usr/local/go/bin/go']) {
    try {
      await promisify(execFile)(command, ['version']);
      return command;
    } catch {
      continue;
    }
  }
  return undefined;
}

interface Watch {
  /** The line that is shown every few seconds. */
  readonly note: () => string;
  /** A number that grows; the program is ended when it has not grown for {@link stalledMs}. */
  readonly progress?: () => number;
  readonly log: (line: string) => void;
}

/** Runs a program to its end, or to that of this process. Resolves with undefined when it succeeded, else with its output. */
function runWatched(program: string, args: string[], env: Record<string, string>, watch: Watch): Promise<string | undefined> {
  const child = spawn('sh', [guard, '20', program, ...args], { env: { ...process.env, ...env }, stdio: 'pipe', detached: true });
  child.stdin.on('error', () => {}); // it has ended already
  const output: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => output.push(part));
  child.stderr.on('data', (part: Buffer) => output.push(part));
  const end = (why: string): void => {
    output.push(Buffer.from(`${why}\n`));
    child.stdin.end(); // tells the guard
  };
  const notes = setInterval(() => watch.log(watch.note()), progressMs);
  const limit = setTimeout(() => end('It took too long.'), buildMs);
  let last = { value: 0, at: performance.now() };
  const stall = setInterval(() => {
    const value = watch.progress?.() ?? last.value + 1;
    if (value > last.value) last = { value, at: performance.now() };
    else if (performance.now() - last.at > stalledMs) end(`Nothing arrived for ${stalledMs / 1000} s.`);
  }, 1_000);
  return new Promise((resolve) => {
    const finish = (succeeded: boolean): void => {
      for (const timer of [notes, stall]) clearInterval(timer);
      clearTimeout(limit);
      child.stdin.destroy();
      resolve(succeeded ? undefined : Buffer.concat(output).toString());
    };
    child.on('error', (error) => {
      output.push(Buffer.from(error.message));
      finish(false);
    });
    child.on('close', (code) => finish(code === 0));
  });
}

function folderSize(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => {
    const size = statSync(join(folder, name), { throwIfNoEntry: false })?.size;
    return sum + (size ?? 0);
  }, 0);
}

/** The innermost of the causes that the SDK strings together. */
function lastCause(text: string): string {
  return text.trim().split('\n').at(-1)?.split(': ').slice(-2).join(': ') ?? '';
}
