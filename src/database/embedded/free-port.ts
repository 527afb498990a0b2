import { type AddressInfo, createServer } from 'node:net';

/** The preferred TCP port of 127.0.0.1 when it is free, else one that is. */
export async function freePort(preferred: number): Promise<number> {
  return (await bind(preferred)) ?? (await bind(0)) ?? 0;
}

function bind(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(null);
    });
    server.listen(port, '127.0.0.1', () => {
      const bound = (server.address() as AddressInfo).port;
      server.close(() => {
        resolve(bound);
      });
    });
  });
}
