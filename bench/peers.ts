import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import { lastLines } from '../scripts/logs.ts';
import { guard } from '../scripts/processes.ts';
import type { Reader, Reading } from './reading.ts';

const run = promisify(execFile);
const here = (file: string) => fileURLToPath(new URL(`peers/${file}`, import.meta.url));

/** Where a peer reads from. */
export interface PeerSource {
  readonly url: string;
  readonly token: string;
  readonly organization: string;
  readonly windowMs: number;
  /** Where it may keep what it has read. */
  readonly folder: string;
}

export interface Peer {
  readonly name: string;
  readonly version: string;
  reader(source: PeerSource): Reader;
}

/**
 * The peers that this machine can run, each in a virtual environment in the user's cache, made once from pinned requirements.
 *
 * @param skipped told which one cannot be had, and why
 */
export async function findPeers(skipped: (tool: string, reason: string) => void): Promise<Peer[]> {
  const found: Peer[] = [];
  for (const [tool, readers] of [['dlt', dltReaders], ['airbyte', airbyteReaders]] as const) {
    try {
      const { bin, version } = await environmentOf(tool);
      found.push(...readers(bin).map(({ name, reader }) => ({ name, version, reader })));
    } catch (error) {
      skipped(tool, reasonOf(error));
    }
  }
  return found;
}

function reasonOf(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  return said.trim().split('\n').at(-1) ?? 'no reason was given';
}

async function environmentOf(tool: 'dlt' | 'airbyte'): Promise<{ bin: string; version: string }> {
  const requirements = here(`${tool}.requirements.txt`);
  const text = readFileSync(requirements, 'utf8');
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'bookbridge', 'peers');
  const folder = join(cache, `${tool}-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`);
  const bin = join(folder, 'bin');
  if (!existsSync(join(folder, 'complete'))) {
    mkdirSync(cache, { recursive: true });
    rmSync(folder, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', folder], { timeout: 120_000 });
    await run(join(bin, 'pip'), ['install', '--quiet', '--disable-pip-version-check', '-r', requirements], { timeout: 900_000 });
    writeFileSync(join(folder, 'complete.draft'), '');
    renameSync(join(folder, 'complete.draft'), join(folder, 'complete'));
  }
  const python = await run(join(bin, 'python'), ['--version']);
  return { bin, version: `${text.split('\n')[0]?.replace(/\[.*\]/, '') ?? tool}, ${python.stdout.trim()}` };
}

type Readers = { name: string; reader: (source: PeerSource) => Reader }[];

function dltReaders(bin: string): Readers {
  return (['default', 'tuned'] as const).map((variant) => ({
    name: `dlt, ${variant}`,
    reader: (source) => {
      const folder = mkdtempSync(join(source.folder, 'dlt-'));
      const script = [here('read_with_dlt.py'), folder];
      const env = { ...process.env, BOOKS_URL: source.url, BOOKS_TOKEN: source.token, BOOKS_ORGANIZATION: source.organization };
      return {
        name: `dlt, ${variant}`,
        start: () => startPython(join(bin, 'python'), [...script, variant], { env, folder, output: 'output' }),
        async statuses(ids) {
          const { stdout } = await run(join(bin, 'python'), [...script, 'show', ...ids], { env });
          const { statuses } = z.object({ statuses: z.record(z.string(), z.string().nullable()) }).parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
          return new Map(Object.entries(statuses).flatMap(([id, status]) => (status === null ? [] : [[id, status] as const])));
        },
        dispose: () => { rmSync(folder, { recursive: true, force: true }); return Promise.resolve(); },
      };
    },
  }));
}

/** Lays the objects of one manifest over those of another; of a list, those of its first element. */
function laidOver(base: unknown, over: unknown): unknown {
  if (Array.isArray(base) && Array.isArray(over)) return [laidOver(base[0], over[0]), ...base.slice(1)];
  if (typeof base !== 'object' || base === null || typeof over !== 'object' || over === null) return over;
  const result: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(over)) result[name] = name in result ? laidOver(result[name], value) : value;
  return result;
}

