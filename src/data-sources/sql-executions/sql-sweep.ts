import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { queryPrepared } from '../../common/sql/prepared.js';
import type { AppConfig } from '../../config/app-config.js';
import { APP_CONFIG } from '../../config/config.module.js';
import { SqlStops } from './sql-stops.js';

const SWEEP_MS = 1000;
/** Pruning needs no hurry. */
const SWEEPS_PER_PRUNING = 600;

// A process that has not renewed its lease counts as dead: what it left is cancelled in nobody's name.
const ORPHAN = {
  name: 'sql-orphan',
  // One whose row is held, by a process that froze in its commit, does not keep the others waiting.
  text: `UPDATE sql_executions SET cancel_requested_at = clock_timestamp(), cancel_reason = 'orphaned'
    WHERE id IN (SELECT id FROM sql_executions WHERE ended_at IS NULL AND cancel_requested_at IS NULL
      AND lease_until < clock_timestamp() FOR NO KEY UPDATE SKIP LOCKED)`,
};
const LEFT_OVER = {
  name: 'sql-left-over',
  text: `SELECT id FROM sql_executions WHERE ended_at IS NULL AND cancel_requested_at IS NOT NULL`,
};
const PRUNE = {
  name: 'sql-prune',
  text: `DELETE FROM sql_executions WHERE ended_at < clock_timestamp() - make_interval(days => $1)`,
};

/** Finishes what dead processes left: every process looks, every second, for executions that nobody ends. */
@Injectable()
export class SqlSweep implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(SqlSweep.name);
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;
  private sweeps = 0;

  constructor(
    private readonly orm: OrmDataSource,
    private readonly stops: SqlStops,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.sweeping ??= this.sweep().finally(() => (this.sweeping = undefined));
    }, SWEEP_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  /** What one of them cannot do does not keep the others from it. */
  private async sweep(): Promise<void> {
    const isPruning = this.sweeps++ % SWEEPS_PER_PRUNING === 0;
    await this.tried(() => queryPrepared(this.orm, ORPHAN, []));
    await this.tried(async () => {
      const left = await queryPrepared<{ id: string }>(this.orm, LEFT_OVER, []);
      for (const { id } of left) void this.stops.drive(id);
    });
    if (isPruning)
      await this.tried(() => queryPrepared(this.orm, PRUNE, [this.config.sqlHistoryDays]));
  }

  private async tried(part: () => Promise<unknown>): Promise<void> {
    try {
      await part();
    } catch (error) {
      this.logger.warn(`sweep of SQL failed: ${(error as Error).message}`);
    }
  }
}
