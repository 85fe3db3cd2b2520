import got from 'got';
import { afterEach, describe, expect, test } from 'vitest';
import { startZohoSimulator, type ZohoSimulator } from '../../simulators/zoho/index.ts';
import type { ZohoOptions } from '../../simulators/zoho/options.ts';
import { callerOf, unlimited } from './zoho-caller.ts';

const client = { clientId: '1000.BOOKBRIDGE', clientSecret: 'bookbridge-secret', redirectUri: 'http://127.0.0.1:4567/callback' };
const http = got.extend({ throwHttpErrors: false, retry: { limit: 0 }, followRedirect: false });

let zoho: ZohoSimulator;
afterEach(() => zoho.close());
const start = async (options: ZohoOptions = {}) => {
  zoho = await startZohoSimulator({ limits: unlimited, ...options });
};

const question = {
  response_type: 'code', client_id: client.clientId, scope: 'ZohoBooks.fullaccess.all', redirect_uri: client.redirectUri, access_type: 'offline',
  prompt: 'consent', state: 'abc',
};

const openPage = (changes: Record<string, string> = {}) => http(`${zoho.url}/oauth/v2/auth`, { searchParams: { ...question, ...changes } });

async function press(link: 'accept' | 'reject', changes: Record<string, string> = {}): Promise<URL> {
  const page = await openPage(changes);
  const href = new RegExp(`id="${link}" href="([^"]+)"`).exec(page.body)?.[1] ?? '';
  const answer = await http(new URL(href.replaceAll('&amp;', '&'), zoho.url));
  expect(answer.statusCode).toBe(302);
  return new URL(answer.headers.location ?? '');
}

async function code(changes: Record<string, string> = {}): Promise<string> {
  return (await press('accept', changes)).searchParams.get('code') ?? '';
}

interface TokenAnswer {
  readonly status: number;
  readonly body: Record<string, string | number>;
}

async function token(fields: Record<string, string>, how: 'form' | 'query' | 'json' = 'form'): Promise<TokenAnswer> {
  const all = { client_id: client.clientId, client_secret: client.clientSecret, ...fields };
  const options = { form: { form: all }, query: { searchParams: all }, json: { json: all } }[how];
  const answer = await http.post(`${zoho.url}/oauth/v2/token`, options);
  return { status: answer.statusCode, body: JSON.parse(answer.body) as Record<string, string | number> };
}

const exchange = (given: string, changes: Record<string, string> = {}) =>
  token({ grant_type: 'authorization_code', code: given, redirect_uri: client.redirectUri, ...changes });
const refresh = (refreshToken: string | number | undefined) => token({ grant_type: 'refresh_token', refresh_token: String(refreshToken) });

/** The status of a call to Books with this access token. */
async function tryToken(accessToken: string | number | undefined): Promise<unknown> {
  const { body } = await callerOf(zoho, String(accessToken)).books('GET', '/contacts');
  return body['code'];
}

describe('authorize page', () => {
  test('Accept sends the user back with a code, the state, the location and the accounts server', async () => {
    await start({ location: 'eu' });
    const page = await openPage();
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.body).toContain('ZohoBooks.fullaccess.all');
    const target = await press('accept');
    expect(target.origin + target.pathname).toBe(client.redirectUri);
    expect(Object.fromEntries(target.searchParams)).toEqual({
      code: expect.stringMatching(/^1000\.\w+\.\w+$/) as string, location: 'eu', 'accounts-server': zoho.url, state: 'abc',
    });
  });

  test('Reject sends the user back with access_denied', async () => {
    await start();
    expect(Object.fromEntries((await press('reject')).searchParams)).toEqual({ error: 'access_denied', state: 'abc' });
  });

  test('what is wrong with the request is shown, and never sent to the redirect address', async () => {
    await start();
    for (const [changes, fault] of [
      [{ client_id: 'unknown' }, 'invalid_client'],
      [{ redirect_uri: 'https://elsewhere.example/callback' }, 'invalid_redirect_uri'],
      [{ redirect_uri: 'http://127.0.0.1:4567/other' }, 'invalid_redirect_uri'],
      [{ response_type: 'token' }, 'invalid_response_type'],
      [{ scope: '' }, 'invalid_scope'],
    ] as const) {
      const page = await openPage(changes);
      expect([page.statusCode, page.headers.location]).toEqual([400, undefined]);
      expect(page.body).toContain(fault);
    }
  });

  test('what the request says cannot break out of the page', async () => {
    await start();
    expect((await openPage({ state: '"><script>' })).body).not.toContain('<script>');
  });
});

