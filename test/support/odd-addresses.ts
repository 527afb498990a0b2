import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { WELCOME } from './odd-server.js';
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

const TERMINATE = Buffer.from([0x58, 0, 0, 0, 4]);

/** A pooler in session mode: a client's session is the next one's when it has left. */
export function startPooler(target: Address): Promise<OddAddress> {
  const free = new Set<Socket>();
  const all = new Set<Socket>();
  return listening((client) => {
    const [kept] = free;
    const upstream = kept ?? connect(target);
    free.delete(upstream);
    all.add(upstream);
    let isWelcome = kept === undefined;
    const answer = (chunk: Buffer) => client.write(chunk);
    const lose = () => client.destroy();
    upstream.on('data', answer);
    upstream.on('close', lose);
    upstream.once('close', () => free.delete(upstream));
    upstream.on('error', () => undefined);
    client.on('error', () => undefined);
    client.on('data', (chunk) => {
      if (!isWelcome) {
        isWelcome = true;
        client.write(WELCOME);
      } else if (chunk.equals(TERMINATE)) {
        upstream.off('data', answer).off('close', lose);
        free.add(upstream);
        client.end();
      } else upstream.write(chunk);
    });
  }, all);
}

/** @param sockets closed with the clients' */
async function listening(
  accept: (client: Socket) => void,
  sockets = new Set<Socket>(),
): Promise<OddAddress> {
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
