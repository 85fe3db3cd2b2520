#!/usr/bin/env node
// The command `bookbridge`. It is plain JavaScript, so that it starts on any Node of the machine; the rest is TypeScript
// and needs Node 24, which stands in node_modules where the machine has an older one.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const neededNodeMajor = 24;
const args = process.argv.slice(2);

if (Number.parseInt(process.versions.node, 10) >= neededNodeMajor) {
  if (args[0] === 'worker') (await import('../worker/heap.ts')).boundHeap();
  await import('./main.ts');
} else {
  const node = fileURLToPath(new URL(`../node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`, import.meta.url));
  if (existsSync(node)) await runWith(node);
  else {
    console.error(`Node ${neededNodeMajor} is needed, this is ${process.versions.node}, and there is none in node_modules: run "npm ci" in the folder of Bookbridge.`);
    process.exitCode = 2;
  }
}

/** Runs the command on another Node and ends as it does. */
async function runWith(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...args], { stdio: 'inherit' });
  // A terminal tells every process of the group of Ctrl-C itself; whoever signals this process alone means the command.
  process.on('SIGINT', () => { if (!process.stdin.isTTY) child.kill('SIGINT'); });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const [code, signal] = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (...end) => resolve(end));
  });
  if (signal === null) process.exitCode = code;
  else {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }
}
