import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import pg from 'pg';
import { makeLasting } from './lasting-pool.js';

/** A message of PostgreSQL's protocol. */
function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}

const WELCOME = message('R', Buffer.alloc(4));
const READY = message('Z', Buffer.from('I'));
const FAREWELL = message('E', Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0'));

describe('a lasting pool', () => {
  let server: Server;
  let pool: pg.Pool;

  beforeEach(async () => {
    // Welcomes and ends a session in one packet, as a server may that is just being shut down.
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(Buffer.concat([WELCOME, READY, FAREWELL])));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    pool = new pg.Pool({ host: '127.0.0.1', port, user: 'x', password: 'x', database: 'x' });
    pool.on('error', () => undefined);
    makeLasting(pool);
  });
  afterEach(async () => {
    await pool.end();
    server.close();
  });

  it('survives a session that ends in the moment in which it is lent', async () => {
    const client = await pool.connect();
    await expect(client.query('SELECT 1')).rejects.toThrow(/connection error|terminat/i);
    client.release();
    await expect(pool.query('SELECT 1')).rejects.toThrow(/connection error|terminat/i);
    expect(pool.totalCount).toBe(0);
  });
});
