import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import { queryPrepared } from '../common/sql/prepared.js';
import type { AppConfig } from '../config/app-config.js';
import { APP_CONFIG } from '../config/config.module.js';
import { StopDriver } from './stop-driver.js';
import { ITS_PLACE_IS_GONE, type StopIntent, StopIntents, TIMEOUT } from './stop-intent.js';
import { DRIVEN_MS } from './stop-intent-statements.js';

const SWEEP_MS = 400;
// More are taken with the next sweeps, by this process or others.
const AT_ONCE = 100;
const FORSAKEN = {
  name: 'stop-forsaken',
  text: `UPDATE runs SET stop_driven_until = clock_timestamp() + interval '${DRIVEN_MS} ms'
    WHERE id IN (SELECT id FROM runs WHERE status = 'stopping'
      AND coalesce(stop_driven_until, '-infinity') < clock_timestamp()
      ORDER BY stop_requested_at LIMIT ${AT_ONCE} FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING id AS "runId"`,
};

/**
 * Step 6 of the stop protocol, in every process: takes up stops that nobody drives any more because their process died or
 * lost its connections (I5), and stops runs that have taken longer than they may, or whose place was archived or deleted by a
 * process that died before it could stop them.
 */
@Injectable()
export class StopSweep implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(StopSweep.name);
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | null = null;

  constructor(
    private readonly orm: OrmDataSource,
    private readonly intents: StopIntents,
    private readonly driver: StopDriver,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.sweeping ??= this.sweep().finally(() => (this.sweeping = null));
    }, SWEEP_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  private async sweep(): Promise<void> {
    try {
      for (const { runId } of await queryPrepared<{ runId: string }>(this.orm, FORSAKEN, [])) {
        this.logger.warn({ message: 'stop taken up', runId });
        void this.driver.drive(runId, null);
      }
      this.begin(ITS_PLACE_IS_GONE, await this.intents.commitPlaceGone());
      const { runTimeoutSeconds } = this.config;
      if (runTimeoutSeconds > 0)
        this.begin(TIMEOUT, await this.intents.commitOverdue(runTimeoutSeconds));
    } catch (error) {
      this.logger.warn(`cannot look for stops: ${(error as Error).message}`);
    }
  }

  private begin(reason: string, intents: readonly StopIntent[]): void {
    for (const { runId, workfileId } of intents)
      this.logger.log({ message: 'stop accepted', runId, workfileId, reason });
    this.driver.begin(intents);
  }
}
