import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { startSyncAlone } from '../client/runs.ts';
import { organizationId } from './data.ts';
import { startWorld, until, type BenchWorker, type Ground } from './ground.ts';
import type { Control } from './control.ts';
import { findPeers, type Peer, type PeerSource } from './peers.ts';
import { floorMs } from './pace.ts';
import { idsOfPage, pagesSince, type Reader } from './reading.ts';
import { exactly, atMost, row, shown, type Row, type Target } from './rows.ts';

const GROUP = 'Beside others';
const CALLS = 100;
const PAGE = 200;
const WORK_MS = 50;
const OURS = 'Bookbridge';

interface BesideOptions {
  readonly pages: number;
  /** The window of the limit while time is measured; a tool whose waits are fixed behaves otherwise in a shorter one. */
  readonly windowMs: number;
  /** The window while only pages are counted. */
  readonly shortMs: number;
}

/** The same invoices through the same limit, read by everybody in turn from the same simulator. */
export async function measureBeside(ground: Ground, { pages, windowMs, shortMs }: BesideOptions): Promise<Row[]> {
  const limits = { minute: { calls: CALLS, windowMs }, day: null, block: null, concurrent: 10 };
  const { control: zoho, stop } = await ground.startSimulator('zoho', { invoices: pages * PAGE, workMs: WORK_MS, quotaHeaders: true, limits });
  try {
    const peers = await findPeers((tool, reason) => {
      ground.log(`${tool} is left out: ${reason}`);
      ground.remarks.push(`${tool} is left out: it could not be had on this machine`);
    });
    const token = await zoho.tokens();
    const makers = [
      { name: OURS, version: '', make: (window: number) => ourReader(ground, zoho, window) },
      ...peers.map((peer) => ({ name: peer.name, version: peer.version, make: (window: number) => Promise.resolve(peerReader(peer, { url: zoho.url, token, organization: organizationId(), windowMs: window, folder: ground.folder })) })),
    ];
    const rows: Row[] = [];
    for (const [index, maker] of makers.entries()) {
      const { name, make } = maker;
      const whole = await readWhole(zoho, await make(windowMs), { pages, windowMs, spoiledPage: 2 + index });
      const again = await readAfterKill(zoho, await make(shortMs), { pages, windowMs: shortMs });
      rows.push(...rowsOf(maker, pages, windowMs, whole, again));
      ground.log(`${name}: ${whole.failure ?? `${shown(whole.seconds)} s`}, ${again} pages again`);
    }
    return rows;
  } finally {
    await stop();
  }
}

function peerReader(peer: Peer, source: PeerSource): Reader {
  return peer.reader(source);
}

function rowsOf({ name, version }: { name: string; version: string }, pages: number, windowMs: number, whole: Whole, again: number): Row[] {
  const isOurs = name === OURS;
  const subject = name;
  const promised = (beside: string, target: Target) => (isOurs ? { subject, beside, target } : { subject });
  const own = (beside: string) => (isOurs ? { subject, beside } : { subject });
  const { failure } = whole;
  const floor = `${shown(pages * PAGE)} invoices through ${CALLS} calls per ${windowMs / 1000} s, floor ${shown(floorMs(pages, windowMs) / 1000)} s`;
  return [
    row(GROUP, 'time', [failure === null ? whole.seconds : Number.NaN], 's', isOurs ? own(floor) : { subject, beside: failure === null ? version : `${version}; ${failure} after ${whole.pages} pages` }),
    row(GROUP, 'calls', [failure === null ? whole.calls : Number.NaN], '', own(`${pages} pages of ${PAGE}`)),
    row(GROUP, 'refused with 429', [whole.refused], '', promised('calls that Books refused for its limit', exactly(0))),
    row(GROUP, 'updates lost', [whole.lost ?? Number.NaN], '', promised(`of ${LOST_OF} invoices that were voided while the others were read, those that the next incremental read does not bring either`, exactly(0))),
    row(GROUP, 'pages read again', [again], '', promised('after kill -9 at half of them', atMost(1))),
  ];
}

interface Whole {
  readonly seconds: number;
  readonly calls: number;
  readonly refused: number;
  readonly pages: number;
  readonly lost: number | null;
  readonly failure: string | null;
}

const LOST_OF = 5;

async function freshLimits(zoho: Control, windowMs: number): Promise<void> {
  await zoho.setLimits({ minute: { calls: CALLS, windowMs }, reset: true });
}

