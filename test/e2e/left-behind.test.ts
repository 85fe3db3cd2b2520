import { describe, it, type TestContext } from 'vitest';
import { z } from 'zod';
import { startSyncAlone } from '../../client/runs.ts';
import { readBooks } from '../../scripts/simulated.ts';
import type { Bridge } from '../support/bridge.ts';
import { byRoute, callsDuring } from '../support/calls.ts';
import { startWithOneLoaner } from '../support/one-loaner.ts';

/** One loaner with its invoice. */
async function invoiced(onTestFinished: TestContext['onTestFinished']) {
  const bridge = await startWithOneLoaner(onTestFinished);
  const [invoice] = await invoicesOf(bridge);
  if (!invoice) throw new Error('the loaner has no invoice');
  const { statuses } = bridge.dataSet.hector;
  const setStatus = (isCompleted: boolean) => bridge.inHector('PATCH', '/loaners/gl-0', { statusId: statuses.find(({ state }) => (state === 'completed') === isCompleted)?.id });
  return {
    bridge, invoice, path: `/invoices/${invoice.invoice_id}`,
    reopen: () => setStatus(false), complete: () => setStatus(true),
    retry: () => bridge.bookbridge.store.operations.retry(bridge.integrationId, { by: 'record', id: 'gl-0' }),
  };
}

const invoicesOf = async ({ zoho, dataSet }: Bridge) => (await readBooks(zoho.url, dataSet.books.organization.id)).invoices;

async function problems({ bookbridge, integrationId }: Bridge) {
  return (await bookbridge.store.operations.problems(integrationId, { limit: 100 })).map(({ id, code, detail }) => `${id} ${code}: ${detail}`);
}

const read = { 'GET /books/v3/invoices/:id': 1, 'GET /books/v3/items': 1 };
const stands = (why: string) => [`gl-0 document-stale: the invoice INV-000001 stands (draft), but ${why}`];

describe.concurrent('an invoice whose loaner is to have none any more', () => {
  it('is reported with its number, once, and left as it is where the loaner was reopened', async ({ expect, onTestFinished }) => {
    const { bridge, invoice, reopen, complete } = await invoiced(onTestFinished);
    await reopen();
    expect(byRoute(await callsDuring(bridge.zoho, () => bridge.sync()))).toEqual(read);
    expect(await problems(bridge)).toEqual(stands('the loaner is no longer completed'));
    expect(byRoute(await callsDuring(bridge.zoho, () => bridge.sync()))).toEqual({ 'GET /books/v3/items': 1 });
    expect(await invoicesOf(bridge)).toEqual([invoice]);
    await complete();
    expect(byRoute(await callsDuring(bridge.zoho, () => bridge.sync()))).toEqual(read);
    expect(await problems(bridge)).toEqual([]);
    await bridge.inHector('PATCH', '/loaners/gl-0', { plannedEndAt: '2030-01-01T00:00:00Z' });
    expect(byRoute(await callsDuring(bridge.zoho, () => bridge.sync()))).toEqual({ 'GET /books/v3/items': 1 });
  });

  it('is reported where the loaner lost its last imported item, or was deleted', async ({ expect, onTestFinished }) => {
    const { bridge, invoice } = await invoiced(onTestFinished);
    await bridge.inHector('PATCH', '/loaners/gl-0', { lines: [{ id: 'l', kind: 'part', itemId: null, description: 'Something else', quantity: 1 }] });
    await bridge.sync();
    expect(await problems(bridge)).toEqual(stands('the loaner has no imported item any more'));
    await bridge.inHector('DELETE', '/loaners/gl-0');
    await bridge.sync();
    expect(await problems(bridge)).toEqual(stands('the loaner was deleted'));
    expect(await invoicesOf(bridge)).toEqual([invoice]);
  });

  it('is reported where the loaner is looked at by itself', async ({ expect, onTestFinished }) => {
    const { bridge, reopen } = await invoiced(onTestFinished);
    await reopen();
    const run = await startSyncAlone(bridge.bookbridge, { integrationId: bridge.integrationId, module: 'loaners', record: { side: 'other', resource: 'loaners', recordId: 'gl-0' } });
    await run?.result();
    expect(await problems(bridge)).toEqual(stands('the loaner is no longer completed'));
  });

  it('is nobody’s business any more once it is void, and stands for no loaner that is completed again', async ({ expect, onTestFinished }) => {
    const { bridge, path, reopen, complete, retry } = await invoiced(onTestFinished);
    await reopen();
    await bridge.sync();
    await bridge.zoho.act({ method: 'POST', path: `${path}/status/void` });
    await retry();
    expect((await bridge.sync()).counts['loaners']).toMatchObject({ skipped: 1 });
    expect(await problems(bridge)).toEqual([]);
    await complete();
    await bridge.sync();
    expect(await problems(bridge)).toEqual(['gl-0 document-locked: the invoice INV-000001 is void']);
  });

  it('is missed where it was deleted by hand and the loaner is completed again, and made anew on retry', async ({ expect, onTestFinished }) => {
    const { bridge, invoice, path, reopen, complete, retry } = await invoiced(onTestFinished);
    await bridge.zoho.act({ method: 'DELETE', path });
    await reopen();
    await bridge.sync();
    expect(await problems(bridge)).toEqual([]);
    await complete();
    await bridge.sync();
    expect(await problems(bridge)).toEqual([`gl-0 record-missing: invoices ${invoice.invoice_id}`]);
    await retry();
    await bridge.sync();
    expect(await invoicesOf(bridge)).toMatchObject([{ reference_number: 'GL-0', sub_total: invoice.sub_total }]);
    expect(await problems(bridge)).toEqual([]);
  });

  it('may stand as it was sent where the loaner is completed again as it was', async ({ expect, onTestFinished }) => {
    const { bridge, path, reopen, complete } = await invoiced(onTestFinished);
    await bridge.zoho.act({ method: 'POST', path: `${path}/status/sent` });
    await reopen();
    await bridge.sync();
    expect(await problems(bridge)).toMatchObject([expect.stringMatching(/^gl-0 document-stale: the invoice INV-000001 stands \((sent|overdue)\)/)]);
    await complete();
    expect((await bridge.sync()).counts['loaners']).toMatchObject({ unchanged: 1 });
    expect(await problems(bridge)).toEqual([]);
  });
});

it('a draft to which a person has added a line or a discount in Books keeps them where the lines of its loaner change', async ({ expect, onTestFinished }) => {
  const { bridge, path } = await invoiced(onTestFinished);
  const [line] = z.array(z.looseObject({})).parse(bridge.zoho.state().invoices[0]?.['line_items']);
  const penalty = bridge.zoho.state().items[1]?.['item_id'];
  await bridge.zoho.act({ method: 'PUT', path, json: { line_items: [{ ...line, discount: '10%' }, { item_id: penalty, rate: 7, quantity: 1 }] } as never });
  const edited = await invoicesOf(bridge);
  await bridge.inHector('PATCH', '/loaners/gl-0', { returnedAt: '2030-01-01T00:00:00Z' });
  await bridge.sync();
  expect(await problems(bridge)).toMatchObject([expect.stringMatching(/^gl-0 document-locked: the draft INV-000001 was changed in Books: line_items 2 entries instead of 1 entries, line_items.0.discount 10%; it differs in /)]);
  expect(await invoicesOf(bridge)).toMatchObject(edited.map(({ line_items: lines, sub_total: total }) => ({ line_items: lines, sub_total: total })));
});
