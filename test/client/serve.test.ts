import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startImported, type CommandLine, type Running } from '../support/command-line.ts';

const token = 'a-token-of-sixteen-or-more';
const apiSchema = z.object({ api: z.url() });
const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string().min(1), remedy: z.string().min(1), field: z.string().optional() }) });
const recordSchema = z.object({ id: z.string(), state: z.string(), partner: z.object({ number: z.string().nullable(), status: z.string().nullable() }).nullable() });
const loanersSchema = z.object({ loaners: z.array(z.object({ id: z.string(), number: z.string() })) });

/** The JSON API, through the real server. The tests build on each other, in this order. */
describe('bookbridge serve', () => {
  let line: CommandLine;
  let server: Running;
  let url = '';
  const loaners = async () => loanersSchema.parse(await (await fetch(`${line.hector.url}/_simulator/state?resource=loaners`)).json()).loaners;
  const call = async (method: string, path: string, { headers = {}, body }: { headers?: Record<string, string>; body?: unknown } = {}) => {
    const answer = await fetch(`${url}${path}`, {
      method, headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  };
  const get = async <T>(schema: z.ZodType<T>, path: string) => {
    const { status, body } = await call('GET', path);
    expect(status).toBe(200);
    return schema.parse(body);
  };
  const refusal = async (method: string, path: string, options: Parameters<typeof call>[2] = {}) => {
    const { status, body } = await call(method, path, options);
    return { status, ...errorSchema.parse(body).error };
  };
  beforeAll(async () => {
    line = await startImported();
    await line.makeLoaners(3);
    server = line.start(['serve', '--port', '0', '--json'], { BOOKBRIDGE_API_TOKEN: token });
    url = apiSchema.parse(JSON.parse((await server.says('"api"')).split('\n')[0] ?? '')).api;
  });
  afterAll(async () => {
    server.process.kill('SIGTERM');
    await server.ended;
    await line.stop();
  });

  describe('answers nobody', () => {
    it.each([['without a token', {}], ['with another token', { authorization: 'Bearer a-token-of-sixteen-or-mors' }], ['with half of it', { authorization: `Bearer ${token.slice(0, 8)}` }]])('%s', async (_how, headers) => {
      const answer = await fetch(`${url}/api/integrations`, { headers });
      expect(answer.status).toBe(401);
      expect(errorSchema.parse(await answer.json()).error.code).toBe('token-wrong');
    });

    it.each([
      ['from a page of another site', { 'sec-fetch-site': 'cross-site' }], ['from a page of the same site that is not ours', { 'sec-fetch-site': 'same-site' }],
      ['whose origin is another one', { origin: 'https://elsewhere.example' }], ['whose origin is nowhere', { origin: 'null' }],
    ])('%s, whatever token it has', async (_how, headers) => {
      expect(await refusal('POST', '/api/integrations/hector/pause', { headers })).toMatchObject({ status: 403, code: 'other-site' });
    });

    it('but the page that it serves itself, and programs', async () => {
      expect((await call('GET', '/api/integrations', { headers: { 'sec-fetch-site': 'same-origin', origin: url } })).status).toBe(200);
      expect((await call('GET', '/api/integrations')).headers.get('cache-control')).toBe('no-store');
    });
  });

  it('says of an integration what the command says', async () => {
    const stable = ({ id, kind, state, links, schedule }: Record<string, unknown>) => ({ id, kind, state, links, schedule: { ...(schedule as object), next: null } });
    const loose = z.looseObject({ id: z.string() });
    const all = z.object({ integrations: z.array(loose) });
    const { integrations } = await line.json(all, 'status');
    expect((await get(all, '/api/integrations')).integrations.map(stable)).toEqual(integrations.map(stable));
    expect(stable(await get(loose, '/api/integrations/hector'))).toEqual(stable(integrations[0] ?? {}));
  });

  it('sends a record, and says what was made of it', async () => {
    const [loaner] = await loaners();
    const path = `/api/integrations/hector/records/loaners/${loaner?.id ?? ''}`;
    expect(await refusal('GET', path)).toMatchObject({ status: 404, code: 'not-found' });
    const sent = await call('POST', `${path}/send`);
    expect(sent).toMatchObject({ status: 200, body: { id: loaner?.id, state: 'done', name: loaner?.number, partner: { resource: 'invoices', status: 'draft' } } });
    expect(sent.body).toMatchObject({ looked: { written: true, reason: null, differences: [] } });
    expect(recordSchema.parse(sent.body)).toEqual(await get(recordSchema, path));
  });

  it('says what a person changed in Books, which sending leaves', async () => {
    const [customer] = line.dataSet.hector.customers;
    const contact = line.zoho.state().contacts.find(({ contact_name: name }) => name === customer?.name)?.['contact_id'] as string;
    await line.zoho.act({ method: 'PUT', path: `/contacts/${contact}`, json: { contact_name: 'Renamed In Books' } });
    const { status, body } = await call('POST', `/api/integrations/hector/records/customers/${customer?.id ?? ''}/send`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ state: 'done', looked: { written: false, reason: null, differences: [{ field: 'contact_name', expected: customer?.name, found: 'Renamed In Books' }] } });
  });

  it('says why a record did not get through', async () => {
    const [, second] = await loaners();
    await line.force('loaners', second?.id ?? '', { customerId: null });
    const { status, body } = await call('POST', `/api/integrations/hector/records/loaners/${second?.id ?? ''}/send`);
    expect(status).toBe(422);
    expect(body).toMatchObject({ error: { code: 'value-missing', remedy: expect.stringContaining('Fill the field') }, record: { id: second?.id, state: 'failed' } });
    expect(await refusal('POST', '/api/integrations/hector/records/loaners/nobody/send')).toMatchObject({ status: 404, code: 'not-found' });
  });

  it('lists records as the command does, page by page', async () => {
    const pageSchema = z.object({ records: z.array(recordSchema), next: z.string().nullable() });
    expect(await get(pageSchema, '/api/integrations/hector/records?module=customers&limit=5&refresh=true')).toEqual(await line.json(pageSchema, 'records', 'customers', '--limit', '5'));
    const { records, next } = await get(pageSchema, '/api/integrations/hector/records?module=customers&limit=1');
    const second = await get(pageSchema, `/api/integrations/hector/records?module=customers&limit=1&after=${next ?? ''}`);
    expect(second.records[0]?.id).not.toBe(records[0]?.id);
    expect((await get(pageSchema, '/api/integrations/hector/records?module=loaners&state=failed')).records).toHaveLength(1);
  });

  it('lists what did not get through, what happened, and the runs', async () => {
    const errors = z.object({ errors: z.array(z.object({ code: z.string(), count: z.number(), remedy: z.string() })) });
    expect(await get(errors, '/api/integrations/hector/errors?module=loaners')).toMatchObject({ errors: [{ code: 'value-missing', count: 1 }] });
    const history = z.object({ history: z.array(z.object({ module: z.string(), at: z.iso.datetime() })) });
    expect((await get(history, '/api/integrations/hector/history?module=loaners&limit=1')).history).toHaveLength(1);
    const runs = z.object({ runs: z.array(z.object({ kind: z.string(), state: z.string(), started: z.iso.datetime() })) });
    expect((await get(runs, '/api/integrations/hector/runs')).runs.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['initialImport', 'sync']));
  });

  it.each([
    ['GET', '/api/integrations/hectr', 404, 'not-found', undefined], ['GET', '/api/nothing', 404, 'not-found', undefined],
    ['GET', '/api/integrations/hector/records', 400, 'request-invalid', 'module'], ['GET', '/api/integrations/hector/records?module=customers&limit=0', 400, 'request-invalid', 'limit'],
    ['GET', '/api/integrations/hector/records?module=custmers', 404, 'not-found', undefined], ['GET', '/api/integrations/hector/records?module=customers&after=x', 400, 'request-invalid', undefined],
    ['GET', '/api/integrations/hector/errors?reason=bad-luck', 400, 'request-invalid', 'reason'], ['POST', '/api/integrations/hector/records/loaners/1/send?wait=1000', 400, 'request-invalid', 'wait'],
    ['DELETE', '/api/integrations/hector/records/customers/c-01', 400, 'request-invalid', undefined],
  ])('refuses %s %s with %i', async (method, path, status, code, field) => {
    expect(await refusal(method, path)).toMatchObject({ status, code, ...(field !== undefined && { field }) });
  });

  it('takes JSON only, and not too much of it', async () => {
    expect(await refusal('POST', '/api/integrations/hector/sync', { body: { module: 'custmers' } })).toMatchObject({ status: 404 });
    expect(await refusal('POST', '/api/integrations/hector/sync', { body: { modul: 'customers' } })).toMatchObject({ status: 400, code: 'request-invalid' });
    expect(await refusal('POST', '/api/integrations/hector/sync', { body: {}, headers: { 'content-type': 'text/plain' } })).toMatchObject({ status: 415 });
    expect(await refusal('POST', '/api/integrations/hector/sync', { body: { module: 'x'.repeat(70_000) } })).toMatchObject({ status: 413 });
  });

  it('says so where another run is in the way, and does not wait for longer than it is told to', async () => {
    const fault = line.hector.faults.add({ route: 'GET /api/v1/customers', kind: 'reset' });
    expect(await call('POST', '/api/integrations/hector/sync', { body: { module: 'customers' } })).toMatchObject({ status: 202, body: { started: true } });
    expect(await call('POST', '/api/integrations/hector/sync')).toMatchObject({ status: 202, body: { started: false } });
    const busy = await call('POST', '/api/integrations/hector/records/loaners/nobody/send?wait=0');
    expect(busy).toMatchObject({ status: 409, body: { error: { code: 'run-under-way' } } });
    expect(busy.headers.get('retry-after')).toBe('10');
    const [, , third] = await loaners();
    const path = `/api/integrations/hector/records/loaners/${third?.id ?? ''}/send`;
    const behind = call('POST', `${path}?wait=100`);
    line.hector.faults.remove(fault);
    expect(await behind).toMatchObject({ status: 200, body: { state: 'done' } });
    expect(await call('POST', `${path}?wait=0`)).toMatchObject({ status: 202, body: { started: true } });
  });

  it('pauses, refuses to sync, and resumes', async () => {
    expect(await call('POST', '/api/integrations/hector/pause')).toMatchObject({ status: 200, body: { state: 'paused' } });
    expect(await refusal('POST', '/api/integrations/hector/sync')).toMatchObject({ status: 409, code: 'conflict', message: 'hector is paused.' });
    expect(await call('POST', '/api/integrations/hector/resume')).toMatchObject({ status: 200, body: { state: 'active' } });
  });

  describe('without a token', () => {
    it('listens on this machine only', async () => {
      const { exit, err } = await line.start(['serve', '--host', '0.0.0.0', '--port', '0']).ended;
      expect(exit).toBe(2);
      expect(err).toContain('BOOKBRIDGE_API_TOKEN');
    });

    it('answers to no name but those of this machine', async () => {
      const open = line.start(['serve', '--port', '0', '--json']);
      const { api } = apiSchema.parse(JSON.parse((await open.says('"api"')).split('\n')[0] ?? ''));
      const statusAs = (host: string) => new Promise((resolve, reject) => {
        request(`${api}/api/integrations`, { headers: { host } }, (answer) => { answer.resume(); resolve(answer.statusCode); }).on('error', reject).end();
      });
      expect(await statusAs(new URL(api).host)).toBe(200);
      expect(await statusAs('localhost:8080')).toBe(200);
      expect(await statusAs('bookbridge.elsewhere.example')).toBe(403);
      expect(await statusAs('127.0.0.1.elsewhere.example')).toBe(403);
      open.process.kill('SIGINT');
      expect((await open.ended).exit).toBe(0);
    });

    it('says where the port is taken', async () => {
      const { exit, err } = await line.start(['serve', '--port', new URL(url).port]).ended;
      expect(exit).toBe(2);
      expect(err).toContain('the port is taken');
    });
  });
});
