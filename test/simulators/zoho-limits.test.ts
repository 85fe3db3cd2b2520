import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { planLimits } from '../../simulators/zoho/options.ts';
import { callerOf, organizationId, startCaller, unlimited, type Answered, type Caller } from './zoho-caller.ts';

let caller: Caller;
afterEach(() => caller.zoho.close());

const call = () => caller.books('GET', '/contacts');
const codeOf = ({ status, body }: Answered) => [status, body['code']];
const hour = 3_600_000;

describe('limits of an organization', () => {
  // The clock stands still unless a test moves it: a slow machine must not have a window end between two calls.
  beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => vi.useRealTimers());
  const advance = (ms: number) => vi.setSystemTime(Date.now() + ms);

  test('per minute: code 44, until the first call has left the window', async () => {
    caller = await startCaller({ limits: { ...unlimited, minute: { calls: 3, windowMs: 300 } } });
    expect((await Promise.all([call(), call(), call()])).map(codeOf)).toEqual([[200, 0], [200, 0], [200, 0]]);
    const refused = await call();
    expect(codeOf(refused)).toEqual([429, 44]);
    expect(refused.body['message']).toBe(
      'For security reasons your organization has been blocked as it have exceeded the maximum number of requests per minute that can originate from an organization.',
    );
    expect(refused.headers['retry-after']).toBeUndefined();
    advance(299);
    expect(codeOf(await call())).toEqual([429, 44]);
    advance(1);
    expect(codeOf(await call())).toEqual([200, 0]);
  });

  test('per day: code 45 names the limit', async () => {
    caller = await startCaller({ limits: { ...unlimited, day: { calls: 1, windowMs: hour } } });
    await call();
    const refused = await call();
    expect(codeOf(refused)).toEqual([429, 45]);
    expect(refused.body['message']).toBe('The API call for this organization has exceeded the maximum call rate limit of 1.');
  });

  test('calls in process at once: code 1070, and free again when they are over', async () => {
    // So long that all four have arrived before one of them is over.
    caller = await startCaller({ limits: { ...unlimited, concurrent: 2 }, workMs: 1_500 });
    const answers = await Promise.all([call(), call(), call(), call()]);
    expect(answers.map(({ body }) => Number(body['code'])).toSorted((one, other) => one - other)).toEqual([0, 0, 1070, 1070]);
    expect((await Promise.all([call(), call()])).map(codeOf)).toEqual([[200, 0], [200, 0]]);
  });

  test('a burst, refused calls included, blocks for a while: code 43 with Retry-After', async () => {
    const limits = { ...unlimited, minute: { calls: 1, windowMs: hour }, block: { calls: 3, windowMs: hour, blockMs: 400 } };
    caller = await startCaller({ limits });
    const codes = [];
    for (let n = 0; n < 5; n += 1) codes.push(codeOf(await call())[1]);
    expect(codes).toEqual([0, 44, 44, 43, 43]);
    const blocked = await call();
    expect(blocked.headers['retry-after']).toBe('1');
    expect(blocked.body['message']).toBe('For security reasons you have been blocked for some time as you have exceeded the maximum number of requests per minute.');
    advance(399);
    expect(codeOf(await call())[1]).toBe(43);
    advance(1);
    expect(codeOf(await call())[1]).toBe(44);
  });

  test('each organization has its own', async () => {
    caller = await startCaller({ organizations: [{ limits: { minute: { calls: 1, windowMs: hour } } }, { organization_id: '222' }] });
    await call();
    expect(codeOf(await call())).toEqual([429, 44]);
    expect(codeOf(await caller.books('GET', '/contacts', { query: { organization_id: '222' } }))).toEqual([200, 0]);
  });

  test('calls that fail before the limits, and the list of organizations, count towards none', async () => {
    caller = await startCaller({ limits: { ...unlimited, minute: { calls: 1, windowMs: hour } } });
    expect(codeOf(await callerOf(caller.zoho, 'dead').books('GET', '/contacts'))).toEqual([401, 57]);
    expect(codeOf(await caller.books('GET', '/contacts', { query: { organization_id: '1' } }))).toEqual([400, 6041]);
    expect((await caller.books('GET', '/organizations')).status).toBe(200);
    expect(codeOf(await call())).toEqual([200, 0]);
    expect(codeOf(await call())).toEqual([429, 44]);
  });

  test('refused calls are logged and counted', async () => {
    caller = await startCaller({ limits: { ...unlimited, minute: { calls: 1, windowMs: hour } } });
    await call();
    await call();
    expect(caller.zoho.log()).toMatchObject([{ n: 1, status: 200, code: 0 }, { n: 2, status: 429, code: 44, route: 'GET /books/v3/contacts', path: '/books/v3/contacts' }]);
    expect(caller.zoho.summary()).toMatchObject({ calls: 2, limited: 1, byCode: { 0: 1, 44: 1 } });
  });

  test('are changed while it runs, for one organization or all, and can be reset', async () => {
    caller = await startCaller({ organizations: [{}, { organization_id: '222' }] });
    const url = `${caller.zoho.url}/_simulator/limits`;
    const post = (query: string, change: object) => fetch(url + query, { method: 'POST', body: JSON.stringify(change) });
    await post(`?organization=${organizationId}`, { minute: { calls: 1, windowMs: hour } });
    expect(await (await fetch(url)).json()).toMatchObject({ [organizationId]: { minute: { calls: 1 }, day: null }, 222: { minute: null }, accounts: { activeAccessTokens: 15 } });
    await call();
    expect(codeOf(await call())).toEqual([429, 44]);
    await post('', { reset: true });
    expect(codeOf(await call())).toEqual([200, 0]);
    expect((await post('', { minute: { calls: 'many' } })).status).toBe(400);
    expect((await post('?organization=1', {})).status).toBe(400);
  });

  test('quota headers only where they are wanted', async () => {
    caller = await startCaller();
    expect((await call()).headers).not.toHaveProperty('x-rate-limit-limit');
    await caller.zoho.close();
    caller = await startCaller({ quotaHeaders: true, limits: { ...unlimited, minute: { calls: 2, windowMs: hour } } });
    expect((await call()).headers).toMatchObject({ 'x-rate-limit-limit': '2', 'x-rate-limit-remaining': '1', 'x-rate-limit-reset': '0' });
    await call();
    expect((await call()).headers).toMatchObject({ 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '3600' });
  });

  test('follow from the plan unless told', async () => {
    caller = await startCaller({ limits: {}, organizations: [{ plan_name: 'FREE' }] });
    expect(await (await fetch(`${caller.zoho.url}/_simulator/limits`)).json()).toMatchObject({ [organizationId]: planLimits('FREE') });
    expect(planLimits('FREE')).toMatchObject({ minute: { calls: 100 }, day: { calls: 1000 }, concurrent: 5 });
    expect(planLimits('ULTIMATE')).toMatchObject({ day: { calls: 10_000 }, concurrent: 10 });
  });
});

