import { expect, it } from 'vitest';
import { integrationId, startWorkbench } from './workbench.ts';

const dayMs = 86_400_000;

it('deletes what is old of paused and disabled integrations too, which end no run themselves, each in its turn', async () => {
  const { store, clock, does, step } = await startWorkbench();
  const others = { resting: 'paused', ended: 'disabled', busy: 'active' } as const;
  const ids = [integrationId, ...Object.keys(others)];
  for (const [id, state] of Object.entries(others)) {
    await store.integrations.save({ id, kind: 'paper', organizationId: '10', settings: {}, facts: {} });
    await store.operations.setState(id, state);
  }
  for (const id of ids) for (const runId of [`${id}-1`, `${id}-2`]) await store.runs.begin({ id: runId, integrationId: id, kind: 'sync' });
  clock.aheadMs += 2 * dayMs;

  const { endRun } = does({ historyMs: dayMs });
  for (let runs = 0; runs < 100; runs += 1) await step(endRun, { integrationId, runId: `${integrationId}-2`, kind: 'sync' as const, state: 'completed' as const });
  // The last run of each stays; what is active sees to itself.
  expect(await Promise.all(ids.map(async (id) => (await store.runs.list(id, 10)).length))).toEqual([1, 1, 1, 2]);
});
