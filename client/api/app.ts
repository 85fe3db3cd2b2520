import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { errorGroups } from '../error-groups.ts';
import { expectActive, expectImported } from '../expectations.ts';
import { historyDocument } from '../history-document.ts';
import { lastRuns, runDocument, statusDocument, statusOf } from '../integration-status.ts';
import type { Bookbridge } from '../open.ts';
import { promptly } from '../promptly.ts';
import { explain } from '../reasons.ts';
import { listRecords, recordsById } from '../records.ts';
import { startSyncAlone } from '../runs.ts';
import { deleteRecords, isThrough, sendRecords, type Named } from '../send.ts';
import { changeStateOf, type StateCommand } from '../state-change.ts';
import { iso } from '../time.ts';
import { guard } from './guard.ts';
import { RefusedRequest, refusalOf } from './refusal.ts';
import { bodyOf, errorsQuery, expectModuleOf, historyQuery, integrationAt, missing, queryOf, recordsQuery, runsQuery, syncBody, waitQuery } from './requests.ts';
import { runnerWithin } from './runner.ts';

const BODY_MAX_BYTES = 64 * 1024;

interface ApiOptions {
  /** Null: none is asked for. */
  readonly token: string | null;
  /** Told of what nobody foresaw. */
  readonly onUnforeseen: (error: unknown) => void;
}

/** The JSON API of the console: what the commands do, by the same functions. docs/api.md describes every route. */
export function createApi(bookbridge: Bookbridge, { token, onUnforeseen }: ApiOptions): Hono {
  const app = new Hono();
  const answer = (error: unknown, context: Context) => {
    const { status, error: body, retryAfter } = refusalOf(error);
    if (status === 500) onUnforeseen(error);
    if (status === 401) context.header('www-authenticate', 'Bearer');
    if (retryAfter !== undefined) context.header('retry-after', String(retryAfter));
    return context.json({ error: body }, status);
  };
  app.onError(answer);
  app.notFound((context) => answer(missing(`There is nothing at ${context.req.method} ${context.req.path}.`, 'docs/api.md lists what there is.'), context));
  app.use(async (context, next) => {
    await next();
    context.header('cache-control', 'no-store');
    context.header('x-content-type-options', 'nosniff');
  });
  app.use(guard(token));
  app.use(bodyLimit({ maxSize: BODY_MAX_BYTES, onError: () => { throw new RefusedRequest(413, { code: 'request-invalid', message: 'The body is too long.', remedy: `Send at most ${BODY_MAX_BYTES} bytes.` }); } }));
  addReading(app, bookbridge);
  addRecords(app, bookbridge);
  addSteering(app, bookbridge);
  return app;
}

function addReading(app: Hono, bookbridge: Bookbridge): void {
  const { store } = bookbridge;
  app.get('/api/integrations', async (context) => {
    // At once: where Temporal does not answer, all of them wait for it no longer than one.
    const statuses = await Promise.all((await store.integrations.list()).map((integration) => statusOf(bookbridge, bookbridge, integration)));
    return context.json({ integrations: statuses.map(statusDocument) });
  });
  app.get('/api/integrations/:id', async (context) => context.json(statusDocument(await statusOf(bookbridge, bookbridge, await integrationAt(bookbridge, context)))));
  app.get('/api/integrations/:id/errors', async (context) => {
    const integration = await integrationAt(bookbridge, context);
    const { module, reason, limit } = queryOf(errorsQuery, context);
    if (module !== undefined) expectModuleOf(integration, module);
    return context.json({ errors: await errorGroups(bookbridge, integration, { module, code: reason, limit }) });
  });
  app.get('/api/integrations/:id/history', async (context) => {
    const integration = await integrationAt(bookbridge, context);
    const { module, record, limit } = queryOf(historyQuery, context);
    const entries = await store.operations.history(integration.id, { module, recordId: record, limit });
    return context.json({ history: entries.map(historyDocument) });
  });
  app.get('/api/integrations/:id/runs', async (context) => {
    const integration = await integrationAt(bookbridge, context);
    return context.json({ runs: (await lastRuns(store, integration.id, queryOf(runsQuery, context).limit)).map(runDocument) });
  });
}

function addRecords(app: Hono, bookbridge: Bookbridge): void {
  app.get('/api/integrations/:id/records', async (context) => {
    const integration = await integrationAt(bookbridge, context);
    const request = queryOf(recordsQuery, context);
    expectModuleOf(integration, request.module);
    return context.json(await listRecords(bookbridge, integration, request));
  });
  app.get('/api/integrations/:id/records/:module/:record', async (context) => {
    const integration = await integrationAt(bookbridge, context);
    const { module, id } = namedBy(context, integration);
    const { records: [record] } = await recordsById(bookbridge, integration, module, [id]);
    if (!record) throw missing(`No record "${id}" of ${module} is known.`, 'Send it, and it is looked for.');
    return context.json(record);
  });
  app.post('/api/integrations/:id/records/:module/:record/send', async (context) => {
    const integration = await integrationAt(bookbridge, context);
    const { module, id } = namedBy(context, integration);
    const runner = runnerWithin(bookbridge, integration, queryOf(waitQuery, context).wait * 1000);
    return tell(context, await sendRecords(bookbridge, integration, { module, ids: [id] }, runner));
  });
  app.delete('/api/integrations/:id/records/:module/:record', async (context) => {
    const integration = await integrationAt(bookbridge, context);
    const { module, id } = namedBy(context, integration);
    const runner = runnerWithin(bookbridge, integration, queryOf(waitQuery, context).wait * 1000);
    return tell(context, await deleteRecords(bookbridge, integration, { module, ids: [id] }, runner));
  });
}

function addSteering(app: Hono, bookbridge: Bookbridge): void {
  app.post('/api/integrations/:id/sync', async (context) => {
    const integration = await integrationAt(bookbridge, context);
    const { module } = await bodyOf(syncBody, context);
    if (module !== undefined) expectModuleOf(integration, module);
    expectActive(integration);
    expectImported(integration);
    const handle = await promptly(bookbridge, () => startSyncAlone(bookbridge, { integrationId: integration.id, ...(module !== undefined && { module }) }));
    return context.json({ started: handle !== null }, 202);
  });
  for (const name of ['pause', 'resume'] as const satisfies readonly StateCommand[]) {
    app.post(`/api/integrations/:id/${name}`, async (context) => {
      const integration = await integrationAt(bookbridge, context);
      const { state, links, nextMs, underWay } = await promptly(bookbridge, () => changeStateOf(bookbridge, integration, name));
      return context.json({ state, links, nextSync: iso(nextMs), runUnderWay: underWay !== null });
    });
  }
}

function namedBy({ req }: Context, integration: Parameters<typeof expectModuleOf>[0]): { module: string; id: string } {
  return { module: expectModuleOf(integration, req.param('module') ?? ''), id: req.param('record') ?? '' };
}

/** 200: it was done. 202: it goes on. 422: it was tried and did not get through. */
function tell(context: Context, named: readonly Named[] | null) {
  const [one] = named ?? [];
  if (!one) return context.json({ started: true }, 202);
  const { id, refused, record, looked } = one;
  if (isThrough(one)) return context.json({ ...record, ...(looked && { looked }) });
  if (refused === 'record-missing') throw missing(`There is no record "${id}".`, 'Check the id in the system the record comes from.');
  const code = refused ?? record?.code ?? 'refused';
  const { what, remedy } = explain(code);
  const message = refused === null && record?.detail ? `${what} ${record.detail}` : what;
  return context.json({ error: { code, message, remedy }, record }, 422);
}
