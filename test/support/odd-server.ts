import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A data source server that says what a test wants. */
export interface OddServer {
  readonly port: number;
  /** Connections that are open now. */
  open(): number;
  close(): void;
}

/** @param answer called with each piece that a client sends: the first one asks for a session */
export async function startOddServer(
  answer: (socket: Socket, turn: number) => void,
): Promise<OddServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let turn = 0;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', () => {
      answer(socket, turn++);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    open: () => sockets.size,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A message as PostgreSQL sends it. */
export function message(type: string, ...parts: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** Describes rows whose columns have these types. */
export function description(...types: readonly number[]): Buffer {
  const fields = types.flatMap((type, i) => [
    `c${i}\0`,
    int32(0),
    int16(0),
    int32(type),
    int16(-1),
    int32(-1),
    int16(0),
  ]);
  return message('T', int16(types.length), ...fields);
}

export function row(...values: readonly string[]): Buffer {
  const fields = values.flatMap((value) => [int32(Buffer.byteLength(value)), value]);
  return message('D', int16(values.length), ...fields);
}

export const READY = message('Z', 'I');
/** Lets anybody in. */
export const WELCOME = Buffer.concat([message('R', int32(0)), READY]);
