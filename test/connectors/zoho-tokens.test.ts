import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createHttp } from '../../connectors/http.ts';
import { createZohoAccounts } from '../../connectors/zoho/accounts.ts';
import { createTokenSource, isEnding, type StoredTokens, type TokenSource, type TokenVault } from '../../connectors/zoho/tokens.ts';
import { createMemoryVault } from '../support/memory-vault.ts';
import { startScriptedServer, type ScriptedReply, type ScriptedServer } from '../support/scripted-server.ts';

const minute = 60_000;
const startMs = 1_700_000_000_000;
const fresh: StoredTokens = {
  refreshToken: '1000.refresh', accessToken: 'old', issuedAtMs: startMs, expiresAtMs: startMs + 60 * minute, refusedUntilMs: null,
};

let nowMs = startMs;
const now = () => nowMs;
const servers: ScriptedServer[] = [];

afterEach(async () => {
  nowMs = startMs;
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** An accounts server that gives `token-1`, `token-2` …, unless the test says otherwise. */
async function startAccounts(reply?: (earlier: number) => ScriptedReply): Promise<ScriptedServer> {
  const server = await startScriptedServer((_request, earlier) => (
    reply ? reply(earlier) : { body: { access_token: `token-${earlier + 1}`, expires_in: 3600 } }
  ));
  servers.push(server);
  return server;
}

/** A token source as one worker has it. */
function worker(server: ScriptedServer, vault: TokenVault, extra: { leaseMs?: number; sleep?: (ms: number) => Promise<void> } = {}): TokenSource {
  const accounts = createZohoAccounts({ http: createHttp({ timeoutMs: 5_000 }), now, accountsUrl: server.url });
  return createTokenSource({
    accounts, vault, now, client: { clientId: 'id', clientSecret: 'secret' },
    sleep: () => sleep(2), ...extra,
  });
}

test.each([
  [60 * minute, 54 * minute, false],
  [60 * minute, 55 * minute, false],
  [60 * minute, 55 * minute + 1, true],
  [8_000, 6_000, false],
  [8_000, 6_001, true],
])('a token that lives %i ms is renewed after %i ms: %s', (lifeMs, ageMs, expected) => {
  expect(isEnding({ issuedAtMs: 0, expiresAtMs: lifeMs }, ageMs)).toBe(expected);
});

test('a token with time left costs no call', async () => {
  const server = await startAccounts();
  expect(await worker(server, createMemoryVault(fresh, now)).accessToken()).toBe('old');
  expect(server.requests).toHaveLength(0);
});

test('tokens are read anew after a quarter of a second, and at once where one was rejected', async () => {
  const server = await startAccounts();
  const vault = createMemoryVault(fresh, now);
  let reads = 0;
  const source = worker(server, { ...vault, read: () => { reads += 1; return vault.read(); } });
  for (let call = 0; call < 10; call += 1) await source.accessToken();
  expect(reads).toBe(1);
  const leaseId = await vault.lease(1_000) ?? '';
  await vault.write({ ...fresh, accessToken: 'newer' }, leaseId);
  await vault.release(leaseId);
  nowMs += 250;
  expect([await source.accessToken(), reads]).toEqual(['newer', 2]);
  expect([await source.renew('newer'), await source.accessToken()]).toEqual(['token-1', 'token-1']);
});

test('a hundred callers in five workers share one renewal', async () => {
  const server = await startAccounts();
  const vault = createMemoryVault(fresh, now);
  nowMs = startMs + 56 * minute;
  const workers = Array.from({ length: 5 }, () => worker(server, vault));
  const callers = workers.flatMap((source) => Array.from({ length: 20 }, () => source));
  const tokens = await Promise.all(callers.map((source) => source.accessToken()));
  expect(new Set(tokens)).toEqual(new Set(['token-1']));
  expect(server.requests).toHaveLength(1);
  expect(vault.tokens).toEqual({
    refreshToken: '1000.refresh', accessToken: 'token-1', issuedAtMs: nowMs, expiresAtMs: nowMs + 60 * minute, refusedUntilMs: null,
  });
});

test('callers whose token was rejected share one renewal, and late ones get its token', async () => {
  const server = await startAccounts();
  const vault = createMemoryVault(fresh, now);
  const [one, two] = [worker(server, vault), worker(server, vault)];
  expect(await Promise.all([one.renew('old'), two.renew('old'), one.renew('old')])).toEqual(['token-1', 'token-1', 'token-1']);
  expect(await two.renew('old')).toBe('token-1');
  expect(server.requests).toHaveLength(1);
  expect(await two.renew('token-1')).toBe('token-2');
});

test('a renewal that must wait does not stop anybody while the old token works', async () => {
  const server = await startAccounts(() => ({ body: { error: 'Access Denied' } }));
  const vault = createMemoryVault(fresh, now);
  const source = worker(server, vault);
  nowMs = startMs + 56 * minute;
  expect(await source.accessToken()).toBe('old');
  nowMs = startMs + 61 * minute;
  await expect(source.accessToken()).rejects.toMatchObject({ code: 'limit-token', resumeAtMs: startMs + 66 * minute });
  // Told once, no worker asks again before that time.
  await expect(worker(server, vault).renew('old')).rejects.toMatchObject({ code: 'limit-token' });
  expect(server.requests).toHaveLength(1);
  nowMs = startMs + 66 * minute;
  await expect(source.accessToken()).rejects.toMatchObject({ code: 'limit-token' });
  expect(server.requests).toHaveLength(2);
});

test('a revoked authorisation is reported at once, and the lease is free again', async () => {
  const server = await startAccounts(() => ({ body: { error: 'invalid_code' } }));
  const vault = createMemoryVault(fresh, now);
  nowMs = startMs + 56 * minute;
  await expect(worker(server, vault).accessToken()).rejects.toMatchObject({ code: 'authorization-revoked' });
  expect(await vault.lease(1)).not.toBeNull();
});

test('a connection without tokens is not authorised', async () => {
  const server = await startAccounts();
  await expect(worker(server, createMemoryVault(null, now)).accessToken()).rejects.toMatchObject({ code: 'authorization-revoked' });
});

test('a worker that died while renewing holds the others up for no longer than its lease', async () => {
  const server = await startAccounts();
  const vault = createMemoryVault(fresh, now);
  nowMs = startMs + 56 * minute;
  expect(await vault.lease(minute)).not.toBeNull();
  const source = worker(server, vault, { sleep: (ms) => { nowMs += ms; return Promise.resolve(); } });
  expect(await source.accessToken()).toBe('token-1');
});

test('waiting for another worker ends, even where the clock stands still', async () => {
  const server = await startAccounts();
  const vault = createMemoryVault(fresh, now);
  await vault.lease(minute);
  await expect(worker(server, vault, { leaseMs: 2_000, sleep: () => Promise.resolve() }).renew('old')).rejects.toMatchObject({ code: 'system-unreachable' });
  expect(server.requests).toHaveLength(0);
});

test('a renewal that took longer than its lease does not overwrite a newer authorisation', async () => {
  const server = await startAccounts();
  const memory = createMemoryVault(fresh, now);
  const newer: StoredTokens = { ...fresh, refreshToken: '1000.newer', accessToken: 'newer' };
  const vault: TokenVault = {
    read: () => memory.read(),
    lease: (forMs) => memory.lease(forMs),
    release: (leaseId) => memory.release(leaseId),
    // Somebody authorised the connection anew in the moment before the renewal was stored, which ended the lease.
    write: async (tokens, leaseId) => {
      await memory.release(leaseId);
      memory.tokens = newer;
      return memory.write(tokens, leaseId);
    },
  };
  await worker(server, vault).renew('old');
  expect(memory.tokens).toEqual(newer);
});
