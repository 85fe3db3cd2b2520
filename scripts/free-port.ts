import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/**
 * A TCP port of 127.0.0.1 that nothing listens on.
 *
 * Between this answer and its use another process could be given the same port by the operating system. A connection
 * that was closed by the listening side keeps the port reserved for a while (TIME_WAIT), yet lets a server listen on it
 * by number; so one such connection is made here.
 *
 * @returns a port number
 */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connect(port, '127.0.0.1');
  const [socket] = await accepted;
  socket.end();
  client.on('data', () => {});
  await once(client, 'end');
  client.end();
  server.close();
  await once(server, 'close');
  return port;
}
