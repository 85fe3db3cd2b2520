import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { usageError } from '../command-error.ts';
import type { Bookbridge } from '../open.ts';
import { createApi } from './app.ts';
import { isLoopback } from './guard.ts';

interface ListenOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  readonly onUnforeseen: (error: unknown) => void;
}

export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Offers the JSON API.
 *
 * @throws CommandError where others could reach it without a token, or it cannot listen there
 */
export async function listen(bookbridge: Bookbridge, { port, host, onUnforeseen }: ListenOptions): Promise<Listening> {
  const token = bookbridge.config.apiToken;
  if (token === null && !isLoopback(host)) {
    throw usageError(`Others could use the API at ${host} without a token.`, 'Set BOOKBRIDGE_API_TOKEN, or listen on this machine only: --host 127.0.0.1');
  }
  const server = createAdaptorServer({ fetch: createApi(bookbridge, { token, onUnforeseen }).fetch });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' ? 'the port is taken' : error instanceof Error ? error.message : String(error);
    throw usageError(`The API cannot listen at ${host}:${port}: ${reason}.`, 'Choose another with --port and --host.');
  }
  const bound = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound.port}`,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      if ('closeIdleConnections' in server) server.closeIdleConnections();
    }),
  };
}
