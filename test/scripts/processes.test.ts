import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { createLogFolder, lastLines } from '../../scripts/logs.ts';
import { createProcesses, jsonLine } from '../../scripts/processes.ts';
import type { Processes } from '../../scripts/processes.ts';

const readySchema = z.object({ pid: z.number() });
const tellPid = 'console.log("starting"); console.log(JSON.stringify({ pid: process.pid }));';
const stay = `${tellPid} setInterval(() => {}, 1000);`;
/** Knows what to do on SIGTERM before it says that it is ready. */
const stayUntil = (onTerm: string): string => `process.on("SIGTERM", () => { ${onTerm} }); ${stay}`;

let folder: string;
let processes: Processes;
const onUnexpectedEnd = vi.fn<(error: Error) => void>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bookbridge-processes-'));
  onUnexpectedEnd.mockReset();
  processes = createProcesses(folder, onUnexpectedEnd);
});

afterEach(async () => {
  await processes.stopAll();
  rmSync(folder, { recursive: true, force: true });
});

function start(name: string, code: string, graceMs = 5_000): ReturnType<typeof processes.start<{ pid: number }>> {
  return processes.start({ name, command: [process.execPath, '-e', code], ready: jsonLine(readySchema), graceMs });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function untilDead(pid: number): Promise<void> {
  while (isAlive(pid)) await delay(20);
}

describe('a process', () => {
  it('is ready when it says so, and writes its own log', async () => {
    const { ready, logFile } = await start('worker', stay);
    expect(isAlive(ready.pid)).toBe(true);
    expect(readFileSync(logFile, 'utf8')).toBe(`starting\n{"pid":${ready.pid}}\n`);
  });

  it('that ends before it is ready is reported with the end of its log', async () => {
    const failed = start('worker', 'console.error("no such port"); process.exit(3)');
    await expect(failed).rejects.toThrow(/worker ended with code 3 before it was ready[^]*no such port/);
    expect(onUnexpectedEnd).not.toHaveBeenCalled();
  });

  it('that is never ready is given up and ended', async () => {
    // Its time is over once it has told its id, however long it took to start.
    let nowMs = 0;
    const now = vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
    onTestFinished(() => now.mockRestore());
    let pid = 0;
    const failed = processes.start({
      name: 'worker', command: [process.execPath, '-e', stay], readyTimeoutMs: 500,
      ready: (output) => {
        pid = jsonLine(readySchema)(output)?.pid ?? 0;
        nowMs = pid === 0 ? 0 : 500;
        return undefined;
      },
    });
    await expect(failed).rejects.toThrow('not ready within');
    expect(isAlive(pid)).toBe(false);
  });

  it('that ends later by itself is reported', async () => {
    const { ended } = await start('worker', `${tellPid} setTimeout(() => { throw new Error("out of memory") }, 50)`);
    expect(await ended).toBe(1);
    expect(onUnexpectedEnd).toHaveBeenCalledOnce();
    expect(onUnexpectedEnd.mock.lastCall?.[0].message).toMatch(/worker ended unexpectedly with code 1[^]*out of memory/);
  });

  it('that is stopped gets the time to end in order, and is not reported', async () => {
    const worker = await start('worker', stayUntil('setTimeout(() => { console.log("in order"); process.exit(0) }, 100)'));
    await worker.stop();
    expect(lastLines(worker.logFile, 1)).toEqual(['in order']);
    expect(onUnexpectedEnd).not.toHaveBeenCalled();
  });

  it('that does not end when asked is killed', async () => {
    const worker = await start('worker', stayUntil(''), 300);
    await worker.stop();
    expect(isAlive(worker.ready.pid)).toBe(false);
  });
});

describe('all processes', () => {
  it('end with stopAll, the last started first', async () => {
    const ends = (name: string): string => stayUntil(`require("fs").appendFileSync(${JSON.stringify(join(folder, 'order'))}, "${name} "); process.exit(0)`);
    const all = [await start('temporal', ends('temporal')), await start('simulator', ends('simulator')), await start('worker', ends('worker'))];
    await processes.stopAll();
    expect(all.map(({ ready }) => isAlive(ready.pid))).toEqual([false, false, false]);
    expect(readFileSync(join(folder, 'order'), 'utf8')).toBe('worker simulator temporal ');
  });

  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('end when the process that started them gets %s', async (signal) => {
    const parent = spawn(process.execPath, [join(import.meta.dirname, 'parent.ts'), folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(createInterface(parent.stdout), 'line');
    const { pids } = z.object({ pids: z.array(z.number()) }).parse(JSON.parse(String(line)));
    expect(pids.map(isAlive)).toEqual([true, true]);
    parent.kill(signal);
    await Promise.all(pids.map(untilDead));
    expect(pids.map(isAlive)).toEqual([false, false]);
  });
});

describe('log folders', () => {
  it('are one per run, and old ones go', () => {
    const parent = join(folder, 'logs');
    for (let minute = 10; minute < 30; minute += 1) mkdirSync(join(parent, `2001-01-01T00-${minute}-00-999999999`), { recursive: true });
    const made = createLogFolder(parent);
    expect(made.endsWith(`-${process.pid}`)).toBe(true);
    expect(readdirSync(parent)).toHaveLength(10);
  });
});
