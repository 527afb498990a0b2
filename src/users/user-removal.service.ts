import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource, type EntityManager } from 'typeorm';
import { OpenSessions } from '../access/open-sessions.js';
import { RunningWork, type StoppedWork } from '../access/running-work.js';
import type { Asking } from '../access/asking.js';
import {
  DomainError,
  type FieldErrors,
  RecordNotFound,
  ValidationFailed,
} from '../common/errors/domain-error.js';
import { administrators, lockAdministrators } from './administrators.js';

/**
 * Accounts are retired, never deleted: what a stop under way needs to open the data source stays until it is confirmed, and
 * history goes on naming who ran where. Whoever wipes the passwords of retired accounts comes by every few seconds (ADR 13).
 */
const RETIRE_ACCOUNTS = `UPDATE data_source_accounts SET deleted_at = now(), updated_at = now()
  WHERE owner_id = $1 AND deleted_at IS NULL`;

/** Deletes people (chorus-api.md 7, entities.md 11.7). What they own elsewhere is in tables of later folders. */
@Injectable()
export class UserRemoval {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly sessions: OpenSessions,
    private readonly running: RunningWork,
  ) {}

  /**
   * For administrators, which the route sees to; nobody deletes himself. What the user runs is stopped once he can start
   * nothing more.
   * @returns what was stopped
   * @throws RecordNotFound; ValidationFailed while he owns workspaces or data sources
   */
  async remove(id: number, asking: Asking): Promise<readonly StoppedWork[]> {
    const { viewer, requestId, address } = asking;
    if (viewer.id === id) throw new DomainError('denied', null, { message: 'deletes himself' });
    const username = await this.orm.transaction((tx) => this.markDeleted(tx, id, viewer.id));
    const reason = `user ${username} was deleted`;
    return this.running.stop({ userId: id }, { userId: viewer.id, reason, requestId, address });
  }

  private async markDeleted(tx: EntityManager, id: number, removerId: number): Promise<string> {
    await lockAdministrators(tx);
    // Two administrators who delete each other: the second is none any more.
    if (!(await administrators(tx)).has(removerId)) throw new DomainError('denied', null);
    const [user] = await tx.query<{ username: string }[]>(
      'SELECT username FROM users WHERE id = $1 AND deleted_at IS NULL FOR UPDATE',
      [id],
    );
    if (user === undefined) throw new RecordNotFound();
    const problems = await refusals(tx, id);
    if (Object.keys(problems).length > 0) throw new ValidationFailed(problems);
    await tx.query('UPDATE users SET deleted_at = now(), updated_at = now() WHERE id = $1', [id]);
    await tx.query('DELETE FROM user_roles WHERE user_id = $1', [id]);
    await tx.query('DELETE FROM memberships WHERE user_id = $1', [id]);
    await tx.query(RETIRE_ACCOUNTS, [id]);
    await this.sessions.end(tx, id, null);
    return user.username;
  }
}

async function refusals(tx: EntityManager, id: number): Promise<FieldErrors> {
  const [owned] = await tx.query<{ workspaces: number; data_sources: number }[]>(
    `SELECT (SELECT count(*) FROM workspaces WHERE owner_id = $1 AND deleted_at IS NULL)::int AS workspaces,
       (SELECT count(*) FROM data_sources WHERE owner_id = $1 AND deleted_at IS NULL)::int AS data_sources`,
    [id],
  );
  const { workspaces = 0, data_sources: dataSources = 0 } = owned ?? {};
  return {
    ...(workspaces > 0 && { workspace_count: { EQUAL_TO: { count: workspaces } } }),
    ...(dataSources > 0 && { user: { NONEMPTY_DATA_SOURCE_LIST: {} } }),
  };
}
