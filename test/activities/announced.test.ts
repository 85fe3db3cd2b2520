import { describe, expect, it, vi } from 'vitest';
import { integrationId, startWorkbench } from './workbench.ts';

vi.mock('../../integrations/registry.ts', async () => {
  const { invented } = await import('./invented.ts');
  return { integrationOf: () => invented };
});

type Bench = Awaited<ReturnType<typeof startWorkbench>>;

/** The steps by which one record is carried over without a run. */
async function look({ does, step }: Bench, recordId: string): Promise<void> {
  const run = { integrationId, runId: 'announced' };
  const { pending } = await step(does().fetchRecord, { ...run, module: 'sheets', side: 'other', resource: 'loaners', recordId });
  for (const one of pending) {
    await step(does().fetchReferences, { ...run, ...one });
    await step(does().carryDocument, { ...run, ...one });
  }
}

describe('a record that is carried over without a run', () => {
  it('lists no invoices, however many come at once, and asks nothing about what it wrote when it is looked at again', async () => {
    const bench = await startWorkbench();
    // There was nothing to import, so the keys of the invoices were never looked at.
    await bench.run({}, 'initialImport');
    const ids = await Promise.all(Array.from({ length: 6 }, () => bench.write({})));
    const calls = await bench.callsDuring(() => Promise.all(ids.map((id) => look(bench, id))));
    expect(calls.filter((call) => call.includes('invoices'))).toEqual(ids.map(() => 'PUT invoices'));
    expect(await bench.callsDuring(() => Promise.all(ids.map((id) => look(bench, id))))).toEqual([]);
  });

  it('whose invoice differs now reads it, because it might be sent, and writes what differs', async () => {
    const bench = await startWorkbench();
    const id = await bench.write({});
    await look(bench, id);
    await bench.rewrite(id, { price: '12.00' });
    expect(await bench.callsDuring(() => look(bench, id))).toEqual(['GET invoices/:id', 'PUT invoices/:id']);
  });
});
