import { randomBytes } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { onTestFinished } from 'vitest';
import type { Deps } from '../../activities/deps.ts';
import { createActivities, type Activities } from '../../activities/index.ts';
import { createHttp } from '../../connectors/http.ts';
import type { JsonObject } from '../../domain/json.ts';
import { loadDataSet } from '../../simulators/data/index.ts';
import { defaultToken, startHectorSimulator } from '../../simulators/hector/index.ts';
import { organizationFrom } from '../../simulators/zoho/from-data.ts';
import { startZohoSimulator } from '../../simulators/zoho/index.ts';
import { openStore } from '../../store/store.ts';
import type { RunInput } from '../../workflows/messages.ts';
import { callsDuring } from '../support/calls.ts';
import { authorize, zohoClient } from '../support/zoho.ts';
import type { Writing } from './invented.ts';

export const integrationId = 'paper';
const settings = { byHand: false, taken: ['paid'] };

/** The steps of the engine on real systems and a store, one after the other, without Temporal. */
export async function startWorkbench() {
  const dataSet = await loadDataSet(null);
  const [zoho, hector] = [await startZohoSimulator({ organizations: [{ ...organizationFrom(dataSet.books), contacts: [], items: [] }], limits: { minute: null, block: null, concurrent: null } }), await startHectorSimulator({ dataSet: { ...dataSet, hector: { ...dataSet.hector, loaners: [] } } })];
  const clock = { aheadMs: 0 };
  const now = () => Date.now() + clock.aheadMs;
  const open = () => openStore({ url: 'sqlite::memory:', key: randomBytes(32).toString('base64'), now });
  let store = await open();
  const grant = await authorize(zoho.url);
  onTestFinished(async () => { await Promise.all([store.close(), zoho.close(), hector.close()]); });
  const [stockroom] = dataSet.hector.stockrooms;
  let sheets = 0;

  async function connect(different: JsonObject = {}) {
    await store.integrations.save({ id: integrationId, kind: 'paper', organizationId: dataSet.books.organization.id, settings: { ...settings, ...different }, facts: {} });
    await store.connections.write(integrationId, 'zoho-client', { ...zohoClient, accountsUrl: zoho.url, apiUrl: zoho.url });
    await store.connections.write(integrationId, 'zoho-tokens', { ...grant, refusedUntilMs: null });
    await store.connections.write(integrationId, 'hector', { baseUrl: hector.url, token: defaultToken });
  }
  await connect();
  const activities = (different: Partial<Deps> = {}): Activities => createActivities({
    store, now, lanes: 2, mail: null, noticeAfterMs: 0, sleep: () => Promise.resolve(), http: (signal) => createHttp({ timeoutMs: 30_000, signal }), ...different,
  } satisfies Deps);
  const step = <Request, Result>(work: (request: Request) => Promise<Result>, request: Request): Promise<Result> => new MockActivityEnvironment().run(work, request);

  /** The same steps in the same order as the workflow of a run. */
  async function run(input: Partial<RunInput> = {}, kind: 'sync' | 'initialImport' = 'sync') {
    const does = activities();
    const request = { integrationId, runId: randomBytes(6).toString('hex'), kind };
    if (kind === 'sync') await store.integrations.markImported(integrationId, now());
    const plan = await step(does.beginRun, { ...request, module: input.module ?? null, isAlone: input.withdraw !== undefined });
    if (plan.judgesAnew) await step(does.judgeAnew, { integrationId });
    let asked;
    let withdrawn;
    for (const [index, { name: module, sources }] of plan.modules.entries()) {
      if (input.withdraw) {
        withdrawn = await step(does.withdrawRecords, { ...request, module, ids: input.withdraw.ids });
        break;
      }
      for (let source = 0; source < sources; source += 1) await step(does.pull, { ...request, module, source });
      if (index === 0 && input.request) asked = await step(does.requestRecords, { ...request, module: input.module ?? '', ids: input.request.ids });
      await step(does.push, { ...request, module });
    }
    return { counts: await step(does.endRun, { ...request, state: 'completed' as const }), asked, withdrawn, modules: plan.modules.map(({ name }) => name) };
  }

  return {
    zoho, hector, clock, connect, run,
    get store() { return store; },
    /** The steps by themselves, with what is different for them. */
    does: activities, step,
    /** The database is lost, and the integration connected again. */
    async loseStore() {
      await store.close();
      store = await open();
      await connect();
    },
    async write(writing: Partial<Writing>, more: JsonObject = {}) {
      return (await inHector('POST', '/loaners', { statusId: dataSet.hector.statuses[0]?.id ?? '', plannedStartAt: new Date().toISOString(), stockroomId: stockroom?.id ?? '', lines: [], number: `S-${(sheets += 1)}`, ...more, notes: textOf(writing) }))['id'] as string;
    },
    async rewrite(id: string, writing: Partial<Writing>) {
      await inHector('PATCH', `/loaners/${id}`, { notes: textOf(writing) });
    },
    inHector,
    /** Where a record stands, and the ids it is linked with. */
    async standing(resource: string, id: string) {
      const address = { side: 'other', resource, id } as const;
      const found = [...(await store.reports.standings(integrationId, [address])).values()][0];
      const link = [...(await store.links(integrationId, [address])).values()][0];
      return { state: found?.state, code: found?.code ?? null, partner: link?.books.id ?? null };
    },
    /** Calls of Books that `work` makes, such as `GET contacts`. */
    async callsDuring(work: () => Promise<unknown>): Promise<string[]> {
      return (await callsDuring(zoho, work)).map(({ route }) => route.replace('/books/v3/', ''));
    },
  };

  async function inHector(method: string, path: string, fields?: JsonObject): Promise<JsonObject> {
    const response = await fetch(`${hector.url}/api/v1${path}`, {
      method, headers: { authorization: `Bearer ${defaultToken}`, 'content-type': 'application/json' }, ...(fields && { body: JSON.stringify(fields) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? {} : JSON.parse(text) as JsonObject;
  }
}

function textOf(writing: Partial<Writing>): string {
  return JSON.stringify({ name: 'Ann', mail: 'ann@example.com', state: 'paid', price: '10.00', ...writing });
}
