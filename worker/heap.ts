import { getHeapStatistics } from 'node:v8';

/**
 * V8 lets a heap grow by the memory of the machine: on a large one a worker would keep half a gigabyte of what it no longer needs. Told
 * that it has no more than this, it collects in time; a worker needs a tenth of it, however many records there are.
 */
const flags = ['--max-old-space-size=1024', '--max-semi-space-size=16'];
/** What V8 says of its limit where it was told of 1,024 MB: more than that, and less than what it allows itself on a large machine. */
const LIMIT_MAX_BYTES = 1_280 * 1024 ** 2;

/**
 * Begins this process anew with a heap that is bounded: the same process to whoever started it. Nothing happens where the machine is
 * small, where somebody has given the size of the heap (NODE_OPTIONS=--max-old-space-size=…), and on Windows, which cannot.
 */
export function boundHeap(): void {
  const { argv, env, execArgv, execPath } = process;
  const isChosen = [...execArgv, env['NODE_OPTIONS'] ?? ''].some((option) => /max[-_](old[-_]space|heap)[-_]size/.test(option));
  if (isChosen || process.execve === undefined || process.platform === 'win32' || getHeapStatistics().heap_size_limit <= LIMIT_MAX_BYTES) return;
  process.execve(execPath, [execPath, ...flags, ...execArgv, ...argv.slice(1)], env);
}
