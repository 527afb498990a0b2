import { DomainError, ValidationFailed } from '../common/errors/domain-error.js';
import { ConnectionFailed, ConnectionLost, StatementFailed } from './connectors/connector.js';

/** Why a data source did not let us in (chorus-api.md 3). */
export type ConnectionErrorType =
  | 'INVALID_PASSWORD'
  | 'AUTHORIZATION_FAILED'
  | 'DATABASE_MISSING'
  | 'TOO_MANY_CONNECTIONS'
  | 'INVALID_STATEMENT'
  | 'DATA_SOURCE_UNREACHABLE'
  | 'GENERIC';

/** Cancelled, or waited too long for a lock. */
const NOT_IN_TIME = ['57014', '55P03'];
const INSUFFICIENT_PRIVILEGE = '42501';

/** By SQLSTATE or the code of a socket error; a failure without either never reached the server. */
export function connectionErrorType({ sqlstate: code }: ConnectionFailed): ConnectionErrorType {
  if (code === null || !/^[0-9A-Z]{5}$/.test(code)) return 'DATA_SOURCE_UNREACHABLE';
  if (code === '28P01') return 'INVALID_PASSWORD';
  if (code.startsWith('28') || code === INSUFFICIENT_PRIVILEGE) return 'AUTHORIZATION_FAILED';
  if (code === '3D000') return 'DATABASE_MISSING';
  if (code.startsWith('53')) return 'TOO_MANY_CONNECTIONS';
  // Shutting down or starting up.
  if (code.startsWith('08') || code.startsWith('57P')) return 'DATA_SOURCE_UNREACHABLE';
  if (code.startsWith('42')) return 'INVALID_STATEMENT';
  return 'GENERIC';
}

/** 422 `{"errors":{"record":TYPE,"message":…}}` */
export class DataSourceProblem extends DomainError {
  constructor(type: ConnectionErrorType, message: string, options?: ErrorOptions) {
    super('invalid', { record: type, message }, options);
  }
}

/** 403: the database refused a statement to the account. */
export class SqlPermissionDenied extends DomainError {
  constructor(message: string, options?: ErrorOptions) {
    const type = 'PostgresLikeConnection::SqlPermissionDenied';
    super('denied', { message, type }, options);
  }
}

/** Credentials that are being saved were refused: 422 `base.INVALID_PASSWORD{}` (chorus-api.md 10.1). */
export class InvalidPassword extends ValidationFailed {
  constructor() {
    super({ base: { INVALID_PASSWORD: {} } });
  }
}

/** What the caller is told when looking at a data source failed; what is no such failure is returned as it is. */
export function dataSourceProblem(error: unknown): unknown {
  const options = { cause: error };
  if (error instanceof ConnectionFailed)
    return new DataSourceProblem(connectionErrorType(error), error.message, options);
  if (error instanceof ConnectionLost)
    // Without its cause, which the answer would take for a lost connection to the metadata.
    return new DataSourceProblem('DATA_SOURCE_UNREACHABLE', 'the connection was lost');
  if (!(error instanceof StatementFailed)) return error;
  if (error.sqlstate === INSUFFICIENT_PRIVILEGE)
    return new SqlPermissionDenied('the data source refused to show it to your account', options);
  // The statement is ours: its text and what the server says of it are no help to anybody.
  const message = NOT_IN_TIME.includes(error.sqlstate)
    ? 'the data source did not answer in time'
    : `the data source could not answer (SQLSTATE ${error.sqlstate})`;
  return new DataSourceProblem('GENERIC', message, options);
}
