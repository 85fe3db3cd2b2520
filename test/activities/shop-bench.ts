import { randomBytes } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { onTestFinished, vi } from 'vitest';
import type { Deps } from '../../activities/deps.ts';
import { createActivities } from '../../activities/index.ts';
import { createHttp } from '../../connectors/http.ts';
import { booksQuotaId } from '../../domain/credentials.ts';
import type { JsonObject } from '../../domain/json.ts';
import { prestaShopKey, startPrestaShopSimulator } from '../../simulators/shop/prestashop.ts';
import type { ShopData } from '../../simulators/shop/types.ts';
import { startWooCommerceSimulator, wooCommerceKeys } from '../../simulators/shop/woocommerce.ts';
import { startZohoSimulator } from '../../simulators/zoho/index.ts';
import { openStore } from '../../store/store.ts';
import type { RunInput } from '../../workflows/messages.ts';
import type { ShopKind } from '../support/shop-bridge.ts';
import { zohoClient } from '../support/zoho.ts';
import { createStep, reconciled } from './steps.ts';

export const integrationId = 'shop';
const organizationId = '60012345678';

/** A shop, Books and the steps of the engine between them, without Temporal, on a clock that only {@link advance} moves. */
export async function startShopBench(kind: ShopKind, data: ShopData, { refusesNegativeLines }: { refusesNegativeLines: boolean }) {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-06-01T08:00:00Z') });
  const { currency, digits, timeZone } = data.settings;
  const zoho = await startZohoSimulator({
    limits: { minute: null, block: null, concurrent: null, day: null },
    organizations: [{
      organization_id: organizationId, currency_code: currency, price_precision: digits, time_zone: timeZone, refusesNegativeLines,
      taxes: data.taxRates.map(({ name, percentage }) => ({ tax_name: name, tax_percentage: Number(percentage) })),
    }],
  });
  const shop = kind === 'woocommerce' ? await startWooCommerceSimulator({ data }) : await startPrestaShopSimulator({ data });
  const now = () => Date.now();
  const advance = (ms: number) => { vi.setSystemTime(now() + ms); };
  const open = () => openStore({ url: 'sqlite::memory:', key: randomBytes(32).toString('base64'), now });
  let store = await open();
  let settings: JsonObject = { organizationId, ordersFrom: '2026-01-01', timeZone };
  onTestFinished(async () => {
    await Promise.all([store.close(), zoho.close(), shop.close()]);
    vi.useRealTimers();
  });

  async function connect(different: JsonObject = {}) {
    settings = { ...settings, ...different };
    await store.integrations.save({ id: integrationId, kind, organizationId, settings, facts: { currencyCode: currency, digits } });
    await store.connections.write(integrationId, 'zoho-client', { ...zohoClient, accountsUrl: zoho.url, apiUrl: zoho.url });
    await store.connections.write(integrationId, 'zoho-tokens', { ...zoho.issueTokens(zohoClient.clientId), issuedAtMs: now(), expiresAtMs: now() + 3_000_000, refusedUntilMs: null });
    await store.connections.write(integrationId, kind, kind === 'woocommerce' ? { baseUrl: shop.url, ...wooCommerceKeys } : { baseUrl: shop.url, key: prestaShopKey });
    await store.quotas.configure(booksQuotaId(organizationId), { minute: { calls: 100_000, windowMs: 1_000 }, day: { calls: 1_000_000, windowMs: 86_400_000 }, concurrent: 50 });
  }
  await connect();
  const activities = () => createActivities({
    store, now, lanes: 2, mail: null, noticeAfterMs: 0, sleep: () => Promise.resolve(), http: (signal) => createHttp({ timeoutMs: 30_000, signal }),
  } satisfies Deps);

  const step = createStep(advance);

  /** As workflows/run.ts does. @returns the code of what a person has to mend before anything goes on; null: it went through */
  async function run(input: Partial<RunInput> = {}, runKind: 'sync' | 'initialImport' = 'sync'): Promise<string | null> {
    const does = activities();
    const request = { integrationId, runId: randomBytes(6).toString('hex'), kind: runKind };
    const plan = await step(does.beginRun, () => ({ ...request, module: input.module ?? null, isAlone: input.withdraw !== undefined }));
    const end = (state: 'completed' | 'failed') => step(does.endRun, () => ({ ...request, state }));
    try {
      if (plan.judgesAnew) await step(does.judgeAnew, () => ({ integrationId }));
      if (input.withdraw) {
        const { ids } = input.withdraw;
        await step(does.withdrawRecords, () => ({ ...request, module: input.module ?? '', ids }));
      } else {
        for (const [index, { name: module, sources }] of plan.modules.entries()) {
          for (let source = 0; source < sources; source += 1) await step(does.pull, () => ({ ...request, module, source }));
          if (index === 0 && input.request) {
            const { ids } = input.request;
            await step(does.requestRecords, () => ({ ...request, module: input.module ?? '', ids }));
          }
          await step(does.push, () => ({ ...request, module }));
        }
      }
    } catch (error) {
      await end('failed');
      if (!(error instanceof ApplicationFailure)) throw error;
      return error.type ?? error.message;
    }
    await end('completed');
    return null;
  }

  return {
    zoho, shop, world: shop.world, connect, advance, run,
    get store() { return store; },
    /** As workflows/sync-record.ts does. */
    async announce(orderId: string): Promise<void> {
      const does = activities();
      const request = { integrationId, runId: randomBytes(6).toString('hex'), module: 'orders', side: 'other', resource: 'orders', recordId: orderId } as const;
      const { isPending } = await step(does.fetchRecord, () => request);
      if (isPending) await step(does.carryAnnounced, () => request);
    },
    reconcile: () => reconciled({ does: activities(), step, store, integrationId, reportId: randomBytes(6).toString('hex') }),
    async loseStore(): Promise<void> {
      await store.close();
      store = await open();
      await connect();
      await run({}, 'initialImport');
    },
  };
}

export type ShopBench = Awaited<ReturnType<typeof startShopBench>>;
