import { describe, expect, it, vi } from 'vitest';
import { integrationId, startWorkbench } from './workbench.ts';

vi.mock('../../integrations/registry.ts', async () => {
  const { invented } = await import('./invented.ts');
  return { integrationOf: () => invented };
});

type Bench = Awaited<ReturnType<typeof startWorkbench>>;

/** The steps by which one record is carried over without a run. */
async function look({ does, step }: Bench, recordId: string): Promise<void> {
  const { isPending } = await step(does().fetchRecord, announced(recordId));
  if (isPending) await step(does().carryAnnounced, announced(recordId));
}

const announced = (recordId: string) => ({ integrationId, runId: 'announced', module: 'sheets', side: 'other', resource: 'loaners', recordId }) as const;

describe('a record that is carried over without a run', () => {
  it('comes with what is inside of it, and its step is told of none of that', async () => {
    const bench = await startWorkbench();
    const id = await bench.write({});
    const fetched = await bench.step(bench.does().fetchRecord, announced(id));
    expect(fetched).toEqual({ pause: null, found: true, isPending: true, documents: [] });
    expect(await bench.callsDuring(() => bench.step(bench.does().carryAnnounced, announced(id)))).toEqual(expect.arrayContaining(['PUT contacts', 'PUT invoices']));
    for (const [resource, one] of [['people', 'ann@example.com'], ['loaners', id]] as const) expect(await bench.standing(resource, one)).toMatchObject({ state: 'done' });
    expect(await bench.callsDuring(() => bench.step(bench.does().carryAnnounced, announced(id)))).toEqual([]);
  });

  it('goes on after a limit where it was stopped', async () => {
    const bench = await startWorkbench();
    const id = await bench.write({});
    await bench.step(bench.does().fetchRecord, announced(id));
    bench.zoho.faults.add({ route: 'PUT /books/v3/invoices', kind: 'limit-minute', times: 1 });
    expect(await bench.step(bench.does().carryAnnounced, announced(id))).toMatchObject({ pause: { code: 'limit-minute' } });
    expect(await bench.standing('people', 'ann@example.com')).toMatchObject({ state: 'done' });
    bench.clock.aheadMs += 120_000;
    expect(await bench.callsDuring(() => bench.step(bench.does().carryAnnounced, announced(id)))).toEqual(['PUT invoices']);
    expect(await bench.standing('loaners', id)).toMatchObject({ state: 'done' });
  });

  it('lists no invoices, however many come at once, and asks nothing about what it wrote when it is looked at again', async () => {
    const bench = await startWorkbench();
    // There was nothing to import, so the keys of the invoices were never looked at.
    await bench.run({}, 'initialImport');
    const ids = await Promise.all(Array.from({ length: 6 }, () => bench.write({})));
    const calls = await bench.callsDuring(() => Promise.all(ids.map((id) => look(bench, id))));
    expect(calls.filter((call) => call.includes('invoices'))).toEqual(ids.map(() => 'PUT invoices'));
    expect(await bench.callsDuring(() => Promise.all(ids.map((id) => look(bench, id))))).toEqual([]);
  });

  it('is found by another one that could be the same contact, although the contacts were listed before both', async () => {
    const bench = await startWorkbench();
    await bench.zoho.act({ method: 'POST', path: '/contacts', json: { contact_name: 'Ann' } });
    await look(bench, await bench.write({ name: 'Bob', mail: 'bob@example.com' }));
    const [one, other] = [await bench.write({ mail: 'ann@one.example' }), await bench.write({ mail: 'ann@other.example' })];
    for (const id of [one, other]) await bench.step(bench.does().fetchRecord, announced(id));
    await bench.step(bench.does().carryAnnounced, announced(one));
    expect(await bench.standing('people', 'ann@one.example')).toMatchObject({ state: 'failed', code: 'match-ambiguous' });
  });

  it('whose invoice differs now reads it, because it might be sent, and writes what differs', async () => {
    const bench = await startWorkbench();
    const id = await bench.write({});
    await look(bench, id);
    await bench.rewrite(id, { price: '12.00' });
    expect(await bench.callsDuring(() => look(bench, id))).toEqual(['GET invoices/:id', 'PUT invoices/:id']);
  });
});
