/**
 * A worker process of a test: takes calls, writes pages and ends changes in the database it is given, and asks the process
 * that started it to serve the calls.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { openStore } from '../../store/store.ts';
import type { Place } from '../../store/types.ts';

const jobSchema = z.object({
  url: z.string(), key: z.string(), integrationId: z.string(), runId: z.string(), quotaId: z.string(),
  /** Which of the processes this is, from 0. */
  process: z.number(),
  calls: z.number(), pages: z.number(), pageRecords: z.number(),
});
export type StoreJob = z.output<typeof jobSchema>;
/** What the process that started it answers to a call. */
export type Answer = 'served' | 'refused';

const { process: mine, ...job } = jobSchema.parse(JSON.parse(process.argv[2] ?? ''));
const { integrationId, runId } = job;
const store = await openStore({ url: job.url, key: job.key, now: Date.now });
const shared: Place = { module: 'shared', side: 'other', resource: 'shared' };
const own: Place = { module: 'own', side: 'other', resource: `own-${mine}` };

function answered(): Promise<Answer> {
  return new Promise((resolve) => {
    process.once('message', (answer: Answer) => resolve(answer));
    process.send?.('call');
  });
}

async function makeCalls(): Promise<void> {
  for (let done = 0; done < job.calls;) {
    const taken = await store.quotas.take(job.quotaId, 'bulk');
    if (taken.granted) {
      const answer = await answered();
      await store.quotas.end(taken.callId);
      if (answer === 'refused') await store.quotas.refused(job.quotaId, 'limit-day', null);
      else done += 1;
    } else {
      await delay(Math.max(taken.resumeAtMs - Date.now(), 0));
    }
  }
}

/** Each process has versions of its own of the same records; the newest of all is the last of the last process. */
async function writePages(): Promise<void> {
  for (let page = 0; page < job.pages; page++) {
    const version = page * 10 + mine;
    const records = Array.from({ length: job.pageRecords }, (_, n) => ({
      id: `${n}`, modifiedAt: new Date(version * 1_000).toISOString(), data: { version }, deleted: false, state: 'pending' as const, finding: null,
    }));
    for (const place of [shared, own]) {
      const pass = await store.currentPass(integrationId, place);
      await store.savePage({ integrationId, runId, place, pass, records, next: `${page + 1}`, nextSince: null });
    }
    const changes = await store.pending({ integrationId, module: 'own', side: 'other', after: 0, limit: 1_000 });
    const endings = changes.filter(({ resource }) => resource === own.resource).map((change) => ({
      change, outcome: 'updated' as const, state: 'done' as const, finding: null, notes: [], link: null, waitsFor: null,
    }));
    await store.endChanges({ integrationId, runId }, endings);
  }
}

await Promise.all([makeCalls(), writePages()]);
await store.close();
process.disconnect();
