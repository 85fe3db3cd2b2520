import { randomBytes } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { onTestFinished, vi } from 'vitest';
import type { Deps } from '../../activities/deps.ts';
import type { DocumentRef } from '../../activities/documents.ts';
import { createActivities } from '../../activities/index.ts';
import { createHttp } from '../../connectors/http.ts';
import { hectorSetup } from '../../scripts/setup.ts';
import type { DataSet } from '../../simulators/data/index.ts';
import { defaultToken, startHectorSimulator } from '../../simulators/hector/index.ts';
import { organizationFrom } from '../../simulators/zoho/from-data.ts';
import { startZohoSimulator } from '../../simulators/zoho/index.ts';
import { openStore } from '../../store/store.ts';
import { authorize, zohoClient } from '../support/zoho.ts';
import { createStep, reconciled } from './steps.ts';

export const integrationId = 'hector';

/**
 * Hector and Books with a store between them, and the steps of a run one after the other as its workflow takes them, without Temporal. All of them have
 * one clock, and nobody waits for it: pauses are over at once.
 *
 * @param organization what is different about it in Books
 */
export async function startWalking(dataSet: DataSet, organization: Partial<ReturnType<typeof organizationFrom>> = {}) {
  const clock = { aheadMs: 0 };
  const realNow = Date.now.bind(Date);
  const spied = vi.spyOn(Date, 'now').mockImplementation(() => realNow() + clock.aheadMs);
  const zoho = await startZohoSimulator({ organizations: [{ ...organizationFrom(dataSet.books), ...organization }], limits: { minute: null, day: null, block: null, concurrent: null } });
  const hector = await startHectorSimulator({ dataSet });
  const open = () => openStore({ url: 'sqlite::memory:', key: randomBytes(32).toString('base64'), now: Date.now });
  let store = await open();
  const grant = await authorize(zoho.url);
  onTestFinished(async () => {
    await Promise.all([store.close(), zoho.close(), hector.close()]);
    spied.mockRestore();
  });
  const { settings } = hectorSetup({ id: integrationId, dataSet, hectorUrl: hector.url, zohoState: zoho.state() });

  async function connect() {
    await store.integrations.save({ id: integrationId, kind: 'hector', organizationId: dataSet.books.organization.id, settings: settings as Record<string, never>, facts: { currencyCode: 'EUR', digits: 2 } });
    await store.connections.write(integrationId, 'zoho-client', { ...zohoClient, accountsUrl: zoho.url, apiUrl: zoho.url });
    await store.connections.write(integrationId, 'zoho-tokens', { ...grant, refusedUntilMs: null });
    await store.connections.write(integrationId, 'hector', { baseUrl: hector.url, token: defaultToken });
  }
  await connect();
  const does = () => createActivities({
    store, now: Date.now, lanes: 3, mail: null, noticeAfterMs: Infinity, http: (signal) => createHttp({ timeoutMs: 30_000, signal }),
    sleep: (ms) => { clock.aheadMs += ms; return Promise.resolve(); },
  } satisfies Deps);

  const step = createStep((ms) => { clock.aheadMs += ms; });

  async function documents(run: { integrationId: string; runId: string; module: string }) {
    for (let after = 0; ;) {
      const page = await step(does().pendingDocuments, () => ({ ...run, after, limit: 200 }));
      if (page.documents.length === 0) return;
      after = page.after;
      for (const document of page.documents) await carryDocument({ ...run, ...document });
    }
  }

  /** One that fails for a while is taken up again by the next run. */
  async function carryDocument(request: DocumentRef & { integrationId: string; runId: string; module: string }) {
    try {
      await step(does().carryDocument, () => request);
    } catch (error) {
      if (!(error instanceof ApplicationFailure) || error.nonRetryable) throw error;
    }
  }

  const newRun = () => ({ integrationId, runId: randomBytes(6).toString('hex') });
  return {
    zoho, hector, clock,
    get store() { return store; },
    async run(kind: 'sync' | 'initialImport' = 'sync') {
      const run = { ...newRun(), kind };
      const { idle, modules, judgesAnew } = await step(does().beginRun, () => ({ ...run, module: null, isAlone: false }));
      if (idle !== null) return;
      if (judgesAnew) await step(does().judgeAnew, () => ({ integrationId }));
      if (kind === 'initialImport') await step(does().prepare, () => run);
      for (const { name: module, sources, document } of modules) {
        for (let source = 0; source < sources; source += 1) await step(does().pull, () => ({ ...run, module, source }));
        if (document === null) await step(does().push, () => ({ ...run, module }));
        else await documents({ ...run, module });
      }
      await step(does().endRun, () => ({ ...run, state: 'completed' as const }));
    },
    /** What comes of a webhook. */
    async announced(id: string) {
      const run = newRun();
      const { documents: found } = await step(does().fetchRecord, () => ({ ...run, module: 'loaners', side: 'other' as const, resource: 'loaners', recordId: id }));
      for (const { document: _, ...document } of found) {
        await step(does().fetchReferences, () => ({ ...run, ...document }));
        await carryDocument({ ...run, ...document });
      }
    },
    reconcile: () => reconciled({ does: does(), step, store, integrationId, reportId: newRun().runId }),
    /** The database is lost, and the integration connected and imported again. */
    async loseStore() {
      await store.close();
      store = await open();
      await connect();
      await this.run('initialImport');
    },
  };
}

export type Walking = Awaited<ReturnType<typeof startWalking>>;