/**
 * Reads everything once. Meanwhile a person voids invoices on a page that has been read, and a little later touches one on a page that has
 * not; then what changed is read.
 */
async function readWhole(zoho: Control, reader: Reader, { pages, windowMs, spoiledPage }: { pages: number; windowMs: number; spoiledPage: number }): Promise<Whole> {
  try {
    await freshLimits(zoho, windowMs);
    const organization = organizationId();
    const voided = (await idsOfPage(zoho, organization, spoiledPage)).slice(0, LOST_OF);
    const touched = (await idsOfPage(zoho, organization, pages))[spoiledPage] ?? '';
    const before = await zoho.summary();
    const startMs = performance.now();
    const reading = await reader.start();
    let isOver = false;
    const ended = reading.ended.finally(() => { isOver = true; });
    const read = async (page: number) => isOver || (await pagesSince(zoho, before.calls)).includes(page);
    await until(() => read(Math.min(20, pages - 2)), { everyMs: 50, what: 'page 20' });
    for (const id of voided) await zoho.person('POST', `/invoices/${id}/status/void`, organization);
    await delay(1500);
    await zoho.person('PUT', `/invoices/${touched}`, organization, { reference_number: 'touched' });
    const failure = await ended;
    const seconds = (performance.now() - startMs) / 1000;
    const after = await zoho.summary();
    const measured = { seconds, calls: after.calls - before.calls, refused: after.limited - before.limited, pages: (await pagesSince(zoho, before.calls)).length, failure };
    if (failure !== null) return { ...measured, lost: null };
    await (await reader.start()).ended;
    const statuses = await reader.statuses(voided);
    return { ...measured, lost: voided.filter((id) => statuses.get(id) !== 'void').length };
  } finally {
    await reader.dispose();
  }
}

/** Pages that were answered before the kill and are asked for once more until everything is read. */
async function readAfterKill(zoho: Control, reader: Reader, { pages, windowMs }: { pages: number; windowMs: number }): Promise<number> {
  try {
    await freshLimits(zoho, windowMs);
    const before = (await zoho.summary()).calls;
    const reading = await reader.start();
    await until(async () => (await pagesSince(zoho, before)).length >= pages / 2, { everyMs: 20, what: 'half of the pages' });
    await reading.kill();
    const { calls } = await zoho.summary();
    const first = new Set(await pagesSince(zoho, before));
    const failure = await (await reader.start()).ended;
    if (failure !== null) throw new Error(`${reader.name} ${failure}`);
    return (await pagesSince(zoho, calls)).filter((page) => first.has(page)).length;
  } finally {
    await reader.dispose();
  }
}

/** The engine, with a module that keeps a copy of all invoices (reader.ts). */
async function ourReader(ground: Ground, zoho: Control, windowMs: number): Promise<Reader> {
  const world = await startWorld(ground, { sizes: {}, zoho, reads: true });
  const id = 'reader';
  await freshLimits(zoho, windowMs);
  await world.connect({ id, limits: { minute: { calls: CALLS, windowMs }, day: { calls: 1_000_000, windowMs: 86_400_000 }, concurrent: 10 } });
  await world.bookbridge.store.integrations.markImported(id, Date.now());
  let worker: BenchWorker = await world.startWorker();
  let running: Promise<string | null> | null = null;
  let isKilled = false;
  // The few calls that connecting cost are counted here for a window more, and by Books no longer: that makes nobody faster.
  return {
    name: OURS,
    async start() {
      if (isKilled) {
        worker = await world.startWorker();
        isKilled = false;
      }
      if (running === null) {
        const handle = await startSyncAlone(world.bookbridge, { integrationId: id, module: 'read-invoices' });
        if (!handle) throw new Error('a run is under way');
        running = handle.result().then(() => { running = null; return null; }, (error: unknown) => String(error));
      }
      return { ended: running, kill: async () => { isKilled = true; await worker.kill(); } };
    },
    statuses(ids) {
      const database = new DatabaseSync(world.storeFile, { readOnly: true });
      try {
        const rows = database.prepare("select record_id, data from changes where resource = 'invoices'").all() as { record_id: string; data: string }[];
        const wanted = new Set(ids);
        return Promise.resolve(new Map(rows.filter(({ record_id: record }) => wanted.has(record)).map(({ record_id: record, data }) => [record, (JSON.parse(data) as { status: string }).status])));
      } finally {
        database.close();
      }
    },
    dispose: () => world.stop(),
  };
}
