import { describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { errorAnswerOf } from '../common/http/error-answer.js';
import { connectionErrorType, dataSourceProblem } from './connection-problem.js';
import { ConnectionFailed, ConnectionLost, StatementFailed } from './connectors/connector.js';

describe('connection problem', () => {
  it.each([
    ['28P01', 'INVALID_PASSWORD'],
    ['28000', 'AUTHORIZATION_FAILED'],
    ['42501', 'AUTHORIZATION_FAILED'],
    ['3D000', 'DATABASE_MISSING'],
    ['53300', 'TOO_MANY_CONNECTIONS'],
    ['57P03', 'DATA_SOURCE_UNREACHABLE'],
    ['08006', 'DATA_SOURCE_UNREACHABLE'],
    ['42601', 'INVALID_STATEMENT'],
    ['XX000', 'GENERIC'],
    ['ECONNREFUSED', 'DATA_SOURCE_UNREACHABLE'],
    ['ENOTFOUND', 'DATA_SOURCE_UNREACHABLE'],
    ['ETIMEDOUT', 'DATA_SOURCE_UNREACHABLE'],
    [null, 'DATA_SOURCE_UNREACHABLE'],
  ])('%s is %s', (code, type) => {
    const error = new ConnectionFailed('no', code);
    expect(connectionErrorType(error)).toBe(type);
    expect(dataSourceProblem(error)).toMatchObject({
      kind: 'invalid',
      errors: { record: type, message: 'no' },
    });
  });

  it('says nothing of our statements', () => {
    const failed = new StatementFailed('column "x" of pg_class does not exist', '42703');
    expect(JSON.stringify(dataSourceProblem(failed))).not.toContain('pg_class');
    expect(dataSourceProblem(new ConnectionLost('gone'))).toMatchObject({
      errors: { record: 'DATA_SOURCE_UNREACHABLE' },
    });
    expect(dataSourceProblem(new StatementFailed('no', '42501'))).toMatchObject({ kind: 'denied' });
  });

  it('is not taken for one of the metadata database', () => {
    const lost = new ConnectionLost('Connection terminated unexpectedly');
    const answer = errorAnswerOf(dataSourceProblem(lost), 'r1', new Logger());
    expect(answer).toMatchObject({
      status: 422,
      body: { errors: { record: 'DATA_SOURCE_UNREACHABLE' } },
    });
  });

  it('leaves alone what is none', () => {
    const bug = new TypeError('x is undefined');
    expect(dataSourceProblem(bug)).toBe(bug);
  });
});
