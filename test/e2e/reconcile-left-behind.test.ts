import { describe, it, type TestContext } from 'vitest';
import { z } from 'zod';
import { startReconcile } from '../../client/commands/reconcile.ts';
import type { Bridge } from '../support/bridge.ts';
import { unlimited } from '../support/limits.ts';
import { startWithOneLoaner } from '../support/one-loaner.ts';
import { startShopBridge, type ShopBridge } from '../support/shop-bridge.ts';
import { smallShop } from '../support/small-shop.ts';

/** What a reconciliation finds, in words. */
async function found({ bookbridge, integrationId }: Pick<Bridge | ShopBridge, 'bookbridge' | 'integrationId'>): Promise<string[]> {
  const report = await (await startReconcile(bookbridge, { integrationId })).result();
  return (await bookbridge.store.reports.findings(report.id)).map(({ kind, record, code, detail }) => `${kind} ${record.resource} ${code ?? 'without code'}: ${detail}`);
}

/** The invoice's number stands in what a person reads, so it is the first one. */
async function ofInvoice({ zoho }: Pick<Bridge | ShopBridge, 'zoho'>, method: 'POST' | 'DELETE', end = ''): Promise<void> {
  const [invoice] = z.array(z.object({ invoice_id: z.string() })).parse(zoho.state().invoices);
  await zoho.act({ method, path: `/invoices/${invoice?.invoice_id ?? 'none'}${end}` });
}

/** One loaner with its invoice. */
async function invoiced(onTestFinished: TestContext['onTestFinished']) {
  const bridge = await startWithOneLoaner(onTestFinished);
  const { bookbridge: { store }, integrationId } = bridge;
  const open = bridge.dataSet.hector.statuses.find(({ state }) => state !== 'completed')?.id;
  return {
    bridge,
    reopen: async () => {
      await bridge.inHector('PATCH', '/loaners/gl-0', { statusId: open });
      await bridge.sync();
    },
    retry: async () => {
      await store.operations.retry(integrationId, { by: 'all' });
      await bridge.sync();
    },
    problems: async () => (await store.operations.problems(integrationId, { limit: 10 })).map(({ code }) => code),
  };
}

const stands = (why: string) => `different loaners document-stale: the invoice INV-000001 stands (draft), but ${why}`;

describe.concurrent('a reconciliation, of a loaner that is to have no invoice any more,', () => {
  it('says of its invoice what syncs say, and nothing once it is void', async ({ expect, onTestFinished }) => {
    const { bridge, reopen, retry } = await invoiced(onTestFinished);
    await reopen();
    expect(await found(bridge)).toEqual([stands('the loaner is no longer completed')]);
    await ofInvoice(bridge, 'POST', '/status/void');
    await retry();
    expect(await found(bridge)).toEqual([]);
    await ofInvoice(bridge, 'POST', '/status/draft');
    expect(await found(bridge)).toEqual([stands('the loaner is no longer completed')]);
  });

  it('misses none that a person has deleted, and makes it no failure', async ({ expect, onTestFinished }) => {
    const { bridge, reopen, retry, problems } = await invoiced(onTestFinished);
    await reopen();
    await ofInvoice(bridge, 'DELETE');
    await retry();
    expect(await found(bridge)).toEqual([]);
    expect(await problems()).toEqual([]);
  });

  it('tells of the invoice of one that is gone, until it is void', async ({ expect, onTestFinished }) => {
    const { bridge } = await invoiced(onTestFinished);
    await bridge.inHector('DELETE', '/loaners/gl-0');
    await bridge.sync();
    expect(await found(bridge)).toEqual(['missing invoices document-stale: loaners gl-0 is gone']);
    await ofInvoice(bridge, 'POST', '/status/void');
    expect(await found(bridge)).toEqual([]);
  });

  it('knows its invoice by its key where the store was lost', async ({ expect, onTestFinished }) => {
    const { bridge, reopen } = await invoiced(onTestFinished);
    await reopen();
    await bridge.loseStore();
    await bridge.connect({}, unlimited);
    await bridge.startImport();
    expect(await found(bridge)).toEqual([stands('the loaner is no longer completed')]);
  });
});

it('a reconciliation of a shop tells of the invoice of an order that was cancelled, until a person has voided it', async ({ expect, onTestFinished }) => {
  const bridge = await startShopBridge({ data: smallShop([{}]) });
  onTestFinished(() => bridge.stop());
  await bridge.connect();
  await bridge.startImport();
  const [order] = bridge.world.orders();
  bridge.world.cancel(order?.id ?? '');
  await bridge.sync();
  expect(await found(bridge)).toEqual([`different orders order-cancelled: the order ${order?.number ?? ''} was cancelled`]);
  await ofInvoice(bridge, 'POST', '/status/void');
  await bridge.bookbridge.store.operations.retry(bridge.integrationId, { by: 'all' });
  await bridge.sync();
  expect(await found(bridge)).toEqual([]);
});
