import { describe, expect, it } from '@jest/globals';
import {
  QueryFailedError,
  QueryRunnerAlreadyReleasedError,
  QueryRunnerProviderAlreadyReleasedError,
} from 'typeorm';
import { isConnectionLost } from './connection-lost.js';

const withCode = (code: string, message = 'x') => Object.assign(new Error(message), { code });

describe('isConnectionLost', () => {
  it.each([
    ...[
      'ECONNREFUSED',
      'ECONNRESET',
      'EPIPE',
      'ETIMEDOUT',
      'EHOSTUNREACH',
      'ENOTFOUND',
      'ERR_STREAM_DESTROYED',
    ],
    ...['08006', '28P01', '28000', '3D000', '53300', '57P01', '57P02', '57P03', '25P03', '57014'],
  ])('is true for the code %s, also inside an error of TypeORM', (code) => {
    expect(isConnectionLost(withCode(code))).toBe(true);
    expect(isConnectionLost(new QueryFailedError('SELECT', [], withCode(code)))).toBe(true);
  });

  it.each([
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout expired',
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
  ])('is true for what the driver says: %s', (message) => {
    expect(isConnectionLost(new Error(message))).toBe(true);
  });

  it('is true for a transaction whose connection broke between two statements', () => {
    expect(isConnectionLost(new QueryRunnerAlreadyReleasedError())).toBe(true);
    expect(isConnectionLost(new QueryRunnerProviderAlreadyReleasedError())).toBe(true);
  });

  it.each([
    ['a violated constraint', withCode('23505')],
    ['a deadlock', withCode('40P01')],
    ['words of the server', withCode('P0001', 'Connection terminated unexpectedly')],
    ['a mistake in the program', withCode('ERR_INVALID_ARG_TYPE')],
    ['another error', new Error('the connection is not to our liking')],
    ['no error', 'ECONNREFUSED'],
    ['nothing', undefined],
  ])('is false for %s', (_title, error) => {
    expect(isConnectionLost(error)).toBe(false);
  });
});
