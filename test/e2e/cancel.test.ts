import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { startImport } from '../../client/runs.ts';
import { startBridge } from '../support/bridge.ts';
import { generatedData } from '../support/generated-data.ts';
import { unlimited } from '../support/limits.ts';
import { until } from '../support/until.ts';

it('A run that is cancelled writes nothing any more once it has ended, and the next one goes on where it stopped', async () => {
  const bridge = await startBridge({ data: await generatedData({ customers: 350 }) });
  onTestFinished(() => bridge.stop());
  await bridge.connect({}, unlimited);
  const { zoho, bookbridge, integrationId } = bridge;
  const writes = () => zoho.summary().byRoute['PUT /books/v3/contacts'] ?? 0;
  const before = writes();
  // A step hears of its cancellation with a heartbeat, seconds later: what is left to write takes longer, on any machine.
  const slow = zoho.faults.add({ route: 'PUT /books/v3/contacts', kind: 'slow', delayMs: 300 });
  const run = await startImport(bookbridge, integrationId);
  await until(() => zoho.state().contacts.length > 20);
  await run.cancel();
  await expect(run.result()).rejects.toThrow('cancelled');
  expect((await run.describe()).status.name).toBe('CANCELLED');
  const { calls } = zoho.summary();
  await delay(500);
  expect(zoho.summary().calls).toBe(calls);
  expect(calls).toBeLessThan(350);
  expect((await bookbridge.store.runs.list(integrationId, 1))[0]).toMatchObject({ state: 'cancelled' });

  zoho.faults.remove(slow);
  await bridge.startImport();
  // Calls that were under way when the run was cancelled ended as they would have, so none is made twice.
  expect(writes() - before).toBe(350);
  expect(await bridge.differences()).toEqual([]);
});
