import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, it, type TestContext } from 'vitest';
import { z } from 'zod';
import { announce, stopAnnouncing } from '../../client/connect.ts';
import { registerWebhook } from '../../client/webhooks.ts';
import { webhookSchema } from '../../domain/credentials.ts';
import { startWebhookListener, type WebhookListener } from '../../worker/webhooks.ts';
import { recordWorkflowId } from '../../workflows/messages.ts';
import { startBridge, type Bridge } from '../support/bridge.ts';
import { byRoute, callsDuring } from '../support/calls.ts';
import { generatedData } from '../support/generated-data.ts';
import { textOfHistory } from '../support/histories.ts';
import { unlimited } from '../support/limits.ts';
import { until } from '../support/until.ts';

interface Line {
  readonly bridge: Bridge;
  readonly listener: WebhookListener;
  /** A delivery as Hector makes it; what is given differs from that. */
  readonly deliver: (delivery: { readonly event: string; readonly recordId: string }, more?: Partial<Sent>) => Promise<number>;
  readonly invoices: () => number;
}

interface Sent {
  readonly url: string;
  readonly body: string;
  readonly secret: string;
  readonly headers: Record<string, string>;
}

/** Imported and listening, with no schedule: what becomes an invoice, a webhook made it. */
async function started({ onTestFinished }: Pick<TestContext, 'onTestFinished'>, { loaners = 6, imports = true } = {}): Promise<Line> {
  const bridge = await startBridge({ data: await generatedData({ customers: 4, loaners }) });
  onTestFinished(() => bridge.stop());
  const { bookbridge, integrationId } = bridge;
  const { config: { taskQueue }, temporal, store } = bookbridge;
  const listener = await startWebhookListener({ port: 0, host: '127.0.0.1', store, temporal, taskQueue });
  onTestFinished(() => listener.close());
  await bridge.connect({}, unlimited);
  await registerWebhook(bookbridge, integrationId, listener.url);
  if (imports) await bridge.startImport();
  return {
    bridge, listener,
    async deliver({ event, recordId }, more = {}) {
      const known = webhookSchema.parse(await store.connections.read(integrationId, 'hector-webhook'));
      const { url, body, secret, headers } = { url: known.url, secret: known.secret, headers: {}, body: JSON.stringify({ id: randomUUID(), event, recordId, occurredAt: new Date().toISOString() }), ...more };
      const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
      const response = await fetch(url, { method: 'POST', body, headers: { 'x-hector-signature': signature, ...headers } });
      return response.status;
    },
    invoices: () => bridge.zoho.state().invoices.length,
  };
}

const registeredSchema = z.object({ data: z.array(z.object({ id: z.string(), url: z.string(), events: z.array(z.string()) })) });
const registered = async (bridge: Bridge) => registeredSchema.parse(await bridge.inHector('GET', '/webhooks')).data;
const firstLoaner = ({ dataSet }: Bridge) => dataSet.hector.loaners[0]?.id ?? '';

async function fieldsOfFirstLoaner(bridge: Bridge): Promise<Record<string, unknown>> {
  const { id: _id, updatedAt: _updatedAt, ...fields } = await bridge.inHector('GET', `/loaners/${firstLoaner(bridge)}`);
  return fields;
}

/** Until nothing is under way for this record any more. */
async function settled({ bookbridge, integrationId }: Bridge, recordId: string): Promise<void> {
  await bookbridge.temporal.workflow.getHandle(recordWorkflowId({ integrationId, resource: 'loaners', recordId })).result();
}

