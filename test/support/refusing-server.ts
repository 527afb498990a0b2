import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';

/** A server that keeps whoever wants a session waiting, and then says no, as PostgreSQL does for a wrong password. */
export interface RefusingServer {
  readonly host: string;
  readonly port: number;
  /** Settles when somebody waits. */
  readonly asked: Promise<unknown>;
  /** From now on it does not keep them waiting. */
  refuse(): void;
  close(): void;
}

/** @param how or it offers TLS with a certificate that nobody trusts */
export async function startRefusingServer(
  how: 'in words' | 'by its certificate' = 'in words',
): Promise<RefusingServer> {
  let refuse: () => void = () => undefined;
  const refused = new Promise<void>((resolve) => (refuse = resolve));
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      server.emit('asked');
      if (how === 'by its certificate') {
        socket.write('S');
        new TLSSocket(socket, { isServer: true, ...CERTIFICATE }).on('error', () => undefined);
      } else void refused.then(() => socket.end(REFUSAL));
    });
  });
  const asked = once(server, 'asked');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { host: '127.0.0.1', port, asked, refuse, close: () => server.close() };
}

const file = (name: string) => readFileSync(join(import.meta.dirname, 'tls', name));
const CERTIFICATE = { key: file('server.key'), cert: file('server.pem') };
const FIELDS = Buffer.from('SFATAL\0C28P01\0Mit does not let anybody in\0\0');
const LENGTH = Buffer.alloc(4);
LENGTH.writeInt32BE(FIELDS.length + LENGTH.length);
const REFUSAL = Buffer.concat([Buffer.from('E'), LENGTH, FIELDS]);
