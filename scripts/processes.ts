import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { lastLines } from './logs.ts';

/** Shell script that runs a program and ends it when its standard input closes. */
export const guard = fileURLToPath(new URL('guard.sh', import.meta.url));
const pollMs = 25;
const shownLines = 15;
/** The guard needs a moment to see its program end; after that its whole group is ended from here. */
const guardMs = 2_000;

/** How to start a process and how to know that it is ready. */
export interface ProcessOptions<Ready> {
  /** Names the process to a person and, with `.log`, its log file. */
  readonly name: string;
  /** The program and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** Variables beyond those of this process; `undefined` takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Asked again and again with all output so far, until it answers something else than undefined. */
  readonly ready: (output: string) => Ready | undefined | Promise<Ready | undefined>;
  readonly readyTimeoutMs?: number;
  /** How long the process may take to end after SIGTERM before it gets SIGKILL. */
  readonly graceMs?: number;
}

export interface RunningProcess<Ready> {
  readonly name: string;
  /** What told that the process is ready. */
  readonly ready: Ready;
  readonly logFile: string;
  /** Process group: every process of it ends with {@link stop}. */
  readonly pid: number;
  /** Resolves with the exit code once the process has ended, whatever the reason. */
  readonly ended: Promise<number>;
  /** Ends the process and waits until it has ended. */
  stop(): Promise<void>;
}

export interface Processes {
  /**
   * Starts a process and waits until it is ready.
   *
   * @throws ProcessError when it ends before, or is not ready in time
   */
  start<Ready>(options: ProcessOptions<Ready>): Promise<RunningProcess<Ready>>;
  /** Ends all processes, the last started first. Nothing is reported as unexpected from here on. */
  stopAll(): Promise<void>;
}

/** A process that did not start, or ended when it should not have; the message holds the end of its log. */
export class ProcessError extends Error {
  constructor(what: string, logFile: string) {
    const lines = lastLines(logFile, shownLines).map((line) => `  ${line}`);
    super([what, ...lines, `The whole log: ${logFile}`].join('\n'));
    this.name = 'ProcessError';
  }
}

/**
 * Starts and ends the processes of one run. Each gets a process group of its own, so that Ctrl-C reaches only this
 * process, which then ends the others in order. Should this process be killed, they still end: each has a guard
 * that holds the other end of a pipe.
 *
 * @param logFolder where `<name>.log` is written
 * @param onUnexpectedEnd told when a process that was ready ends without having been stopped
 */
export function createProcesses(logFolder: string, onUnexpectedEnd: (error: ProcessError) => void): Processes {
  const running: GuardedProcess[] = [];
  let stopping = false;
  const watch = async (child: GuardedProcess, name: string): Promise<void> => {
    const code = await child.ended;
    running.splice(running.indexOf(child), 1);
    if (child.wasStopped() || stopping) return;
    onUnexpectedEnd(new ProcessError(`${name} ended unexpectedly with code ${code}.`, child.logFile));
  };
  return {
    async start<Ready>(options: ProcessOptions<Ready>): Promise<RunningProcess<Ready>> {
      if (stopping) throw new Error(`${options.name} is not started: everything is being stopped.`);
      const child = startGuarded(options, join(logFolder, `${options.name}.log`));
      running.push(child);
      try {
        const ready = await untilReady(options, child);
        void watch(child, options.name);
        return { name: options.name, ready, logFile: child.logFile, pid: child.pid, ended: child.ended, stop: () => child.stop() };
      } catch (error) {
        await child.stop();
        running.splice(running.indexOf(child), 1);
        throw error;
      }
    },
    async stopAll(): Promise<void> {
      stopping = true;
      for (const child of running.toReversed()) await child.stop();
    },
  };
}

interface GuardedProcess {
  readonly pid: number;
  readonly logFile: string;
  readonly ended: Promise<number>;
  wasStopped(): boolean;
  hasEnded(): boolean;
  stop(): Promise<void>;
}

function startGuarded(options: ProcessOptions<unknown>, logFile: string): GuardedProcess {
  const graceMs = options.graceMs ?? 5_000;
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'w');
  const child = spawn('sh', [guard, String(Math.ceil(graceMs / 100)), ...options.command], {
    env: { ...process.env, ...options.env },
    stdio: ['pipe', log, log],
    detached: true,
  });
  closeSync(log);
  const { pid, stdin } = child;
  if (pid === undefined || stdin === null) throw new ProcessError(`${options.name} could not be started: no "sh".`, logFile);
  stdin.on('error', () => {}); // the guard is gone: nothing is left to be told
  let state: 'running' | 'stopping' | 'ended' = 'running';
  let stopped = false;
  const ended = new Promise<number>((resolve) => {
    child.on('exit', (code) => {
      state = 'ended';
      killGroup(pid); // whatever it had started itself
      stdin.destroy();
      resolve(code ?? -1);
    });
  });
  return {
    pid, logFile, ended,
    wasStopped: () => stopped,
    hasEnded: () => state === 'ended',
    async stop(): Promise<void> {
      if (state === 'running') {
        stopped = true;
        state = 'stopping';
        stdin.end();
        const timer = setTimeout(() => killGroup(pid), graceMs + guardMs);
        await ended;
        clearTimeout(timer);
      }
      await ended;
    },
  };
}

function killGroup(groupId: number): void {
  try {
    process.kill(-groupId, 'SIGKILL');
  } catch {
    // nobody is left in it
  }
}

async function untilReady<Ready>(options: ProcessOptions<Ready>, child: GuardedProcess): Promise<Ready> {
  const timeoutMs = options.readyTimeoutMs ?? 60_000;
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    const ready = await options.ready(readFileSync(child.logFile, 'utf8'));
    if (ready !== undefined) return ready;
    if (child.hasEnded()) {
      throw new ProcessError(`${options.name} ended with code ${await child.ended} before it was ready.`, child.logFile);
    }
    await delay(pollMs);
  }
  throw new ProcessError(`${options.name} was not ready within ${Math.round(timeoutMs / 1000)} s.`, child.logFile);
}

/**
 * A `ready` for processes that print one line of JSON when they are: finds the first line that fits the schema.
 *
 * @param schema what the line must be, e.g. `z.object({ simulator: z.string(), url: z.string() })`
 */
export function jsonLine<Ready>(schema: z.ZodType<Ready>): (output: string) => Ready | undefined {
  return (output) => {
    for (const line of output.split('\n').slice(0, -1)) {
      if (!line.startsWith('{')) continue;
      const parsed = schema.safeParse(parsedOrNull(line));
      if (parsed.success) return parsed.data;
    }
    return undefined;
  };
}

function parsedOrNull(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/**
 * The command that runs one of our TypeScript files on the Node this process runs on.
 *
 * @param entry path below the project's root, e.g. `scripts/simulator.ts`
 * @param args its arguments
 */
export function nodeCommand(entry: string, ...args: string[]): [string, ...string[]] {
  return [process.execPath, fileURLToPath(new URL(`../${entry}`, import.meta.url)), ...args];
}

/**
 * Calls `stop` once when a person or a supervisor asks this process to end, then ends it with the customary exit
 * code. A second Ctrl-C does not wait: the guards end the rest.
 *
 * @param stop ends everything, e.g. {@link Processes.stopAll}
 */
export function stopOnSignals(stop: () => Promise<void>): void {
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  let asked = false;
  for (const [signal, code] of Object.entries(codes)) {
    process.on(signal, () => {
      if (asked) process.exit(code);
      asked = true;
      void stop().catch((error: unknown) => console.error(error)).finally(() => process.exit(code));
    });
  }
}
