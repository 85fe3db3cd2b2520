import { createServer } from 'node:http';

export interface ScriptedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** As it came over the wire, still encoded. */
  readonly rawQuery: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface ScriptedReply {
  readonly status?: number;
  /** Sent as JSON; text is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ScriptedServer {
  readonly url: string;
  readonly requests: ScriptedRequest[];
  close(): Promise<void>;
}

/**
 * An HTTP server on 127.0.0.1 that answers what a test says, for answers no simulator gives.
 *
 * @param reply told the request and how many came before it
 */
export async function startScriptedServer(reply: (request: ScriptedRequest, earlier: number) => ScriptedReply): Promise<ScriptedServer> {
  const requests: ScriptedRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const [path = '/', rawQuery = ''] = (incoming.url ?? '/').split('?');
      const request: ScriptedRequest = {
        method: incoming.method ?? 'GET', path, rawQuery,
        query: Object.fromEntries(new URLSearchParams(rawQuery)),
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      requests.push(request);
      const { status = 200, body = {}, headers = {} } = reply(request, requests.length - 1);
      outgoing.writeHead(status, { 'content-type': 'application/json', ...headers });
      outgoing.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}
