import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import { openStore } from '../../store/store.ts';
import { itTakesCallsAhead } from './store-ahead.ts';
import { itKeepsConnections, itKeepsIntegrations } from './store-access.ts';
import { itEndsChanges, itWakesChanges } from './store-endings.ts';
import { itKeepsLinks } from './store-links.ts';
import { itKeepsNotices } from './store-notices.ts';
import { itServesOperations } from './store-operations.ts';
import { itShowsRecords } from './store-overview.ts';
import { itFindsMatches } from './store-matches.ts';
import { itMovesForward } from './store-migrations.ts';
import { itKeepsPasses, itKeepsRecords } from './store-passes.ts';
import { itSharesOneDatabase } from './store-processes.ts';
import { itKeepsLimits, itKeepsQuotas } from './store-quotas.ts';
import { itKeepsReports } from './store-reports.ts';
import { itJudgesAnew, itKeepsInnerRecords, itKeepsRequests } from './store-requests.ts';
import { itKeepsRuns } from './store-runs.ts';
import { key, newId, startMs, type Context, type DatabaseUnderTest } from './store-under-test.ts';

/** Thousands of transactions, and processes that start, on a machine that has other things to do. */
const patienceMs = 120_000;

/**
 * What the store promises, on whatever database.
 *
 * @param create makes an empty database
 * @param randomRuns how many random courses of calls are tried; a slow database gets fewer
 */
export function describeStore(name: string, create: () => Promise<DatabaseUnderTest>, randomRuns = 200): void {
  describe.each([name])('store on %s', { timeout: patienceMs }, () => {
    const clock = { nowMs: startMs };
    const now = () => Math.floor(clock.nowMs);
    let database: DatabaseUnderTest;
    let shared: Pick<Context, 'database' | 'store' | 'other' | 'clock'>;
    let context: Context;

    beforeAll(async () => {
      database = await create();
      const [store, other] = await Promise.all([openStore({ url: database.url, key, now }), openStore({ url: database.url, key, now })]);
      shared = { database, store, other, clock };
    }, patienceMs);
    beforeEach(async () => {
      clock.nowMs = startMs;
      const integrationId = newId('integration');
      const runId = newId('run');
      await shared.store.integrations.save({ id: integrationId, kind: 'hector', organizationId: '10', settings: {}, facts: {} });
      await shared.store.runs.begin({ id: runId, integrationId, kind: 'sync' });
      context = { ...shared, integrationId, run: { integrationId, runId } };
    });
    afterAll(async () => {
      await Promise.all([shared.store.close(), shared.other.close()]);
      await database.remove();
    });

    const current = () => context;
    describe('passes and pages', () => {
      itKeepsPasses(current);
      itKeepsRecords(current);
    });
    describe('changes', () => {
      itEndsChanges(current);
      itWakesChanges(current);
    });
    describe('requests', () => {
      itKeepsRequests(current);
    });
    describe('records inside others, kept listings, judgings', () => {
      itKeepsInnerRecords(current);
      itJudgesAnew(current);
    });
    describe('links', () => {
      itKeepsLinks(current);
    });
    describe('matches', () => {
      itFindsMatches(current);
    });
    describe('runs', () => {
      itKeepsRuns(current);
    });
    describe('notices', () => {
      itKeepsNotices(current);
    });
    describe('operations', () => {
      itServesOperations(current);
    });
    describe('overview', () => {
      itShowsRecords(current);
    });
    describe('reports', () => {
      itKeepsReports(current);
    });
    describe('integrations and connections', () => {
      itKeepsIntegrations(current);
      itKeepsConnections(current);
    });
    describe('quotas', () => {
      itKeepsQuotas(current);
      itTakesCallsAhead(current);
      itKeepsLimits(current, randomRuns);
    });
    describe('migrations', () => {
      itMovesForward(create);
    });
    describe('several processes', () => {
      itSharesOneDatabase(current, create);
    });
  });
}
