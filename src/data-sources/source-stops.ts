import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import type { Asking } from '../access/asking.js';
import { RunningWork, type StoppedWork } from '../access/running-work.js';
import { AccountVault } from './accounts/account-vault.js';

const OTHERS = `SELECT DISTINCT user_id AS id FROM (
    SELECT r.requested_by AS user_id FROM runs r WHERE r.status IN ('queued', 'running', 'stopping')
      AND $1::int = ANY (r.data_source_ids)
    UNION ALL
    SELECT x.user_id FROM sql_executions x JOIN databases db ON db.id = x.database_id
      WHERE x.ended_at IS NULL AND db.data_source_id = $1) active
  WHERE user_id <> $2`;

/** Ends what runs in a data source, after it was made impossible to begin anything there. */
@Injectable()
export class SourceStops {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly work: RunningWork,
    private readonly vault: AccountVault,
  ) {}

  /**
   * Everybody's, or what some users have under way.
   * @param reason shown with each run that is stopped
   */
  async stop(
    dataSourceId: number,
    asking: Asking,
    {
      reason,
      userIds = null,
    }: { readonly reason: string; readonly userIds?: readonly number[] | null },
  ): Promise<readonly StoppedWork[]> {
    const { viewer, requestId, address } = asking;
    const requester = { userId: viewer.id, reason, requestId, address };
    const scopes =
      userIds === null ? [{ dataSourceId }] : userIds.map((userId) => ({ dataSourceId, userId }));
    const stopped = await Promise.all(scopes.map((scope) => this.work.stop(scope, requester)));
    await this.vault.forget();
    return stopped.flat();
  }

  /** Users other than this one who have something under way there. */
  async othersAtWork(dataSourceId: number, userId: number): Promise<readonly number[]> {
    const rows = await this.orm.query<{ id: number }[]>(OTHERS, [dataSourceId, userId]);
    return rows.map(({ id }) => id);
  }

  async isAtWork(dataSourceId: number): Promise<boolean> {
    return (await this.othersAtWork(dataSourceId, 0)).length > 0;
  }
}
