import { afterEach, describe, expect, test } from 'vitest';
import { createHttp } from '../../connectors/http.ts';
import { createZohoAccounts } from '../../connectors/zoho/accounts.ts';
import { startScriptedServer, type ScriptedReply, type ScriptedServer } from '../support/scripted-server.ts';

const client = { clientId: '1000.CLIENT', clientSecret: 'zq7-hidden' };
const nowMs = 1_700_000_000_000;
const granted = {
  access_token: '1000.access', refresh_token: '1000.refresh', api_domain: 'https://www.zohoapis.com', token_type: 'Bearer', expires_in: 3600,
};

let server: ScriptedServer;

afterEach(() => server.close());

async function accountsThatAnswer(reply: ScriptedReply) {
  server = await startScriptedServer(() => reply);
  return createZohoAccounts({ http: createHttp({ timeoutMs: 5_000 }), now: () => nowMs, accountsUrl: server.url });
}

function formOf(body: string | undefined): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(body));
}

test('the authorize page is asked for a refresh token, for all scopes, and with the state', async () => {
  const accounts = await accountsThatAnswer({});
  const url = new URL(accounts.authorizeUrl({
    clientId: client.clientId, redirectUri: 'https://app.example/back?x=1', scopes: ['ZohoBooks.contacts.ALL', 'ZohoBooks.settings.READ'], state: 'a b',
  }));
  expect(url.pathname).toBe('/oauth/v2/auth');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    response_type: 'code', client_id: '1000.CLIENT', scope: 'ZohoBooks.contacts.ALL,ZohoBooks.settings.READ',
    redirect_uri: 'https://app.example/back?x=1', access_type: 'offline', prompt: 'consent', state: 'a b',
  });
});

test('a code is exchanged in a form body, and nothing secret is in the address', async () => {
  const accounts = await accountsThatAnswer({ body: granted });
  const grant = await accounts.exchangeCode({ ...client, redirectUri: 'https://app.example/back', code: '1000.code' });
  expect(grant).toEqual({ accessToken: '1000.access', refreshToken: '1000.refresh', issuedAtMs: nowMs, expiresAtMs: nowMs + 3_600_000 });
  const [request] = server.requests;
  expect(request).toMatchObject({ method: 'POST', path: '/oauth/v2/token', rawQuery: '' });
  expect(formOf(request?.body)).toEqual({
    grant_type: 'authorization_code', client_id: '1000.CLIENT', client_secret: 'zq7-hidden', redirect_uri: 'https://app.example/back', code: '1000.code',
  });
});

describe('scopes that were asked for', () => {
  const exchange = async (scope: string | undefined) => {
    const accounts = await accountsThatAnswer({ body: { ...granted, scope } });
    return accounts.exchangeCode({ ...client, redirectUri: 'https://app.example/back', code: '1000.code', scopes: ['ZohoBooks.contacts.ALL', 'ZohoBooks.settings.READ'] });
  };

  test.each([
    'ZohoBooks.contacts.ALL ZohoBooks.settings.READ', 'ZohoBooks.contacts.all,ZohoBooks.settings.ALL', 'ZohoBooks.fullaccess.all', undefined,
  ])('were granted where Zoho says %s', async (scope) => {
    expect(await exchange(scope)).toMatchObject({ refreshToken: '1000.refresh' });
  });

  test('and were not granted are named, where Zoho says so', async () => {
    await expect(exchange('ZohoBooks.contacts.READ ZohoBooks.settings.READ')).rejects.toMatchObject({
      code: 'permission-missing', detail: 'Zoho did not grant ZohoBooks.contacts.ALL',
    });
  });
});

test('a refresh gives an access token; older answers count its life in milliseconds', async () => {
  const accounts = await accountsThatAnswer({ body: { access_token: '1000.next', expires_in: 3_600_000, expires_in_sec: 3600 } });
  expect(await accounts.refresh({ ...client, refreshToken: '1000.refresh' })).toEqual({
    accessToken: '1000.next', issuedAtMs: nowMs, expiresAtMs: nowMs + 3_600_000,
  });
  expect(formOf(server.requests[0]?.body)).toMatchObject({ grant_type: 'refresh_token', refresh_token: '1000.refresh' });
});

const throttled = { error: 'Access Denied', error_description: 'You have made too many requests continuously. Please try again after some time.' };

test.each([
  // Zoho answers some errors with status 200, so each is tried with both.
  [200, { error: 'invalid_code' }, 'authorization-revoked'],
  [400, { error: 'invalid_code' }, 'authorization-revoked'],
  [200, { error: 'invalid_client' }, 'client-invalid'],
  [400, { error: 'invalid_client_secret' }, 'client-invalid'],
  [200, throttled, 'limit-token'],
  [400, throttled, 'limit-token'],
  [400, { error: 'general_error' }, 'system-fault'],
  [200, { unexpected: true }, 'answer-unreadable'],
  [200, '<html>maintenance</html>', 'answer-unreadable'],
  [503, { error: 'invalid_code' }, 'system-fault'],
])('refresh: status %i with %j means %s', async (status, body, code) => {
  const accounts = await accountsThatAnswer({ status, body });
  await expect(accounts.refresh({ ...client, refreshToken: '1000.refresh' })).rejects.toMatchObject({ code });
});

test('a throttled token endpoint is no lost authorisation: it says when to come back', async () => {
  const accounts = await accountsThatAnswer({ status: 400, body: throttled });
  await expect(accounts.refresh({ ...client, refreshToken: '1000.refresh' })).rejects.toMatchObject({
    code: 'limit-token', action: 'wait', resumeAtMs: nowMs + 600_000,
  });
});

test.each([
  [{ error: 'invalid_code' }, 'authorization-refused'],
  [{ error: 'invalid_redirect_uri' }, 'settings-invalid'],
  [{ ...granted, refresh_token: undefined }, 'authorization-refused'],
])('exchange: %j means %s', async (body, code) => {
  const accounts = await accountsThatAnswer({ body });
  await expect(accounts.exchangeCode({ ...client, redirectUri: 'https://app.example/back', code: 'used' })).rejects.toMatchObject({ code });
});

test('no error carries a secret', async () => {
  const accounts = await accountsThatAnswer({ body: { error: 'invalid_client' } });
  const failure = await accounts.refresh({ ...client, refreshToken: '1000.refresh' }).catch((error: unknown) => error);
  expect(String(failure)).toContain('client-invalid');
  expect(String(failure)).not.toMatch(/zq7-hidden|1000\.refresh/);
});