describe('exchange', () => {
  test('gives both tokens, the domain of the API and the life of the access token in seconds', async () => {
    await start({ tokenLifeMs: 120_000 });
    const answer = await exchange(await code());
    expect(answer).toEqual({
      status: 200,
      body: {
        access_token: expect.stringMatching(/^1000\./) as string, refresh_token: expect.stringMatching(/^1000\./) as string, api_domain: zoho.url,
        token_type: 'Bearer', expires_in: 120,
      },
    });
    expect(await tryToken(answer.body['access_token'])).toBe(0);
  });

  test('takes its parameters from the query or a form, not from JSON', async () => {
    await start();
    const fields = { grant_type: 'authorization_code', redirect_uri: client.redirectUri };
    expect((await token({ ...fields, code: await code() }, 'query')).body).toHaveProperty('access_token');
    expect((await token({ ...fields, code: await code() }, 'json')).body).toEqual({ error: 'invalid_client' });
  });

  test('a code works once', async () => {
    await start();
    const given = await code();
    expect((await exchange(given)).body).toHaveProperty('access_token');
    expect(await exchange(given)).toEqual({ status: 200, body: { error: 'invalid_code' } });
  });

  test('a code dies young', async () => {
    await start({ accountsLimits: { codeLifeMs: 1 } });
    const given = await code();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await exchange(given)).body).toEqual({ error: 'invalid_code' });
  });

  test('refuses a wrong client, secret, redirect address or grant, each with its word and status 200', async () => {
    await start();
    expect(await exchange(await code(), { client_id: 'other' })).toEqual({ status: 200, body: { error: 'invalid_client' } });
    expect((await exchange(await code(), { client_secret: 'guess' })).body).toEqual({ error: 'invalid_client_secret' });
    expect((await exchange(await code(), { redirect_uri: 'http://127.0.0.1:9999/callback' })).body).toEqual({ error: 'invalid_redirect_uri' });
    expect((await exchange('1000.made.up')).body).toEqual({ error: 'invalid_code' });
    expect((await token({ grant_type: 'password' })).body).toHaveProperty('error');
  });

  test('errors come with status 400 where that is wanted', async () => {
    await start({ tokenErrorStatus: 400 });
    expect(await exchange('1000.made.up')).toEqual({ status: 400, body: { error: 'invalid_code' } });
  });

  test('GET on the token endpoint is a "server error"', async () => {
    await start();
    expect(await http(`${zoho.url}/oauth/v2/token`).json()).toEqual({ error: 'server error' });
  });

  test('online access has no refresh token; offline has one the first time, then only with prompt=consent', async () => {
    await start();
    expect((await exchange(await code({ access_type: 'online' }))).body).not.toHaveProperty('refresh_token');
    expect((await exchange(await code({ prompt: '' }))).body).toHaveProperty('refresh_token');
    expect((await exchange(await code({ prompt: '' }))).body).not.toHaveProperty('refresh_token');
    expect((await exchange(await code())).body).toHaveProperty('refresh_token');
  });
});