describe('refusals of Books', () => {
  test('no usable Authorization header: 14; a dead token or a missing scope: 57', async () => {
    caller = await startCaller();
    const without = await caller.books('GET', '/contacts', { headers: { authorization: 'Basic abc' } });
    expect(without).toMatchObject({
      status: 401,
      body: { code: 14, message: 'The request could not be authenticated as the authentication value you entered is invalid. Enter a valid authentication value and try again.' },
    });
    const dead = { status: 401, body: { code: 57, message: 'You are not authorized to perform this operation' } };
    expect(await callerOf(caller.zoho, '1000.dead').books('GET', '/contacts')).toMatchObject(dead);
    const { accessToken } = caller.zoho.issueTokens(undefined, ['ZohoBooks.contacts.READ', 'ZohoBooks.settings.ALL']);
    const limited = callerOf(caller.zoho, accessToken);
    expect((await limited.books('GET', '/contacts')).status).toBe(200);
    expect((await limited.books('POST', '/items', { json: { name: 'A', rate: 1 } })).status).toBe(201);
    expect(await limited.books('POST', '/contacts', { json: { contact_name: 'A' } })).toMatchObject(dead);
    expect(await limited.books('GET', '/invoices')).toMatchObject(dead);
    expect(await limited.books('GET', '/chartofaccounts')).toMatchObject(dead);
  });

  test('unknown address: 5; known address, wrong method: 37; no JSON', async () => {
    caller = await startCaller();
    expect(await caller.books('GET', '/nowhere')).toMatchObject({ status: 404, body: { code: 5, message: 'Invalid URL Passed' } });
    expect(await caller.books('DELETE', '/settings/taxes')).toMatchObject({ status: 405, body: { code: 37 } });
    const { accessToken } = caller.zoho.issueTokens();
    const answer = await fetch(`${caller.zoho.url}/books/v3/contacts?organization_id=${organizationId}`, {
      method: 'POST', headers: { authorization: `Zoho-oauthtoken ${accessToken}` }, body: '{"contact_name":',
    });
    expect([answer.status, await answer.json()]).toMatchObject([400, { message: 'JSON is not well formed' }]);
  });

  test('injected faults speak the words of Books', async () => {
    caller = await startCaller();
    const kinds = ['limit-minute', 'limit-day', 'limit-concurrent', 'limit-blocked', 'unauthorized', 'error-before'] as const;
    const codes = [];
    for (const kind of kinds) {
      caller.zoho.faults.add({ route: 'GET /books/v3/contacts', kind, times: 1 });
      codes.push(codeOf(await call()));
    }
    expect(codes).toEqual([[429, 44], [429, 45], [429, 1070], [429, 43], [401, 57], [500, 1000]]);
  });

  test('after a lost answer the record is there, and the same upsert changes it', async () => {
    caller = await startCaller();
    caller.zoho.faults.add({ route: 'PUT /books/v3/contacts', kind: 'lost-answer', times: 1 });
    await expect(caller.upsert('contacts', 'c-1', { contact_name: 'A' })).rejects.toThrow('socket hang up');
    expect(caller.zoho.state().contacts).toHaveLength(1);
    expect((await caller.upsert('contacts', 'c-1', { contact_name: 'A' })).status).toBe(200);
  });
});
