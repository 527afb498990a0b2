import { DomainError, ValidationFailed } from '../../common/errors/domain-error.js';
import type { CancelReason } from './sql-execution.entity.js';

/** The data source's own words about a user's SQL: 422 `query.INVALID{message}` (chorus-api.md 9.11). */
export class QueryInvalid extends ValidationFailed {
  constructor(message: string) {
    super({ query: { INVALID: { message } } });
  }
}

/** Another of the user's executions that is under way has that name: 422 `check_id.TAKEN{}`. */
export class CheckIdTaken extends ValidationFailed {
  constructor() {
    super({ check_id: { TAKEN: {} } });
  }
}

/** 429: the user has as many under way as he may. */
export class TooManyExecutions extends DomainError {
  constructor(limit: number) {
    super(
      'throttled',
      { message: `You have ${limit} statements under way. Wait for one, or cancel it.` },
      { retryAfterSeconds: 1 },
    );
  }
}

/** The execution was cancelled before it could send more. */
export class SqlInterrupted extends Error {
  constructor() {
    super('the execution was cancelled');
    this.name = 'SqlInterrupted';
  }
}

/** The connection was lost while the data source committed: whether the statements took effect is not known. */
export class CommitUnknown extends Error {
  constructor(options: ErrorOptions) {
    super('the connection was lost during the commit', options);
    this.name = 'CommitUnknown';
  }
}

/** Its data source or account went away before a session was opened. */
export const NOT_IN_USE = 'The data source or your account is not in use any more.';

/** What the client whose statement was cancelled is told. */
export const CANCELLED: Readonly<Record<CancelReason, string>> = {
  asked: 'The statement was cancelled.',
  client_gone: 'The statement was cancelled: its client has gone.',
  timeout: 'The statement was cancelled: it took longer than it may.',
  revoked: 'The statement was cancelled: what it belongs to, or access to it, was taken away.',
  shutdown: 'The statement was cancelled: the server was shut down.',
  orphaned: 'The statement was cancelled: the server that ran it did not answer any more.',
};
