import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { int16, message, startOddServer, WELCOME } from '../../../test/support/odd-server.js';
import { ConnectionLost } from './connector.js';
import { copyOut } from './postgres-copy.js';

const COPY_OUT = message('H', Buffer.from([0]), int16(0));

describe('rows by COPY', () => {
  it('end with the connection when a message has a length that cannot be', async () => {
    const odd = await startOddServer((socket, turn) => {
      const bytes = Buffer.concat([COPY_OUT, message('d', 'a\n'), Buffer.from('d\0\0\0\x03rest')]);
      socket.write(turn === 0 ? WELCOME : bytes);
    });
    const client = new pg.Client({ host: '127.0.0.1', port: odd.port });
    client.on('error', () => undefined);
    await client.connect();
    const { rows, ended } = copyOut(client, 'COPY t TO STDOUT');
    rows.resume();
    await expect(ended).rejects.toThrow(ConnectionLost);
    await client.end();
    odd.close();
  });
});
