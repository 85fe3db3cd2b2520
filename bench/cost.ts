import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { nodeCommand } from '../scripts/processes.ts';
import { countActions, eventsOf } from '../test/support/histories.ts';
import { runWorkflowId } from '../workflows/messages.ts';
import { organizationId } from './data.ts';
import { noLimits, startWorld, unlimited, type Ground, type World } from './ground.ts';
import { atMost, median, medianAtLeast, row, shown, type Row, type Target } from './rows.ts';

const GROUP = 'Own cost, no limit';
const LANES = 4;

interface CostOptions {
  readonly customers: number;
  readonly runs: number;
}

/** What is promised of very many, and beside it what fewer show of the beginning: each worker has just been started. */
export async function measureCost(ground: Ground, { many, few }: { many: CostOptions; few: CostOptions }): Promise<Row[]> {
  return [...await measureImports(ground, many, medianAtLeast(0.5)), ...await measureImports(ground, few, null)];
}

/** The import beside a loop that only writes, in turns, each into an organization of its own in the same simulator. */
async function measureImports(ground: Ground, { customers, runs }: CostOptions, target: Target | null): Promise<Row[]> {
  const zoho = await ground.startSimulator('zoho', { organizations: 2 * runs + 1, items: 3, limits: noLimits });
  const [ours, bare, ratios, actions]: number[][] = [[], [], [], []];
  const world = await startWorld(ground, { sizes: { customers }, zoho: zoho.control });
  try {
    const token = await zoho.control.tokens();
    // A simulator that has just been started is slow, and whoever came first would pay for it.
    await writeBare(zoho.control.url, 2 * runs, token, 1000);
    const measures = { ours: (run: number) => importOnce(world, run, customers), bare: (run: number) => writeBare(zoho.control.url, run, token, customers) };
    for (let run = 0; run < runs; run += 1) {
      const order = run % 2 === 0 ? ['ours', 'bare'] as const : ['bare', 'ours'] as const;
      const found = { ours: 0, bare: 0 };
      for (const name of order) {
        if (name === 'ours') {
          const imported = await measures.ours(2 * run);
          found.ours = imported.perSecond;
          actions?.push((imported.actions / customers) * 1000);
        } else found.bare = await measures.bare(2 * run + 1);
      }
      ours?.push(found.ours);
      bare?.push(found.bare);
      ratios?.push(found.ours / found.bare);
    }
  } finally {
    await world.stop();
    await zoho.stop();
  }
  return [
    row(GROUP, `Import of ${shown(customers)} customers, ${LANES} at once`, ours ?? [], 'records/s', { beside: `bare got loop, same writes, ${LANES} at once: ${shown(Math.round(median(bare ?? [])))} records/s` }),
    row(GROUP, '… as a part of the bare loop', ratios ?? [], '', { beside: `bare loop = 1${target ? '; the median is judged' : ''}`, target }),
    row(GROUP, '… Temporal actions per 1,000 imported records', actions ?? [], '', { beside: 'from history; a heartbeat every 4 s of work comes on top', target: atMost(30) }),
  ];
}

async function importOnce(world: World, organization: number, customers: number): Promise<{ perSecond: number; actions: number }> {
  const id = `hector-${organization}`;
  await world.connect({ id, organization, limits: unlimited });
  const worker = await world.startWorker();
  const startMs = performance.now();
  const result = await world.import(id);
  const seconds = (performance.now() - startMs) / 1000;
  if (result.counts['customers']?.added !== customers) throw new Error(`the import brought ${JSON.stringify(result.counts)}`);
  const events = await eventsOf(world.bookbridge.temporal, runWorkflowId(id));
  await worker.stop();
  return { perSecond: customers / seconds, actions: countActions(events) };
}

async function writeBare(url: string, organization: number, token: string, customers: number): Promise<number> {
  const [program, ...args] = nodeCommand('bench/bare.ts', url, organizationId(organization), token, String(customers), String(LANES));
  const { stdout } = await promisify(execFile)(program, args);
  return customers / z.object({ seconds: z.number() }).parse(JSON.parse(stdout)).seconds;
}

const SAMPLE_MS = 1_000;
const MEGABYTE = 1_000_000;

/** Memory of the worker while it imports very many. */
export async function measureMemory(ground: Ground, { customers }: { customers: number }): Promise<Row[]> {
  const world = await startWorld(ground, { sizes: { customers } });
  try {
    await world.connect({ id: 'hector' });
    const worker = await world.startWorker();
    const samples: { records: number; megabytes: number }[] = [];
    const startMs = performance.now();
    const idle = worker.residentBytes() / MEGABYTE;
    const sample = async () => {
      const records = (await world.zoho.summary()).byRoute['PUT /books/v3/contacts'] ?? 0;
      samples.push({ records, megabytes: worker.residentBytes() / MEGABYTE });
    };
    const timer = setInterval(() => void sample(), SAMPLE_MS);
    await world.import('hector').finally(() => clearInterval(timer));
    const perSecond = customers / ((performance.now() - startMs) / 1000);
    const after = samples.filter(({ records }) => records > 10_000).map(({ megabytes }) => megabytes);
    const fifth = Math.max(1, Math.floor(after.length / 5));
    const growth = median(after.slice(-fifth)) / median(after.slice(0, fifth));
    return [
      row(GROUP, `Most memory of the worker, import of ${shown(customers)} customers`, [Math.max(...samples.map(({ megabytes }) => megabytes))], 'MB resident', { beside: `${shown(Math.round(idle))} MB before it begins; ${shown(Math.round(perSecond))} records/s`, target: atMost(400, ' MB') }),
      row(GROUP, 'Its growth after the first 10,000: last fifth over first fifth', [growth], '', { beside: 'flat = 1', target: atMost(1.1) }),
    ];
  } finally {
    await world.stop();
  }
}