describe.concurrent('a webhook of Hector', () => {
  it('makes every completed loaner an invoice without any sync, with the calculation types of that moment', async ({ expect, onTestFinished }) => {
    const { bridge, invoices } = await started({ onTestFinished }, { loaners: 12 });
    const calls = await callsDuring(bridge.zoho, async () => {
      // The calculation types of the data set are set in Hector in the same moment.
      await bridge.makeLoaners();
      await until(() => invoices() === 12);
      for (const { id } of bridge.dataSet.hector.loaners) await settled(bridge, id);
    });
    expect(await bridge.differences()).toEqual([]);
    expect(byRoute(calls)).toEqual({ 'PUT /books/v3/invoices': 12 });
  });

  it('carries a change of the loaner over to its draft, and notices when it is deleted', async ({ expect, onTestFinished }) => {
    const { bridge, invoices } = await started({ onTestFinished });
    await bridge.makeLoaners(1);
    await until(() => invoices() === 1);
    const id = firstLoaner(bridge);
    await bridge.inHector('PATCH', `/loaners/${id}`, { notes: 'Returned by the neighbour' });
    await until(() => bridge.zoho.state().invoices[0]?.['notes'] === 'Returned by the neighbour');
    await bridge.inHector('DELETE', `/loaners/${id}`);
    const { store } = bridge.bookbridge;
    await until(async () => (await store.operations.history(bridge.integrationId, { recordId: id, limit: 1 }))[0]?.code === 'document-stale');
    expect(invoices()).toBe(1);
  });

  it('leaves no name of a customer in Temporal’s history, be the loaner invoiced or not: why not is in the history of Bookbridge', async ({ expect, onTestFinished }) => {
    const { bridge, invoices } = await started({ onTestFinished });
    const { bookbridge: { store, temporal }, integrationId } = bridge;
    const id = firstLoaner(bridge);
    const workflows = [recordWorkflowId({ integrationId, resource: 'loaners', recordId: id }), `invoice:hector:${integrationId}:${id}`];
    const expectNoName = async () => {
      const text = (await Promise.all(workflows.map((workflowId) => textOfHistory(temporal, workflowId)))).join('\n');
      expect(text).toContain(`Invoice loaner ${id}`);
      for (const { name, email } of bridge.dataSet.hector.customers) for (const word of [name, email]) expect(text).not.toContain(word);
      return text;
    };
    await bridge.makeLoaners(1);
    await until(() => invoices() === 1);
    await settled(bridge, id);
    await expectNoName();
    const { name } = bridge.dataSet.hector.customers[0] ?? { name: '' };
    await bridge.inHector('PATCH', `/loaners/${id}`, { penalties: [{ id: 'p', type: 'amount', value: '5.00', reason: 'damaged', description: `${name} dropped it` }] });
    const explained = async () => (await store.operations.history(integrationId, { recordId: id, limit: 1 }))[0];
    await until(async () => (await explained())?.outcome === 'failed');
    await settled(bridge, id);
    expect(await explained()).toMatchObject({ code: 'penalty-item-missing', detail: expect.stringContaining(name) as unknown });
    expect(await expectNoName()).toContain(`bookbridge history --integration ${integrationId} --record ${id}`);
  });

  it('leaves a loaner alone that is not completed', async ({ expect, onTestFinished }) => {
    const { bridge, invoices, deliver } = await started({ onTestFinished });
    await bridge.makeLoaners(1);
    await until(() => invoices() === 1);
    await settled(bridge, firstLoaner(bridge));
    const open = bridge.dataSet.hector.statuses.find(({ state }) => state === 'in_progress')?.id;
    const { id } = await bridge.inHector('POST', '/loaners', { ...await fieldsOfFirstLoaner(bridge), number: 'LO-open', statusId: open });
    expect(await deliver({ event: 'loaner.changed', recordId: String(id) })).toBe(202);
    await settled(bridge, String(id));
    expect(await bridge.bookbridge.store.operations.find(bridge.integrationId, String(id))).toMatchObject([{ state: 'skipped', code: 'not-completed' }]);
    expect(invoices()).toBe(1);
  });

  it('that comes again and again, and while a sync finds the same loaners, makes one invoice each', async ({ expect, onTestFinished }) => {
    const { bridge, deliver } = await started({ onTestFinished }, { loaners: 10 });
    await bridge.makeLoaners();
    const ids = bridge.dataSet.hector.loaners.map(({ id }) => id);
    const again = ids.flatMap((recordId) => [0, 1, 2].map(() => deliver({ event: 'loaner.completed', recordId })));
    const [statuses] = await Promise.all([Promise.all(again), bridge.sync()]);
    expect(new Set(statuses)).toEqual(new Set([202]));
    for (const id of ids) await settled(bridge, id);
    await bridge.sync();
    expect(await bridge.differences()).toEqual([]);
  });

  it('that is lost costs time and nothing else: the next sync finds the loaner', async ({ expect, onTestFinished }) => {
    const { bridge, listener, invoices } = await started({ onTestFinished });
    await listener.close();
    await bridge.makeLoaners();
    expect(invoices()).toBe(0);
    await bridge.sync();
    expect(await bridge.differences()).toEqual([]);
  });

  it('is accepted and forgotten while there is nothing to do: paused, not imported yet, or for a record that is not synced', async ({ expect, onTestFinished }) => {
    const { bridge, deliver } = await started({ onTestFinished }, { imports: false });
    const { bookbridge: { store, temporal }, integrationId } = bridge;
    expect(await deliver({ event: 'loaner.completed', recordId: '1' })).toBe(204);
    await bridge.startImport();
    expect(await deliver({ event: 'category.changed', recordId: '1' })).toBe(204);
    expect(await deliver({ event: 'part.changed', recordId: '1' })).toBe(204);
    await store.operations.setState(integrationId, 'paused');
    expect(await deliver({ event: 'loaner.completed', recordId: '1' })).toBe(204);
    await expect(temporal.workflow.getHandle(recordWorkflowId({ integrationId, resource: 'loaners', recordId: '1' })).describe()).rejects.toThrow(/not found/i);
  });

  it('about a record that is not there ends without a trace', async ({ expect, onTestFinished }) => {
    const { bridge, deliver } = await started({ onTestFinished });
    expect(await deliver({ event: 'loaner.completed', recordId: 'nobody' })).toBe(202);
    await settled(bridge, 'nobody');
    expect(await bridge.bookbridge.store.operations.find(bridge.integrationId, 'nobody')).toEqual([]);
  });
});

