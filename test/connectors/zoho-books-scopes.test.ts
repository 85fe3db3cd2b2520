import { afterEach, expect, test } from 'vitest';
import { openGate } from '../../connectors/gate.ts';
import { createHttp } from '../../connectors/http.ts';
import type { Connector } from '../../connectors/resource.ts';
import { createZohoBooks } from '../../connectors/zoho-books/index.ts';
import { createScopeMemory, type ScopeMemory } from '../../connectors/zoho-books/missing-scopes.ts';
import type { TokenSource } from '../../connectors/zoho/tokens.ts';
import { startScriptedServer, type ScriptedServer } from '../support/scripted-server.ts';

/** What a missing scope costs, which Books does not tell from a token that has ended. */

let server: ScriptedServer;
afterEach(() => server.close());

/** Books that refuses every token of every authorisation, and a clock to be set. */
async function startRefusing() {
  const clock = { nowMs: 1_700_000_000_000 };
  const renewals: string[] = [];
  server = await startScriptedServer(() => ({ status: 401, body: { code: 57, message: 'You are not authorized to perform this operation' } }));
  const open = (scopes: ScopeMemory, grantId: string) => {
    const tokens: TokenSource = {
      accessToken: () => Promise.resolve('first'),
      renew: () => { renewals.push(grantId); return Promise.resolve('second'); },
      grantId: () => Promise.resolve(grantId),
    };
    return createZohoBooks({
      http: createHttp({ timeoutMs: 5_000 }), apiUrl: server.url, organizationId: '10234695', tokens, gate: openGate, uniqueField: 'cf_bookbridge_id', now: () => clock.nowMs, scopes,
    });
  };
  const ask = (books: Connector) => books.readable('contacts').get('1').then(() => 'answered', (error: unknown) => (error as { code: string }).code);
  return { clock, renewals, open, ask };
}

test('it is remembered from one connector to the next, and asked about again after an hour', async () => {
  const { clock, renewals, open, ask } = await startRefusing();
  const scopes = createScopeMemory();
  expect([await ask(open(scopes, 'grant-1')), await ask(open(scopes, 'grant-1'))]).toEqual(['permission-missing', 'permission-missing']);
  expect([renewals.length, server.requests.length]).toEqual([1, 3]);
  clock.nowMs += 3_600_000;
  expect(await ask(open(scopes, 'grant-1'))).toBe('permission-missing');
  expect([renewals.length, server.requests.length]).toEqual([2, 5]);
});

test('it is remembered for one authorisation, and not held against another', async () => {
  const { renewals, open, ask } = await startRefusing();
  const scopes = createScopeMemory();
  await ask(open(scopes, 'grant-1'));
  expect(await ask(open(scopes, 'grant-2'))).toBe('permission-missing');
  expect(renewals).toEqual(['grant-1', 'grant-2']);
});
