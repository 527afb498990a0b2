import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource, type EntityManager } from 'typeorm';
import { ValidationFailed } from '../common/errors/domain-error.js';
import { SourceStops } from './source-stops.js';

// Ends by itself should this process die meanwhile. Of several at once the mark is the last one's; the others find it changed.
const BEGIN = `UPDATE data_sources SET moving_until = clock_timestamp() + interval '10 seconds' WHERE id = $1
  RETURNING moving_until::text AS mark`;
// A COMMIT that is sent so late that the mark might be over finds its transaction ended.
const HOLDS = `SELECT set_config('idle_in_transaction_session_timeout', '2s', true) FROM data_sources
  WHERE id = $1 AND moving_until = $2::timestamptz AND moving_until > clock_timestamp() + interval '5 seconds'`;
const END = `UPDATE data_sources SET moving_until = NULL WHERE id = $1 AND moving_until = $2::timestamptz`;

/** The last thing that the transaction of a move asks before its COMMIT. @throws ValidationFailed `base.DATA_SOURCE_IN_USE` */
export type AssertMoving = (tx: EntityManager) => Promise<void>;

/**
 * Changes the address of a data source. What runs there must be found and ended at the address where it began: so nothing
 * may run, and nothing may open a session between the look and the change.
 */
@Injectable()
export class SourceMoves {
  constructor(
    private readonly orm: OrmDataSource,
    private readonly stops: SourceStops,
  ) {}

  /**
   * @param change locks the data source's row, writes, and asks whether this move still keeps sessions from being opened
   * @throws ValidationFailed `base.DATA_SOURCE_IN_USE` while anything is under way there, another move included
   */
  async while<T>(
    dataSourceId: number,
    change: (assertMoving: AssertMoving) => Promise<T>,
  ): Promise<T> {
    const [rows] = await this.orm.query<[{ mark: string }[], number]>(BEGIN, [dataSourceId]);
    const own = [dataSourceId, rows[0]?.mark];
    try {
      if (await this.stops.isAtWork(dataSourceId)) throw inUse();
      return await change(async (tx) => {
        if ((await tx.query<unknown[]>(HOLDS, own)).length === 0) throw inUse();
      });
    } finally {
      await this.orm.query(END, own);
    }
  }
}

function inUse(): ValidationFailed {
  return new ValidationFailed({ base: { DATA_SOURCE_IN_USE: {} } });
}
