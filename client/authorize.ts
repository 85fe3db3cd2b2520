import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Http } from '../connectors/http.ts';
import { createZohoAccounts, type AuthorizationGrant, type ZohoClient } from '../connectors/zoho/accounts.ts';
import { urlsOfCallback, type ZohoUrls } from '../connectors/zoho/data-centers.ts';
import { BookbridgeError } from '../domain/errors.ts';

interface AuthorizeRequest {
  readonly http: Http;
  readonly client: ZohoClient;
  /** Where the question is asked: the servers of the data centre in the settings. */
  readonly asked: ZohoUrls;
  readonly scopes: readonly string[];
  /** Where Zoho sends the answer: a server on this machine listens there until it comes. Port 0 takes a free one. */
  readonly redirectUri: URL;
  /** Servers in Zoho's place. */
  readonly override: ZohoUrls | null;
  /** Told the address a person must open, and the redirect URI in its final form. */
  readonly show: (page: { authorizeUrl: string; redirectUri: string }) => void;
  readonly timeoutMs: number;
}

export interface Authorization extends ZohoUrls {
  readonly grant: AuthorizationGrant;
}

/**
 * Asks a person to authorise Bookbridge, waits for the answer, and exchanges it for tokens (guide 2.4, "Save and
 * Integrate"; https://www.zoho.com/accounts/protocol/oauth/web-apps.html).
 *
 * @throws BookbridgeError `authorization-refused` (Reject, or a foreign answer), `authorization-unanswered` (none in time), `client-invalid`, `settings-invalid`
 */
export async function authorize(request: AuthorizeRequest): Promise<Authorization> {
  const override = request.override ?? undefined;
  const { http, asked } = request;
  const state = randomBytes(24).toString('base64url');
  const callback = await listen(request.redirectUri, state, request.timeoutMs);
  try {
    const accounts = createZohoAccounts({ http, now: Date.now, accountsUrl: asked.accountsUrl });
    const { redirectUri } = callback;
    request.show({ authorizeUrl: accounts.authorizeUrl({ clientId: request.client.clientId, redirectUri, scopes: request.scopes, state }), redirectUri });
    const answer = await callback.answer;
    // The account decides which data centre it lives in, and all further calls go there.
    const urls = urlsOfCallback(answer.accountsServer, asked, override);
    const home = createZohoAccounts({ http, now: Date.now, accountsUrl: urls.accountsUrl });
    return { ...urls, grant: await home.exchangeCode({ ...request.client, redirectUri, code: answer.code, scopes: request.scopes }) };
  } finally {
    callback.close();
  }
}

interface CallbackAnswer {
  readonly code: string;
  readonly accountsServer: string | null;
}

async function listen(redirectUri: URL, state: string, timeoutMs: number) {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const port = redirectUri.port || '80';
      const reason = error.code === 'EADDRINUSE' ? `the port ${port} of this machine is taken` : `this machine cannot listen at ${redirectUri.host} (${error.code ?? error.message})`;
      reject(new BookbridgeError('settings-invalid', { detail: `redirectUri: ${reason}`, cause: error }));
    });
    server.listen(Number(redirectUri.port || 80), redirectUri.hostname, resolve);
  });
  const uri = new URL(redirectUri);
  uri.port = String((server.address() as AddressInfo).port);
  const answer = callbackOf(server, uri, state, timeoutMs);
  // Whoever closes before the answer was awaited must not be met by an unhandled rejection.
  answer.catch(() => undefined);
  return { redirectUri: uri.href, answer, close: () => void server.close() };
}

function callbackOf(server: Server, redirectUri: URL, state: string, timeoutMs: number): Promise<CallbackAnswer> {
  return new Promise((resolve, reject) => {
    const refuse = (detail: string) => reject(new BookbridgeError('authorization-refused', { detail }));
    const unanswered = () => reject(new BookbridgeError('authorization-unanswered', { detail: `Zoho sent no answer within ${Math.round(timeoutMs / 1000)} s` }));
    const timer = setTimeout(unanswered, timeoutMs);
    server.on('request', (request, response) => {
      const url = new URL(request.url ?? '/', redirectUri);
      // Anybody on this machine can call here; only who knows the state was sent by the page that was opened.
      if (url.pathname !== redirectUri.pathname || url.searchParams.get('state') !== state) {
        response.writeHead(404).end('Not found');
        return;
      }
      clearTimeout(timer);
      const code = url.searchParams.get('code');
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
      response.end(code === null ? 'Bookbridge was not authorised.' : 'Bookbridge is authorised. You can close this page.');
      if (code === null) refuse(`Zoho answered: ${url.searchParams.get('error') ?? 'no code'}`);
      else resolve({ code, accountsServer: url.searchParams.get('accounts-server') });
    });
  });
}
