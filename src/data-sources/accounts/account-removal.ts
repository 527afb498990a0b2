import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource, type EntityManager } from 'typeorm';
import type { Asking } from '../../access/asking.js';
import type { StoppedWork } from '../../access/running-work.js';
import { RecordNotFound } from '../../common/errors/domain-error.js';
import type { DataSource } from '../data-source.entity.js';
import { lockSource } from '../source-lock.js';
import { SourceStops } from '../source-stops.js';
import { AccountVault } from './account-vault.js';

const REASON = 'the data source account was removed';

/** Takes an account away: first nothing can begin with it any more, then what runs is stopped. */
@Injectable()
export class AccountRemoval {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly vault: AccountVault,
    private readonly stops: SourceStops,
  ) {}

  /**
   * @param ownerOf whose account it is, in the data source as it is once locked
   * @returns what was stopped
   * @throws RecordNotFound when he has none, or the data source is shared: its one account is everybody's
   */
  async remove(
    dataSourceId: number,
    asking: Asking,
    ownerOf: (now: DataSource, tx: EntityManager) => Promise<number>,
  ): Promise<readonly StoppedWork[]> {
    const userIds = await this.orm.transaction(async (tx) => {
      const now = await lockSource(tx, dataSourceId);
      if (now.shared) throw new RecordNotFound();
      return this.vault.remove(tx, dataSourceId, 'owner_id = $2', await ownerOf(now, tx));
    });
    if (userIds.length === 0) throw new RecordNotFound();
    return this.stops.stop(dataSourceId, asking, { reason: REASON, userIds });
  }
}
