import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { DataSource as OrmDataSource } from 'typeorm';
import type { AppConfig } from '../../config/app-config.js';
import { APP_CONFIG } from '../../config/config.module.js';
import { AccountVault } from '../accounts/account-vault.js';
import { Controls } from '../controls.js';
import { SourceChecks } from '../source-checks.js';
import { CatalogueRound } from './catalogue-round.js';

const TICK_MS = 10_000;
/** A look takes less, or its process is dead. */
const CLAIM_SECONDS = 600;

const CLAIM = (which: string) => `UPDATE data_sources
  SET look_claimed_until = clock_timestamp() + make_interval(secs => ${CLAIM_SECONDS})
  WHERE id = (SELECT id FROM data_sources ds WHERE ds.deleted_at IS NULL AND ds.state NOT IN ('disabled', 'incomplete')
    AND ds.kind IN ('gpdb_data_source', 'pg_data_source')
    AND coalesce(ds.look_claimed_until < clock_timestamp(), true) AND ${which}
    ORDER BY ds.looked_at NULLS FIRST LIMIT 1 FOR UPDATE SKIP LOCKED)
  RETURNING id`;
const CLAIM_ONE = CLAIM('ds.id = $1');
const CLAIM_DUE = CLAIM(
  `ds.auto_refresh AND coalesce(ds.looked_at < clock_timestamp() - make_interval(mins => $1), true)`,
);
const DONE = `UPDATE data_sources SET look_claimed_until = NULL, looked_at = clock_timestamp() WHERE id = $1`;

/**
 * Looks at the data sources in the background: whether they answer, which databases and schemas they have. Every process
 * takes part; a data source is claimed by one at a time. Also forgets passwords that nothing needs any more.
 */
@Injectable()
export class CatalogueKeeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(CatalogueKeeper.name);
  private readonly shutdown = new AbortController();
  private readonly looks = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private ticking: Promise<void> | undefined;

  constructor(
    private readonly orm: OrmDataSource,
    private readonly checks: SourceChecks,
    private readonly round: CatalogueRound,
    private readonly vault: AccountVault,
    private readonly controls: Controls,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.ticking ??= this.tick().finally(() => (this.ticking = undefined));
    }, TICK_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.shutdown.abort();
    clearInterval(this.timer);
    await Promise.all([this.ticking, ...this.looks]);
  }

  /** Looks at one now, without making anybody wait. */
  lookSoon(dataSourceId: number): void {
    const look = this.claim(CLAIM_ONE, dataSourceId)
      .then((id) => (id === null ? undefined : this.look(id, { isChecked: true })))
      .catch((error: unknown) => {
        this.logger.warn({ message: 'look at a data source failed', dataSourceId, error });
      })
      .finally(() => this.looks.delete(look));
    this.looks.add(look);
  }

  private async tick(): Promise<void> {
    try {
      if ((await this.vault.forget()) > 0) this.logger.log('unneeded passwords forgotten');
      await this.controls.releaseForgotten();
      const { dataSourceCheckMinutes } = this.config;
      if (dataSourceCheckMinutes === 0) return;
      while (!this.shutdown.signal.aborted) {
        const id = await this.claim(CLAIM_DUE, dataSourceCheckMinutes);
        if (id === null) return;
        await this.look(id, { isChecked: false });
      }
    } catch (error) {
      this.logger.warn(`background look failed: ${(error as Error).message}`);
    }
  }

  private async look(id: number, { isChecked }: { readonly isChecked: boolean }): Promise<void> {
    try {
      if (isChecked || (await this.checks.check(id)))
        await this.round.make(id, this.shutdown.signal);
    } catch (error) {
      this.logger.warn({ message: 'data source not read', dataSourceId: id, error });
    } finally {
      await this.orm.query(DONE, [id]);
    }
  }

  private async claim(statement: string, value: number): Promise<number | null> {
    const [rows] = await this.orm.query<[{ id: number }[], number]>(statement, [value]);
    return rows[0]?.id ?? null;
  }
}
