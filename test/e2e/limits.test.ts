import { describe, it, type TestContext } from 'vitest';
import { startImport, startSync, type RunHandle } from '../../client/runs.ts';
import { hectorSetup } from '../../scripts/setup.ts';
import { readBooks } from '../../scripts/simulated.ts';
import { progressQuery, runWorkflowId } from '../../workflows/messages.ts';
import { startBridge, type Bridge } from '../support/bridge.ts';
import { byRoute, callsDuring } from '../support/calls.ts';
import { generatedData } from '../support/generated-data.ts';
import { countActions, eventsOf, timerSummaries } from '../support/histories.ts';
import { unlimited } from '../support/limits.ts';
import { until } from '../support/until.ts';

type Limits = NonNullable<NonNullable<Parameters<typeof startBridge>[0]>['limits']>;

const none: Limits = { minute: null, day: null, block: null, concurrent: null };

async function started(onTestFinished: TestContext['onTestFinished'], options: Parameters<typeof startBridge>[0]): Promise<Bridge> {
  const bridge = await startBridge(options);
  onTestFinished(() => bridge.stop());
  return bridge;
}

const runEvents = ({ bookbridge, integrationId }: Bridge, runId?: string) => eventsOf(bookbridge.temporal, runWorkflowId(integrationId), runId);

/** No call is granted for a second. */
const refuse = ({ bookbridge, dataSet }: Bridge) => bookbridge.store.quotas.refused(`zoho-books:${dataSet.books.organization.id}`, 'limit-minute', Date.now() + 1_000);

/** However slow the machine is, the run meets the limit: no call is granted before it has paused so often. */
async function untilPaused(bridge: Bridge, running: RunHandle, pauses: number): Promise<void> {
  await until(async () => {
    await refuse(bridge);
    return (await running.query(progressQuery)).pauses >= pauses;
  });
}