describe.concurrent('a delivery that Hector did not make', () => {
  it('is refused, whatever is wrong with it, and starts nothing', async ({ expect, onTestFinished }) => {
    const { bridge, listener, deliver, invoices } = await started({ onTestFinished }, { loaners: 2 });
    const delivery = { event: 'loaner.completed', recordId: firstLoaner(bridge) };
    const { url } = (await registered(bridge))[0] ?? { url: '' };
    expect(await deliver(delivery, { secret: 'somebody else\'s secret' })).toBe(401);
    expect(await deliver(delivery, { headers: { 'x-hector-signature': '' } })).toBe(401);
    expect(await deliver(delivery, { headers: { 'x-hector-signature': 'sha256=00' } })).toBe(401);
    expect(await deliver(delivery, { url: `${url.slice(0, -1)}_` })).toBe(404);
    expect(await deliver(delivery, { url: url.replace(bridge.integrationId, 'unknown') })).toBe(404);
    expect(await deliver(delivery, { url: `${listener.url}/` })).toBe(404);
    expect(await deliver(delivery, { body: `"${'x'.repeat(2_000_000)}"` })).toBe(413);
    expect(await deliver(delivery, { body: 'not JSON' })).toBe(400);
    expect(await deliver(delivery, { body: '{"id":"1","event":"loaner.completed"}' })).toBe(400);
    expect(await deliver({ ...delivery, recordId: 'x'.repeat(101) })).toBe(400);
    expect((await fetch(url)).status).toBe(405);
    await delay(500);
    expect(invoices()).toBe(0);
    const workflow = bridge.bookbridge.temporal.workflow.getHandle(recordWorkflowId({ integrationId: bridge.integrationId, resource: 'loaners', recordId: delivery.recordId }));
    await expect(workflow.describe()).rejects.toThrow(/not found/i);
  });
});

describe('the listener', () => {
  it('names the variable where it cannot have its port', async ({ expect, onTestFinished }) => {
    const { bridge, listener } = await started({ onTestFinished }, { imports: false });
    const { config: { taskQueue }, temporal, store } = bridge.bookbridge;
    const second = startWebhookListener({ port: Number(new URL(listener.url).port), host: '127.0.0.1', store, temporal, taskQueue });
    await expect(second).rejects.toThrow(/^settings-invalid: BOOKBRIDGE_WEBHOOK_PORT, BOOKBRIDGE_WEBHOOK_HOST: .*EADDRINUSE/);
  });
});

