import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { z } from 'zod';

const script = fileURLToPath(new URL('../../scripts/simulator.ts', import.meta.url));
const readyLine = z.object({ simulator: z.string(), url: z.url() });

/** What `npm run simulator` starts, until the test ends. */
export function spawnSimulator(...options: string[]): ChildProcess & { readonly stdout: NodeJS.ReadableStream; readonly stderr: NodeJS.ReadableStream } {
  const child = spawn(process.execPath, [script, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** The same, once it says where it listens. */
export async function startSimulator(...options: string[]): Promise<z.output<typeof readyLine> & { readonly end: () => Promise<unknown[]> }> {
  const child = spawnSimulator(...options);
  child.stderr.resume();
  const [line] = await once(createInterface(child.stdout), 'line');
  return {
    ...readyLine.parse(JSON.parse(String(line))),
    end: () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      return ended;
    },
  };
}
