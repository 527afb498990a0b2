import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ConnectionLost, StatementFailed } from './connector.js';
import { named } from './postgres-error.js';

describe('an error of a session', () => {
  it.each(['EPIPE', 'ECONNRESET', undefined])('is its loss when the socket has it: %s', (code) => {
    expect(named(Object.assign(new Error('write failed'), { code }))).toBeInstanceOf(
      ConnectionLost,
    );
  });

  it('is that of a statement when the server has it', () => {
    const error = Object.assign(new pg.DatabaseError('no', 2, 'error'), { code: 'EPIPE' });
    expect(named(error)).toBeInstanceOf(StatementFailed);
  });
});
