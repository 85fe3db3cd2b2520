import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { getHeapStatistics } from 'node:v8';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const heapFile = fileURLToPath(new URL('../../worker/heap.ts', import.meta.url));
const program = `
  const { boundHeap } = await import(${JSON.stringify(heapFile)});
  boundHeap();
  const { heap_size_limit: limit } = (await import('node:v8')).getHeapStatistics();
  console.log(JSON.stringify({ pid: process.pid, megabytes: limit / 1024 ** 2, args: process.argv.slice(1), name: process.env.NAME }));`;

/** Runs a program that bounds its heap. */
async function run(nodeOptions: string) {
  const running = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program, 'one', 'two words'], { env: { ...process.env, NODE_OPTIONS: nodeOptions, NAME: 'Zoé' } });
  const { stdout } = await running;
  return { started: running.child.pid, ...z.object({ pid: z.number(), megabytes: z.number(), args: z.array(z.string()), name: z.string() }).parse(JSON.parse(stdout)) };
}

describe('the heap of a worker', () => {
  it('is bounded, in the same process with the same arguments and variables', async () => {
    const { started, pid, megabytes, args, name } = await run('');
    expect({ pid, args, name }).toEqual({ pid: started, args: ['one', 'two words'], name: 'Zoé' });
    expect(megabytes).toBeLessThanOrEqual(1_280);
  });

  it.each(['--max-old-space-size=1500', '--max_old_space_size=1500'])('is as large as %s says', async (option) => {
    const { megabytes } = await run(option);
    expect(megabytes).toBeGreaterThan(1_500);
  });

  it('is not made larger where the machine is small', async () => {
    const { megabytes } = await run('--max-heap-size=300');
    expect(megabytes).toBeLessThanOrEqual(Math.min(400, getHeapStatistics().heap_size_limit));
  });
});