// These tests wait for windows to end, so they wait together.
describe.concurrent('limits of Books', () => {
  it('per minute are waited out on timers in the workflow, and no call is ever refused', async ({ expect, onTestFinished }) => {
    const minute = { calls: 10, windowMs: 2_000 };
    const bridge = await started(onTestFinished, { data: await generatedData({ customers: 30, loaners: 12 }), limits: { ...none, minute } });
    await bridge.connect({}, { limits: { minute } });
    const imported = await bridge.startImport();
    const summaries = timerSummaries(await runEvents(bridge, imported.runId));
    expect(imported.pauses).toBeGreaterThan(1);
    expect(summaries).toHaveLength(imported.pauses);
    for (const summary of summaries) expect(summary).toMatch(/^Books allows no call until \d\d:\d\d:\d\d UTC$/);
    await bridge.makeLoaners();
    await bridge.sync();
    expect(bridge.zoho.summary().limited).toBe(0);
    expect(await bridge.differences()).toEqual([]);
  });

  it('hold for several workers together', async ({ expect, onTestFinished }) => {
    const minute = { calls: 8, windowMs: 2_000 };
    const bridge = await started(onTestFinished, { data: await generatedData({ customers: 20, loaners: 40 }), limits: { ...none, minute, concurrent: 3 }, zoho: { workMs: 20 }, worker: false });
    await Promise.all([bridge.startWorkerProcess(), bridge.startWorkerProcess(), bridge.startWorkerProcess()]);
    await bridge.connect({}, { limits: { minute, concurrent: 3 } });
    await bridge.startImport();
    await bridge.makeLoaners();
    await refuse(bridge);
    const running = await startSync(bridge.bookbridge, bridge.integrationId);
    await untilPaused(bridge, running, 1);
    expect((await running.result()).counts['loaners']).toMatchObject({ added: 40 });
    expect(bridge.zoho.summary().limited).toBe(0);
    expect(await bridge.differences()).toEqual([]);
  });

  it('per day that others have used up stop a run, which goes on by itself when Books does', async ({ expect, onTestFinished }) => {
    const day = { calls: 40, windowMs: 6_000 };
    // The day of Books ends when the test says so, however slow the machine is.
    const bridge = await started(onTestFinished, { limits: { ...none, day: { ...day, windowMs: 3_600_000 } } });
    await bridge.connect({}, { limits: { minute: { calls: 1_000, windowMs: 1_000 }, day } });
    // Another integration of the same organization, of whose calls our count knows nothing.
    const { accessToken } = bridge.zoho.issueTokens();
    const organizationId = bridge.dataSet.books.organization.id;
    for (let call = 0; call < 32; call += 1) {
      await fetch(`${bridge.zoho.url}/books/v3/items?organization_id=${organizationId}`, { headers: { authorization: `Zoho-oauthtoken ${accessToken}` } });
    }
    const importing = await startImport(bridge.bookbridge, bridge.integrationId);
    // More than its lanes ask at once: it has asked again.
    await until(() => (bridge.zoho.summary().byCode['45'] ?? 0) > 4);
    bridge.zoho.changeLimits({ reset: true });
    const { runId } = await importing.result();
    expect(timerSummaries(await runEvents(bridge, runId))).toContainEqual(expect.stringMatching(/^Books allows no call today until /));
    await bridge.makeLoaners();
    await bridge.sync();
    expect(await bridge.differences()).toEqual([]);
  });

  it('met while deleted records are looked for list nothing twice', async ({ expect, onTestFinished }) => {
    const minute = { calls: 4, windowMs: 1_500 };
    const bridge = await started(onTestFinished, { data: await generatedData({ customers: 1, items: 8 }), limits: { ...none, minute } });
    await bridge.connect({}, { limits: { minute } });
    await bridge.startImport();
    const { items } = await readBooks(bridge.zoho.url, bridge.dataSet.books.organization.id);
    for (const { item_id: id } of items.slice(0, 6)) await bridge.zoho.act({ method: 'DELETE', path: `/items/${id}` });
    const calls = await callsDuring(bridge.zoho, async () => expect((await bridge.sync()).counts['items']).toMatchObject({ deleted: 6 }));
    expect(byRoute(calls)).toEqual({ 'GET /books/v3/items': 1, 'GET /books/v3/items/:id': 6 });
  });

  it('on calls at once make a run work with fewer', async ({ expect, onTestFinished }) => {
    const bridge = await started(onTestFinished, { data: await generatedData({ customers: 40, loaners: 20 }), limits: { ...none, concurrent: 2 }, zoho: { workMs: 20 } });
    await bridge.connect({}, { limits: { ...unlimited.limits, concurrent: 2 } });
    const { pauses } = await bridge.startImport();
    expect(pauses).toBe(0);
    await bridge.makeLoaners();
    await bridge.sync();
    expect(bridge.zoho.summary().limited).toBe(0);
    expect(await bridge.differences()).toEqual([]);
  });

  it('that block an organization after a burst are kept for as long as Books says', async ({ expect, onTestFinished }) => {
    const block = { calls: 8, windowMs: 60_000, blockMs: 3_000 };
    const bridge = await started(onTestFinished, { limits: { ...none, block } });
    await bridge.connect({}, unlimited);
    await bridge.startImport();
    const entries = bridge.zoho.log();
    const refused = entries.filter(({ code }) => code === 43);
    // Only those that were under way when the block began; then nobody calls until it is over.
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(8);
    const [first] = refused;
    const blockEndsMs = Date.parse(first?.at ?? '') + block.blockMs;
    const during = entries.filter(({ n, at }) => n > (first?.n ?? 0) && Date.parse(at) < blockEndsMs - 100);
    expect(during.filter(({ code }) => code !== 43)).toEqual([]);
    expect(during.length).toBeLessThan(4);
  });

  it('leave calls for invoices while another integration imports thousands', async ({ expect, onTestFinished }) => {
    const minute = { calls: 40, windowMs: 1_500 };
    const data = await generatedData({ customers: 2_000, loaners: 6 });
    const bridge = await started(onTestFinished, { data, limits: { ...none, minute } });
    const { bookbridge, hector, zoho } = bridge;
    // A second integration of the same organization: its customers are Hector's users.
    const desk = `${bridge.integrationId}-desk`;
    const users = { ...data, hector: { ...data.hector, loaners: data.hector.loaners.map((loaner) => ({ ...loaner, customerId: null, userId: 'u-1' })) } };
    const setup = hectorSetup({ id: desk, dataSet: users, hectorUrl: hector.url, zohoState: zoho.state(), settings: { useHectorCustomers: false } });
    await bridge.installation.connect('hector', { ...setup, limits: { minute } });
    await (await startImport(bookbridge, desk)).result();
    await bridge.makeLoaners();
    for (const { id } of data.hector.loaners) await bridge.inHector('PATCH', `/loaners/${id}`, { userId: 'u-1' });

    await bridge.connect({}, { limits: { minute } });
    const importing = await startImport(bookbridge, bridge.integrationId);
    const { counts } = await (await startSync(bookbridge, desk)).result();
    expect(counts['loaners']).toMatchObject({ added: 6 });
    expect((await importing.describe()).status.name).toBe('RUNNING');
    expect(zoho.summary().limited).toBe(0);
    await importing.terminate();
  });
});

describe('what a run costs in Temporal', () => {
  it('is at most 30 actions for 1,000 customers', async ({ expect, onTestFinished }) => {
    const bridge = await started(onTestFinished, { data: await generatedData({ customers: 1_000 }) });
    await bridge.connect({}, unlimited);
    const { runId, counts } = await bridge.startImport();
    const events = await runEvents(bridge, runId);
    expect(counts['customers']).toEqual({ added: 1_000 });
    expect(countActions(events)).toBeLessThanOrEqual(30);
  });

  it('is two more for each pause', async ({ expect, onTestFinished }) => {
    const minute = { calls: 100, windowMs: 1_000 };
    const bridge = await started(onTestFinished, { data: await generatedData({ customers: 1_000 }), limits: { ...none, minute } });
    await bridge.connect({}, { limits: { ...unlimited.limits, minute } });
    const running = await startImport(bridge.bookbridge, bridge.integrationId);
    await until(() => (bridge.zoho.summary().byRoute['PUT /books/v3/contacts'] ?? 0) > 100);
    await untilPaused(bridge, running, 4);
    const { runId, pauses } = await running.result();
    expect(countActions(await runEvents(bridge, runId))).toBeLessThanOrEqual(30 + 2 * pauses);
    expect(bridge.zoho.summary().limited).toBe(0);
  });
});
