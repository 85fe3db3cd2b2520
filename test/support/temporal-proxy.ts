import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface TemporalProxy {
  /** Host and port at which the server answers until it is taken away. */
  readonly address: string;
  /** Temporal goes away, for whoever reached it here. */
  takeAway(): Promise<void>;
}

/** A way to the Temporal server that can be taken away while the server stays. */
export async function startTemporalProxy(address: string): Promise<TemporalProxy> {
  const [host = '', port = ''] = address.split(':');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const there = connect(Number(port), host);
    for (const [one, other] of [[socket, there], [there, socket]] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy()).on('close', () => { sockets.delete(one); other.destroy(); }).pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async takeAway() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