describe.concurrent('the registration', () => {
  it('is made when the integration is connected, where a public address is known, and not a second time', async ({ expect, onTestFinished }) => {
    const bridge = await startBridge({ config: { publicUrl: 'https://bookbridge.example.com/' } });
    onTestFinished(() => bridge.stop());
    await bridge.connect({}, unlimited);
    const [first] = await registered(bridge);
    expect(first?.url).toMatch(new RegExp(`^https://bookbridge\\.example\\.com/webhooks/${bridge.integrationId}/[\\w-]{32}$`));
    expect(first?.events).toEqual(['loaner.completed', 'loaner.changed', 'loaner.deleted']);
    await bridge.connect({}, unlimited);
    expect(await registered(bridge)).toEqual([first]);
  });

  it('follows a new address, and is made anew where the store was lost', async ({ expect, onTestFinished }) => {
    const bridge = await startBridge();
    onTestFinished(() => bridge.stop());
    await bridge.connect({}, unlimited);
    expect(await registered(bridge)).toEqual([]);
    await registerWebhook(bridge.bookbridge, bridge.integrationId, 'https://old.example.com');
    await registerWebhook(bridge.bookbridge, bridge.integrationId, 'https://new.example.com');
    const [moved, ...none] = await registered(bridge);
    expect(none).toEqual([]);
    expect(moved?.url).toMatch(/^https:\/\/new\.example\.com\//);
    await bridge.loseStore();
    await bridge.connect({}, unlimited);
    await registerWebhook(bridge.bookbridge, bridge.integrationId, 'https://new.example.com');
    const [anew, ...left] = await registered(bridge);
    expect(left).toEqual([]);
    expect(anew?.url).not.toBe(moved?.url);
  });

  it('ends while the integration is disabled, and is the same one again afterwards', async ({ expect, onTestFinished }) => {
    const bridge = await startBridge({ config: { publicUrl: 'https://bookbridge.example.com' } });
    onTestFinished(() => bridge.stop());
    const { bookbridge, integrationId } = bridge;
    const remarks: string[] = [];
    const remark = (text: string) => { remarks.push(text); };
    await bridge.connect({}, unlimited);
    await bridge.inHector('POST', '/webhooks', { url: 'https://somebody-else.example.com/webhooks', secret: 'of somebody else entirely', events: ['loaner.completed'] });
    const [before, foreign] = await registered(bridge);
    await bookbridge.store.operations.setState(integrationId, 'disabled');
    await stopAnnouncing(bookbridge, integrationId, remark);
    await stopAnnouncing(bookbridge, integrationId, remark);
    // Other credentials for an integration that is disabled announce nothing either.
    await announce(bookbridge, integrationId, remark);
    expect(await registered(bridge)).toEqual([foreign]);
    await bookbridge.store.operations.setState(integrationId, 'active');
    await announce(bookbridge, integrationId, remark);
    expect(new Set((await registered(bridge)).map(({ url }) => url))).toEqual(new Set([before?.url, foreign?.url]));
    expect(remarks).toEqual([]);
  });

  it('that Hector does not end is remarked, and stops nothing', async ({ expect, onTestFinished }) => {
    const bridge = await startBridge({ config: { publicUrl: 'https://bookbridge.example.com' } });
    onTestFinished(() => bridge.stop());
    const remarks: string[] = [];
    await bridge.connect({}, unlimited);
    bridge.hector.faults.add({ route: 'DELETE /api/v1/webhooks', kind: 'error-before' });
    await stopAnnouncing(bridge.bookbridge, bridge.integrationId, (text) => { remarks.push(text); });
    expect(remarks).toEqual([expect.stringMatching(/^Hector still announces what changes, and nothing comes of it/)]);
  });

  it('that Hector refuses stops nothing', async ({ expect, onTestFinished }) => {
    const bridge = await startBridge({ config: { publicUrl: 'https://bookbridge.example.com' } });
    onTestFinished(() => bridge.stop());
    bridge.hector.faults.add({ route: 'GET /api/v1/webhooks', kind: 'error-before' });
    await bridge.connect({}, unlimited);
    await bridge.startImport();
    await bridge.makeLoaners();
    await bridge.sync();
    expect(await bridge.differences()).toEqual([]);
  });
});
