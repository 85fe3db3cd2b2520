import { onTestFinished } from 'vitest';
import type { Gate } from '../../connectors/gate.ts';
import { createHttp } from '../../connectors/http.ts';
import type { Connector } from '../../connectors/resource.ts';
import { createZohoBooks } from '../../connectors/zoho-books/index.ts';
import type { TokenSource } from '../../connectors/zoho/tokens.ts';
import { startScriptedServer, type ScriptedReply, type ScriptedRequest, type ScriptedServer } from './scripted-server.ts';

/** The clock of the connector that {@link booksThatAnswers} makes. */
export const nowMs = 1_700_000_000_000;

interface Setting {
  readonly books: Connector;
  readonly server: ScriptedServer;
  /** What the gate was told: calls, and refusals with the time Books gave. */
  readonly gate: { calls: number; refused: { code: string; resumeAtMs: number | null }[] };
  readonly rejected: string[];
}

/** The connector to a Books that answers in words no simulator is needed for; it ends with the test. */
export async function booksThatAnswers(reply: ScriptedReply | ((request: ScriptedRequest, earlier: number) => ScriptedReply)): Promise<Setting> {
  const server = await startScriptedServer(typeof reply === 'function' ? reply : () => reply);
  onTestFinished(() => server.close());
  const told: Setting['gate'] = { calls: 0, refused: [] };
  const gate: Gate = {
    pass: (call) => { told.calls++; return call(); },
    refused: (code, resumeAtMs) => { told.refused.push({ code, resumeAtMs }); return Promise.resolve((resumeAtMs ?? nowMs) + 1); },
  };
  const rejected: string[] = [];
  const tokens: TokenSource = {
    accessToken: () => Promise.resolve('first'),
    renew: (token) => { rejected.push(token); return Promise.resolve('second'); },
  };
  const books = createZohoBooks({
    http: createHttp({ timeoutMs: 5_000 }), apiUrl: server.url, organizationId: '10234695', tokens, gate, uniqueField: 'cf_bookbridge_id', now: () => nowMs,
  });
  return { books, server, gate: told, rejected };
}
