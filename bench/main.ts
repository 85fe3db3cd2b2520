/**
 * `npm run bench`: measures what the project promises, and what it is held against, in one run on one machine. The systems are simulators
 * in processes of their own; the workers are those of production.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { stopOnSignals } from '../scripts/processes.ts';
import { measureBeside } from './beside.ts';
import { measureCalls, measureDay } from './calls.ts';
import { measureCost, measureMemory } from './cost.ts';
import { measureCrashes } from './crash.ts';
import { startGround, type Ground } from './ground.ts';
import { describeMachine, describeSubject, load } from './machine.ts';
import { measurePace } from './pace.ts';
import { printRows, resultsPage } from './report.ts';
import type { Row } from './rows.ts';
import { measureShop } from './shop.ts';

interface Options {
  readonly only?: readonly Name[];
  readonly quick: boolean;
  readonly real: boolean;
  readonly runs: number;
}

/** Each benchmark, with the sizes of a whole and of a quick run. */
const benchmarks = {
  calls: (ground, { quick, runs }) => measureCalls(ground, quick ? { customers: 300, loaners: 20, runs: 1 } : { customers: 1000, loaners: 100, runs }),
  day: (ground, { quick }) => measureDay(ground, quick ? { contacts: 1000, changes: 50, syncs: 18 } : { contacts: 10_000, changes: 50, syncs: 144 }),
  pace: (ground, { quick, real }) => measurePace(ground, { windowMs: real ? 60_000 : quick ? 6_000 : 20_000, workers: [1, 3], ...(quick && { pages: 50, writes: 400 }) }),
  cost: (ground, { quick, runs }) => measureCost(ground, quick ? { many: { customers: 4000, runs: 1 }, few: { customers: 1000, runs: 1 } } : { many: { customers: 20_000, runs: runs + 2 }, few: { customers: 5000, runs } }),
  memory: (ground, { quick }) => measureMemory(ground, { customers: quick ? 20_000 : 100_000 }),
  shop: (ground, { quick, runs }) => measureShop(ground, quick ? { orders: 1000, timed: { orders: 500, runs: 1 }, each: 20, syncs: 18 } : { orders: 10_000, timed: { orders: 2000, runs }, each: 100, syncs: 72 }),
  crash: (ground, { quick }) => measureCrashes(ground, quick ? { customers: 200, loaners: 60, kills: 1 } : { customers: 400, loaners: 120, kills: 2 }),
  beside: (ground, { quick, real }) => measureBeside(ground, { pages: quick ? 120 : 150, windowMs: quick ? 6_000 : real ? 60_000 : 30_000, shortMs: 6_000 }),
} satisfies Record<string, (ground: Ground, options: Options) => Promise<Row[]>>;

type Name = keyof typeof benchmarks;
const names = Object.keys(benchmarks) as Name[];
const page = fileURLToPath(new URL('results.md', import.meta.url));

await new Command('npm run bench --')
  .description('Measures calls, pace, cost, memory, a shop and crashes, beside other tools, and writes bench/results.md.')
  .option('--only <names>', `some of: ${names.join(', ')}; nothing is written`, readNames)
  .option('--quick', 'small sizes and one run of each; nothing is written', false)
  .option('--real', 'pace and the comparison with other tools through the real limit, 100 calls a minute: a quarter of an hour more', false)
  .option('--runs <count>', 'runs of the short benchmarks', readCount, 3)
  .action((options: Options) => main(options))
  .parseAsync();

async function main(options: Options): Promise<void> {
  const startedMs = Date.now();
  const loadBefore = load();
  let ground: Ground | undefined;
  stopOnSignals(async () => ground?.stop());
  const say = (text: string) => process.stdout.write(`${text}\n`);
  say(describeMachine());
  ground = await startGround(fileURLToPath(new URL('../.bookbridge', import.meta.url)), say);
  const remarks: string[] = [];
  const rows: Row[] = [];
  try {
    for (const name of options.only ?? names) {
      const beginMs = Date.now();
      say(`\n${name} …`);
      try {
        const measured = await benchmarks[name](ground, options);
        rows.push(...measured);
        printRows(process.stdout, measured);
      } catch (error) {
        const reason = error instanceof Error ? error.message.split('\n')[0] ?? '' : String(error);
        remarks.push(`NOT measured: ${name}: ${reason.replaceAll(/\/\S+/g, '…')}`);
        process.stderr.write(`${name}: ${error instanceof Error ? error.stack ?? reason : reason}\n`);
        process.exitCode = 1;
      }
      say(`${name}: ${Math.round((Date.now() - beginMs) / 1000)} s`);
    }
  } finally {
    await ground.stop();
  }
  remarks.push(...ground.remarks);
  remarks.unshift(`Load of the machine by everything on it: ${loadBefore} before, ${load()} at the end; ${Math.round((Date.now() - startedMs) / 60_000)} minutes`);
  if (options.only === undefined && !options.quick) {
    writeFileSync(page, resultsPage({ machine: describeMachine(), subject: describeSubject(), remarks, rows }));
    say('\nWritten to bench/results.md');
  }
  for (const remark of remarks) say(remark);
}

function readNames(text: string): Name[] {
  const given = text.split(',').map((name) => name.trim());
  const unknown = given.find((name) => !(names as string[]).includes(name));
  if (unknown !== undefined) throw new InvalidArgumentError(`There is no "${unknown}", only ${names.join(', ')}.`);
  return names.filter((name) => given.includes(name));
}

function readCount(text: string): number {
  if (!/^[1-9]\d?$/.test(text)) throw new InvalidArgumentError('It is not a number from 1 to 99.');
  return Number(text);
}
