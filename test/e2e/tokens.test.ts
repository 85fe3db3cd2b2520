import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { describe, it, type TestContext } from 'vitest';
import { errorTable } from '../../domain/errors.ts';
import { startBridge, type Bridge } from '../support/bridge.ts';
import { generatedData } from '../support/generated-data.ts';
import { unlimited } from '../support/limits.ts';
import { until } from '../support/until.ts';

const manyRenewals = { accountsLimits: { refresh: { calls: 1_000, windowMs: 1_000 } } };
const tokenRoute = 'POST /oauth/v2/token';

async function started(onTestFinished: TestContext['onTestFinished'], options: Parameters<typeof startBridge>[0]): Promise<Bridge> {
  const bridge = await startBridge(options);
  onTestFinished(() => bridge.stop());
  await bridge.connect({}, unlimited);
  return bridge;
}

/** The failure a run ends with; undefined where it does not fail. */
async function failureOf(running: Promise<unknown>): Promise<ApplicationFailure | undefined> {
  try {
    await running;
    return undefined;
  } catch (error) {
    if (error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure) return error.cause;
    throw error;
  }
}

describe.concurrent('access to Books', { timeout: 480_000 }, () => {
  it('goes on through many short-lived tokens, each renewed before it ends', async ({ expect, onTestFinished }) => {
    const bridge = await started(onTestFinished, {
      data: await generatedData({ customers: 240, loaners: 20 }), tokenLifeMs: 10_000, zoho: { ...manyRenewals, workMs: 300 },
    });
    await bridge.startImport();
    await bridge.makeLoaners();
    await bridge.sync();
    const { byRoute, byCode } = bridge.zoho.summary();
    expect(byRoute[tokenRoute]).toBeGreaterThan(2);
    expect(byCode['57'] ?? 0).toBe(0);
    expect(await bridge.differences()).toEqual([]);
  });

  it('that is taken away ends the run with what to do, and goes on without a duplicate once it is given again', async ({ expect, onTestFinished }) => {
    const bridge = await started(onTestFinished, { data: await generatedData({ customers: 60, loaners: 20 }), zoho: { workMs: 20 } });
    const importing = failureOf(bridge.startImport());
    await until(() => bridge.zoho.state().contacts.length > 10);
    bridge.zoho.revokeAll();
    const failure = await importing;
    expect(failure?.type).toBe('authorization-revoked');
    expect(failure?.message).toContain(errorTable['authorization-revoked'].remedy);
    const [run] = await bridge.bookbridge.store.runs.list(bridge.integrationId, 1);
    expect(run?.state).toBe('failed');

    await bridge.connect({}, unlimited);
    await bridge.startImport();
    await bridge.makeLoaners();
    await bridge.sync();
    expect(await bridge.differences()).toEqual([]);
  });

  it('that is taken away while invoices are made ends the run, too', async ({ expect, onTestFinished }) => {
    const bridge = await started(onTestFinished, { data: await generatedData({ customers: 5, loaners: 40 }), zoho: { workMs: 20 } });
    await bridge.startImport();
    await bridge.makeLoaners();
    const syncing = failureOf(bridge.sync());
    await until(() => bridge.zoho.state().invoices.length > 5);
    bridge.zoho.revokeAll();
    expect((await syncing)?.type).toBe('authorization-revoked');
    // Nobody asks for each of the other invoices whether it, too, is not allowed.
    const refused = bridge.zoho.log().filter(({ code }) => code === 'invalid_code');
    expect(refused.length).toBeLessThan(10);
    await bridge.connect({}, unlimited);
    await bridge.sync();
    expect(await bridge.differences()).toEqual([]);
  });

  it('is renewed once, however many workers need it', async ({ expect, onTestFinished }) => {
    const bridge = await started(onTestFinished, { data: await generatedData({ customers: 4, loaners: 40 }), zoho: { ...manyRenewals, workMs: 20 }, worker: false });
    await Promise.all([bridge.startWorkerProcess(), bridge.startWorkerProcess()]);
    await bridge.startImport();
    await bridge.makeLoaners();
    const before = bridge.zoho.summary().byRoute[tokenRoute] ?? 0;
    const syncing = bridge.sync();
    await until(() => bridge.zoho.state().invoices.length > 10);
    bridge.zoho.expireAccessTokens();
    await syncing;
    expect((bridge.zoho.summary().byRoute[tokenRoute] ?? 0) - before).toBe(1);
    expect(await bridge.differences()).toEqual([]);
  });
});
