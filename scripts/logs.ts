import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const keptFolders = 10;
const tailBytes = 16_384;

/**
 * Makes the folder that takes the logs of one run, and removes those of runs long past. Each run has its own, so two
 * runs in one checkout never write into each other's files.
 *
 * @param parent the folder of all runs' log folders, e.g. `.bookbridge/logs`
 * @returns the path of the new folder, named by start time and process id
 */
export function createLogFolder(parent: string): string {
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  const folder = join(parent, `${time}-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const runs = readdirSync(parent).sort();
  for (const old of runs.slice(0, Math.max(0, runs.length - keptFolders))) {
    if (!isRunning(Number(old.split('-').at(-1)))) rmSync(join(parent, old), { recursive: true, force: true });
  }
  return folder;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/**
 * The last lines of a file that may be long.
 *
 * @param file path; a missing file has no lines
 * @param count how many lines at most
 */
export function lastLines(file: string, count: number): string[] {
  let handle;
  try {
    handle = openSync(file, 'r');
  } catch {
    return [];
  }
  try {
    const { size } = fstatSync(handle);
    const bytes = Buffer.alloc(Math.min(size, tailBytes));
    readSync(handle, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString('utf8').split('\n').filter((line) => line.trim() !== '').slice(-count);
  } finally {
    closeSync(handle);
  }
}
