import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Address } from './tcp-proxy.js';

/** An address behind which there is more, or less, than one server. */
export interface OddAddress extends Address {
  close(): void;
}

/**
 * A load balancer, or a name with several addresses. Which connection comes to which server is chance; here those to look and
 * to kill come to the other one.
 */
export function startBalancer(one: Address, other: Address): Promise<OddAddress> {
  return listening((client) => {
    client.on('error', () => undefined);
    client.once('data', (first) => {
      const upstream = connect(first.includes('fermata-control') ? other : one);
      upstream.on('error', () => undefined);
      upstream.on('close', () => client.destroy());
      client.on('close', () => upstream.destroy());
      upstream.write(first);
      client.pipe(upstream).pipe(client);
    });
  });
}

async function listening(accept: (client: Socket) => void): Promise<OddAddress> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    accept(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
