import { Injectable } from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { ValidationFailed } from '../common/errors/domain-error.js';
import { SourceStops } from './source-stops.js';

// Ends by itself should this process die meanwhile.
const BEGIN = `UPDATE data_sources SET moving_until = clock_timestamp() + interval '10 seconds' WHERE id = $1`;
const END = `UPDATE data_sources SET moving_until = NULL WHERE id = $1`;

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

  /** @throws ValidationFailed `base.DATA_SOURCE_IN_USE` while anything is under way there */
  async while<T>(dataSourceId: number, change: () => Promise<T>): Promise<T> {
    await this.orm.query(BEGIN, [dataSourceId]);
    try {
      if (await this.stops.isAtWork(dataSourceId))
        throw new ValidationFailed({ base: { DATA_SOURCE_IN_USE: {} } });
      return await change();
    } finally {
      await this.orm.query(END, [dataSourceId]);
    }
  }
}
