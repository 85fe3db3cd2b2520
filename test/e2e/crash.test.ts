import { describe, it, type TestContext } from 'vitest';
import { seededRandom } from '../../simulators/kit/random.ts';
import { startBridge, type Bridge } from '../support/bridge.ts';
import { generatedData } from '../support/generated-data.ts';
import { unlimited } from '../support/limits.ts';
import { seedsOf } from '../support/seeds.ts';
import { until } from '../support/until.ts';

/** Slow enough for a worker to be killed in the middle of a step. */
const slowBooks = { workMs: 60 };

async function connected(onTestFinished: TestContext['onTestFinished'], options: Parameters<typeof startBridge>[0]): Promise<Bridge> {
  const bridge = await startBridge(options);
  onTestFinished(() => bridge.stop());
  await bridge.connect({}, unlimited);
  return bridge;
}

/** Waits until Books has committed so many more calls of a route. */
async function untilCommitted({ zoho }: Bridge, route: string, calls: number): Promise<void> {
  const before = zoho.summary().byRoute[route] ?? 0;
  await until(() => (zoho.summary().byRoute[route] ?? 0) >= before + calls);
}

const contacts = 'PUT /books/v3/contacts';
const invoices = 'PUT /books/v3/invoices';

// Until a dead worker is noticed these tests wait, so they wait together.
describe.concurrent('workers that die', { timeout: 480_000 }, () => {
  it.for(seedsOf(21))('again and again leave no duplicate and no gap (seed %i)', async (seed, { expect, onTestFinished }) => {
    const random = seededRandom(seed);
    const bridge = await connected(onTestFinished, { data: await generatedData({ customers: 50, loaners: 30 }), zoho: slowBooks, worker: false });
    let worker = await bridge.startWorkerProcess();
    const killDuring = async (running: Promise<unknown>, route: string, times: number) => {
      for (let time = 0; time < times; time += 1) {
        // Fewer than are written down together: some calls are committed in Books, and nothing here knows of them.
        await untilCommitted(bridge, route, 1 + Math.floor(random() * 12));
        await worker.kill();
        worker = await bridge.startWorkerProcess();
      }
      await running;
    };
    await killDuring(bridge.startImport(), contacts, 2);
    await bridge.makeLoaners();
    await killDuring(bridge.sync(), invoices, 2);
    expect(await bridge.differences()).toEqual([]);
  });

  it('between the commit in Books and the end of the step leave one invoice', async ({ expect, onTestFinished }) => {
    const bridge = await connected(onTestFinished, { worker: false });
    const worker = await bridge.startWorkerProcess();
    await bridge.startImport();
    await bridge.makeLoaners();
    // Books commits, the answer gets lost, and before the step can be tried again there is no worker any more.
    bridge.zoho.faults.add({ route: invoices, kind: 'lost-answer', times: 5 });
    const syncing = bridge.sync();
    await untilCommitted(bridge, invoices, 5);
    await worker.kill();
    await bridge.startWorkerProcess();
    await syncing;
    expect(bridge.zoho.summary().byFault).toEqual({ 'lost-answer': 5 });
    expect(await bridge.differences()).toEqual([]);
  });

  it('beside another one leave the work to it', async ({ expect, onTestFinished }) => {
    const bridge = await connected(onTestFinished, { data: await generatedData({ customers: 50, loaners: 30 }), zoho: slowBooks, worker: false });
    const [first] = await Promise.all([bridge.startWorkerProcess(), bridge.startWorkerProcess()]);
    const importing = bridge.startImport();
    await untilCommitted(bridge, contacts, 10);
    await first.kill();
    await importing;
    const third = await bridge.startWorkerProcess();
    await bridge.makeLoaners();
    const syncing = bridge.sync();
    await untilCommitted(bridge, invoices, 8);
    await third.kill();
    await syncing;
    expect(await bridge.differences()).toEqual([]);
  });

  it('because they are replaced by a new version hand over at once', async ({ expect, onTestFinished }) => {
    const bridge = await connected(onTestFinished, { data: await generatedData({ customers: 150, loaners: 40 }), zoho: slowBooks, worker: false });
    let worker = await bridge.startWorkerProcess();
    const replaceDuring = async (running: Promise<unknown>, route: string) => {
      await untilCommitted(bridge, route, 10);
      const next = await bridge.startWorkerProcess();
      await worker.stop();
      worker = next;
      await running;
    };
    await replaceDuring(bridge.startImport(), contacts);
    await bridge.makeLoaners();
    await replaceDuring(bridge.sync(), invoices);
    // Whoever ends in order repeats nothing; connecting asked each of them once.
    expect(bridge.zoho.summary().byRoute).toMatchObject({ [contacts]: 151, [invoices]: 41 });
    expect(await bridge.differences()).toEqual([]);
  });

  it('with the whole database are followed by an import that links everything again', async ({ expect, onTestFinished }) => {
    const bridge = await connected(onTestFinished, {});
    await bridge.startImport();
    await bridge.makeLoaners();
    await bridge.sync();
    await bridge.loseStore();
    await bridge.connect({}, unlimited);
    await bridge.startImport();
    await bridge.sync();
    expect(await bridge.differences()).toEqual([]);
    const { customers } = bridge.dataSet.hector;
    const invoiced = bridge.zoho.state().invoices.length;
    expect(await bridge.bookbridge.store.countLinks(bridge.integrationId)).toEqual({
      customers: customers.length, items: bridge.dataSet.books.items.length, loaners: invoiced,
    });
  });
});
