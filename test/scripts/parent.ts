/** Starts two processes, tells their ids and stays, for tests that end it in several ways. */
import { z } from 'zod';
import { createProcesses, jsonLine, stopOnSignals } from '../../scripts/processes.ts';

const processes = createProcesses(process.argv[2] ?? '.', (error) => console.error(error.message));
const code = 'console.log(JSON.stringify({ pid: process.pid })); setInterval(() => {}, 1000)';
const pids: number[] = [];
for (const name of ['one', 'two']) {
  const { ready } = await processes.start({ name, command: [process.execPath, '-e', code], ready: jsonLine(z.object({ pid: z.number() })) });
  pids.push(ready.pid);
}
stopOnSignals(() => processes.stopAll());
console.log(JSON.stringify({ pids }));
