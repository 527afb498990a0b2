import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { DomainError } from '../../common/errors/domain-error.js';
import { RejectedAccounts } from '../accounts/rejected-accounts.js';
import { dataSourceProblem, SqlPermissionDenied } from '../connection-problem.js';
import { ConnectionFailed, ConnectionLost, StatementFailed } from '../connectors/connector.js';
import {
  CANCELLED,
  CommitUnknown,
  NOT_IN_USE,
  QueryInvalid,
  SqlInterrupted,
} from './sql-errors.js';
import type { CancelReason } from './sql-execution.entity.js';

const INSUFFICIENT_PRIVILEGE = '42501';
/** Undefined table, schema. */
const MISSING = ['42P01', '3F000'];

/** What is looked at is gone from the database: 422 `MISSING_DB_OBJECT` (chorus-api.md 3). */
export class MissingObject extends DomainError {
  constructor() {
    super('invalid', { record: 'MISSING_DB_OBJECT' });
  }
}

/** What the client is told when its SQL did not come to its end (chorus-api.md 3, 9.11). */
@Injectable()
export class SqlProblems {
  constructor(private readonly rejected: RejectedAccounts) {}

  /** @param reason why the execution was cancelled; null when it was not */
  async of(
    error: unknown,
    { accountId, isOurs = false }: { readonly accountId: number; readonly isOurs?: boolean },
    reason: CancelReason | null,
  ): Promise<unknown> {
    if (error instanceof CommitUnknown)
      return new QueryInvalid(
        'The connection was lost during the commit: whether the statements took effect is not known.',
      );
    const isCut =
      error instanceof SqlInterrupted ||
      error instanceof ConnectionLost ||
      (error instanceof StatementFailed && /^57/.test(error.sqlstate));
    if (isCut && reason !== null) return new QueryInvalid(CANCELLED[reason]);
    if (error instanceof SqlInterrupted) return new QueryInvalid(NOT_IN_USE);
    if (error instanceof ConnectionFailed)
      return (await this.rejected.refusal(accountId, error)) ?? dataSourceProblem(error);
    if (error instanceof ConnectionLost)
      return new QueryInvalid(`The connection to the data source was lost: ${error.message}.`);
    if (!(error instanceof StatementFailed)) return error;
    if (isOurs && MISSING.includes(error.sqlstate)) return new MissingObject();
    const message = inWords(error);
    return error.sqlstate === INSUFFICIENT_PRIVILEGE
      ? new SqlPermissionDenied(message)
      : new QueryInvalid(message);
  }
}

/** The data source's own words about the user's own text. */
function inWords({ message, cause }: StatementFailed): string {
  const { severity, detail, hint, position } =
    cause instanceof pg.DatabaseError ? cause : ({} as Partial<pg.DatabaseError>);
  return [
    `${severity ?? 'ERROR'}: ${message}`,
    ...(detail === undefined ? [] : [`Detail: ${detail}`]),
    ...(hint === undefined ? [] : [`Hint: ${hint}`]),
    ...(position === undefined ? [] : [`Position: ${position}`]),
  ].join('\n');
}
