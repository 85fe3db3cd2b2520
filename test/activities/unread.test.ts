import { describe, expect, it, vi } from 'vitest';
import { integrationId, startWorkbench } from './workbench.ts';

vi.mock('../../integrations/registry.ts', async () => {
  const { invented } = await import('./invented.ts');
  return { integrationOf: () => invented };
});

/** A paid sheet that cannot be read, and a listing that does not bring it again. */
async function startWithUnread({ isCarried = false } = {}) {
  const bench = await startWorkbench();
  const id = await bench.write({});
  if (isCarried) await bench.run();
  const force = async (fields: Record<string, unknown>) => {
    const answer = await fetch(`${bench.hector.url}/_simulator/records`, { method: 'POST', body: JSON.stringify({ resource: 'loaners', id, fields }) });
    if (!answer.ok) throw new Error(await answer.text());
  };
  await force({ lines: null });
  await bench.run();
  bench.clock.aheadMs = 3_600_000;
  await bench.run();
  const problem = async () => (await bench.store.operations.problems(integrationId, { limit: 10 })).map((one) => `${one.id} ${one.code}: ${one.detail}`);
  const unread = [expect.stringMatching(new RegExp(`^${id} record-unreadable: .*\\blines: `)) as unknown];
  expect(await problem()).toEqual(unread);
  return { bench, id, force, problem, unread };
}

describe('a record that could not be read', () => {
  it('stays a problem, with the field, where it is tried again and still cannot be', async () => {
    const { bench, problem, unread } = await startWithUnread();
    await bench.store.operations.retry(integrationId, { by: 'all' });
    await bench.run();
    expect(await problem()).toEqual(unread);
  });

  it('is read by its id where it is tried again, and carried over with what is inside of it', async () => {
    const { bench, id, force, problem, unread } = await startWithUnread();
    await force({ lines: [] });
    await bench.run();
    expect(await problem()).toEqual(unread);
    await bench.store.operations.retry(integrationId, { by: 'record', id });
    expect((await bench.run()).counts).toMatchObject({ people: { added: 1 }, sheets: { added: 1 } });
    expect(await problem()).toEqual([]);
  });

  it('and was not to be carried over any more is told of where a document was made of it before', async () => {
    const { bench, id, force, problem } = await startWithUnread({ isCarried: true });
    await force({ lines: [], notes: JSON.stringify({ name: 'Ann', mail: 'ann@example.com', state: 'open', price: '10.00' }) });
    await bench.store.operations.retry(integrationId, { by: 'record', id });
    await bench.run();
    expect(await problem()).toEqual([`${id} document-stale: it stands, and open`]);
  });

  it('is never judged by what is not known of it: not by other settings, and not by a run that comes before it is read', async () => {
    const { bench, id, problem, unread } = await startWithUnread();
    await bench.connect({ byHand: true, taken: ['open'] });
    await bench.step(bench.does().judgeAnew, { integrationId });
    expect(await bench.standing('loaners', id)).toMatchObject({ state: 'pending' });
    await bench.step(bench.does().push, { integrationId, runId: 'run', module: 'sheets' });
    expect(await bench.standing('loaners', id)).toMatchObject({ state: 'failed', code: 'record-unreadable' });
    await bench.store.operations.retry(integrationId, { by: 'all' });
    await bench.run();
    expect(await problem()).toEqual(unread);
  });

  it('that only a person sends is not sent because it was tried again', async () => {
    const { bench, id, force } = await startWithUnread();
    await force({ lines: [] });
    await bench.connect({ byHand: true });
    await bench.step(bench.does().judgeAnew, { integrationId });
    await bench.run();
    expect(await bench.standing('loaners', id)).toMatchObject({ state: 'observed', partner: null });
  });
});