describe('refresh and revoke', () => {
  test('a refresh gives an access token and keeps the refresh token', async () => {
    await start();
    const { refresh_token: refreshToken } = (await exchange(await code())).body;
    const answer = await refresh(refreshToken);
    expect(Object.keys(answer.body)).toEqual(['access_token', 'api_domain', 'token_type', 'expires_in']);
    expect(await tryToken(answer.body['access_token'])).toBe(0);
    expect((await refresh(refreshToken)).body).toHaveProperty('access_token');
  });

  test('an access token expires', async () => {
    await start({ tokenLifeMs: 1 });
    const { access_token: accessToken } = (await exchange(await code())).body;
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await tryToken(accessToken)).toBe(57);
  });

  test('a user who removes the application ends everything', async () => {
    await start();
    const { access_token: accessToken, refresh_token: refreshToken } = (await exchange(await code())).body;
    await http.post(`${zoho.url}/_simulator/tokens/revoke`);
    expect(await tryToken(accessToken)).toBe(57);
    expect((await refresh(refreshToken)).body).toEqual({ error: 'invalid_code' });
  });

  test('the control route for tokens gives tokens without a page', async () => {
    await start();
    const { accessToken, refreshToken } = await http.post(`${zoho.url}/_simulator/tokens`).json<Record<string, string>>();
    expect(await tryToken(accessToken)).toBe(0);
    await http.post(`${zoho.url}/_simulator/tokens/expire`);
    expect(await tryToken(accessToken)).toBe(57);
    expect((await refresh(refreshToken)).body).toHaveProperty('access_token');
  });
});

describe('limits of accounts', () => {
  test('after ten access tokens in ten minutes a refresh is throttled, with a body that is not that of a revoked token', async () => {
    await start();
    const { refresh_token: refreshToken } = (await exchange(await code())).body;
    for (let made = 1; made < 10; made += 1) expect((await refresh(refreshToken)).body).toHaveProperty('access_token');
    expect(await refresh(refreshToken)).toEqual({
      status: 400,
      body: { error_description: 'You have made too many requests continuously. Please try again after some time.', error: 'Access Denied' },
    });
    zoho.changeLimits({ accounts: { refresh: { calls: 11, windowMs: 600_000 } } });
    expect((await refresh(refreshToken)).body).toHaveProperty('access_token');
  });

  test('the 16th access token ends the oldest', async () => {
    await start({ accountsLimits: { refresh: { calls: 100, windowMs: 1000 } } });
    const first = (await exchange(await code())).body;
    const second = (await refresh(first['refresh_token'])).body;
    for (let made = 2; made < 15; made += 1) await refresh(first['refresh_token']);
    expect(await tryToken(first['access_token'])).toBe(0);
    await refresh(first['refresh_token']);
    expect(await tryToken(first['access_token'])).toBe(57);
    expect(await tryToken(second['access_token'])).toBe(0);
  });

  test('the 21st refresh token of a user ends the oldest', async () => {
    await start({ accountsLimits: { codes: { calls: 100, windowMs: 1000 } } });
    const first = (await exchange(await code())).body;
    for (let made = 1; made < 20; made += 1) await exchange(await code());
    expect((await refresh(first['refresh_token'])).body).toHaveProperty('access_token');
    await exchange(await code());
    expect((await refresh(first['refresh_token'])).body).toEqual({ error: 'invalid_code' });
  });

  test('a client gets only so many codes', async () => {
    await start({ accountsLimits: { codes: { calls: 1, windowMs: 60_000 } } });
    expect((await press('accept')).searchParams.has('code')).toBe(true);
    expect((await press('accept')).searchParams.get('error')).toBe('access_denied');
  });

  test('injected limits speak the words of the token endpoint', async () => {
    await start();
    zoho.faults.add({ route: 'POST /oauth/v2/token', kind: 'limit-minute', times: 1 });
    zoho.faults.add({ route: 'POST /oauth/v2/token', kind: 'unauthorized', times: 1 });
    const { refreshToken } = zoho.issueTokens();
    expect((await refresh(refreshToken)).body['error']).toBe('Access Denied');
    expect((await refresh(refreshToken)).body['error']).toBe('invalid_code');
    expect((await refresh(refreshToken)).body).toHaveProperty('access_token');
  });
});