function airbyteManifest(variant: 'default' | 'tuned', windowMs: number): unknown {
  const base: unknown = parse(readFileSync(here('airbyte.yaml'), 'utf8'));
  if (variant === 'default') return base;
  return laidOver(base, parse(readFileSync(here('airbyte-tuned.yaml'), 'utf8').replace('PT1M', `PT${windowMs / 1000}S`)));
}

const catalog = {
  streams: [{
    stream: { name: 'invoices', json_schema: {}, supported_sync_modes: ['full_refresh', 'incremental'] },
    sync_mode: 'incremental', destination_sync_mode: 'append', cursor_field: ['last_modified_time'],
  }],
};

const messageSchema = z.object({
  type: z.string(), state: z.unknown().optional(), record: z.object({ data: z.looseObject({ invoice_id: z.string(), status: z.string() }) }).optional(),
});

function airbyteReaders(bin: string): Readers {
  return (['default', 'tuned'] as const).map((variant) => ({
    name: `airbyte-cdk, ${variant}`,
    reader: ({ folder: parent, windowMs, ...source }) => {
      const folder = mkdtempSync(join(parent, 'airbyte-'));
      const file = (name: string, content: unknown) => {
        writeFileSync(join(folder, name), JSON.stringify(content));
        return join(folder, name);
      };
      const config = file('config.json', { ...source, __injected_declarative_manifest: airbyteManifest(variant, windowMs) });
      const streams = file('catalog.json', catalog);
      const found = new Map<string, string>();
      let outputs = 0;
      let state: unknown = null;
      // What a platform does with the output: it keeps the records and the last state, and hands the state to the next read.
      const keep = async (output: string) => {
        for await (const line of createInterface(createReadStream(output))) {
          if (!line.startsWith('{"type":"RECORD"') && !line.startsWith('{"type":"STATE"')) continue;
          const message = messageSchema.safeParse(parsedOrNull(line)).data;
          if (message?.record) found.set(message.record.data.invoice_id, message.record.data.status);
          if (message?.state !== undefined) state = message.state;
        }
      };
      return {
        name: `airbyte-cdk, ${variant}`,
        async start() {
          const output = `output-${outputs += 1}`;
          const args = ['read', '--config', config, '--catalog', streams, ...(state === null ? [] : ['--state', file('state.json', [state])])];
          const reading = await startPython(join(bin, 'source-declarative-manifest'), args, { env: process.env, folder, output });
          return { ended: reading.ended.then(async (failure) => { await keep(join(folder, output)); return failure; }), kill: () => reading.kill() };
        },
        statuses: (ids) => Promise.resolve(new Map([...found].filter(([id]) => ids.includes(id)))),
        dispose: () => { rmSync(folder, { recursive: true, force: true }); return Promise.resolve(); },
      };
    },
  }));
}

/** A line that was cut off when its process was killed is none. */
function parsedOrNull(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function startPython(program: string, args: string[], { env, folder, output }: { env: NodeJS.ProcessEnv; folder: string; output: string }): Promise<Reading> {
  const file = join(folder, output);
  const log = openSync(file, 'w');
  const errors = openSync(`${file}.errors`, 'w');
  // With a guard that ends it, should this process be killed.
  const child: ChildProcess = spawn('sh', [guard, '10', program, ...args], { env, stdio: ['pipe', log, errors], detached: true });
  const ended = once(child, 'exit').then(([code]) => (code === 0 ? null : `failed: ${failureIn(`${file}.errors`) ?? failureIn(file) ?? `exit code ${String(code)}`}`));
  return Promise.resolve({
    ended,
    async kill() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      await ended;
    },
  });
}

function failureIn(file: string): string | null {
  return lastLines(file, 60).findLast((line) => /\b429\b/.test(line)) === undefined ? null : '429 after its last attempt';
}
