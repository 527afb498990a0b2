import { describe, expect, it } from '@jest/globals';
import { QueryFailedError } from 'typeorm';
import { bareError } from './logger.js';

describe('an error in the log', () => {
  it('keeps what says where and why, and nothing that was in a statement', () => {
    const driver = Object.assign(new Error('violates check constraint "c"'), {
      ...{ code: '23514', table: 'users', constraint: 'c' },
      ...{ detail: 'Failing row contains (1, marker)', where: 'marker' },
    });
    const logged = bareError(new QueryFailedError('INSERT … marker', ['marker'], driver));
    expect(logged).toMatchObject({
      type: 'QueryFailedError',
      message: 'violates check constraint "c"',
      code: '23514',
      table: 'users',
      constraint: 'c',
      stack: expect.stringContaining('logger.spec'),
    });
    expect(JSON.stringify(logged)).not.toContain('marker');
  });

  it('keeps causes, and the parts of an aggregate', () => {
    const part = Object.assign(new Error('connect ECONNREFUSED'), {
      code: 'ECONNREFUSED',
      rawPacket: 'marker',
    });
    const cause = new AggregateError([part], 'all failed');
    expect(bareError(new Error('no way', { cause }))).toMatchObject({
      message: 'no way: all failed',
    });
    expect(bareError(cause)).toMatchObject({
      aggregateErrors: [{ message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' }],
    });
    expect(JSON.stringify(bareError(cause))).not.toContain('marker');
  });
});
